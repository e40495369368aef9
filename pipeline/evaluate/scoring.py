"""A page's truth and its landed rows -> counts of what is right."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from pipeline.elements import LEVEL_ROLES, CellRole, Polygon
from pipeline.evaluate.grits import PlacedText, grits
from pipeline.evaluate.landed import CellKey, LandedCell, LandedIndicator, LandedPage, LandedSignature, Place
from pipeline.evaluate.measures import FIELD_NAMES, Counts, FieldCount, total
from pipeline.evaluate.reliability import Observation
from pipeline.evaluate.truth import SignatureSource, TruthPage, TruthRecord, TruthSignature
from pipeline.imaging import bounding_box, overlap

SIGNATURE_OVERLAP = 0.3
"""A signature counts as found where it is from this intersection over union of the boxes on: where
a name's outline ends is a matter of taste."""

_SAME_SIGN = str.maketrans("“”〈〉≦≧⩽⩾", '""《》≤≥≤≥')
"""Signs that print alike or mean the same, and that NFKC keeps apart."""
_SPACE = re.compile(r"\s+")
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
"""A decimal point, or one in a date or a version: none of them may be lost."""
_PLAIN_TARGET = re.compile(r"(?P<comparator>[≥≤=><]?)(?P<number>\d+(?:\.\d+)?)(?![\d.])")
"""A target that begins with a number, such as "≥95%" or "3期", so that its parsing has one right answer."""


@dataclass(frozen=True, slots=True)
class PageScore:
    """A page's counts, and its confidences beside what came true."""

    counts: Counts
    cell_confidences: tuple[Observation, ...]
    grid_confidences: tuple[Observation, ...]


def score_page(truth: TruthPage, page: LandedPage | None) -> PageScore:
    """Compare one page with its truth; a page that never landed (None) counts as all missed."""
    landed = page or LandedPage()
    tables = _tables(landed.cells)
    best = _best_table(truth, tables)
    parts = [
        Counts(pages=1, pages_landed=int(page is not None)),
        _cell_counts(truth, best, landed.cells),
        _point_counts(truth, best, landed.doubted),
        _warning_counts(truth, best, landed),
        _grid_counts(truth, best, len(tables)),
        _corner_counts(truth, best),
    ]
    if truth.record is not None:
        parts += [_record_counts(truth.record, landed), _field_counts(truth.record, landed)]
    if truth.signature is not None:
        parts.append(_signature_counts(truth.signature, landed.signatures))
    elif truth.signed is not None:
        parts.append(Counts(unsigned=1, signatures_false=int(bool(landed.signatures))))
    return PageScore(
        counts=total(parts),
        cell_confidences=tuple(
            Observation(cell.confidence, same_text(text, cell.text)) for text, cell in _placed(truth, best)
        ),
        grid_confidences=tuple(
            Observation(cell.grid_confidence, place in _places(truth))
            for table in tables
            for place, cell in table.items()
        ),
    )


def normalise(text: str | None) -> str:
    """The text without what a comparison should not see: width of characters, look of punctuation, white space.

    Example:
        >>> normalise("≧ ９５％；")
        '≥95%;'
    """
    folded = unicodedata.normalize("NFKC", text or "").translate(_SAME_SIGN)
    return _SPACE.sub("", folded)


def same_text(one: str | None, other: str | None) -> bool:
    """Whether two texts are the same after `normalise`; None is like blank."""
    return normalise(one) == normalise(other)


# --- cells ------------------------------------------------------------------------------------------------------------

_Table = Mapping[Place, LandedCell]


def _tables(cells: Sequence[LandedCell]) -> list[_Table]:
    tables: dict[int, dict[Place, LandedCell]] = {}
    for cell in cells:
        tables.setdefault(cell.table_index, {})[cell.place] = cell
    return list(tables.values())


def _places(truth: TruthPage) -> set[Place]:
    return {Place(cell.row, cell.col, cell.row_span, cell.col_span) for cell in truth.grid.cells}


def _best_table(truth: TruthPage, tables: Sequence[_Table]) -> _Table:
    """The landed table with most cells in place; the cells of all others count as landed and wrong."""
    places = _places(truth)
    return max(tables, key=lambda table: len(table.keys() & places), default={})


def _placed(truth: TruthPage, table: _Table) -> Iterator[tuple[str, LandedCell]]:
    """The true text and the landed cell, where place and spans agree."""
    for cell, text in zip(truth.grid.cells, truth.texts, strict=True):
        found = table.get(Place(cell.row, cell.col, cell.row_span, cell.col_span))
        if found is not None:
            yield text, found


def _cell_counts(truth: TruthPage, table: _Table, landed: Sequence[LandedCell]) -> Counts:
    pairs = list(_placed(truth, table))
    at = {(cell.place.row, cell.place.col): normalise(cell.final_text) for cell in table.values()}
    wanted = [((cell.row, cell.col), normalise(t)) for cell, t in zip(truth.grid.cells, truth.texts, strict=True)]
    return Counts(
        cells_true=len(truth.texts),
        cells_landed=len(landed),
        placed=len(pairs),
        read_right=sum(same_text(text, cell.text) for text, cell in pairs),
        exact=sum(same_text(text, cell.final_text) for text, cell in pairs),
        corrected=sum(cell.text_corrected is not None for _, cell in pairs),
        mended=sum(same_text(t, c.final_text) and not same_text(t, c.text) for t, c in pairs),
        broken=sum(same_text(t, c.text) and not same_text(t, c.final_text) for t, c in pairs),
        characters=sum(len(text) for _, text in wanted),
        edits=sum(_edits(text, at.get(slot, "")) for slot, text in wanted),
    )


def _point_counts(truth: TruthPage, table: _Table, doubted: Set[CellKey]) -> Counts:
    lost = (
        CellKey(cell.table_index, cell.place.row, cell.place.col)
        for text, cell in _placed(truth, table)
        if _points(cell.final_text) < _points(text)
    )
    points = sum(_points(text) > 0 for text in truth.texts)
    return Counts(points=points, points_lost_silently=sum(key not in doubted for key in lost))


def _warning_counts(truth: TruthPage, table: _Table, landed: LandedPage) -> Counts:
    """How well warnings and errors tell wrong leaves from right ones; a cell of another table is out of place."""
    right = {id(cell) for text, cell in _placed(truth, table) if same_text(text, cell.final_text)}
    named = {cell.role for cell in landed.cells}
    roles = {CellRole.VALUE, *[role for role in LEVEL_ROLES if role in named][-1:]}
    leaves = [cell for cell in landed.cells if cell.role in roles]
    seen = Counter(
        (id(cell) in right, CellKey(cell.table_index, cell.place.row, cell.place.col) in landed.warned)
        for cell in leaves
    )
    return Counts(
        leaves_wrong=seen[False, True] + seen[False, False],
        leaves_wrong_warned=seen[False, True],
        leaves_right=seen[True, True] + seen[True, False],
        leaves_right_warned=seen[True, True],
    )


def _points(text: str | None) -> int:
    return len(_POINT.findall(normalise(text)))


def _edits(text: str, found: str) -> int:
    """Characters to change, at most as many as the text has, so that one wild reading does not hide all others."""
    return min(Levenshtein.distance(text, found), max(len(text), 1))


def _grid_counts(truth: TruthPage, table: _Table, n_tables: int) -> Counts:
    places = [Place(cell.row, cell.col, cell.row_span, cell.col_span) for cell in truth.grid.cells]
    wanted = [PlacedText(place, normalise(text)) for place, text in zip(places, truth.texts, strict=True)]
    likeness = grits(wanted, [PlacedText(place, normalise(cell.final_text)) for place, cell in table.items()])
    perfect = table.keys() == set(places) and n_tables == 1
    return Counts(tables_perfect=int(perfect), grits_top=likeness.top, grits_con=likeness.con)


def _corner_counts(truth: TruthPage, table: _Table) -> Counts:
    distances = []
    for cell in truth.grid.cells:
        found = table.get(Place(cell.row, cell.col, cell.row_span, cell.col_span))
        if found is not None and found.polygon and cell.polygon:
            distances.append(_corner_distance(cell.polygon, found.polygon))
    return Counts(corner_cells=len(distances), corner_px=sum(distances))


def _corner_distance(polygon: Polygon, other: Polygon) -> float:
    return float(np.linalg.norm(np.subtract(polygon, other), axis=1).mean())


# --- records ----------------------------------------------------------------------------------------------------------


def _record_counts(record: TruthRecord, landed: LandedPage) -> Counts:
    true = Counter(_leaf(i.level1, i.level2, i.level3, i.value) for i in record.indicators)
    leaves = [(_leaf(i.level1, i.level2, i.level3, i.target_text), i) for i in landed.indicators]
    found = Counter(leaf for leaf, _ in leaves)
    numbers = [_number_right(row) for leaf, row in leaves if leaf in true]
    return Counts(
        records=1,
        indicators_true=true.total(),
        indicators_landed=found.total(),
        indicators_right=(true & found).total(),
        indicators_perfect=int(true == found),
        numbers_true=sum(right is not None for right in numbers),
        numbers_right=sum(right is True for right in numbers),
    )


def _leaf(*texts: str | None) -> tuple[str, ...]:
    return tuple(normalise(text) for text in texts)


def _number_right(row: LandedIndicator) -> bool | None:
    """Whether the target's comparator and number were parsed as written; None when it begins with no number."""
    written = _PLAIN_TARGET.match(normalise(row.target_text))
    if written is None:
        return None
    comparator = written["comparator"]
    allowed = {comparator, comparator or "="}  # a bare number may be read as "equal to"
    return row.target_number == Decimal(written["number"]) and normalise(row.comparator) in allowed


def _field_counts(record: TruthRecord, landed: LandedPage) -> Counts:
    values: Mapping[str, Any] = dataclasses.asdict(landed.fields)
    return Counts(
        form_fields=tuple(
            FieldCount(1, int(same_text(text, values[name]))) if text else FieldCount()
            for name, text in ((name, getattr(record.fields, name)) for name in FIELD_NAMES)
        )
    )


# --- signatures -------------------------------------------------------------------------------------------------------


def _signature_counts(truth: TruthSignature, landed: Sequence[LandedSignature]) -> Counts:
    box = bounding_box(truth.outline)
    overlaps = [overlap(box, bounding_box(row.polygon)) if row.polygon else 0.0 for row in landed]
    place = int(np.argmax(overlaps)) if overlaps else None
    best = landed[place] if place is not None and overlaps[place] >= SIGNATURE_OVERLAP else None
    name_right = int(best is not None and same_text(truth.name, best.name))
    date_right = int(best is not None and _same_date(truth.date, best.date_text))
    pen = truth.source is SignatureSource.PEN
    return Counts(
        signed=1,
        signatures_found=int(best is not None),
        signatures_extra=len(landed) - int(best is not None),
        pen_names=int(pen),
        pen_names_right=name_right if pen else 0,
        font_names=int(not pen),
        font_names_right=0 if pen else name_right,
        dates=int(bool(truth.date)),
        dates_right=date_right if truth.date else 0,
    )


def _same_date(one: str | None, other: str | None) -> bool:
    """Whether two dates are written alike; a dot at either end is a speck or a full stop."""
    return normalise(one).strip(".") == normalise(other).strip(".")
