"""An upright page, its ruling lines -> a smooth map from the scan to a dewarped page on which they are all straight.

The page is brought to a resolution at which ruling shows, deskewed, and dewarped by the surface that its ruling lines
show; pixels are interpolated twice for finding the grid, and once only for reading (`DewarpedPage.cut`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.dewarp.dashes import NO_DASHES, Dashes
from pipeline.dewarp.rule_thickness import rule_thickness
from pipeline.dewarp.surface import DewarpingSurface, fit_surface
from pipeline.dewarp.tracing import find_ruling_lines
from pipeline.elements import BBox, Image, Matrix, Polygon, Upright
from pipeline.imaging import (
    ANALYSIS_DPI,
    MAX_SIDE_PX,
    MM_PER_INCH,
    UINT8_MAX,
    Points,
    apply_homography,
    as_image,
    compose,
    invert,
    matrix_tuple,
    opened,
    rotation_matrix,
    scale_matrix,
)

NEARLY_WHOLE = 0.75
"""Images that stay this large, by length, are reduced as they are deskewed, in one interpolation."""
THICK_RULE_MM = 0.75
"""Where most ruling lines would be thicker than this, lines of that kind being frames alone, the scale is too small:
ridges reach 0.45 mm from their middle."""
USUAL_RULE_MM = 0.6
"""Then the scale is such that they are so thick."""
MAX_RESCALING = 2.0
"""The scale is off by no more than this factor."""
MESH_PX = 32
"""The inverse map is computed on a mesh this fine and interpolated between, as bends are hundreds of pixels wide."""
EDGE_POINTS = 25
"""The edge of the scan is followed in so many points to a side, as it is bent where the page was."""
EDGE_PX = 3.0
"""Where the scan's corners are so near to those of the dewarped page nothing is left out."""
FILLED_MM = (2.5, 12.0)
"""Ink of a seal's colour that is as wide and long as this is a fill: it hides no rule darker than it is."""
SEAL_STEP = 4
"""Of seals every so many rows and columns are looked at: their strokes are wider."""
NO_SECOND_MAP = np.empty((0, 0), np.float32)
"""OpenCV takes x and y as two maps, or together as one."""


@dataclass(frozen=True, slots=True, eq=False)
class Warp:
    """The map between dewarped page pixels (u, v) and scan pixels (x, y).

    `size` is the (width, height) of the dewarped page, `px_per_mm` its resolution. `residual_mm` is how far the ruling
    lines stay from straight on it: the median over fragments of their root mean square.
    """

    size: tuple[int, int]
    px_per_mm: float
    surface: DewarpingSurface
    level_to_scan: Matrix
    level_to_upright: Matrix
    residual_mm: float

    def to_scan(self, points: ArrayLike) -> Points:
        """Dewarped page points (n, 2) as scan points."""
        return apply_homography(self.level_to_scan, self.surface.warp(points))

    def to_page(self, points: ArrayLike) -> Points:
        """Scan points (n, 2) as dewarped page points."""
        return self.surface.dewarp(apply_homography(invert(self.level_to_scan), points))

    def to_upright(self, points: ArrayLike) -> Points:
        """Dewarped page points (n, 2) as points of the upright image."""
        return apply_homography(self.level_to_upright, self.surface.warp(points))


@dataclass(frozen=True, slots=True, eq=False)
class DewarpedPage:
    """A page with its ruling lines made straight: the ink of it, and the way back to the scan.

    `darkness` and `ruling` (height, width) are 0 on paper and 255 under full ink; in `ruling` ink counts whatever its
    colour, where the page has coloured rules. `mesh` (rows, columns, 2) float32 holds, for the dewarped points 32 px
    apart from (-0.5, -0.5) on, where they are in the upright image, x then y. `dashes` is the pace of dashed ruling.
    `outside` (height, width) is true where nothing of the scan is shown; None where the scan fills all of the page.
    `sealed` (height, width) is true where seal ink was taken away, which may have hidden a rule; None without seals.
    `known_boxes` are those around the polygons that were asked for: several stages ask for those of all cells.
    """

    darkness: Image
    ruling: Image
    warp: Warp
    mesh: NDArray[np.float32]
    dashes: Dashes = NO_DASHES
    outside: NDArray[np.bool_] | None = None
    sealed: NDArray[np.bool_] | None = None
    known_boxes: dict[Polygon, BBox] = field(default_factory=dict, init=False, repr=False)

    def boxes(self, polygons: Sequence[Polygon]) -> list[BBox]:
        """The boxes around polygons in scan pixels, on the dewarped page."""
        new = [quad for quad in dict.fromkeys(polygons) if quad not in self.known_boxes]
        if new:
            corners = self.warp.to_page([point for quad in new for point in quad])
            begins = np.cumsum([0, *(len(quad) for quad in new[:-1])])
            sides = np.hstack([np.minimum.reduceat(corners, begins), np.maximum.reduceat(corners, begins)])
            self.known_boxes.update(zip(new, (BBox(*box) for box in sides.tolist()), strict=True))
        return [self.known_boxes[quad] for quad in polygons]

    def cut(self, image: Image, box: BBox, height: int) -> Image:
        """A box of the dewarped page, taken from an image in upright pixels in a single interpolation.

        Args:
            image: (height, width) or (height, width, 3), of the upright page's size.
            box: in dewarped page pixels; beyond the page it is continued by the page's edge.
            height: of the result in pixels.
        """
        scale = height / box.height
        width = max(1, round(box.width * scale))
        across = (box.left + (np.arange(width) + 0.5) / scale) / MESH_PX
        down = (box.top + (np.arange(height) + 0.5) / scale) / MESH_PX
        at = _between(_between(self.mesh, down, 0), across, 1)
        return as_image(cv2.remap(image, at, NO_SECOND_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def dewarp(upright: Upright) -> DewarpedPage:
    """Deskew a page and dewarp it by the surface that its ruling lines show.

    A page without ruling lines is only deskewed.
    """
    own_dpi = _ruling_dpi(upright)
    longest = own_dpi * MAX_SIDE_PX / max(upright.image.shape)
    dpi = float(min(np.clip(own_dpi, *ANALYSIS_DPI), longest))
    px_per_mm = dpi / MM_PER_INCH
    reduced, zoom, left_over = _zoomed(upright.ink.ruling, dpi / own_dpi)
    width, height = (round(side * dpi / own_dpi) for side in upright.ink.darkness.shape[::-1])
    turn, size = _levelling(width, height, upright.skew_deg)
    level = _mapped(reduced, compose(left_over, turn), size)
    ruling = find_ruling_lines(level, px_per_mm, may_be_filled=upright.ink.with_colours is not None)
    surface, residual = fit_surface(ruling.fragments, size, px_per_mm)
    back = invert(compose(zoom, turn))
    warp = Warp(size, px_per_mm, surface, compose(back, upright.to_scan), back, residual / px_per_mm)
    mesh = _mesh(surface)
    upright_mesh = apply_homography(back, mesh.reshape(-1, 2)).reshape(mesh.shape).astype(np.float32)
    straight = darkness = dewarped_image(level, mesh)
    if upright.ink.with_colours is not None:
        reduced, *_ = _zoomed(upright.ink.darkness, dpi / own_dpi)
        darkness = dewarped_image(_mapped(reduced, compose(left_over, turn), size), mesh)
    outside = _outside(surface, apply_homography(turn, _edge(width, height)))
    page = DewarpedPage(darkness, straight, warp, upright_mesh, ruling.dashes, outside)
    return replace(page, sealed=_sealed(page, upright.ink.seal))


def _sealed(page: DewarpedPage, seal: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """Where there is seal ink on the dewarped page, a few pixels exactly; None where there is none.

    Args:
        page: the dewarped page.
        seal: (height, width) of the upright page.
    """
    if not seal[::SEAL_STEP, ::SEAL_STEP].any():
        return None
    width, height = page.warp.size
    few = page.cut(as_image(seal.view(np.uint8)) * UINT8_MAX, BBox(0, 0, width, height), max(1, height // SEAL_STEP))
    wide, long = (max(1, round(mm * page.warp.px_per_mm / SEAL_STEP)) for mm in FILLED_MM)
    for size in ((wide, long), (long, wide)):
        few = as_image(cv2.subtract(few, opened(few, *size)))
    whole = cv2.resize(few, (width, height), interpolation=cv2.INTER_LINEAR)
    sealed: NDArray[np.bool_] = whole > UINT8_MAX // 4
    return sealed


def _ruling_dpi(upright: Upright) -> float:
    """The resolution at which a page's ruling lines are no thicker than ruling is; its own, unless it is a small image.

    There a line of two or three pixels would be thicker than any that is printed, as none can be thinner than a pixel,
    and scaling an image spreads it.
    """
    if upright.dpi >= ANALYSIS_DPI[0]:
        return upright.dpi
    thickness = rule_thickness(upright.ink.ruling, upright.dpi / MM_PER_INCH)
    if thickness is None or thickness * MM_PER_INCH <= THICK_RULE_MM * upright.dpi:
        return upright.dpi
    return min(thickness * MM_PER_INCH / USUAL_RULE_MM, upright.dpi * MAX_RESCALING)


def _between(mesh: NDArray[np.float32], places: NDArray[np.float64], axis: int) -> NDArray[np.float32]:
    """A mesh (rows, columns, 2) at fractional places along its rows (axis 0) or columns (1), interpolated exactly.

    Beyond its ends it is as at its ends.
    """
    inside = np.clip(places, 0, mesh.shape[axis] - 1.001)
    first = inside.astype(np.intp)
    share = (inside - first).astype(np.float32)
    share = share[:, None, None] if axis == 0 else share.repeat(2).reshape(1, -1, 2)  # as long as what it multiplies
    between = mesh.take(first, axis)
    between *= 1 - share
    beyond = mesh.take(first + 1, axis)
    beyond *= share
    between += beyond
    return between


def dewarped_image(level: Image, mesh: NDArray[np.float32]) -> Image:
    """A deskewed (height, width) image with its bends taken out, same size.

    It is made between two rows of the mesh at a time: their map then stays in the processor's cache.

    Args:
        level: 0 paper to 255 ink.
        mesh: where the dewarped points 32 px apart from (-0.5, -0.5) on are in `level`.
    """
    height, width = level.shape
    x, y = np.ascontiguousarray(np.moveaxis(_between(mesh, (np.arange(width) + 0.5) / MESH_PX, 1), 2, 0))
    share = ((np.arange(MESH_PX, dtype=np.float32) + 0.5) / MESH_PX)[:, None]
    shares = np.hstack([1 - share, share])
    dewarped = np.empty_like(level)
    for row, top in enumerate(range(0, height, MESH_PX)):
        band = dewarped[top : top + MESH_PX]
        own = shares[: len(band)]
        band[:] = cv2.remap(level, own @ x[row : row + 2], own @ y[row : row + 2], cv2.INTER_LINEAR)
    return dewarped


def _mesh(surface: DewarpingSurface) -> NDArray[np.float32]:
    """Where the dewarped points 32 px apart from (-0.5, -0.5) on are in the bent image: (rows, columns, 2)."""
    across, down = (np.arange(-0.5, length + 2 * MESH_PX, MESH_PX) for length in surface.size)
    u, v = np.meshgrid(across, down)
    return surface.warp(np.column_stack([u.ravel(), v.ravel()])).reshape(*u.shape, 2).astype(np.float32)


def _edge(width: int, height: int) -> Points:
    """Points along the edge of an image, clockwise."""
    along = np.linspace(0, 1, EDGE_POINTS)
    ends = np.zeros_like(along)
    sides = ((along, ends), (ends + 1, along), (1 - along, ends + 1), (ends, 1 - along))
    return np.concatenate([np.column_stack(side) for side in sides]) * (width, height) - 0.5


def _outside(surface: DewarpingSurface, edge: Points) -> NDArray[np.bool_] | None:
    """Where nothing of the scan is shown on the dewarped page; None where that is nowhere but at its very edge.

    Args:
        surface: of the page.
        edge: points along the scan's edge on the bent page.
    """
    width, height = surface.size
    outline = surface.dewarp(edge)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)]) - 0.5
    quarter = EDGE_POINTS
    if max(float(np.abs(outline[i * quarter] - corner).max()) for i, corner in enumerate(corners)) <= EDGE_PX:
        return None
    outside = np.ones((height, width), np.uint8)
    cv2.fillPoly(outside, [np.rint(outline).astype(np.int32)], (0,))
    return outside.view(np.bool_)


def _zoomed(darkness: Image, scale: float) -> tuple[Image, Matrix, Matrix]:
    """An image at another size, the map to it, and the part of that map which is left to the next interpolation.

    Pixel centres stay where they are on the paper. All of the map is left where the image gets only a little smaller:
    two neighbours then still see every pixel.
    """
    zoom = scale_matrix(scale)
    if NEARLY_WHOLE <= scale <= 1:
        return darkness, zoom, zoom
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = as_image(cv2.resize(darkness, None, fx=scale, fy=scale, interpolation=method))
    return resized, zoom, matrix_tuple(np.eye(3))


def _mapped(image: Image, matrix: Matrix, size: tuple[int, int]) -> Image:
    """An image through an affine map, on a canvas of (width, height); the same one where nothing moves."""
    affine = np.array(matrix[:6], np.float64).reshape(2, 3)
    if size == image.shape[::-1] and np.array_equal(affine, np.eye(2, 3)):
        return image
    return as_image(cv2.warpAffine(image, affine, size, flags=cv2.INTER_LINEAR))


def _levelling(width: int, height: int, skew_deg: float) -> tuple[Matrix, tuple[int, int]]:
    """The turn that makes an image level, on a canvas that holds all of it, and the canvas's size."""
    turn = rotation_matrix(-skew_deg, (width / 2 - 0.5, height / 2 - 0.5))
    corners = apply_homography(turn, [(0, 0), (width, 0), (width, height), (0, height)])
    shift = np.eye(3)
    shift[:2, 2] = -np.floor(corners.min(axis=0))
    new_width, new_height = np.ceil(np.ptp(corners, axis=0)).astype(int)
    return compose(turn, matrix_tuple(shift)), (int(new_width), int(new_height))
