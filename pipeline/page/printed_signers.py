"""Signatures of a page and the print around them -> the signatures, each with its printed name and role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.elements import LineKind, TableReading, Upright
from pipeline.imaging import invert, map_polygon
from pipeline.signatures import MarginLine, SignaturePage
from pipeline.signing import PageText, SigningPlace, cell_texts, name_and_role


def page_texts(
    upright: Upright, margins: Sequence[MarginLine], tables: Sequence[TableReading], signed: SignaturePage
) -> tuple[PageText, ...]:
    """All lines of a page, those outside the tables first.

    Args:
        upright: the page.
        margins: its lines outside the tables.
        tables: as read.
        signed: its signatures, whose own lines are no print however even they are.
    """
    signing = {line.polygon for line in signed.lines if line.kind is LineKind.SIGNATURE}
    outside = (
        PageText(
            text=line.text_line.text,
            polygon=line.quad,
            handwriting=line.handwriting,
            kind=LineKind.SIGNATURE if line.text_line.polygon in signing else line.text_line.kind,
            confidence=line.text_line.confidence or 0.0,
        )
        for line in margins
    )
    return (*outside, *cell_texts(tables, upright.to_scan))


def with_printed_names(
    signed: SignaturePage, upright: Upright, texts: Sequence[PageText], places: Sequence[SigningPlace] = ()
) -> SignaturePage:
    """A page's signatures with the name and the role that stand in print beside each.

    Args:
        signed: the page's signatures.
        upright: the page.
        texts: of the page.
        places: where it is meant to be signed, if that was asked.
    """
    to_upright = invert(upright.to_scan)
    named = []
    for signature in signed.signatures:
        printed = name_and_role(map_polygon(to_upright, signature.polygon), texts, places, upright.dpi)
        named.append(replace(signature, printed_name=printed.name, role=printed.role))
    return replace(signed, signatures=tuple(named))
