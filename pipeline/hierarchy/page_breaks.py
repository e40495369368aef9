"""RecognisedPages -> MergedTables: which table goes on from the page before, and why another that may does not.

A page's first table is the rest of the last one before it where both have the same columns and nothing says
otherwise: no title above it, no closing note before it, no other unit, no end in the middle of a page. A table with
headers of its own is the rest of another only where its project's cells were left blank, or where it has no title.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from pipeline.elements import BBox, FindingRule, FormMatch, LineKind, PageReading, Status, TableReading
from pipeline.forms import (
    UNKNOWN,
    Grammar,
    LabelledTable,
    RecognisedPage,
    TableLayout,
    label_table,
    lay_out_table,
    read_title,
)
from pipeline.hierarchy.column_matching import column_places, match_columns
from pipeline.hierarchy.merged_table import MergedTable, Piece, append, single
from pipeline.hierarchy.row_doubt import RowDoubt
from pipeline.imaging import apply_homography, bounding_box, invert
from pipeline.text import has_content, one_line

MAX_ROOM_BELOW = 1 / 3
"""Below a table that runs on, less than this share of the page's height is free: margin, page number, signature and a
seal need no more."""

SAME_TEXT = 0.8
"""A unit's name read on two pages is the same where it is at least so like: one wrong character in five is a slip of
the recogniser."""


@dataclass(frozen=True, slots=True)
class MergedPages:
    """The tables of a whole document, merged across its pages, and each page's form."""

    tables: tuple[MergedTable, ...]
    forms: tuple[FormMatch, ...]


def merge_page_breaks(pages: Sequence[RecognisedPage]) -> MergedPages:
    """Join the tables that continue each other across a document's pages.

    A continued page takes the form of the page before it, with its own score; blank pages between two pages are
    passed over. What may be a continuation but need not be is left alone and becomes a doubt of the table before it.

    Args:
        pages: the document's pages in order.
    """
    tables: list[MergedTable] = []
    running, gap = False, False
    for page in pages:
        for table in page.page.tables:
            before = tables.pop() if running else None
            placed = _place(before, page, table, gap)
            tables += placed
            running = bool(placed) and placed[-1].pieces[-1].holds(page, table)
            gap = False
        gap = gap or page.page.status is not Status.LANDED
        running = running and (gap or bool(page.page.tables) or not page.page.lines)
    return MergedPages(tuple(tables), tuple(_form(page, tables) for page in pages))


def _place(before: MergedTable | None, page: RecognisedPage, table: TableReading, gap: bool) -> list[MergedTable]:
    """The merged table before a page's table with that table appended, or the two of them; none of an unknown form."""
    own = next((known for known in page.tables if known.table is table), None)
    alone = [single(page, own)] if own is not None else []
    if before is None:
        return alone
    rest = _rest_of(before, page, own or label_table(table, before.table.profile), gap)
    if isinstance(rest, Piece):
        return [append(before, rest)]
    return [before if rest is None else _doubted(before, page, rest), *alone]


def _form(page: RecognisedPage, tables: Sequence[MergedTable]) -> FormMatch:
    """The page's own form; that of the page before it where only a continued table is on it."""
    if page.match.form_type != UNKNOWN:
        return page.match
    names = [merged.table.profile.name for merged in tables for piece in merged.pieces if piece.page is page]
    form = next(iter(names), UNKNOWN)
    if page.match.runner_up == form:
        return replace(page.match, form_type=form, runner_up=None, runner_up_score=None)
    return replace(page.match, form_type=form)


def _doubted(merged: MergedTable, page: RecognisedPage, reason: str) -> MergedTable:
    doubt = RowDoubt(
        FindingRule.CONTINUATION_UNCLEAR, len(merged.rows) - 1, found=reason, page_number=page.page.page_number
    )
    return replace(merged, doubts=(*merged.doubts, doubt))


def _rest_of(merged: MergedTable, page: RecognisedPage, table: LabelledTable, gap: bool) -> Piece | str | None:
    """A page's table as a piece of the merged one; why that is unclear; None where nothing speaks for it."""
    head = merged.pieces[0].table
    own = any(known is table for known in page.tables)
    titled = _has_title(merged, page, table)
    layout = lay_out_table(table)
    left_blank, top = _left_blank(layout, 0), _top(layout)
    if table.profile.name != head.profile.name or top >= table.table.grid.n_rows:
        return None
    if own and titled and not left_blank and not _left_blank(lay_out_table(merged.table), -1):
        return None
    columns = _columns(merged, page, table)
    reasons = [*_against(merged, page, layout, gap)]
    if titled and not own:
        reasons.append("it has a title")
    if columns is not None and not reasons:
        return Piece(page, table, top, columns)
    if columns is None and table.table.grid.n_cols == head.table.grid.n_cols:
        reasons.append("its columns stand elsewhere")
    return reasons[0] if len(reasons) == 1 and (left_blank or not own) else None


def _left_blank(layout: TableLayout, place: int) -> bool:
    """Whether all cells that tell a project from the next were left blank beside the first (0) or last (-1) leaf."""
    table, leaves = layout.table, layout.leaves
    cells = [table.at(leaves[place].row, col) for col in table.key_columns.values()] if leaves else []
    return bool(cells) and all(cell is not None and not has_content(cell.text) for cell in cells)


def _against(merged: MergedTable, page: RecognisedPage, layout: TableLayout, gap: bool) -> Iterator[str]:
    """What speaks against a table being the rest of the one before it."""
    last = merged.pieces[-1]
    same_page = last.page is page
    if gap:
        yield "a page between them could not be read"
    if _is_closed(last):
        yield "the table before it ends with its note"
    if _states_another(lay_out_table(merged.pieces[0].table), layout):
        yield "it names another unit"
    if same_page:
        yield "it stands on the same page"
    elif not _left_blank(layout, 0) and _room_below(last) > MAX_ROOM_BELOW:
        yield "the table before it ends in the middle of its page"


def _has_title(merged: MergedTable, page: RecognisedPage, table: LabelledTable) -> bool:
    """Whether a title, the form's or any other, stands above a table, below the one before it on the same page."""
    last, bottom = merged.pieces[-1], _upright_box(page.page, table.table).top
    top = _upright_box(page.page, last.table.table).bottom if last.page is page else -math.inf
    boxes = ((line, _upright(page.page, line.polygon)) for line in page.page.lines)
    above = tuple(line for line, box in boxes if top <= box.top and box.bottom <= bottom)
    titled = any(line.kind is LineKind.TITLE for line in above)
    return titled or read_title(replace(page.page, lines=above), table.profile.title).similarity > 0


def _is_closed(piece: Piece) -> bool:
    """Whether a closing note stands at the end of a table, or below it."""
    below = [line.text for line in piece.page.page.lines if line.kind is LineKind.NOTE]
    return piece.table.note is not None or any(map(piece.table.profile.is_note, below))


def _states_another(head: TableLayout, layout: TableLayout) -> bool:
    """Whether a table names another unit, total or the like than the head of the merged table."""
    fields = {reading.field: reading.text for reading in head.blocks[0].fields}
    for reading in layout.blocks[0].fields:
        field = reading.field
        known, text = one_line(fields.get(field)), one_line(reading.text)
        if field.is_beside_indicators or text is None or not has_content(text):
            continue
        alike = fuzz.ratio(known or "", text) / 100
        if known != text and (field.grammar is not Grammar.TEXT or alike < SAME_TEXT):
            return True
    return False


def _room_below(piece: Piece) -> float:
    """The share of the page's height that is free below a table."""
    page = piece.page.page
    whole = _upright(page, ((0, 0), (page.width, 0), (page.width, page.height), (0, page.height)))
    return (whole.bottom - _upright_box(page, piece.table.table).bottom) / max(whole.height, 1.0)


def _upright_box(page: PageReading, table: TableReading) -> BBox:
    return _upright(page, [point for reading in table.cells for point in reading.cell.polygon])


def _upright(page: PageReading, points: Sequence[tuple[float, float]]) -> BBox:
    return bounding_box(apply_homography(invert(page.to_source), points))


def _columns(merged: MergedTable, page: RecognisedPage, table: LabelledTable) -> dict[int, int] | None:
    """A table's column boundaries in the merged one's: by their places, else by their headers if all are there."""
    head = merged.pieces[0]
    whole = column_places(head.table.table, head.page.page.to_source)
    matched = match_columns(column_places(table.table, page.page.to_source), whole, _needed(head.table))
    n_cols = table.table.grid.n_cols
    if matched is None and table.columns and n_cols == head.table.table.grid.n_cols:
        same = _header_columns(table) == _header_columns(head.table)
        return {boundary: boundary for boundary in range(n_cols + 1)} if same else None
    return matched and {boundary: matched.get(boundary, 0) for boundary in range(n_cols + 1)}


def _header_columns(table: LabelledTable) -> list[tuple[int, int]]:
    cells = (table.table.cells[index].cell for index in table.columns)
    return [(cell.col, cell.col_span) for cell in cells]


def _needed(head: LabelledTable) -> set[int]:
    """The boundaries of the columns that hold the hierarchy and the projects beside it."""
    labels = [head.label(entry.label) for entry in head.profile.fields if entry.is_beside_indicators]
    heads = [*(head.table.cells[index] for index in head.columns), *(label for label in labels if label is not None)]
    return {end for one in heads for end in (one.cell.col, one.cell.col + one.cell.col_span)}


def _top(layout: TableLayout) -> int:
    """The first row below headers that a page repeats, the unit's row among them."""
    top = layout.table.body_top
    return top + (layout.blocks[0].group_row == top) if layout.table.columns else 0
