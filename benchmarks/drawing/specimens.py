"""Pages with truth as the trials use them: upright, with what their structure is and where their ruling lines are."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import cv2
import numpy as np

from benchmarks.drawing.distortions import Image, Line

A4_LONG_SIDE_IN = 11.69

Structure = frozenset[tuple[int, int, int, int]]
Place = tuple[int, int]
T = TypeVar("T")


class Specimen(NamedTuple):
    """A page to try: `image` is upright, `structure` its cells as (row, col, row_span, col_span).

    `ruling` holds its ruling lines where the truth has the cells' corners, else none.
    """

    image: Image
    structure: Structure
    ruling: tuple[Line, ...]

    @property
    def dpi(self) -> float:
        """Of the image, which is a sheet of A4."""
        return max(self.image.shape[:2]) / A4_LONG_SIDE_IN


def read_specimen(page: Path) -> Specimen:
    """Read an image file and the truth beside it, and undo the quarter turns that the truth tells of."""
    truth = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    image = cv2.imread(str(page), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    turns = (truth.get("scan") or {}).get("rotated_quarter_turns_ccw", 0)
    upright = np.ascontiguousarray(np.rot90(np.asarray(image, np.uint8), -turns))
    structure = frozenset((c["row"], c["col"], c["row_span"], c["col_span"]) for c in truth["cells"])
    return Specimen(upright, structure, ruling_lines(truth["cells"]))


def pages_by_condition(truth_dir: Path) -> dict[str, list[Path]]:
    """The JPEG pages of a folder that have truth, by the last word of their names, in order of name."""
    found: dict[str, list[Path]] = defaultdict(list)
    for page in sorted(truth_dir.glob("*.jpg")):
        if page.with_suffix(".json").exists():
            found[page.stem.rsplit("-", 1)[-1]].append(page)
    return dict(sorted(found.items()))


def spread(choice: Sequence[T], count: int) -> list[T]:
    """At most so many of a sequence, spread evenly over it."""
    count = min(count, len(choice))
    return [choice[index * len(choice) // count] for index in range(count)]


def mixed(truth_dir: Path, count: int) -> list[Path]:
    """At most so many pages, as many of each condition as can be, in order of name."""
    queues = map(_from_the_middle, pages_by_condition(truth_dir).values())
    turns = itertools.chain.from_iterable(itertools.zip_longest(*queues))
    return sorted(itertools.islice((page for page in turns if page is not None), count))


def _from_the_middle(pages: list[Path]) -> Iterator[Path]:
    """Every page once, far from those before it: first the middle one, then those of the halves, and so on."""
    waiting = [pages]
    for part in waiting:  # grows while it is walked
        if part:
            middle = len(part) // 2
            yield part[middle]
            waiting += [part[:middle], part[middle + 1 :]]


def one_each(truth_dir: Path, count: int) -> list[Path]:
    """At most so many pages of different conditions, the middle page of each."""
    conditions = list(pages_by_condition(truth_dir).values())
    return [pages[len(pages) // 2] for pages in spread(conditions, count)]


def ruling_lines(cells: Sequence[dict[str, Any]]) -> tuple[Line, ...]:
    """The ruling lines between cells of a truth file, horizontal ones first, as points from corner to corner.

    A line ends where it meets a cell that reaches across it. None where a cell has no polygon.
    """
    if not all(cell.get("polygon") for cell in cells):
        return ()
    corners: dict[Place, list[float]] = {}
    owner: dict[Place, int] = {}
    for index, cell in enumerate(cells):
        row, col, rows, cols = (cell[key] for key in ("row", "col", "row_span", "col_span"))
        places = ((row, col), (row, col + cols), (row + rows, col + cols), (row + rows, col))
        corners.update(zip(places, cell["polygon"], strict=True))
        owner.update({(r, c): index for r in range(row, row + rows) for c in range(col, col + cols)})
    flipped = {(col, row): index for (row, col), index in owner.items()}
    horizontal = [[corners[row, c] for c in run if (row, c) in corners] for row, run in _walls(owner)]
    vertical = [[corners[r, col] for r in run if (r, col) in corners] for col, run in _walls(flipped)]
    return tuple(np.array(line, np.float64) for line in (*horizontal, *vertical))


def _walls(owner: dict[Place, int]) -> Iterator[tuple[int, range]]:
    """(row, columns of its corners) of each unbroken run of walls above a row."""
    n_rows, n_cols = (1 + max(place[axis] for place in owner) for axis in (0, 1))
    for row in range(n_rows + 1):
        cell_borders = [owner.get((row - 1, col)) != owner.get((row, col)) for col in range(n_cols)]
        begin = 0
        for there, group in itertools.groupby(cell_borders):
            end = begin + len(list(group))
            if there:
                yield row, range(begin, end + 1)
            begin = end
