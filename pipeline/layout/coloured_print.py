"""A page's darkness, and where its scan is not flat -> the darkness of print that was lost with its colour.

Darkness is what a page's brightest channel lacks, less the ink of seals: so print in a pure colour, in a seal's colour,
or lighter than the fill around it has little of it, or none. Where the scan shows far more contrast in a cell than its
darkness does, the cell's darkness becomes how far each pixel is from the cell's own paper, in any channel and either
way. Seals stay as they were: their ink goes on over the rules, or is taller than print; print in a seal's colour keeps
to its cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.dewarp import DewarpedPage
from pipeline.elements import BBox, Image, Upright
from pipeline.imaging import FAINT_DARKNESS, SURE_DARKNESS, UINT8_MAX, as_image, averaged
from pipeline.ink import find_seals
from pipeline.layout.cell_contrast import INSET_MM, CellContrast, cell_medians, edges_of, outline

COLOUR_EDGE = 40
"""Print whose colour was lost differs by this from its paper: paler is the back of the sheet, a fill's own grain, and
what a JPEG makes of the colours beside black print, 36 at most."""
PALE_TIMES = 5.0
"""Paler print, lighter than its paper, stands out by so many times the grain of its cell: grain reaches 4 times."""
NEAR_LOST_MM = 1.0
"""Of a cell with other print no more is replaced than what is this near to what was lost."""
LOST_TIMES = 2
"""Contrast was lost where the scan has so many times that of the darkness near by: print in a colour that darkness
shows has less of it, and around black print a JPEG leaves pale rings."""
NEAR_MM = 0.7
"""So far away the rings around black print end."""
LEAST_AREA_MM2 = 0.5
"""A mark has so much contrast around it: a minus sign 0.8 mm^2, a point 0.5."""
FILL_CONTRAST = 40
"""A cell is filled if a channel of its paper differs by this from the paper of the page's brightest cells."""
TALLEST_MM = 8.0
"""Ink of a seal's colour that hangs together is no print if it is higher than this."""
SEAL_GAP_MM = 8.0
"""Ink of a seal's colour no further than this from a seal's is the seal's: so much of a worn one is missing."""
SEAL_EDGE_MM = 3.0
"""A seal's ink, worn and paler than its colour tells, goes on so far beyond what is told."""
RULED = 1.0
"""Rules have a seal's colour if there is so many times as much of it on them as in cells: of a seal half as much is."""
MIXED_AREA_MM2 = 2.0
"""Beside other print in a cell a smaller area is a fringe of that print, as a lens and a JPEG make it."""
LARGEST_MM = 80.0
"""Seals are no larger than this; what is, is several, or none."""
BEYOND_MM2 = 0.25
"""Ink goes on in another cell if so much of it lies there."""
FULL_CONTRAST = 160.0
"""Print is given this darkness at least, as far as `MOST_TIMES` allows: recognisers were trained on dark print."""
MOST_TIMES = 8.0
"""Contrast is raised no more than this many times, and the grain with it."""
LIGHTER = 2.0
"""Print is lighter than its paper if so many times as many pixels beside its edges are lighter than darker."""
PAINTED_INSET_MM = 0.5
"""Darkness is replaced up to here from the middle of a ruling line, as lines of text are looked for."""


class _Lost(NamedTuple):
    """Where contrast was lost, and what is a seal's, (height, width) of the smaller image; and the cells, by label.

    `labels` are of those that may be mended; `in_colour` and `mixed` tell by label in which cells print in colour was
    lost, and which have more print besides.
    """

    mask: NDArray[np.bool_]
    in_colour: NDArray[np.bool_]
    mixed: NDArray[np.bool_]
    seal: Image
    labels: tuple[int, ...]


def restore_print(
    upright: Upright, dewarped: DewarpedPage, boxes: Sequence[BBox], contrast: CellContrast
) -> tuple[Upright, DewarpedPage]:
    """The page with the darkness of its cells' print, whatever its colour; the same objects where none was lost.

    Args:
        upright: the page.
        dewarped: the same page, dewarped.
        boxes: of all cells, as `contrast` was measured in.
        contrast: of the page.
    """
    lost = _find_lost(upright, boxes, contrast) if boxes else None
    if lost is None:
        return upright, dewarped
    small = contrast.small
    ink = replace(upright.ink, darkness=upright.ink.darkness.copy(), seal=upright.ink.seal.copy())
    mended, shown = replace(upright, ink=ink), dewarped.darkness.copy()
    painted = False
    for label in lost.labels:
        paper = _paper(small, contrast, label, lost)
        if paper is not None:
            box = boxes[label - 1]
            _paint(mended, outline(dewarped, box, PAINTED_INSET_MM), paper, _kept(lost, contrast, label))
            _show(dewarped, box, ink.darkness, shown)
            painted = True
    return (mended, replace(dewarped, darkness=shown)) if painted else (upright, dewarped)


def _find_lost(upright: Upright, boxes: Sequence[BBox], contrast: CellContrast) -> _Lost | None:
    """Where the scan has contrast that the darkness lacks, and what of that is no seal's; None where there is none."""
    darkness = averaged(upright.ink.darkness, contrast.step)
    known = edges_of(as_image(cv2.threshold(darkness, SURE_DARKNESS, UINT8_MAX, cv2.THRESH_TOZERO)[1]))
    side = 2 * round(NEAR_MM * contrast.px_per_mm) + 1
    near = as_image(cv2.dilate(known, np.ones((side, side), np.uint8)))
    beyond = cv2.compare(contrast.edges, cv2.scaleAdd(near, LOST_TIMES - 1.0, near), cv2.CMP_GT)
    mask = as_image(cv2.bitwise_and(contrast.uneven, beyond))
    coloured = as_image(cv2.threshold(contrast.edges, COLOUR_EDGE - 1, UINT8_MAX, cv2.THRESH_BINARY)[1])
    coloured = as_image(cv2.bitwise_and(coloured, mask))
    filled = cell_medians(darkness, contrast.cells, len(boxes))[1] > FAINT_DARKNESS
    filled[0] = False
    for label in np.flatnonzero(filled).tolist():
        place = contrast.place(label)
        inside = contrast.cells[place] == label
        mask[place][inside] = contrast.uneven[place][inside]
        known[place][inside] = 0
    least = LEAST_AREA_MM2 * contrast.px_per_mm**2
    if not (_areas(mask, contrast, len(boxes)) >= least).any():
        return None
    seal = _seals(upright, boxes, contrast)
    mask[seal > 0], coloured[seal > 0] = 0, 0
    own, in_colour, in_darkness = (_areas(each, contrast, len(boxes)) for each in (mask, coloured, known))
    may_be_light = (own >= least) & (in_darkness < own)
    mixed = in_darkness > own
    beside_other = mask.size if seal.any() else MIXED_AREA_MM2 * contrast.px_per_mm**2
    coloured_cells = in_colour >= np.where(mixed, beside_other, least)
    labels = tuple(np.flatnonzero(coloured_cells | may_be_light).tolist())
    return _Lost(mask > 0, coloured_cells, mixed, seal, labels) if labels else None


def _areas(mask: Image, contrast: CellContrast, count: int) -> NDArray[np.intp]:
    """How many pixels of a mask lie in each cell, by label; none of those outside of cells."""
    areas = np.bincount(contrast.cells.ravel()[np.flatnonzero(mask > 0)], minlength=count + 1)
    areas[0] = 0
    return areas


def _seals(upright: Upright, boxes: Sequence[BBox], contrast: CellContrast) -> Image:
    """Where, on the smaller image, ink of a seal's colour is a seal's: near what goes on over rules, or is tall."""
    step, (height, width) = contrast.step, contrast.edges.shape
    seal = np.zeros((height, width), np.uint8)
    ink = np.ascontiguousarray(as_image(upright.ink.seal[: height * step : step, : width * step : step]))
    reach = round(SEAL_GAP_MM * contrast.px_per_mm)
    x, y, across, down = cv2.boundingRect(ink)
    place = slice(max(0, y - reach), y + down + reach), slice(max(0, x - reach), x + across + reach)
    if across:
        within = contrast._replace(cells=contrast.cells[place])
        filled = _filled(contrast, len(boxes))
        if filled.any():
            side = 4 * round(INSET_MM * contrast.px_per_mm) + 1
            ink[cv2.dilate(as_image(filled[contrast.cells]), np.ones((side, side), np.uint8)) > 0] = 0
        ruled = _is_ruled(ink[place], within)
        seal[place] = _seals_among(ink[place], within, len(boxes), ruled)
        if ruled:  # without its rules, what goes on over them is not seen
            cv2.fillPoly(seal, find_seals(as_image(ink * (contrast.cells > 0))), (1,))
    return seal


def _filled(contrast: CellContrast, count: int) -> NDArray[np.bool_]:
    """Of which cells, by label, the paper is not that of the page's brightest cells: what is on a fill is no seal."""
    channels = cv2.split(contrast.small)
    papers = np.stack([cell_medians(as_image(one), contrast.cells, count)[1] for one in channels], axis=1)
    brightness = papers[1:].sum(axis=1)
    usual = np.median(papers[1:][brightness >= np.quantile(brightness, 0.75)], axis=0)
    filled: NDArray[np.bool_] = np.abs(papers - usual).max(axis=1) >= FILL_CONTRAST
    filled[0] = False
    return filled


def _seals_among(ink: Image, contrast: CellContrast, count: int, ruled: bool) -> Image:
    """Seals among the ink of a seal's colour in a part of the page, of which `contrast` has the cells.

    Args:
        ink: (height, width) of the part.
        contrast: with the cells of the part alone.
        count: of cells.
        ruled: whether rules may have the colour as well.
    """
    cells, px_per_mm = contrast.cells, contrast.px_per_mm
    ink = as_image(cv2.dilate(ink, np.ones((3, 3), np.uint8)))
    if ruled:
        ink = _with_rules_bridged(ink, cells, px_per_mm)
    number, parts, stats, _ = cv2.connectedComponentsWithStats(ink)
    inside = np.flatnonzero((ink > 0) & (cells > 0))
    pair, areas = np.unique(parts.ravel()[inside] * (count + 1) + cells.ravel()[inside], return_counts=True)
    wide = pair[areas >= BEYOND_MM2 * px_per_mm**2] // (count + 1)
    of_seal = np.bincount(wide, minlength=number) > 1
    of_seal |= stats[:, cv2.CC_STAT_HEIGHT] > TALLEST_MM * px_per_mm
    of_seal[0] = False
    reach = np.ones((2 * round(SEAL_GAP_MM * px_per_mm) + 1,) * 2, np.uint8)
    near = np.zeros(number, np.uint8)
    near[parts[(cv2.dilate(as_image(of_seal)[parts], reach) > 0) & (ink > 0)]] = 1
    found = as_image(near[parts])
    edge = 2 * round(SEAL_EDGE_MM * px_per_mm) + 1
    return as_image(cv2.dilate(_hulls(found, reach, LARGEST_MM * px_per_mm), np.ones((edge, edge), np.uint8)))


def _is_ruled(ink: Image, contrast: CellContrast) -> bool:
    """Whether rules have the colour of ink as well."""
    side = 2 * round(INSET_MM * contrast.px_per_mm) + 1
    around = cv2.dilate(as_image(contrast.cells > 0), np.ones((side, side), np.uint8)) > 0
    on_rules = np.count_nonzero(ink[around & (contrast.cells == 0)])
    return bool(on_rules > RULED * np.count_nonzero(ink[contrast.cells > 0]))


def _with_rules_bridged(ink: Image, cells: NDArray[np.int32], px_per_mm: float) -> Image:
    """Ink without rules of its colour, joined over them where it reaches them on both sides, as a seal does."""
    beside = cv2.dilate(as_image(cells == 0), np.ones((3, 3), np.uint8))
    inside = as_image(ink * (cells > 0))
    across = np.ones((2 * round(INSET_MM * px_per_mm) + 1,) * 2, np.uint8)
    bridges = as_image(cv2.dilate(as_image(inside & as_image(beside)), across)) & as_image(cells == 0)
    return as_image(inside | bridges)


def _hulls(found: Image, reach: Image, largest: float) -> Image:
    """Ink of seals with all that is between it: where a seal is worn its colour is not told from the paper's."""
    whole = found.copy()
    number, groups = cv2.connectedComponents(as_image(cv2.dilate(found, reach)))
    for group in range(1, number):
        points = np.argwhere((groups == group) & (found > 0))[:, ::-1].astype(np.int32)
        if len(points) and np.ptp(points, axis=0).max() <= largest:
            cv2.fillConvexPoly(whole, cv2.convexHull(points), (1,))
    return whole


class _Paper(NamedTuple):
    """A cell's own paper: each channel's level as a plane over upright pixels, and what is grain beside it.

    `times` is how many times contrast is raised, `step` how many upright pixels are one of the smaller image.
    """

    plane: NDArray[np.float64]
    grain: float
    times: float
    step: int


def _paper(small: Image, contrast: CellContrast, label: int, lost: _Lost) -> _Paper | None:
    """The paper of a cell with lost print; None where what was lost is pale, and no lighter than the paper."""
    rows, columns = contrast.place(label)
    cell = contrast.cells[rows, columns] == label
    own = lost.mask[rows, columns] & cell
    values = small[rows, columns].astype(np.float32)
    usual = np.median(values[cell], axis=0)
    edges = contrast.edges[rows, columns][own]
    strength, grain = float(np.quantile(edges, 0.9)), float(contrast.grain[label])
    flat = cell & (np.abs(values - usual).max(axis=2) <= max(strength / 3, 1.0))
    if not lost.in_colour[label]:
        beside = (values - usual).mean(axis=2)[own]
        light, dark = (int(np.count_nonzero(side * beside > strength / 3)) for side in (1, -1))
        if light < LIGHTER * max(1, dark) or strength < PALE_TIMES * max(1.0, grain):
            return None
    y, x = np.nonzero(flat)
    places = np.column_stack([np.ones(len(x)), x + columns.start, y + rows.start])
    places[:, 1:] = (places[:, 1:] + 0.5) * contrast.step - 0.5
    plane = np.linalg.lstsq(places, values[flat], rcond=None)[0]
    return _Paper(plane, grain, float(np.clip(FULL_CONTRAST / max(strength, 1.0), 1.0, MOST_TIMES)), contrast.step)


def _kept(lost: _Lost, contrast: CellContrast, label: int) -> Image:
    """What of a cell stays as it is, not 0 on the smaller image: seals, and print whose darkness was not lost."""
    kept = lost.seal.copy()
    if lost.mixed[label]:
        side = 2 * round(NEAR_LOST_MM * contrast.px_per_mm) + 1
        own = as_image(lost.mask & (contrast.cells == label))
        kept[cv2.dilate(own, np.ones((side, side), np.uint8)) == 0] = 1
    return kept


def _paint(page: Upright, corners: NDArray[np.int32], paper: _Paper, kept: Image) -> None:
    """Write how far a cell's pixels are from its paper into the darkness of a page, in place."""
    x, y, width, height = cv2.boundingRect(corners)
    x, y = max(0, x), max(0, y)
    rows, columns = slice(y, y + height), slice(x, x + width)
    image = page.image[rows, columns]
    inside = as_image(np.zeros(image.shape[:2], np.uint8))
    cv2.fillPoly(inside, [corners - np.array((x, y), np.int32)], (1,))
    y_there = np.arange(y, y + len(inside)) // paper.step
    x_there = np.arange(x, x + inside.shape[1]) // paper.step
    inside[kept[np.minimum(y_there, len(kept) - 1)][:, np.minimum(x_there, kept.shape[1] - 1)] > 0] = 0
    constant, across, down = paper.plane.astype(np.float32)
    down_there = (constant + down * np.arange(y, y + len(image), dtype=np.float32)[:, None])[:, None]
    level = down_there + across * np.arange(x, x + image.shape[1], dtype=np.float32)[:, None]
    apart = np.abs(image - level).max(axis=2) - paper.grain
    darkness = np.clip(apart * paper.times, 0, UINT8_MAX).astype(np.uint8)
    page.ink.darkness[rows, columns][inside > 0] = darkness[inside > 0]
    page.ink.seal[rows, columns][inside > 0] = False


def _show(dewarped: DewarpedPage, box: BBox, darkness: Image, shown: Image) -> None:
    """Take a cell of the dewarped page anew from the upright page's darkness, in place."""
    inset = PAINTED_INSET_MM * dewarped.warp.px_per_mm
    left, top = max(0, int(box.left + inset)), max(0, int(box.top + inset))
    right, bottom = int(box.right - inset) + 1, int(box.bottom - inset) + 1
    place = shown[top:bottom, left:right]
    if place.size:
        cut = dewarped.cut(darkness, BBox(left, top, left + place.shape[1], top + place.shape[0]), place.shape[0])
        place[:] = cut[:, : place.shape[1]]
