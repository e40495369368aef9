"""Signed pages of the truth -> the same pages with their signatures painted over."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.drawing.distortions import A4_LONG_SIDE_MM, Image
from benchmarks.drawing.specimens import mixed, read_specimen
from benchmarks.drawing.stamps import Room, px_per_mm
from benchmarks.trials import engines
from pipeline.elements import BBox, DpiSource, Grid, Page, Upright
from pipeline.grid import cross_check
from pipeline.imaging import bounding_box, overlap
from pipeline.ink import separate_ink
from pipeline.page import settle_orientation
from pipeline.settings import Settings

AROUND_SIGNATURE_MM = 1.5
"""Ink this close to a signature's box is the signature's."""
INK_SHARE = 0.35
"""Ink is darker than this share of the signature's darkest."""
STROKE_GAP_MM = 0.6
"""Strokes nearer than this to each other are one piece."""
MAX_STROKE_MM = 70.0
"""Pieces longer than this are no signature's: rules, and the border of the scan."""
PAPER_SCALE = 8
"""Paper is continued under a signature on a page so many times smaller."""


MANY = 10_000
Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""
CLEAR_OF_SIGNATURE_MM = 5
"""Marks keep this far from a signature, so that it is the same mark whether the page is signed or not ..."""
CLEAR_OF_PRINT_MM = 3
"""... and those that stand in margins this far from the title and the table."""


class Signed(NamedTuple):
    """A signed page, upright, its true signature's box, and the same page without it; both have the same grids.

    `title` and `table` are the boxes of these in the truth.
    """

    upright: Upright
    erased: Image
    place: Box
    title: Box
    table: Box
    grids: tuple[Grid, ...]
    room: Room


def read_signed(page: Path) -> Signed | None:
    """Read a page and its truth; None where it is not signed, or its signature stands upon print."""
    truth = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    if not (truth.get("signature") and truth.get("title_polygon") and truth.get("table_polygon")):
        return None
    specimen = read_specimen(page)
    boxes = [
        bounding_box(truth["signature"][key]) for key in ("name_polygon", "date_polygon") if truth["signature"].get(key)
    ]
    boxes = ink_around(specimen.image, boxes)
    prints = [bounding_box(truth[key]) for key in ("title_polygon", "table_polygon")]
    margin = AROUND_SIGNATURE_MM * px_per_mm(specimen.image)
    if any(shared(_grown(box, margin), other) > 0 for box in boxes for other in prints):
        return None
    scan = Page(page.stem, 1, specimen.image, specimen.dpi, DpiSource.FILE)
    settled = settle_orientation(scan, engines(), Settings())
    grids = tuple(checked.grid for checked in cross_check(settled.layout.dewarped, settled.layout.grids))
    whole = _hull(boxes)
    cells = tuple(
        _whole(bounding_box(cell["polygon"]))
        for cell in truth["cells"]
        if cell.get("polygon") and 1 < len(cell["text"]) < 14
    )
    room = _room(specimen.image, whole, prints, cells)
    erased = painted_over(specimen.image, [_grown(box, margin) for box in boxes])
    return Signed(settled.layout.upright, erased, whole, *prints, grids, room)


def ink_around(page: Image, boxes: Sequence[Box]) -> list[Box]:
    """Boxes around the connected ink that a truth's boxes touch: what a script font draws reaches beyond them."""
    darkness = separate_ink(page).darkness
    scale = px_per_mm(page)
    inked = (darkness > INK_SHARE * max(float(np.percentile(darkness[_pixels(box)], 95)) for box in boxes)).astype(
        np.uint8
    )
    side = 2 * round(STROKE_GAP_MM * scale) + 1
    _, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(inked, np.ones((side, side), np.uint8)))
    touched = [np.unique(labels[_pixels(box)]) for box in boxes]
    largest = MAX_STROKE_MM * scale
    grown = []
    for box, own in zip(boxes, touched, strict=True):
        pieces = [stats[i, :4] for i in own if i and stats[i, 2:4].max() <= largest]
        grown.append(_hull([box, *((x, y, x + w, y + h) for x, y, w, h in pieces)]))
    return grown


def painted_over(page: Image, boxes: Sequence[Box]) -> Image:
    """The page with boxes (left, top, right, bottom) filled by the paper around them, with its grain.

    The paper's tone is continued inwards on a smaller page (Telea 2004); its grain is that of a place beside the box.
    """
    result = page.copy()
    for box in boxes:
        left, top, right, bottom = _whole(box)
        left, top = max(0, left), max(0, top)
        small = cv2.resize(cv2.medianBlur(result, 5), None, fx=1 / PAPER_SCALE, fy=1 / PAPER_SCALE, interpolation=3)
        hole = np.zeros(small.shape[:2], np.uint8)
        first, last = np.array([top, left]) // PAPER_SCALE - 1, np.array([bottom, right]) // PAPER_SCALE + 3
        hole[max(0, first[0]) : last[0], max(0, first[1]) : last[1]] = 255
        paper = cv2.resize(cv2.inpaint(small, hole, 3, cv2.INPAINT_TELEA), page.shape[1::-1])
        target = result[top:bottom, left:right]
        grain = _grain(page, target.shape, (left, top))
        target[:] = np.clip(paper[top:bottom, left:right].astype(np.float32) + grain, 0, 255)
    return result


def signed_pages(truth_dir: Path) -> list[Path]:
    """The pages of a folder that are signed beside their print, judged by their truth alone."""
    return [page for page in mixed(truth_dir, MANY) if _signed_beside_print(page)]


def _signed_beside_print(page: Path) -> bool:
    truth = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    signature = truth.get("signature")
    if not signature or not (truth.get("title_polygon") and truth.get("table_polygon")):
        return False
    boxes = [bounding_box(signature[key]) for key in ("name_polygon", "date_polygon") if signature.get(key)]
    margin = AROUND_SIGNATURE_MM * max(truth["scan"]["width"], truth["scan"]["height"]) / A4_LONG_SIDE_MM
    prints = [bounding_box(truth[key]) for key in ("title_polygon", "table_polygon")]
    return not any(shared(_grown(box, margin), other) > 0 for box in boxes for other in prints)


def _grain(page: Image, shape: tuple[int, ...], at: tuple[int, int]) -> NDArray[np.float32]:
    """The grain (height, width, 3) of a place of a shape at the same height, or the nearest, that has least ink."""
    height, width = shape[:2]
    smooth = cv2.blur(page, (31, 31))
    rest = page.astype(np.float32) - smooth
    tops = range(0, page.shape[0] - height, max(8, height // 2))
    places = [(x, y) for y in tops for x in range(0, page.shape[1] - width, max(8, width // 2))]
    ink = {(x, y): float(np.abs(rest[y : y + height, x : x + width]).mean()) for x, y in places}
    least = 1.5 * min(ink.values()) + 0.1
    x, y = min((p for p in places if ink[p] <= least), key=lambda p: abs(p[1] - at[1]))
    grain: NDArray[np.float32] = rest[y : y + height, x : x + width]
    return grain


def _grown(box: Sequence[float], by: float) -> Box:
    left, top, right, bottom = box
    return left - by, top - by, right + by, bottom + by


def _whole(box: Sequence[float]) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    return math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)


def _pixels(box: Sequence[float]) -> tuple[slice, slice]:
    left, top, right, bottom = (max(0, side) for side in _whole(box))
    return slice(top, bottom), slice(left, right)


def _hull(boxes: Sequence[Sequence[float]]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def shared(a: Sequence[float], b: Sequence[float]) -> float:
    """What two boxes have in common, as a share of what they cover."""
    return overlap(BBox(*a), BBox(*b))


def _room(
    page: Image,
    place: Box,
    prints: Sequence[Box],
    cells: tuple[tuple[int, int, int, int], ...],
) -> Room:
    scale = px_per_mm(page)
    anywhere = np.ones([math.ceil(side / scale) for side in page.shape[:2]], np.bool_)
    anywhere[_slices(place, scale, CLEAR_OF_SIGNATURE_MM)] = False
    margins = anywhere.copy()
    for box in prints:
        margins[_slices(box, scale, CLEAR_OF_PRINT_MM)] = False
    margins[[0, 1, 2, -3, -2, -1]] = False
    margins[:, [0, 1, 2, -3, -2, -1]] = False
    return Room(margins, anywhere, cells)


def _slices(box: Sequence[float], scale: float, margin: int) -> tuple[slice, slice]:
    left, top, right, bottom = (side / scale for side in box)
    rows = slice(max(0, int(top) - margin), math.ceil(bottom) + margin)
    return rows, slice(max(0, int(left) - margin), math.ceil(right) + margin)
