"""PageReading, profiles -> FormMatch: which form a page is, and which of its cells are the form's labels.

Labels are compared fuzzily and placed by their order in a row, so that a slip of the recogniser costs neither the form
nor a column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.process import cdist

from pipeline.elements import CellReading, FormMatch, PageReading, TableReading
from pipeline.forms.profiles import Profile, Relation
from pipeline.forms.titles import TitleReading, read_title
from pipeline.text import KNOWN_TEXTS, align, half_width

UNKNOWN = "unknown"

TITLE_SHARE = 0.2
"""Share of the title in a form's score: a page cropped below its title still has its labels."""

MIN_SIMILARITY = 0.66
"""One wrong character in three, or in four with room to spare; 绩效指标 and 时效指标 stay apart by their places."""

MIN_SIMILARITY_SHORT = 0.5
"""One wrong character of two (合计)."""

SHORT_LABEL = 2
"""Letters of a label that counts as short."""

MIN_ROW_SHARE = 0.5
"""A header row counts as found when half of its labels were read; the others follow from their places."""

Slots = dict[tuple[int, int], int]
"""(row, col) -> index of the cell that covers it."""


@dataclass(frozen=True, slots=True)
class LabelledTable:
    """A table whose labels were found by a profile.

    `labels` maps a label to the index of its cell in `table.cells`; `columns` likewise for the hierarchy's headers,
    left to right, empty when their row was not found; `share` is how much of the profile's labels was read, 0-1.
    """

    table: TableReading
    profile: Profile
    slots: Slots
    labels: dict[str, int]
    columns: tuple[int, ...]
    share: float

    def at(self, row: int, col: int) -> CellReading | None:
        """The reading of the cell that covers a slot; None outside the grid."""
        index = self.slots.get((row, col))
        return None if index is None else self.table.cells[index]

    def label(self, text: str | None) -> CellReading | None:
        """The cell of a label; None when it was not found."""
        index = self.labels.get(text or "")
        return None if index is None else self.table.cells[index]

    def is_label(self, reading: CellReading) -> bool:
        """Whether a cell is one of the labels."""
        cell = reading.cell
        index = self.slots[cell.row, cell.col]
        return index in self.columns or index in self.labels.values()

    def repeats_header(self, row: int) -> bool:
        """Whether a row below the hierarchy's headers reads like them: a header repeated, as where a page ended."""
        heads = zip(self.columns, self.profile.hierarchy.headers, strict=False)
        below = [(self.at(row, self.table.cells[index].cell.col), header) for index, header in heads]
        return bool(below) and all(one is not None and similarity(one.text, header) > 0 for one, header in below)

    @property
    def body_top(self) -> int:
        """The first row below the hierarchy's headers; the grid's end when they were not found."""
        if not self.columns:
            return self.table.grid.n_rows
        return max(cell.row + cell.row_span for cell in (self.table.cells[index].cell for index in self.columns))


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a profile makes of a page: the title, and each table with the labels found in it and its score, 0-1."""

    profile: Profile
    title: TitleReading
    tables: tuple[LabelledTable, ...]
    scores: tuple[float, ...]

    @property
    def score(self) -> float:
        """That of the best table; 0 on a page without tables."""
        return max(self.scores, default=0.0)


@dataclass(frozen=True, slots=True)
class RecognisedPage:
    """A page's best form, its title, and its tables with the labels found in them."""

    page: PageReading
    match: FormMatch
    title: TitleReading
    tables: tuple[LabelledTable, ...]


def recognise_page(page: PageReading, profiles: Sequence[Profile], threshold: float) -> RecognisedPage:
    """The best of the profiles for a page, and where its labels are.

    A profile's score is the share of its labels read in the page's best table, and the likeness of the title. Only
    tables that reach the threshold themselves are kept.

    Args:
        page: the page as read.
        profiles: the forms to choose among.
        threshold: the least score, 0-1.
    """
    ranked = rank_profiles(page, profiles)
    fitting = ranked[0] if ranked and ranked[0].score >= threshold else None
    other = next((one for one in ranked if one is not fitting and one.score > 0), None)
    runner_up = (other.profile.name, other.score) if other else (None, None)
    if fitting is None:
        title = read_title(page, None)
        score = other.score if other else 0.0
        return RecognisedPage(page, FormMatch(page.page_number, UNKNOWN, score, title.text, *runner_up), title, ())
    match = FormMatch(page.page_number, fitting.profile.name, fitting.score, fitting.title.text, *runner_up)
    kept = (table for table, reached in zip(fitting.tables, fitting.scores, strict=True) if reached >= threshold)
    return RecognisedPage(page, match, fitting.title, tuple(kept))


def rank_profiles(page: PageReading, profiles: Sequence[Profile]) -> tuple[Attempt, ...]:
    """Each profile tried on a page, the best first; of equals the one that comes first among the profiles."""
    attempts = []
    for profile in profiles:
        title = read_title(page, profile.title)
        tables = tuple(label_table(table, profile) for table in page.tables)
        scores = tuple(_score(table.share, title.similarity) for table in tables)
        attempts.append(Attempt(profile, title, tables, scores))
    return tuple(sorted(attempts, key=lambda one: -one.score))


def label_table(table: TableReading, profile: Profile) -> LabelledTable:
    """Find a profile's labels among a table's cells."""
    slots = {slot: index for index, reading in enumerate(table.cells) for slot in reading.cell.slots()}
    likeness = _likeness(table, profile)
    place = {label: row for row, label in enumerate(profile.labels)}
    rows = _rows(table, slots)
    columns = _find_row(rows, likeness[[place[header] for header in profile.hierarchy.headers]])
    heads = _find_row(rows, likeness[[place[label] for label in profile.header_row]]) if profile.header_row else ()
    labels = dict(zip(profile.header_row, heads, strict=False))
    taken = set(heads) | set(columns) | _inside(table, slots, columns)
    rest = [label for label in profile.labels if label not in labels and label not in profile.hierarchy.headers]
    labels.update(_find_single({label: likeness[place[label]] for label in rest}, taken))
    found = labels | dict(zip(profile.hierarchy.headers, columns, strict=False))
    share = float(sum(likeness[place[label], index] for label, index in found.items())) / len(place)
    return LabelledTable(table, profile, slots, labels, columns, share)


@lru_cache(KNOWN_TEXTS)
def similarity(text: str | None, label: str) -> float:
    """How alike a cell's text and a label are, 0-1; 0 below what a slip of the recogniser explains.

    What a label says in brackets, such as its unit, may be missing.

    >>> similarity("金额 (万元)", "金额")
    1.0
    """
    return float(_alike([_forms(text)], [_forms(label)])[0, 0])


def before_colon(text: str | None) -> str:
    """What a cell says before its first colon: its label, where label and value share the cell."""
    return half_width(text or "").split(":")[0]


def _likeness(table: TableReading, profile: Profile) -> NDArray[np.float64]:
    """Similarity of each label with each cell, (labels, cells), 0-1."""
    labels = [_forms(label) for label in profile.labels]
    alike = _alike([_forms(reading.text) for reading in table.cells], labels)
    of_starts = {entry.label for entry in profile.fields if entry.relation is Relation.SAME_CELL}
    if of_starts:
        rows = [row for row, label in enumerate(profile.labels) if label in of_starts]
        starts = [_forms(before_colon(reading.text)) for reading in table.cells]
        alike[rows] = _alike(starts, [labels[row] for row in rows])
    return alike


@lru_cache(KNOWN_TEXTS)
def _forms(text: str | None) -> tuple[str, str]:
    """The letters and digits of a text, and those before its first bracket."""
    plain = half_width(text or "")
    return _letters(plain), _letters(plain.split("(")[0])


def _letters(plain: str) -> str:
    return "".join(character for character in plain if character.isalnum())


def _alike(texts: Sequence[tuple[str, str]], labels: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
    """The likeness of each label with each text by the forms of both that are most alike, (labels, texts), 0-1."""
    forms = [[form for pair in pairs for form in pair] for pairs in (labels, texts)]
    ratios = cdist(*forms, scorer=fuzz.ratio, dtype=np.float64)
    ratios[:, [not form for form in forms[1]]] = 0.0  # two texts that say nothing are not alike
    likest = ratios.reshape(len(labels), 2, len(texts), 2).max(axis=(1, 3)) / 100
    least = [MIN_SIMILARITY_SHORT if len(start) <= SHORT_LABEL else MIN_SIMILARITY for _, start in labels]
    likest[likest < np.array(least)[:, None]] = 0.0
    return cast(NDArray[np.float64], likest)


def _score(share: float, title: float) -> float:
    return round((1 - TITLE_SHARE) * share + TITLE_SHARE * title, 4)


def _rows(table: TableReading, slots: Slots) -> list[list[int]]:
    """The cells that cover each row, left to right."""
    grid = table.grid
    return [list(dict.fromkeys(slots[row, col] for col in range(grid.n_cols))) for row in range(grid.n_rows)]


def _find_row(rows: list[list[int]], likeness: NDArray[np.float64]) -> tuple[int, ...]:
    """The cells of labels that stand side by side, in their order; empty when no row holds half of them.

    Args:
        rows: the cells that cover each row, left to right.
        likeness: (labels, cells), 0-1.
    """
    best: tuple[float, tuple[int, ...]] = (0.0, ())
    for cells in rows:
        in_row = likeness[:, cells]
        if in_row.max(axis=1).sum() <= best[0]:
            continue
        total, pairs = align(in_row)
        placed = dict(pairs)
        full = _fill_gaps([placed.get(label) for label in range(len(in_row))], len(cells))
        if total > best[0] and full and len(placed) >= MIN_ROW_SHARE * len(in_row):
            best = total, tuple(cells[place] for place in full)
    return best[1]


def _fill_gaps(placed: list[int | None], n_cells: int) -> list[int] | None:
    """Places for labels that were not read, from their neighbours; None when they do not determine them.

    Between two labels there must be exactly as many cells as labels are missing; before the first and after the last
    read label, the cells next to it are taken.
    """
    read = [-1, *(place for place in placed if place is not None), n_cells]
    filled: list[int] = []
    for place in placed:
        if place is not None:
            filled.append(place)
            continue
        before = filled[-1] if filled else -1
        after = next(one for one in read if one > before)
        missing = _run_of_missing(placed, len(filled))
        room = after - before - 1
        if room < missing or (before >= 0 and after < n_cells and room != missing):
            return None
        filled.append(after - missing if before < 0 else before + 1)
    return filled


def _run_of_missing(placed: list[int | None], start: int) -> int:
    end = next((index for index in range(start, len(placed)) if placed[index] is not None), len(placed))
    return end - start


def _inside(table: TableReading, slots: Slots, columns: tuple[int, ...]) -> set[int]:
    """The cells below the hierarchy's headers: indicators, never labels."""
    heads = [table.cells[index].cell for index in columns]
    return {
        slots[row, col]
        for head in heads
        for row in range(head.row + head.row_span, table.grid.n_rows)
        for col in range(head.col, head.col + head.col_span)
    }


def _find_single(likeness: dict[str, NDArray[np.float64]], taken: set[int]) -> dict[str, int]:
    """A cell for each label, the most alike pairs first; of equal pairs the one that is read first."""
    pairs = [
        (-float(row[index]), int(index), place, label)
        for place, (label, row) in enumerate(likeness.items())
        for index in np.flatnonzero(row)
        if int(index) not in taken
    ]
    found: dict[str, int] = {}
    for _, index, _, label in sorted(pairs):
        if label not in found and index not in taken:
            found[label] = index
            taken = taken | {index}
    return found
