"""Sequence[PageReading], profiles -> projects and indicators. A leaf's ancestors are the cells that cover its row.

The hierarchy is read from geometry alone: text is never moved up, down or sideways to fill a gap. What does not fit is
left empty, and `validation.py` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial

from pipeline.blocks import Block, Leaf, find_blocks, find_note
from pipeline.elements import CellReading, CellRef, Indicator, Interpretation, LineKind, PageReading, Project
from pipeline.fields import FieldReading, amount_of, amount_parts, read_fields, text_of
from pipeline.form_findings import ambiguous_forms, malformed_fields
from pipeline.profiles import FieldName, Profile
from pipeline.recognition import LabelledTable, RecognisedPage, recognise_page
from pipeline.settings import FormSettings
from pipeline.stub_rows import find_rows, sources_of
from pipeline.values import one_line, parse_target

HEADER_ROLE, VALUE_ROLE, NOTE_ROLE, EMPTY_ROLE = "header", "value", "note", "empty"
LEVEL_ROLES = ("level1", "level2", "level3")

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
    projects: list[Project] = []
    indicators: list[Indicator] = []
    roles: dict[CellRef, str] = {}
    findings = [*ambiguous_forms(recognised)]
    for page in recognised:
        for table in page.tables:
            blocks = [(block, read_fields(table, block)) for block in find_blocks(table)]
            roles |= _roles(page, table, blocks)
            for block, fields in blocks:
                project = _project(page, table, len(projects), fields)
                projects.append(project)
                findings.extend(malformed_fields(project, fields, partial(_refs, page, table)))
                indicators.extend(_indicator(page, table, project, leaf) for leaf in block.leaves)
    return Interpretation(
        forms=tuple(page.match for page in recognised),
        projects=tuple(projects),
        indicators=tuple(indicators),
        roles=roles,
        corrections={},
        findings=tuple(findings),
        rows=find_rows(sources_of(recognised)),
    )


def split_goals(text: str | None) -> tuple[str, ...]:
    """The goals of a text, one by one, each with its number; a text without numbers is one goal.

    >>> split_goals("目标1：编印1000份； 目标2：记录历程")
    ('目标1：编印1000份；', '目标2：记录历程')
    """
    parts = (part.strip() for part in _GOAL.split(one_line(text) or ""))
    return tuple(part for part in parts if part)


def _project(page: RecognisedPage, table: LabelledTable, index: int, fields: tuple[FieldReading, ...]) -> Project:
    money_unit = table.profile.money_unit
    amount, unit_read = amount_of(fields, FieldName.AMOUNT, money_unit)
    total, _ = amount_of(fields, FieldName.TOTAL, money_unit)
    used = [cell for reading in fields for cell in reading.cells if cell.text != ""]
    note = _note(page.page, table)
    return Project(
        project_index=index,
        first_page=page.page.page_number,
        last_page=page.page.page_number,
        form_type=table.profile.name,
        title=page.title.text,
        fiscal_year=page.title.year,
        parent_code=one_line(text_of(fields, FieldName.PARENT_CODE)),
        unit_code=one_line(text_of(fields, FieldName.UNIT_CODE)),
        unit_name=one_line(text_of(fields, FieldName.UNIT_NAME)) or page.title.unit_name,
        department=one_line(text_of(fields, FieldName.DEPARTMENT)),
        project_name=one_line(text_of(fields, FieldName.PROJECT_NAME)),
        amount=amount,
        amount_text=text_of(fields, FieldName.AMOUNT),
        amount_unit_read=unit_read,
        amount_parts=amount_parts(fields, money_unit),
        total=total,
        total_text=text_of(fields, FieldName.TOTAL),
        goals=split_goals(text_of(fields, FieldName.GOALS)),
        goals_text=text_of(fields, FieldName.GOALS),
        note=note,
        confidence=_confidence(table, used),
        needs_review=False,
        cells=_refs(page, table, used),
    )


def _indicator(page: RecognisedPage, table: LabelledTable, project: Project, leaf: Leaf) -> Indicator:
    texts = [one_line(cell.text) if cell else None for cell in leaf.levels]
    level1, level2, level3 = [*texts, None, None][:3]
    used = [cell for cell in (*leaf.levels, leaf.value) if cell is not None]
    return Indicator(
        project_index=project.project_index,
        page_number=page.page.page_number,
        table_index=table.table.grid.table_index,
        row=leaf.row,
        unit_code=project.unit_code,
        unit_name=project.unit_name,
        project_name=project.project_name,
        level1=level1,
        level2=level2,
        level3=level3,
        target_text=leaf.value.text,
        target=parse_target(leaf.value.text),
        confidence=_confidence(table, used),
        needs_review=False,
        cells=_refs(page, table, used),
    )


def _confidence(table: LabelledTable, cells: Iterable[CellReading]) -> float:
    """The least confidence of a record's cells and their grid, of those that are known."""
    return min([table.table.grid.confidence, *(cell.confidence for cell in cells if cell.confidence is not None)])


def _refs(page: RecognisedPage, table: LabelledTable, cells: Iterable[CellReading]) -> tuple[CellRef, ...]:
    return tuple(dict.fromkeys(_ref(page, table, cell) for cell in cells))


def _ref(page: RecognisedPage, table: LabelledTable, reading: CellReading) -> CellRef:
    return CellRef(page.page.page_number, table.table.grid.table_index, reading.cell.row, reading.cell.col)


def _note(page: PageReading, table: LabelledTable) -> str | None:
    """The note inside the table, else the note lines outside it, else lines outside that begin like one."""
    label = table.profile.note
    if label is None:
        return None
    inside = find_note(table, label)
    if inside is not None:
        return one_line(inside.text)
    notes = [line.text for line in page.lines if line.kind is LineKind.NOTE]
    notes = notes or [
        line.text for line in page.lines if line.kind is LineKind.OTHER and line.text.strip().startswith(label)
    ]
    return one_line(" ".join(notes))


def _roles(
    page: RecognisedPage, table: LabelledTable, blocks: Sequence[tuple[Block, tuple[FieldReading, ...]]]
) -> dict[CellRef, str]:
    """What each cell of a table is for its form; where two roles fit, the more telling one stands."""
    leaves = [leaf for block, _ in blocks for leaf in block.leaves]
    by_level = zip(*(leaf.levels for leaf in leaves), strict=True)
    weakest_first: list[tuple[str, Iterable[CellReading | None]]] = [
        (EMPTY_ROLE, (cell for cell in table.table.cells if cell.text == "")),
        (HEADER_ROLE, (table.table.cells[index] for index in (*table.labels.values(), *table.columns))),
        *((reading.field.cell_role, reading.cells) for _, fields in blocks for reading in fields),
        *zip(LEVEL_ROLES, by_level, strict=False),
        (VALUE_ROLE, (leaf.value for leaf in leaves)),
        (NOTE_ROLE, (find_note(table, table.profile.note) if table.profile.note else None,)),
    ]
    return {_ref(page, table, cell): role for role, cells in weakest_first for cell in cells if cell is not None}
