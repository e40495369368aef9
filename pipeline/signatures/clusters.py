"""Lines that look written -> those that stand together, which may be one signature each, and their rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.elements import LineKind, Polygon
from pipeline.imaging import bounding_box, joined_quad, quad_size
from pipeline.signatures.margin_kinds import MarginLine

MIN_HANDWRITING = 0.35
"""Lines less likely than this to be handwriting are not looked at again."""
MIN_EVEN_HANDWRITING = 0.1
"""Even handwriting is as likely as this, and is looked at where a name and a date stand together."""
MAX_TALL = 2.0
"""A character that the detector parted from its name is at most so many times as high as wide; ruling and edges are
more."""
MAX_GAP_ACROSS = 1.5
"""Pieces of one signature that stand side by side are no further apart than this, in letter heights."""
MAX_GAP_DOWN = 1.0
"""Pieces of one signature that stand one above the other are no further apart than this, in letter heights."""
MAX_LENGTH = 8.0
"""A row longer than this, in letter heights, may be two signatures: name and date are 4-7 letter heights long in
all."""
DATE_PARTS = r"[\d.。·，、,:：\sOo〇○零一二三四五六七八九十年月日号/-]{2,}"
"""Two characters or more that dates are read as."""
ALL_DATE = re.compile(rf"{DATE_PARTS}$")
"""A line that may be a date and is nothing else, as far as it can be read."""
NAME = re.compile(r"(?!日期|时间|签|盖章)[\u3400-\u9fff]{2,4}$")
"""A name, as far as it can be read, and no label of a date or a signature."""
NAME_AND_DATE = re.compile(rf"[\u3400-\u9fff]{{1,4}}{DATE_PARTS}$")
"""A name with a date behind it, as far as they can be read."""
SAME_ROW = 0.5
"""Pieces side by side overlap by this share of the lower one's height."""
MAX_ABOVE = 0.5
"""Pieces one above the other overlap by more than this share of the narrower one's width. Where one stands askew their
boxes overlap, but the quads do by less than this share of the smaller: by more where the detector found one piece
twice."""


def find_clusters(lines: Sequence[MarginLine]) -> list[list[int]]:
    """Indices of the lines that may be one signature each: handwriting that stands together.

    What is higher than wide is a part of one, such as a name's last character, and none by itself.
    """
    clusters: list[list[int]] = []
    for index, line in enumerate(lines):
        if line.text_line.kind is not LineKind.OTHER or line.dates or not _looks_written(line):
            continue
        near = [cluster for cluster in clusters if any(_adjacent(lines[i], line) for i in cluster)]
        clusters = [cluster for cluster in clusters if cluster not in near]
        clusters.append(sorted([*(i for cluster in near for i in cluster), index]))
    parted = [_with_even_parts(cluster, lines) for cluster in clusters if any(_is_wide(lines[i]) for i in cluster)]
    return _with_owned_dates(parted, lines)


def _looks_written(line: MarginLine) -> bool:
    """Whether a line may be handwriting: by its strokes, or as it is not surely print and says a name and a date."""
    width, height = quad_size(line.quad)
    if height > MAX_TALL * width:
        return False
    even = line.handwriting >= MIN_EVEN_HANDWRITING and NAME_AND_DATE.match(line.text_line.text)
    return line.handwriting >= MIN_HANDWRITING or bool(even)


def _is_wide(line: MarginLine) -> bool:
    width, height = quad_size(line.quad)
    return height <= width


def _with_even_parts(cluster: list[int], lines: Sequence[MarginLine]) -> list[int]:
    """The cluster, with dates beside or below it, or the name where it is a date: some writers are as even as print."""
    nameless = all(ALL_DATE.match(lines[i].text_line.text) for i in cluster)
    parts = [
        index
        for index, line in enumerate(lines)
        if index not in cluster
        and line.text_line.kind is LineKind.OTHER
        and (
            ALL_DATE.match(line.text_line.text)
            or (nameless and line.handwriting >= MIN_EVEN_HANDWRITING and NAME.match(line.text_line.text))
        )
        and any(_adjacent(lines[i], line) for i in cluster)
    ]
    return sorted([*cluster, *parts])


def _with_owned_dates(clusters: list[list[int]], lines: Sequence[MarginLine]) -> list[list[int]]:
    """The clusters with the dates in cells of their own, each with the first that stands in its signature's cell."""
    owned = [list(cluster) for cluster in clusters]
    for index, line in enumerate(lines):
        own = (cluster for cluster in owned if line.dates and line.dates == _cell(lines[cluster[0]]))
        next(own, []).append(index)
    return owned


def _adjacent(a: MarginLine, b: MarginLine) -> bool:
    """Whether two pieces stand side by side in one row, or one above the other, in one cell or outside of all."""
    if _cell(a) != _cell(b):
        return False
    first, second = bounding_box(a.quad), bounding_box(b.quad)
    letter = max(a.letter_height, b.letter_height)
    across = max(first.left, second.left) - min(first.right, second.right)
    down = max(first.top, second.top) - min(first.bottom, second.bottom)
    side_by_side = across <= MAX_GAP_ACROSS * letter and -down >= SAME_ROW * min(first.height, second.height)
    return side_by_side or (across <= 0 and down <= MAX_GAP_DOWN * letter)


def _cell(line: MarginLine) -> tuple[int | None, ...]:
    return line.text_line.table_index, line.text_line.row, line.text_line.col


def row_members(lines: Sequence[MarginLine], members: Sequence[int]) -> list[list[int]]:
    """Indices of lines that stand together, row by row from top to bottom; those side by side are one row.

    A date in a cell of its own is a row of its own.
    """
    rows: list[list[int]] = []
    for index in sorted(members, key=lambda i: -quad_size(lines[i].quad)[0]):
        for row in rows:
            same_cell = lines[index].dates == lines[row[0]].dates
            if same_cell and _in_one_row(lines[index].quad, lines[row[0]].quad):
                row.append(index)
                break
        else:
            rows.append([index])
    return sorted(rows, key=lambda row: bounding_box(joined_quad([lines[i].quad for i in row])).top)


def _in_one_row(first: Polygon, second: Polygon) -> bool:
    """Whether two quads stand side by side, or are one piece found twice."""
    a, b = bounding_box(first), bounding_box(second)
    across = min(a.right, b.right) - max(a.left, b.left)
    down = min(a.bottom, b.bottom) - max(a.top, b.top)
    if down < SAME_ROW * min(a.height, b.height):
        return False
    return across <= MAX_ABOVE * min(a.width, b.width) or _shared(first, second) >= MAX_ABOVE


def _shared(first: Polygon, second: Polygon) -> float:
    """What two quads have in common, as a share of the smaller."""
    a, b = np.array(first, np.float32), np.array(second, np.float32)
    common, _ = cv2.intersectConvexConvex(a, b)
    return float(common) / max(min(float(cv2.contourArea(a)), float(cv2.contourArea(b))), 1.0)


def halves_of(lines: Sequence[MarginLine], row: Sequence[int]) -> list[list[int]]:
    """A row that is longer than one signature in two, parted at its widest gap; else the row alone."""
    ordered = sorted(row, key=lambda i: bounding_box(lines[i].quad).left)
    letter = max(lines[i].letter_height for i in ordered)
    boxes = [bounding_box(lines[i].quad) for i in ordered]
    if len(ordered) < 2 or boxes[-1].right - boxes[0].left < MAX_LENGTH * letter:
        return [list(row)]
    gaps = [after.left - max(box.right for box in boxes[: i + 1]) for i, after in enumerate(boxes[1:])]
    widest = gaps.index(max(gaps)) + 1
    return [ordered[:widest], ordered[widest:]]


def rows_of(pieces: Sequence[MarginLine]) -> list[Polygon]:
    """The quads of a signature's rows, from top to bottom; of a row that is one piece, the piece's own."""
    rows = ([pieces[i].quad for i in row] for row in row_members(pieces, range(len(pieces))))
    return [joined_quad(quads) if len(quads) > 1 else quads[0] for quads in rows]
