"""Sequence[PageReading], profiles -> projects and indicators. A leaf's ancestors are the cells that cover its row.

The hierarchy is read from geometry: what a page break cuts is merged (`page_breaks.py`), and an entry is taken for a
blank cell below it only where a column's cells were never merged (`forms/indicators.py`). Each of these is a finding;
what does not fit is left empty, and a finding as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from pipeline.elements import (
    LEVEL_ROLES,
    CellReading,
    CellRef,
    CellRole,
    Finding,
    FindingRule,
    Indicator,
    Interpretation,
    LineKind,
    PageReading,
    Project,
    Role,
)
from pipeline.forms import (
    UNKNOWN,
    Block,
    FieldName,
    Leaf,
    Profile,
    TableLayout,
    lay_out_table,
    recognise_page,
)
from pipeline.hierarchy.form_checks import ambiguous_forms, malformed_fields
from pipeline.hierarchy.merged_table import MergedTable, Piece, single
from pipeline.hierarchy.page_breaks import MergedPages, merge_page_breaks
from pipeline.hierarchy.row_checks import doubt_rows
from pipeline.hierarchy.row_doubt import RowDoubt, as_finding
from pipeline.hierarchy.stub_rows import find_rows, sources_of
from pipeline.settings import FormSettings
from pipeline.text import one_line, parse_target

# 目标1： anywhere, or 目标1 without its colon where a sentence ends before it; 「完成目标1000份」 is neither.
_GOAL = re.compile(r"(?=目标\d{1,2}[:：])|(?<=[;；。.,，、])(?=目标\d{1,2}(?!\d))")


def interpret(pages: Sequence[PageReading], profiles: Sequence[Profile], settings: FormSettings) -> Interpretation:
    """Rebuild the projects and indicators of a whole document.

    Pages of an unknown form have none. `needs_review` is False throughout: `validation.mark_for_review` decides it,
    once all findings are known.

    Args:
        pages: the document's pages in order.
        profiles: the forms to choose among.
        settings: the least score at which a form counts as recognised.
    """
    recognised = [recognise_page(page, profiles, settings.threshold) for page in pages]
    merged = merge_page_breaks(recognised)
    projects: list[Project] = []
    indicators: list[Indicator] = []
    findings = [*ambiguous_forms(recognised)]
    roles: dict[CellRef, Role] = {}
    for table in merged.tables:
        layout = lay_out_table(table.table, table.seams)
        roles |= _roles(table, layout)
        first = len(projects)
        for block in layout.blocks:
            project = _project(table, len(projects), block)
            projects.append(project)
            findings.extend(malformed_fields(project, block.fields, table.refs))
            indicators.extend(_indicator(table, project, leaf) for leaf in block.leaves)
        findings += _findings(table, layout, first)
    return Interpretation(
        forms=merged.forms,
        projects=tuple(projects),
        indicators=tuple(indicators),
        roles=roles,
        corrections={},
        findings=(*findings, *_left_out(pages, merged), *_repeated_projects(projects)),
        rows=find_rows(sources_of(recognised, merged.tables)),
    )


def split_goals(text: str | None) -> tuple[str, ...]:
    """The goals of a text, one by one, each with its number; a text without numbers is one goal.

    >>> split_goals("目标1：编印1000份； 目标2：记录历程")
    ('目标1：编印1000份；', '目标2：记录历程')
    """
    parts = (part.strip() for part in _GOAL.split(one_line(text) or ""))
    return tuple(part for part in parts if part)


def _project(merged: MergedTable, index: int, block: Block) -> Project:
    title = merged.head.title
    used = [cell for reading in block.fields for cell in reading.cells if cell.text != ""]
    first_page, last_page = _pages(merged, block)
    return Project(
        project_index=index,
        first_page=first_page,
        last_page=last_page,
        form_type=merged.table.profile.name,
        title=title.text,
        fiscal_year=title.year,
        parent_code=one_line(block.text(FieldName.PARENT_CODE)),
        unit_code=one_line(block.text(FieldName.UNIT_CODE)),
        unit_name=one_line(block.text(FieldName.UNIT_NAME)) or title.unit_name,
        department=one_line(block.text(FieldName.DEPARTMENT)),
        project_name=one_line(block.text(FieldName.PROJECT_NAME)),
        amount=block.amount(FieldName.AMOUNT),
        amount_text=block.text(FieldName.AMOUNT),
        amount_unit_read=block.unit(FieldName.AMOUNT),
        amount_parts=block.amount_parts(),
        total=block.amount(FieldName.TOTAL),
        total_text=block.text(FieldName.TOTAL),
        goals=split_goals(block.text(FieldName.GOALS)),
        goals_text=block.text(FieldName.GOALS),
        note=_note(merged),
        confidence=_confidence(merged, used),
        needs_review=False,
        cells=merged.refs(used),
    )


def _pages(merged: MergedTable, block: Block) -> tuple[int, int]:
    """The first and the last page of a project: those of its indicators and of the cells beside them."""
    beside = [cell for reading in block.fields if reading.field.is_beside_indicators for cell in reading.cells]
    pages = [ref.page_number for ref in merged.refs(beside)]
    pages += [merged.rows[row].page_number for leaf in block.leaves for row in leaf.rows]
    own = merged.head.page.page_number
    return min(pages, default=own), max(pages, default=own)


def _indicator(merged: MergedTable, project: Project, leaf: Leaf) -> Indicator:
    level1, level2, level3 = [*leaf.words(), None, None][:3]
    blanks = (cell for _, cell in leaf.blanks)
    used = [cell for cell in (*leaf.levels, *blanks, leaf.value) if cell is not None]
    place = merged.rows[leaf.row]
    return Indicator(
        project_index=project.project_index,
        page_number=place.page_number,
        table_index=place.table_index,
        row=place.row,
        unit_code=project.unit_code,
        unit_name=project.unit_name,
        project_name=project.project_name,
        level1=level1,
        level2=level2,
        level3=level3,
        target_text=leaf.value.text,
        target=parse_target(leaf.value.text),
        confidence=_confidence(merged, used),
        needs_review=False,
        cells=merged.refs(used),
    )


def _confidence(merged: MergedTable, cells: Sequence[CellReading]) -> float:
    """The least confidence of a record's cells and their grids, of those that are known."""
    known = (cell.confidence for cell in cells if cell.confidence is not None)
    return min([merged.grid_confidence(merged.refs(cells)), *known])


def _findings(merged: MergedTable, layout: TableLayout, first: int) -> Iterator[Finding]:
    """The doubts about a table's rows, each with the project above it.

    Args:
        merged: the table.
        layout: its projects.
        first: index of the first of them.
    """
    starts = [block.leaves[0].row if block.leaves else 0 for block in layout.blocks]
    for doubt in doubt_rows(merged, layout):
        above = sum(start <= doubt.row for start in starts[1:])
        yield as_finding(doubt, merged.rows[doubt.row], first + above)


def _left_out(pages: Sequence[PageReading], merged: MergedPages) -> Iterator[Finding]:
    """The tables of no form on pages that have one."""
    used = {(row.page_number, row.table_index) for table in merged.tables for row in table.rows}
    known = {form.page_number for form in merged.forms if form.form_type != UNKNOWN}
    for page in pages:
        for index in (table.grid.table_index for table in page.tables):
            if page.page_number in known and (page.page_number, index) not in used:
                place = CellRef(page.page_number, index, 0, 0)
                yield replace(as_finding(RowDoubt(FindingRule.UNKNOWN_TABLE, 0), place, None), row=None)


def _repeated_projects(projects: Sequence[Project]) -> Iterator[Finding]:
    """Projects that say the same of themselves as an earlier one: printed twice, or cut where it could not be told."""
    seen: set[tuple[object, ...]] = set()
    for project in projects:
        key = (project.form_type, project.unit_code, project.unit_name, project.project_name, project.amount)
        if project.project_name is not None and key in seen:
            doubt = RowDoubt(
                FindingRule.PROJECT_REPEATED, 0, found=project.project_name, page_number=project.first_page
            )
            yield as_finding(doubt, CellRef(project.first_page, 0, 0, 0), project.project_index)
        seen.add(key)


def _note(merged: MergedTable) -> str | None:
    """The note inside the table, else the note lines outside it, else lines outside that begin like one."""
    label = merged.table.profile.note
    if label is None:
        return None
    inside = merged.table.note
    if inside is not None:
        return one_line(inside.text)
    lines = [line for piece in merged.pieces for line in piece.page.page.lines]
    notes = [line.text for line in lines if line.kind is LineKind.NOTE]
    notes = notes or [
        line.text for line in lines if line.kind is LineKind.OTHER and line.text.strip().startswith(label)
    ]
    return one_line(" ".join(notes))


def _roles(merged: MergedTable, layout: TableLayout) -> dict[CellRef, Role]:
    """What each cell of a table is for its form; where two roles fit, the more telling one stands."""
    table, leaves = merged.table, layout.leaves
    by_level = zip(*(leaf.levels for leaf in leaves), strict=True)
    weakest_first: list[tuple[Role, Iterable[CellReading | None]]] = [
        (CellRole.EMPTY, (cell for cell in table.table.cells if cell.text == "")),
        (CellRole.HEADER, (table.table.cells[index] for index in (*table.labels.values(), *table.columns))),
        *((reading.field.cell_role, reading.cells) for block in layout.blocks for reading in block.fields),
        *zip(LEVEL_ROLES, by_level, strict=False),
        (CellRole.VALUE, (leaf.value for leaf in leaves)),
        (CellRole.NOTE, (table.note,)),
    ]
    roles = {ref: role for role, cells in weakest_first for cell in cells if cell for ref in merged.refs([cell])}
    return dict(chain(_repeated_header_roles(merged.pieces[1:]), roles.items()))


def _repeated_header_roles(pieces: Iterable[Piece]) -> Iterator[tuple[CellRef, Role]]:
    """Roles of the cells above the rows that a continued page adds: they repeat the form's headers."""
    for piece in pieces:
        alone = single(piece.page, piece.table)
        roles = _roles(alone, lay_out_table(piece.table))
        yield from ((ref, role) for ref, role in roles.items() if ref.row < piece.top)
