"""PageReading, profiles -> FormMatch: which form a page is, and which of its cells are the form's labels.

Labels are compared fuzzily and placed by their order in a row, so that a slip of the recogniser costs neither the form
nor a column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.elements import FormMatch, PageReading, TableReading
from pipeline.forms.label_likeness import label_likeness
from pipeline.forms.labelled_table import LabelledTable, Slots
from pipeline.forms.profiles import UNKNOWN, Profile
from pipeline.forms.titles import TitleReading, read_title
from pipeline.text import align

TITLE_SHARE = 0.2
"""The title's share in a form's score is small: a page cropped below its title still has its labels."""

MIN_ROW_SHARE = 0.5
"""A header row counts as found when half of its labels were read; the others follow from their places."""


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
        scores = tuple(round((1 - TITLE_SHARE) * one.share + TITLE_SHARE * title.similarity, 4) for one in tables)
        attempts.append(Attempt(profile, title, tables, scores))
    return tuple(sorted(attempts, key=lambda one: -one.score))


def label_table(table: TableReading, profile: Profile) -> LabelledTable:
    """Find a profile's labels among a table's cells."""
    slots = {slot: index for index, reading in enumerate(table.cells) for slot in reading.cell.slots()}
    likeness = label_likeness(table, profile)
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
