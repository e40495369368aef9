"""A page as read -> its residual ink: the ink in its tables that the reading left out.

Ink in a cell is accounted for if the recogniser was shown it and read something, if it is what is left of ruling, a
seal's or a signature's, or if it is dust: small, round and alone. All other ink is residual.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import BBox, Image, Polygon, TableReading
from pipeline.imaging import (
    REMNANT_MM,
    SURE_DARKNESS,
    SURE_LEVELS,
    Component,
    as_image,
    bounding_box,
    box_corners,
    find_components,
    opened,
)
from pipeline.layout import (
    ANCHOR,
    DARK_SPECK,
    TALL_LINE,
    USUAL_TEXT_HEIGHT_MM,
    PageLayout,
    cell_insides,
    is_drawn,
    paper_grain,
)
from pipeline.recognition import USUAL
from pipeline.residual.fringes import Surroundings, is_fringe

APART = 0.7
"""Components nearer to each other than this, in heights of the page's text, are looked at together."""
MIN_DOTS = 4
"""Fewer small components than these near each other are dust that happened to fall together; more are letters in
pieces, or small print."""
MIN_STROKE = 0.5
"""A component as long as this, in text heights, and as thin as `STROKE_ASPECT` says is a stroke."""
STROKE_ASPECT = 2.5
"""A stroke is at least so many times longer than thick: two specks that touch are as long, but not as thin."""
MIN_DOT_SHARE = 0.1
"""Components smaller than this share of the text's height make no letter, however many they are: they are grain."""
SEAL_NEAR_MM = 2.0
"""Components with seal ink this near may be left over from the seal."""
SEAL_COVER = 0.01
"""Components are left over from a seal only if it covers this share of what is near."""
SEAL_PALE = 0.5
"""Components are left over from a seal only if they are paler than this share of the print: black text under a seal
stays dark."""
UINT8_MAX = 255
"""The darkness of black ink, expected where no line was read."""


PALE_FILL = 0.5
"""What is paler than this share of the print, over a square as high as text, is a fill and no ink: the fills of
headings reach 0.47 of it on pages with thin print."""


class ReadPage(NamedTuple):
    """A page as far as it was read: its layout, and its tables.

    `elsewhere` holds the polygons, in scan pixels, of what else was recognised on it: other lines, signatures.
    """

    layout: PageLayout
    tables: tuple[TableReading, ...]
    elsewhere: tuple[Polygon, ...]


class Rest(NamedTuple):
    """What was not read of the dewarped page: its smoothed darkness (height, width), 0 where it was read.

    `text_height` in pixels and `text_darkness` are the usual ones of the lines that were read.
    """

    darkness: Image
    text_height: float
    text_darkness: float


class ResidualInk(NamedTuple):
    """Ink that stands together and was not accounted for: its components' boxes on the dewarped page, and its cells.

    `places` are (table, cell) by their place in the page's tables and the table's cells, the one with most components
    first.
    """

    components: tuple[BBox, ...]
    places: tuple[tuple[int, int], ...]


def unread_rest(page: ReadPage) -> Rest:
    """What is left of a page's ink when the lines that were read are taken out."""
    darkness = page.layout.smooth.copy()
    read = [line.polygon for table in page.tables for cell in table.cells for line in cell.lines if line.text]
    lines = page.layout.dewarped.boxes(read)
    heights = [line.height for line in lines]
    peaks = [int(darkness[_slices(line)].max(initial=0)) for line in lines]
    usual = USUAL_TEXT_HEIGHT_MM * page.layout.dewarped.warp.px_per_mm
    text_height = float(np.median(heights or [usual]))
    for box in [*(_as_shown(line, text_height) for line in lines), *page.layout.dewarped.boxes(page.elsewhere)]:
        darkness[_slices(box)] = 0
    return Rest(darkness, text_height, float(np.median(peaks or [UINT8_MAX])))


def find_residual_ink(page: ReadPage, rest: Rest) -> list[ResidualInk]:
    """Residual ink in the cells, from top to bottom; dust and what is left of seals do not count.

    Args:
        page: as far as it was read.
        rest: of it.
    """
    left = [
        (place, component)
        for place, component in _left_over(page, rest)
        if component.size > MIN_DOT_SHARE * rest.text_height
    ]
    of_seal = _from_seals([component for _, component in left], page, rest)
    left = [one for one, stamped in zip(left, of_seal, strict=True) if not stamped]
    found = []
    for group in _groups([component for _, component in left], APART * rest.text_height):
        places, components = zip(*(left[index] for index in sorted(group)), strict=True)
        if not _is_dust(components, rest):
            by_blots = sorted(set(places), key=lambda place: (-places.count(place), place))
            found.append(ResidualInk(tuple(component.box for component in components), tuple(by_blots)))
    return sorted(found, key=lambda group: min((box.top, box.left) for box in group.components))


def _left_over(page: ReadPage, rest: Rest) -> Iterator[tuple[tuple[int, int], Component]]:
    """(table, cell) and the components, in pixels of the dewarped page, of the ink that is left in it."""
    noise = paper_grain(rest.darkness, page.layout.upright.ink.noise)
    sure = max(SURE_LEVELS * noise, SURE_DARKNESS)
    edge = max(1, round(REMNANT_MM * page.layout.dewarped.warp.px_per_mm))
    for table_number, table in enumerate(page.tables):
        boxes = cell_insides(page.layout.dewarped, [reading.cell for reading in table.cells])
        for cell_number, box in enumerate(boxes):
            left, top = int(box.left), int(box.top)
            inside = rest.darkness[_slices(box)]
            if not inside.size or inside.max() <= sure:
                continue
            whole = page.layout.smooth[_slices(box)]
            unfilled = as_image(cv2.subtract(inside, _pale_fill(whole, rest)))
            around = Surroundings(inside, whole, *rest[1:], page.layout.dewarped.warp.px_per_mm)
            for component in find_components(unfilled, noise, edge):
                if is_fringe(component, around):
                    continue
                moved = component._replace(left=component.left + left, right=component.right + left)
                yield (
                    (table_number, cell_number),
                    moved._replace(top=component.top + top, bottom=component.bottom + top),
                )


def _pale_fill(darkness: Image, rest: Rest) -> Image:
    """The darkness of a cell's fill (height, width), as far as no print is that pale; 0 where there is none."""
    side = max(3, round(rest.text_height))
    ground = opened(darkness, side, side)
    return as_image(np.where(ground < PALE_FILL * rest.text_darkness, ground, 0))


def _as_shown(box: BBox, text_height: float) -> BBox:
    """A line's box with the paper around it that the recogniser is shown.

    A column is as high as it is wide there, and a dash as high as half of a character.
    """
    height = max(box.height, text_height / 2) if box.height <= TALL_LINE * text_height else min(box.height, box.width)
    across, down = USUAL.across * height, USUAL.down * height
    return BBox(box.left - across, box.top - down, box.right + across, box.bottom + down)


def _groups(components: Sequence[Component], apart: float) -> list[list[int]]:
    """Indices of components that stand together: each is nearer than `apart` pixels to another of its group."""
    boxes: NDArray[np.float64] = np.array([component.box for component in components], np.float64).reshape(-1, 4)
    gaps = np.maximum(boxes[:, None, :2] - boxes[None, :, 2:], boxes[None, :, :2] - boxes[:, None, 2:]).max(axis=2)
    open_ones, groups = set(range(len(components))), []
    while open_ones:
        group = [open_ones.pop()]
        for index in group:
            near = open_ones & set(np.flatnonzero(gaps[index] < apart).tolist())
            open_ones -= near
            group += sorted(near)
        groups.append(group)
    return groups


def _is_dust(group: Sequence[Component], rest: Rest) -> bool:
    """Whether components that stand together are too few to be letters, and none is a stroke."""
    return len(group) < MIN_DOTS and not any(_is_stroke(component, rest) for component in group)


def _is_stroke(component: Component, rest: Rest) -> bool:
    """Whether a component is too large for dust; or long and thin, such as 一, and no darker than toner."""
    short, long = sorted((component.right - component.left, component.bottom - component.top))
    thin = long >= MIN_STROKE * rest.text_height and long >= STROKE_ASPECT * short
    large = long >= ANCHOR * rest.text_height or is_drawn(component, rest.text_height)
    return large or (thin and component.darkest <= DARK_SPECK * rest.text_darkness)


def _from_seals(components: Sequence[Component], page: ReadPage, rest: Rest) -> list[bool]:
    """Of each component, whether it is what unmixing left of a seal: pale, with seal ink around."""
    seal = page.layout.upright.ink.seal
    if not seal.any():
        return [False] * len(components)
    near = SEAL_NEAR_MM * page.layout.dewarped.warp.px_per_mm
    boxes = np.array([component.box for component in components]).reshape(-1, 4) + np.array([-near, -near, near, near])
    corners = page.layout.dewarped.warp.to_upright(box_corners(boxes)).reshape(-1, 4, 2)
    covered = [
        bool(inside.size) and inside.mean() >= SEAL_COVER
        for inside in (seal[_slices(bounding_box(c))] for c in corners)
    ]
    pale = SEAL_PALE * rest.text_darkness
    return [component.darkest < pale and cover for component, cover in zip(components, covered, strict=True)]


def _slices(box: BBox) -> tuple[slice, slice]:
    """The rows and columns of a box, cut at the image's top and left."""
    rows = slice(max(0, int(box.top)), max(0, int(box.bottom)))
    return rows, slice(max(0, int(box.left)), max(0, int(box.right)))
