"""A page as read -> its signatures, wherever they stand, each with the print beside it, and whether it is signed.

A page without a signature is looked at once more where it asks for one: what is lukewarm there is a signature after
all, and ink there that is none leaves the page unsure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.elements import Finding, FindingRule, Page, Severity, SignatureStatus, TableReading
from pipeline.engines import Engines
from pipeline.layout import PageLayout
from pipeline.page.printed_signers import page_texts, with_printed_names
from pipeline.pen import with_regions
from pipeline.settings import Settings
from pipeline.signatures import (
    MarginLine,
    PageView,
    SignaturePage,
    find_signatures,
    read_margins,
    read_regions,
    read_sign_off,
)
from pipeline.signing import PlaceKind, SigningPlace, find_signing_places, is_cut_to_tables

SHOWN_LABEL = 30
"""So much of a label is shown in a finding."""


def find_all_signatures(
    layout: PageLayout, tables: tuple[TableReading, ...], engines: Engines, settings: Settings
) -> SignaturePage:
    """The signatures of a page, and the lines of its margins.

    Args:
        layout: of the page.
        tables: as read.
        engines: what marks and reads signatures.
        settings: `signature` says whether they are looked for, and how sure one must be.
    """
    upright = layout.upright
    margins = read_margins(upright, layout.grids, engines)
    if not settings.signature.enabled:
        return find_signatures(PageView(upright, margins), engines, settings)
    heat = with_regions(engines.signature_finder.find(upright.image)) if engines.signature_finder else None
    signed = find_signatures(PageView(upright, margins, heat=heat), engines, settings)
    sign_off = read_sign_off(upright, layout.dewarped, tables, engines)
    if sign_off is not None:
        signed = signed.joined(find_signatures(sign_off._replace(heat=heat), engines, settings))
    found = [signature.polygon for signature in signed.signatures]
    regions = None if heat is None else read_regions(upright, heat, found, tables, engines)
    if regions is not None:
        signed = signed.joined(find_signatures(regions, engines, settings))
    places: Sequence[SigningPlace] = ()
    if heat is not None and not signed.signatures:
        places = _places(layout, margins, tables, signed, settings)
        if regions is not None and places:
            asked = tuple(place.polygon for place in places)
            signed = signed.joined(find_signatures(regions._replace(asked=asked), engines, settings))
        signed = _unsure_of_ink(signed, places, upright.page.page_number)
    if not signed.signatures:
        return _unseen_beside(signed, upright.page, tables)
    return with_printed_names(signed, upright, page_texts(upright, margins, tables, signed), places)


def _places(
    layout: PageLayout,
    margins: Sequence[MarginLine],
    tables: Sequence[TableReading],
    signed: SignaturePage,
    settings: Settings,
) -> tuple[SigningPlace, ...]:
    """The places where the page asks for a signature."""
    texts = page_texts(layout.upright, margins, tables, signed)
    return find_signing_places(layout.upright, texts, tables, settings.signature.labels)


def _unsure_of_ink(signed: SignaturePage, places: Sequence[SigningPlace], page_number: int) -> SignaturePage:
    """The page is unsure, too, where a place that asks for a signature holds ink, and names that place.

    Cells are none of these places: what stands in them was read, and mostly it was typed.
    """
    inked = next((place for place in places if place.inked and place.kind is not PlaceKind.CELL), None)
    if inked is None or signed.status is not SignatureStatus.UNSIGNED:
        return signed
    where = f"at 「{inked.label[:SHOWN_LABEL]}」" if inked.label else "over a printed name"
    message = f"The page asks for a signature {where}, and there is ink: it may be one."
    finding = Finding(FindingRule.SIGNATURE_UNSURE, Severity.WARNING, message, page_number)
    return replace(signed, status=SignatureStatus.UNSURE, findings=(*signed.findings, finding))


def _unseen_beside(signed: SignaturePage, page: Page, tables: Sequence[TableReading]) -> SignaturePage:
    """An unsigned page says so where its scan is cut to the tables: forms are mostly signed beside them."""
    if signed.status is not SignatureStatus.UNSIGNED or not is_cut_to_tables(page, tables):
        return signed
    message = "The scan ends where its tables end: a signature beside them would not be in the picture."
    finding = Finding(FindingRule.SIGNATURE_OUT_OF_SIGHT, Severity.WARNING, message, page.page_number)
    return replace(signed, findings=(*signed.findings, finding))
