"""A page as read -> the places where it is meant to be signed, and which of them are empty.

A page says where it is to be signed: by a label (签字, Signature), by a rule with a name or a role at it, by the cell
of a form, by the end of a letter. A place is empty where no ink is but print and rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from pipeline.elements import BBox, CellReading, Polygon, TableReading, Upright
from pipeline.imaging import apply_homography, bounding_box, box_corners, invert, mm_to_px, polygon
from pipeline.signing.labels import Label, LabelKind, SigningLabels, find_labels, signing_labels
from pipeline.signing.names_in_print import name_in, role_in
from pipeline.signing.page_texts import CellPlace, PageText, before, shared_across, shared_down
from pipeline.signing.place_ink import is_inked
from pipeline.signing.rules import find_rules

TALL_MM = 12.0
"""Above a rule, and below a label, people write so high."""
LONG_MM = 60.0
"""Behind a label without a rule people write no further."""
LEAST_MM = (12.0, 6.0)
"""What is narrower, or lower, is no place to sign."""
UNDER_RULE_MM = 2.0
"""Strokes go so far below the rule that is signed on."""
RULE_GAP_MM = 6.0
"""A name, a role or a label stands no further from the rule it belongs to."""
SIGN_OFF_MM = 60.0
"""After 「Yours sincerely」 the printed name stands no further down."""
TYPED = 0.5
"""What was read less surely than this in a cell for signing is hardly typed."""
SAME_COLUMN = 0.5
"""What is above or below another shares this of the narrower one's width."""


class PlaceKind(StrEnum):
    """By what a place to sign is known."""

    LABEL = "label"
    RULE_WITH_NAME = "rule_with_name"
    CELL = "cell"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class SigningPlace:
    """A place to sign: its polygon in upright pixels, the label's text, whose it is, and whether there is ink in it.

    `cell` is its table's index, row and column where it is a cell; `inked` says that there is ink but print and rules.
    """

    kind: PlaceKind
    polygon: Polygon
    label: str | None = None
    role: str | None = None
    printed_name: str | None = None
    cell: CellPlace | None = None
    inked: bool = False


class _Page(NamedTuple):
    """What places are looked for in: print outside the cells, rules, and the sizes of the page."""

    texts: tuple[PageText, ...]
    rules: tuple[BBox, ...]
    sheet: BBox
    dpi: float
    labels: SigningLabels

    def mm(self, length: float) -> float:
        return mm_to_px(length, self.dpi)


def find_signing_places(
    upright: Upright, texts: Sequence[PageText], tables: Sequence[TableReading], own_labels: tuple[str, ...] = ()
) -> tuple[SigningPlace, ...]:
    """The places where a page is meant to be signed, from top to bottom.

    Args:
        upright: the page.
        texts: its lines outside the tables and in their cells (`cell_texts`).
        tables: as read.
        own_labels: labels besides those of all languages.
    """
    height, width = upright.image.shape[:2]
    printed = tuple(text for text in texts if text.printed and text.cell is None)
    rules = find_rules(upright.ink, upright.dpi, _outlines(upright, tables))
    labels = signing_labels(own_labels)
    page = _Page(printed, rules, BBox(0, 0, width, height), upright.dpi, labels)
    found = [*_by_labels(page), *_in_cells(upright, tables, labels)]
    found += _on_named_rules(page, [bounding_box(place.polygon) for place in found])
    found += _after_closings(page, [bounding_box(place.polygon) for place in found])
    inked = (replace(place, inked=is_inked(upright, place.polygon, texts, rules)) for place in found)
    return tuple(sorted(inked, key=lambda place: bounding_box(place.polygon).top))


def _outlines(upright: Upright, tables: Sequence[TableReading]) -> list[BBox]:
    to_upright = invert(upright.to_scan)
    corners = ([point for cell in table.grid.cells for point in cell.polygon] for table in tables)
    return [bounding_box(apply_homography(to_upright, points)) for points in corners]


# --- labels and rules outside the tables ------------------------------------------------------------------------------


def _by_labels(page: _Page) -> Iterator[SigningPlace]:
    for text in page.texts:
        for label in find_labels(text.text, page.labels):
            box = _place_of(page, text, label)
            if box is not None:
                yield SigningPlace(
                    kind=PlaceKind.LABEL,
                    polygon=polygon(box_corners(box)),
                    label=text.text[label.start : label.stop],
                    role=role_in(text.text, page.labels),
                    printed_name=name_in(text.text, page.labels) or _name_below(page, box, text),
                )


def _place_of(page: _Page, text: PageText, label: Label) -> BBox | None:
    """Where a label asks to sign: on its rule, else behind its colon, else below it; None where it asks for nothing."""
    own = _part(text, label)
    rule = _rule_of(page, own)
    if rule is not None and label.kind is not LabelKind.CLOSING:
        return _above(page, rule)
    if label.kind is LabelKind.CLOSING or not label.asks:
        return None
    if text.text[label.stop :].strip()[:1] in (":", "："):
        behind = _free_behind(page, own, text)
        return behind or _free_below(page, own)
    return _free_below(page, own) if label.kind is LabelKind.ACT else None


def _part(text: PageText, label: Label) -> BBox:
    """The box of a label in its line, ideographs twice as wide as letters."""
    widths = [2.0 if ord(character) > 0x2E80 else 1.0 for character in text.text]
    total, box = max(sum(widths), 1.0), text.box
    left, right = (box.left + box.width * sum(widths[:place]) / total for place in (label.start, label.stop))
    return BBox(left, box.top, right, box.bottom)


def _rule_of(page: _Page, own: BBox) -> BBox | None:
    """The rule behind a label, or right above it."""
    gap = page.mm(RULE_GAP_MM)
    for rule in page.rules:
        behind = -gap / 3 <= before(own, rule) <= gap and own.top - gap / 3 <= rule.top <= own.bottom + gap / 2
        if behind or _is_right_below(page, rule, own):
            return rule
    return None


def _is_right_below(page: _Page, rule: BBox, box: BBox) -> bool:
    """Whether a box of print stands right below a rule."""
    near = -page.mm(1.0) <= box.top - rule.bottom <= page.mm(RULE_GAP_MM)
    return near and shared_across(rule, box) >= SAME_COLUMN * min(rule.width, box.width)


def _above(page: _Page, rule: BBox) -> BBox:
    return BBox(rule.left, max(0.0, rule.top - page.mm(TALL_MM)), rule.right, rule.bottom + page.mm(UNDER_RULE_MM))


def _free_behind(page: _Page, own: BBox, text: PageText) -> BBox | None:
    """The room behind a label, up to the next print in its row."""
    others = [
        other.box.left
        for other in page.texts
        if other is not text and shared_down(other.box, own) > 0 and other.box.left >= own.right
    ]
    right = min([*others, own.right + page.mm(LONG_MM), page.sheet.right])
    box = BBox(own.right, max(0.0, own.top - page.mm(TALL_MM) / 3), right, own.bottom + page.mm(TALL_MM) / 3)
    return box if box.width >= page.mm(LEAST_MM[0]) else None


def _free_below(page: _Page, own: BBox) -> BBox | None:
    """The room below a label, up to the next print there."""
    right = max(own.right, own.left + page.mm(LONG_MM) * 2 / 3)
    column = BBox(own.left, own.bottom, min(right, page.sheet.right), own.bottom)
    others = [
        other.box.top
        for other in page.texts
        if shared_across(other.box, column) > 0 and other.box.top >= own.bottom - own.height / 4
    ]
    bottom = min([*others, own.bottom + 2 * page.mm(TALL_MM), page.sheet.bottom])
    box = BBox(column.left, column.top, column.right, max(bottom, column.top))
    return box if box.height >= page.mm(LEAST_MM[1]) else None


def _name_below(page: _Page, box: BBox, label: PageText | None = None) -> str | None:
    """The name printed at the foot of a place, or in the next lines below it."""
    reach = page.mm(RULE_GAP_MM) + (label.box.height if label else 0.0)
    for text in sorted(page.texts, key=lambda text: text.box.top):
        near = box.top < text.box.top <= box.bottom + reach and text is not label
        if near and shared_across(text.box, box) >= SAME_COLUMN * min(text.box.width, box.width):
            name = name_in(text.text, page.labels)
            if name:
                return name
    return None


def _on_named_rules(page: _Page, taken: Sequence[BBox]) -> Iterator[SigningPlace]:
    """Rules with a name or a role right below, or a name right before."""
    for rule in page.rules:
        if any(shared_across(rule, box) > 0 and shared_down(rule, box) >= 0 for box in taken):
            continue
        below = sorted((t for t in page.texts if _is_right_below(page, rule, t.box)), key=lambda t: t.box.top)
        left = [t for t in page.texts if 0 <= before(t.box, rule) <= page.mm(RULE_GAP_MM) and _on_line(t.box, rule)]
        names = [name for t in (*below, *left) if (name := name_in(t.text, page.labels))]
        roles = [role for t in below if (role := role_in(t.text, page.labels))]
        if names or roles:
            area = polygon(box_corners(_above(page, rule)))
            yield SigningPlace(PlaceKind.RULE_WITH_NAME, area, None, next(iter(roles), None), next(iter(names), None))


def _on_line(box: BBox, rule: BBox) -> bool:
    """Whether print stands on the line of a rule."""
    return box.top <= rule.top <= box.bottom + box.height / 2


def _after_closings(page: _Page, taken: Sequence[BBox]) -> Iterator[SigningPlace]:
    """The gap after the words that end a letter, and the date below them, down to the printed name if there is one.

    It is as wide as the text: people sign at either side of the sheet.
    """
    for text in page.texts:
        if not any(label.kind is LabelKind.CLOSING for label in find_labels(text.text, page.labels)):
            continue
        own = text.box
        left, right = min(t.box.left for t in page.texts), max(t.box.right for t in page.texts)
        column = BBox(left, own.bottom, max(right, left + page.mm(LONG_MM)), own.bottom + page.mm(SIGN_OFF_MM))
        below = sorted(
            (t for t in page.texts if own.bottom <= t.box.top <= column.bottom and shared_across(t.box, column) > 0),
            key=lambda t: t.box.top,
        )
        top = own.bottom
        while below and below[0].box.top - top < page.mm(LEAST_MM[1]):
            top = max(top, below.pop(0).box.bottom)
        bottom = below[0].box.top if below else min(top + 2 * page.mm(TALL_MM), page.sheet.bottom)
        box = BBox(left, top, column.right, bottom)
        is_taken = any(shared_across(box, other) > 0 and shared_down(box, other) > 0 for other in taken)
        if box.height >= page.mm(LEAST_MM[1]) and not is_taken:
            name = name_in(below[0].text, page.labels) if below else None
            roles = (role_in(t.text, page.labels) for t in below[:2])
            role = next((role for role in roles if role), None) if name else None
            yield SigningPlace(PlaceKind.CLOSING, polygon(box_corners(box)), text.text, role, name)


# --- cells ------------------------------------------------------------------------------------------------------------


def _in_cells(upright: Upright, tables: Sequence[TableReading], labels: SigningLabels) -> Iterator[SigningPlace]:
    """The cells that a form has for signing: the label's own where it has room, else the one beside it or below.

    Where a label is but a line of a cell's text, people sign behind it.
    """
    to_upright = invert(upright.to_scan)
    for table in tables:
        asked = {reading.cell: reading.text or "" for reading in table.cells if _asks(reading.text or "", labels)}
        for cell, text in asked.items():
            right, below = cell.col + cell.col_span, cell.row + cell.row_span
            beside = [table.grid.cell_at(cell.row, right)] if right < table.grid.n_cols else []
            beside += [table.grid.cell_at(below, cell.col)] if below < table.grid.n_rows else []
            free = [other for other in beside if other not in asked and _may_be_signed(table.at(other.row, other.col))]
            target = next(iter(free), cell)
            area = polygon(apply_homography(to_upright, target.polygon))
            place = table.grid.table_index, target.row, target.col
            yield SigningPlace(
                PlaceKind.CELL, area, text.strip(), role_in(text, labels), name_in(text, labels), cell=place
            )
        for reading in table.cells:
            for line in reading.lines if reading.cell not in asked else ():
                if _asks(line.text, labels):
                    box = bounding_box(apply_homography(to_upright, line.polygon))
                    high = mm_to_px(TALL_MM, upright.dpi) / 2
                    area = polygon(box_corners(BBox(box.left, box.top - high, box.right, box.bottom + high)))
                    place = table.grid.table_index, reading.cell.row, reading.cell.col
                    yield SigningPlace(PlaceKind.CELL, area, line.text.strip(), cell=place)


def _asks(text: str, labels: SigningLabels) -> bool:
    return any(one.asks and one.kind is not LabelKind.CLOSING for one in find_labels(text, labels))


def _may_be_signed(reading: CellReading) -> bool:
    """Whether what a cell holds may be a signature: nothing, handwriting, or what was read unsurely."""
    return not reading.text or reading.handwritten or (reading.confidence or 0.0) < TYPED
