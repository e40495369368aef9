"""PageReading, profiles -> what a profile finds on a page, label by label, for those who write one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from rapidfuzz import fuzz

from pipeline.elements import CellRef, FieldRole, Finding, Indicator, PageReading, Project, Role, TableRow
from pipeline.engines import Engines
from pipeline.errors import ProfileInvalid, SourceMissing
from pipeline.forms import (
    UNKNOWN,
    Attempt,
    Profile,
    load_profiles,
    rank_profiles,
    read_each,
    read_profile,
)
from pipeline.hierarchy import JOINT, interpret
from pipeline.intake import PageFailure, open_document
from pipeline.page import read_page
from pipeline.settings import FormSettings, Settings
from pipeline.text import half_width, one_line
from pipeline.validation import validate

SHOWN_RECORDS = 5
"""The text shows so many leaves and rows, as many as tell whether a profile works; JSON has them all."""


@dataclass(frozen=True, slots=True)
class LabelTrial:
    """A label and the cell it was found in; where it was not, `nearest` is what is most like it on the page.

    `similarity` is that of label and cell, 0-1; it is 0 for a label that was placed between its neighbours.
    """

    label: str
    cell: CellRef | None
    text: str | None
    similarity: float
    nearest: str | None


@dataclass(frozen=True, slots=True)
class FieldTrial:
    """A field of the profile: the cells that hold it, and their texts."""

    name: str
    label: str
    role: FieldRole
    texts: tuple[str | None, ...]
    cells: tuple[CellRef, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What one profile, `tried`, makes of a page, and the scores of all, the best first.

    `form_type` is what the page is read as in a run. The records are those of the tried profile, whatever its score.
    """

    page_number: int
    form_type: str
    threshold: float
    scores: tuple[tuple[str, float], ...]
    tried: str
    title: str | None
    title_similarity: float
    labels: tuple[LabelTrial, ...]
    fields: tuple[FieldTrial, ...]
    projects: tuple[Project, ...]
    indicators: tuple[Indicator, ...]
    rows: tuple[TableRow, ...]
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """As plain lists, words and numbers; amounts as text, so that they stay exact."""
        return {key: _plain(one) for key, one in asdict(self).items()} | {"scores": dict(self.scores)}

    def lines(self) -> Iterator[str]:
        """As text for a person."""
        yield f"Page {self.page_number} is read as {self.form_type} (a form needs {self.threshold:.2f})."
        yield from (f"  {score:.2f}  {name}" for name, score in self.scores)
        yield f"Labels of {self.tried}:"
        yield f"  title {self.title_similarity:.2f}  {self.title or 'not found'}"
        yield from (f"  {_label_line(one)}" for one in self.labels)
        yield "Fields:"
        yield from (f"  {one.role} ({one.label}): {_field_text(one)}" for one in self.fields)
        yield f"Projects: {len(self.projects)}. Indicators: {len(self.indicators)}. Rows: {len(self.rows)}."
        for leaf in self.indicators[:SHOWN_RECORDS]:
            levels = JOINT.join(level or "?" for level in (leaf.level1, leaf.level2, leaf.level3) if level is not None)
            yield f"  {levels}: {leaf.target_text}"
        for row in () if self.indicators else self.rows[:SHOWN_RECORDS]:
            yield f"  {JOINT.join(stub or '?' for stub in row.path)}: {[value.text for value in row.values]}"
        yield from (f"  {one.severity}: {one.rule}: {one.message}" for one in self.findings)


class CheckedFile(NamedTuple):
    """A profile's file: what it holds, or its problems, each with file and line."""

    path: str
    profile: str | None
    summary: str
    problems: list[str]


def check_profiles(paths: Iterable[Path]) -> tuple[CheckedFile, ...]:
    """Read profiles one by one; those that are wrong do not keep the others from being checked.

    Two files of one folder that have the same name are a mistake of the second.
    """
    return tuple(_checked(path, read) for path, read in read_each(paths))


def _checked(path: Path, read: Profile | ProfileInvalid) -> CheckedFile:
    if isinstance(read, ProfileInvalid):
        return CheckedFile(str(path), None, "", str(read).splitlines())
    counts = f"{len(read.labels)} labels, {len(read.fields)} fields, {len(read.hierarchy.levels)} levels"
    return CheckedFile(str(path), read.name, f"{read.name}, version {read.version}: {counts}", [])


def profiles_with(path: Path | None, settings: FormSettings) -> tuple[Profile | None, tuple[Profile, ...]]:
    """A profile to try and all that are known with it; it replaces a namesake. None and the known ones without a path.

    Raises:
        ProfileInvalid: when the profile or one that is known is wrong.
    """
    known = load_profiles(settings)
    if path is None:
        return None, known
    tried = read_profile(path)
    return tried, (*(one for one in known if one.name != tried.name), tried)


def read_one_page(path: Path, number: int, settings: Settings, engines: Engines) -> PageReading:
    """Read one page of a file.

    Args:
        path: a PDF or image file.
        number: of the page, from 1.
        settings: of the reading.
        engines: that read.

    Raises:
        SourceMissing: when there is no such file or page.
        DocumentError: when the file or the page cannot be read.
    """
    if not path.is_file():
        raise SourceMissing(f"{path}: is no file")
    with open_document(path, settings.intake) as document:
        for item in document.pages():
            if isinstance(item, PageFailure) and item.page_number == number:
                raise item.error
            if not isinstance(item, PageFailure) and item.page_number == number:
                return read_page(item, engines, settings)
        raise SourceMissing(f"{path}: has no page {number}, but {document.source.n_pages}")


def try_profiles(
    page: PageReading, profiles: Sequence[Profile], settings: FormSettings, tried: Profile | None = None
) -> Trial:
    """What the profiles make of a page.

    Args:
        page: as read.
        profiles: all that are known, the tried one among them.
        settings: the least score of a form.
        tried: the profile to show; None shows the one that fits best.
    """
    ranked = rank_profiles(page, profiles)
    shown = next((one for one in ranked if one.profile == tried), ranked[0])
    found = interpret([page], (shown.profile,), FormSettings(threshold=min(settings.threshold, shown.score)))
    cells = dict(page.readings())
    roles: dict[Role, list[CellRef]] = {}
    for ref, role in found.roles.items():
        roles.setdefault(role, []).append(ref)
    refs = [(field, sorted(roles.get(field.cell_role, []))) for field in shown.profile.fields]
    return Trial(
        page_number=page.page_number,
        form_type=ranked[0].profile.name if ranked[0].score >= settings.threshold else UNKNOWN,
        threshold=settings.threshold,
        scores=tuple((one.profile.name, one.score) for one in ranked),
        tried=shown.profile.name,
        title=shown.title.text,
        title_similarity=shown.title.similarity,
        labels=tuple(_labels(page, shown)),
        fields=tuple(
            FieldTrial(str(field.name), field.label, field.cell_role, tuple(cells[at].text for at in held), tuple(held))
            for field, held in refs
        ),
        projects=found.projects,
        indicators=found.indicators,
        rows=found.rows,
        findings=(*found.findings, *validate([page], found, (shown.profile,), 1)),
    )


def _labels(page: PageReading, attempt: Attempt) -> Iterator[LabelTrial]:
    """Each label of the profile in the page's best table."""
    best = max(zip(attempt.scores, attempt.tables, strict=True), key=lambda one: one[0], default=None)
    for label in attempt.profile.labels:
        found = best[1].find(label) if best else None
        if best is None or found is None:
            texts = (one.text for table in page.tables for one in table.cells)
            yield LabelTrial(label, None, None, 0.0, _nearest(texts, label))
            continue
        cell = found.reading.cell
        ref = CellRef(page.page_number, best[1].table.grid.table_index, cell.row, cell.col)
        yield LabelTrial(label, ref, one_line(found.reading.text), round(found.similarity, 4), None)


def _nearest(texts: Iterable[str | None], label: str) -> str | None:
    """The text most like a label, if any has something in common with it."""
    likeness = [(fuzz.ratio(half_width(text), half_width(label)), text) for text in texts if text]
    best = max(likeness, default=(0.0, None), key=lambda one: one[0])
    return one_line(best[1]) if best[0] else None


def _label_line(one: LabelTrial) -> str:
    if one.cell is None:
        nearest = f"; the nearest is 「{one.nearest}」" if one.nearest else ""
        return f"----  {one.label}: not found{nearest}"
    place = f"table {one.cell.table_index}, row {one.cell.row}, column {one.cell.col}"
    how = f"{one.similarity:.2f}" if one.similarity else "by its place"
    return f"{how}  {one.label}: 「{one.text or ''}」 ({place})"


def _field_text(one: FieldTrial) -> str:
    return " / ".join("(unreadable)" if text is None else one_line(text) or "(blank)" for text in one.texts) or "none"


def _plain(value: Any) -> Any:
    """Records as lists, words and numbers that JSON has; what it lacks as text."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)
