"""Pages, what their cells are -> corrections of single slips, each with its reason; the readings stay as they are.

Only cells of which the recogniser was unsure are touched, and only where one text is far more probable than what was
read: a word of a closed vocabulary, a label of the form, what the document says elsewhere, or what the recogniser half
read and the language of the form knows. What is corrected lands beside the reading, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import chain

from pipeline.correction.phrases import Lexicon, is_half_read, repair_list, repair_phrase
from pipeline.correction.targets import repair_target
from pipeline.correction.words import nearest_word
from pipeline.elements import (
    LEVEL_ROLES,
    CellReading,
    CellRef,
    CellRole,
    Correction,
    CorrectionReason,
    FieldRole,
    Finding,
    FindingRule,
    Indicator,
    Interpretation,
    PageReading,
    Role,
    Severity,
    TableReading,
)
from pipeline.forms import FieldName, Profile, label_table
from pipeline.text import half_width, parse_target, without_stray_marks

SURE = 0.98
"""Cells at least this sure teach the lexicon and bear witness for others: a wrong one is repeated."""
WITNESSES = 2
"""Two pages must agree on a text before it is held against another page's: one may be misread itself."""
REPEATED = (FieldName.UNIT_NAME, FieldName.DEPARTMENT)
"""These fields say the same on every page of a document, so its pages bear witness for each other."""
SHORT = (*REPEATED, FieldName.PROJECT_NAME, FieldName.UNIT_CODE, FieldName.PARENT_CODE)
"""The texts of these fields are no sentences, so a mark at their ends says nothing."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A document's cells as far as they are corrected, and what they are."""

    readings: Mapping[CellRef, CellReading]
    roles: Mapping[CellRef, Role]
    profiles: tuple[Profile, ...]
    """Of the document's forms."""
    unsure_below: float

    def of_fields(self, *names: FieldName) -> set[FieldRole]:
        """The roles that the forms give to the cells of some fields."""
        return {field.cell_role for profile in self.profiles for field in profile.fields if field.name in names}

    def with_text(self, roles: Set[Role]) -> Iterator[tuple[CellRef, CellReading]]:
        """Cells of some roles that have text."""
        for ref, reading in self.readings.items():
            if self.roles.get(ref) in roles and reading.text:
                yield ref, reading

    def doubtful(self, roles: Set[Role]) -> Iterator[tuple[CellRef, CellReading]]:
        """Those of which the recogniser was unsure."""
        return ((ref, reading) for ref, reading in self.with_text(roles) if _unsure(reading, self.unsure_below))


def _unsure(reading: CellReading, below: float) -> bool:
    return reading.confidence is None or reading.confidence < below


def correct(
    pages: Sequence[PageReading], understood: Interpretation, profiles: Sequence[Profile], unsure_below: float
) -> dict[CellRef, Correction]:
    """Correct single slips in a document's cells.

    Args:
        pages: the document's pages in order.
        understood: what their cells are, by the readings as they are.
        profiles: the forms that are known.
        unsure_below: cells of at least this confidence, 0-1, are left as they were read.

    Returns:
        The corrections by cell; cells that read as they are have none.
    """
    by_name = {profile.name: profile for profile in profiles}
    numbered = {page.page_number: page for page in pages}
    used = tuple(by_name[name] for name in sorted({form.form_type for form in understood.forms} & by_name.keys()))
    sheet = _Sheet(_readings(pages), understood.roles, used, unsure_below)
    found: dict[CellRef, Correction] = {}
    for form in understood.forms:
        if (profile := by_name.get(form.form_type)) is not None:
            found |= _labels(sheet, numbered[form.page_number], profile)
            found |= _levels(sheet, understood, profile, form.page_number)
    found |= _repeated(sheet)
    found = _short_texts(sheet) | found
    found |= _phrases(sheet, found)
    found |= _targets(sheet, understood.indicators, found)
    return {ref: fix for ref, fix in found.items() if fix.text != sheet.readings[ref].text}


def corrected(pages: Sequence[PageReading], corrections: Mapping[CellRef, Correction]) -> tuple[PageReading, ...]:
    """The pages with the corrected texts in the place of the readings, to be understood anew."""

    def read(page: PageReading, table: TableReading) -> TableReading:
        keys = (CellRef(page.page_number, table.grid.table_index, cell.row, cell.col) for cell in table.grid.cells)
        fixes = map(corrections.get, keys)
        cells = (replace(c, text=fix.text) if fix else c for c, fix in zip(table.cells, fixes, strict=True))
        return TableReading(table.grid, tuple(cells))

    return tuple(replace(page, tables=tuple(read(page, table) for table in page.tables)) for page in pages)


def report_corrections(pages: Sequence[PageReading], corrections: Mapping[CellRef, Correction]) -> Iterator[Finding]:
    """A finding for each correction, by page, table and cell."""
    readings = _readings(pages)
    for ref, fix in sorted(corrections.items()):
        message = f"One text is far more probable than what was read ({fix.reason}); the reading stands beside it."
        yield Finding(
            rule=FindingRule.TEXT_CORRECTED,
            severity=Severity.INFO,
            message=message,
            page_number=ref.page_number,
            table_index=ref.table_index,
            row=ref.row,
            col=ref.col,
            found=readings[ref].text,
            expected=fix.text,
        )


def _readings(pages: Iterable[PageReading]) -> dict[CellRef, CellReading]:
    return dict(chain.from_iterable(page.readings() for page in pages))


def _labels(sheet: _Sheet, page: PageReading, profile: Profile) -> dict[CellRef, Correction]:
    """Cells that hold a label of the form say what the form prints; what stands in brackets is the page's own."""
    found = {}
    for table in page.tables:
        labelled = label_table(table, profile)
        for label, index in labelled.all_labels.items():
            reading = table.cells[index]
            ref = CellRef(page.page_number, table.grid.table_index, reading.cell.row, reading.cell.col)
            if sheet.roles.get(ref) != CellRole.HEADER or not reading.text or not _unsure(reading, sheet.unsure_below):
                continue
            if (text := _as_label(reading, label)) is not None:
                found[ref] = Correction(text, CorrectionReason.LABEL)
    return found


def _as_label(reading: CellReading, label: str) -> str | None:
    """A label as the form prints it, followed by the brackets that were read; None where it was read right."""
    read, bracket, rest = half_width(reading.text or "").partition("(")
    printed = half_width(label).partition("(")[0]
    if without_stray_marks(read) == printed and read == without_stray_marks(read):
        return None
    others = tuple(half_width(text).partition("(")[0] for text in reading.alternatives)
    shorter = replace(reading, text=read, alternatives=others, hypotheses=())
    return printed + bracket + rest if nearest_word(shorter, (printed,)) else None


def _levels(sheet: _Sheet, understood: Interpretation, profile: Profile, page_number: int) -> dict[CellRef, Correction]:
    """Entries of levels with a closed vocabulary, outermost first, so that a parent limits what stands under it."""
    found: dict[CellRef, Correction] = {}
    leaves = [leaf for leaf in understood.indicators if leaf.page_number == page_number]
    for depth, level in enumerate(profile.hierarchy.levels):
        words = level.words()
        for leaf in leaves if words else ():
            ref, above = (_with_role(sheet, leaf, depth - k) for k in (0, 1))
            reading = sheet.readings.get(ref) if ref else None
            if ref is None or reading is None or not reading.text or not _unsure(reading, sheet.unsure_below):
                continue
            parent = _text(sheet, found, above)
            allowed = [word for word in words or () if level.allows(word, parent)]
            if half_width(reading.text) not in allowed and (word := nearest_word(reading, allowed)):
                found[ref] = Correction(word, CorrectionReason.VOCABULARY)
    return found


def _with_role(sheet: _Sheet, leaf: Indicator, depth: int) -> CellRef | None:
    role = LEVEL_ROLES[depth] if depth >= 0 else None
    return next((ref for ref in leaf.cells if sheet.roles.get(ref) == role), None) if role else None


def _text(sheet: _Sheet, found: Mapping[CellRef, Correction], ref: CellRef | None) -> str | None:
    if ref is None:
        return None
    return found[ref].text if ref in found else sheet.readings[ref].text


def _repeated(sheet: _Sheet) -> dict[CellRef, Correction]:
    """Names that a document repeats on every page: what several pages surely say."""
    found: dict[CellRef, Correction] = {}
    for role in sheet.of_fields(*REPEATED):
        sure = [reading.text or "" for _, reading in sheet.with_text({role}) if not _unsure(reading, SURE)]
        words = {text for text in sure if sure.count(text) >= WITNESSES}
        for ref, reading in sheet.doubtful({role}):
            if reading.text not in words and (word := nearest_word(reading, words)):
                found[ref] = Correction(word, CorrectionReason.REPETITION)
    return found


def _short_texts(sheet: _Sheet) -> dict[CellRef, Correction]:
    """Entries, names, codes and values without the stray marks at their ends."""
    texts = sheet.doubtful({*LEVEL_ROLES, CellRole.HEADER, CellRole.VALUE, *sheet.of_fields(*SHORT)})
    plain = ((ref, reading, without_stray_marks(reading.text or "")) for ref, reading in texts)
    return {
        ref: Correction(text, CorrectionReason.STRAY_MARK)
        for ref, reading, text in plain
        if text not in {"", reading.text}
    }


def _lexicon(sheet: _Sheet) -> Lexicon:
    """What the forms print, and what was read with high confidence; no correction teaches the next one."""
    printed = (text for profile in sheet.profiles for text in profile.vocabulary)
    sure = (reading.text or "" for reading in sheet.readings.values() if not _unsure(reading, SURE))
    return Lexicon.of([*printed, *sure])


def _phrases(sheet: _Sheet, done: Mapping[CellRef, Correction]) -> dict[CellRef, Correction]:
    """Open text: names, values, goals and notes, but for what is a known word already."""
    found: dict[CellRef, Correction] = {}
    lexicon, goals = _lexicon(sheet), sheet.of_fields(FieldName.GOALS)
    short: set[Role] = {LEVEL_ROLES[-1], CellRole.VALUE, *sheet.of_fields(FieldName.PROJECT_NAME)}
    for ref, reading in sheet.with_text({*short, *goals, CellRole.NOTE}):
        if ref in done and done[ref].reason is not CorrectionReason.STRAY_MARK:
            continue
        text, reason = repair_phrase(reading, lexicon, sheet.unsure_below), CorrectionReason.PHRASE
        if sheet.roles[ref] in goals and is_half_read(reading, sheet.unsure_below):
            listed = repair_list(replace(reading, text=text))
            text, reason = (listed, CorrectionReason.LIST) if listed != text else (text, reason)
        if ref in done:
            text = without_stray_marks(text)
        if text not in {reading.text, _text(sheet, done, ref)}:
            found[ref] = Correction(text, reason)
    return found


def _targets(
    sheet: _Sheet, leaves: Sequence[Indicator], done: Mapping[CellRef, Correction]
) -> dict[CellRef, Correction]:
    """Values, by the names of their indicators."""
    values = [reading for _, reading in sheet.with_text({CellRole.VALUE}) if not _unsure(reading, sheet.unsure_below)]
    strict = any(parse_target(reading.text).comparator == ">" for reading in values)
    doubtful = dict(sheet.doubtful({CellRole.VALUE}))
    found: dict[CellRef, Correction] = {}
    for leaf in leaves:
        ref = next((ref for ref in leaf.cells if ref in doubtful), None)
        if ref is None or (ref in done and done[ref].reason is CorrectionReason.PHRASE):
            continue
        names = (_text(sheet, done, _with_role(sheet, leaf, depth)) for depth in reversed(range(len(LEVEL_ROLES))))
        name = next((text for text in names if text), None)
        text = repair_target(doubtful[ref], name, strict_is_usual=strict)
        if text not in {doubtful[ref].text, _text(sheet, done, ref)}:
            found[ref] = Correction(text, CorrectionReason.TARGET)
    return found
