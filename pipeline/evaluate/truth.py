"""truth files -> TruthPage: what a page really says. The format is described in docs/evaluation.md."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pipeline.elements import Cell, Grid, Polygon
from pipeline.errors import TruthInvalid

MAX_SIDE = 1000
"""A table has fewer rows and columns than this on any sheet of paper; a slip of the pen must not fill the memory."""
MAX_PIXELS = 1_000_000
"""A scan has fewer pixels along a side than this in any image format in use."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The texts of a filled-in form beside its indicators; None where the form does not state one."""

    title: str | None = None
    unit_name: str | None = None
    unit_code: str | None = None
    project: str | None = None
    amount: str | None = None
    total: str | None = None
    goals: str | None = None


@dataclass(frozen=True, slots=True)
class TruthIndicator:
    """A leaf of the indicator hierarchy, as printed."""

    level1: str | None
    level2: str | None
    level3: str | None
    value: str | None


@dataclass(frozen=True, slots=True)
class TruthRecord:
    """What a filled-in form says."""

    fields: Fields
    indicators: tuple[TruthIndicator, ...]


class SignatureSource(StrEnum):
    """What a signature was made with."""

    PEN = "pen"
    FONT = "font"


@dataclass(frozen=True, slots=True)
class TruthSignature:
    """A signature; `outline` holds the corners of the name's and the date's polygons, in scan pixels.

    What is written with a pen and what is set in a script font is measured apart.
    """

    name: str
    date: str | None
    outline: Polygon
    source: SignatureSource


@dataclass(frozen=True, slots=True)
class TruthPage:
    """What one page says: `texts` are those of the grid's cells, in its order.

    All polygons are in scan pixels, a quarter turn of the file already applied; a cell without one has an empty
    polygon. `record` is None where the file says nothing about records, `signed` where it says nothing about
    signatures.
    """

    name: str
    grid: Grid
    texts: tuple[str, ...]
    record: TruthRecord | None
    signed: bool | None
    signature: TruthSignature | None

    @property
    def condition(self) -> str:
        """The last word of the name, such as "clean"; "sample" for the pages of a PDF, which have no word."""
        return "sample" if self.name.startswith("page-") else self.name.rsplit("-", 1)[-1]


def load_truth(folder: Path) -> tuple[TruthPage, ...]:
    """Read every *.json of a folder, in the order of their names.

    Raises:
        TruthInvalid: when the folder has none, or one of them is not a truth file.
    """
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise TruthInvalid(f"{folder}: holds no truth file (*.json)")
    return tuple(read_truth(path) for path in paths)


def read_truth(path: Path) -> TruthPage:
    """Read one truth file.

    Raises:
        TruthInvalid: naming the file and the key that is missing or wrong.
    """
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TruthInvalid(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise TruthInvalid(f"{path}: is not JSON in UTF-8: {error}") from error
    where = path.name
    turn = _Turn.of(tree, where)
    grid, texts = _table(tree, turn, where)
    signed = None if "signature" not in tree else tree["signature"] is not None
    return TruthPage(
        name=path.stem,
        grid=grid,
        texts=texts,
        record=_record(tree["record"], f"{where}: record") if tree.get("record") is not None else None,
        signed=signed,
        signature=_signature(tree, turn, where) if signed else None,
    )


@dataclass(frozen=True, slots=True)
class _Turn:
    """The counter-clockwise quarter turns by which the file was turned after its polygons were measured."""

    quarter_turns: int = 0
    width: int = 0
    height: int = 0

    @classmethod
    def of(cls, tree: Any, where: str) -> _Turn:
        scan = _object(tree, where).get("scan") or {}
        if not _object(scan, f"{where}: scan").get("rotated_quarter_turns_ccw"):
            return cls()
        where = f"{where}: scan"
        turns = _whole(scan, "rotated_quarter_turns_ccw", where, 0)
        return cls(turns % 4, _whole(scan, "width", where, 1, MAX_PIXELS), _whole(scan, "height", where, 1, MAX_PIXELS))

    def apply(self, corners: Polygon) -> Polygon:
        width, height = self.width, self.height
        for _ in range(self.quarter_turns):
            corners = tuple((y, width - x) for x, y in corners)
            width, height = height, width
        return corners


def _table(tree: Any, turn: _Turn, where: str) -> tuple[Grid, tuple[str, ...]]:
    cells, texts = [], []
    for index, entry in enumerate(_list(tree, "cells", where)):
        place = f"{where}: cells[{index}]"
        corners = turn.apply(_polygon(entry, "polygon", place, 4))
        row, col = (_whole(entry, key, place, 0) for key in ("row", "col"))
        row_span, col_span = (_whole(entry, key, place, 1) for key in ("row_span", "col_span"))
        cells.append(Cell(row, col, row_span, col_span, corners))
        texts.append(_text(entry, "text", place) or "")
    try:
        grid = Grid(0, _whole(tree, "n_rows", where, 1), _whole(tree, "n_cols", where, 1), tuple(cells))
    except ValueError as error:
        raise TruthInvalid(f"{where}: cells: {error}") from error
    return grid, tuple(texts)


def _record(tree: Any, where: str) -> TruthRecord:
    fields = Fields(**{name: _text(tree, name, where) for name in Fields.__slots__})
    leaves = [(leaf, f"{where}.indicators[{i}]") for i, leaf in enumerate(_list(tree, "indicators", where))]
    indicators = (
        TruthIndicator(**{name: _text(leaf, name, place) for name in TruthIndicator.__slots__})
        for leaf, place in leaves
    )
    return TruthRecord(fields, tuple(indicators))


def _signature(tree: dict[str, Any], turn: _Turn, where: str) -> TruthSignature:
    stated = _text(tree, "signature_source", where) or SignatureSource.FONT
    try:
        source = SignatureSource(stated)
    except ValueError:
        raise TruthInvalid(f'{where}: signature_source must be "pen" or "font", got {stated!r}') from None
    where, signature = f"{where}: signature", tree["signature"]
    name = _text(signature, "name", where)
    corners = _polygon(signature, "name_polygon", where)
    if not name or not corners:
        raise TruthInvalid(f"{where}: needs a name and a name_polygon")
    outline = turn.apply(corners + _polygon(signature, "date_polygon", where))
    return TruthSignature(name, _text(signature, "date", where), outline, source)


# --- JSON, checked ----------------------------------------------------------------------------------------------------


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TruthInvalid(f"{where}: must be an object, got {_shown(value)}")
    return value


def _list(tree: Any, key: str, where: str) -> list[Any]:
    value = _object(tree, where).get(key)
    if not isinstance(value, list):
        raise TruthInvalid(f"{where}: {key} must be a list, got {_shown(value)}")
    return value


def _text(tree: Any, key: str, where: str) -> str | None:
    value = _object(tree, where).get(key)
    if value is not None and not isinstance(value, str):
        raise TruthInvalid(f"{where}: {key} must be a text or null, got {_shown(value)}")
    return value


def _whole(tree: Any, key: str, where: str, low: int, high: int = MAX_SIDE) -> int:
    value = _object(tree, where).get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise TruthInvalid(f"{where}: {key} must be a whole number from {low} to {high}, got {_shown(value)}")
    return value


def _polygon(tree: Any, key: str, where: str, corners: int | None = None) -> Polygon:
    value = _object(tree, where).get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(_is_point(point) for point in value) or len(value) < 3:
        raise TruthInvalid(f"{where}: {key} must be a list of [x, y] points, got {_shown(value)}")
    if corners is not None and len(value) != corners:
        raise TruthInvalid(f"{where}: {key} must have {corners} points, got {len(value)}")
    return tuple((float(x), float(y)) for x, y in value)


def _is_point(value: Any) -> bool:
    return isinstance(value, Sequence) and len(value) == 2 and all(_is_number(n) for n in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"
