"""Upright, ruling lines -> Warp: a smooth map between the scan and a flat page on which every ruling line is straight.

On the flat page a horizontal ruling line has one v, a vertical one has one u. The map is v = y + P(x, y) and
u = x + Q(x, y) with P and Q polynomials fitted to all fragments *jointly* by linear least squares: each fragment says
only that v is the same all along it, not what it is. Whole fragments, never single points, are down-weighted where
they disagree with the others, so strokes of characters and the rims of seals do not bend the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.elements import Axis, BBox, Image, Matrix, Upright
from pipeline.geometry import (
    MM_PER_INCH,
    Points,
    apply_homography,
    compose,
    invert,
    matrix_tuple,
    rotation_matrix,
)
from pipeline.ink import as_image
from pipeline.ruling import Fragment, find_ruling_lines

ANALYSIS_DPI = (130.0, 200.0)
"""Ruling is looked for at a resolution within this range: below it hairlines vanish, above it only costs time."""
TERMS = ((1, 0), (2, 0), (3, 0), (4, 0), (1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (1, 3))
"""Powers of the coordinate along a line and across it. Every term has the first: what depends on the second alone
moves lines as wholes, and no line can tell."""
HIGHEST_POWER = max(max(term) for term in TERMS)
STIFFNESS = 1e-4
"""Ridge weight of the fit, of one unit per fragment: a term that no fragment supports stays near zero."""
REACH = 1.3
"""Beyond this, in half pages from the middle, a bend goes on as it is there: polynomials would run away."""
FIT_ROUNDS = 8
MIN_RESIDUAL_MM = 0.02
"""Fragments nearer to the fit than this are all as good: tracing is no more exact."""
MESH_PX = 16
"""The inverse is computed on a mesh this fine and interpolated between: bends are hundreds of pixels wide."""
INVERSE_ROUNDS = 8
"""Bends are slight: each round leaves less than a tenth of the error."""


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """The polynomial part of a map of a (width, height) image: coefficients of `TERMS` for u and for v."""

    size: tuple[int, int]
    u: NDArray[np.float64]
    v: NDArray[np.float64]

    def flatten(self, points: ArrayLike) -> Points:
        """Bent (n, 2) points to flat ones."""
        xy, center, scale = self._normalised(points)
        offset = np.column_stack([_terms(xy[:, ::-1]) @ self.u, _terms(xy) @ self.v])
        result: Points = (xy + offset) * scale + center
        return result

    def unflatten(self, points: ArrayLike) -> Points:
        """Flat (n, 2) points to bent ones, by fixed-point iteration."""
        flat = np.asarray(points, np.float64).reshape(-1, 2)
        bent = flat.copy()
        for _ in range(INVERSE_ROUNDS):
            bent += flat - self.flatten(bent)
        return bent

    def _normalised(self, points: ArrayLike) -> tuple[Points, NDArray[np.float64], float]:
        center, scale = np.array(self.size, np.float64) / 2, max(self.size) / 2
        return (np.asarray(points, np.float64).reshape(-1, 2) - center) / scale, center, scale


@dataclass(frozen=True, slots=True, eq=False)
class Warp:
    """The map between flat page pixels (u, v) and scan pixels (x, y).

    `size` is the (width, height) of the flat page, `px_per_mm` its resolution. `residual_mm` is how far the ruling
    lines stay from straight on it: the median over fragments of their root mean square.
    """

    size: tuple[int, int]
    px_per_mm: float
    bend: Bend
    level_to_scan: Matrix
    level_to_upright: Matrix
    residual_mm: float

    def to_scan(self, points: ArrayLike) -> Points:
        """Flat page points (n, 2) as scan points."""
        return apply_homography(self.level_to_scan, self.bend.unflatten(points))

    def to_page(self, points: ArrayLike) -> Points:
        """Scan points (n, 2) as flat page points."""
        return self.bend.flatten(apply_homography(invert(self.level_to_scan), points))

    def to_upright(self, points: ArrayLike) -> Points:
        """Flat page points (n, 2) as points of the upright image."""
        return apply_homography(self.level_to_upright, self.bend.unflatten(points))


@dataclass(frozen=True, slots=True, eq=False)
class FlatPage:
    """A page with its ruling lines made straight: the ink of it, and the way back to the scan.

    `mesh` (rows, columns, 2) float32 holds, for the flat points 16 px apart from (-0.5, -0.5) on, where they are in the
    upright image, x then y.
    """

    darkness: Image
    warp: Warp
    mesh: NDArray[np.float32]

    def cut(self, image: Image, box: BBox, height: int) -> Image:
        """A box of the flat page, taken from an image in upright pixels in a single interpolation.

        Args:
            image: (height, width) or (height, width, 3), of the upright page's size.
            box: in flat page pixels; beyond the page it is continued by the page's edge.
            height: of the result in pixels; its width keeps the box's proportions.
        """
        scale = height / box.height
        width = max(1, round(box.width * scale))
        left, top = (box.left + 0.5 / scale) / MESH_PX, (box.top + 0.5 / scale) / MESH_PX
        step = 1 / (scale * MESH_PX)
        affine = np.array([[step, 0, left], [0, step, top]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        at = cv2.warpAffine(self.mesh, affine, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return as_image(cv2.remap(image, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def rectify(upright: Upright) -> FlatPage:
    """Level a page and take its bends out, as its ruling lines show them.

    A page without ruling lines is only levelled.
    """
    dpi = float(np.clip(upright.dpi, *ANALYSIS_DPI))
    px_per_mm = dpi / MM_PER_INCH
    reduced, zoom = _zoomed(upright.ink.darkness, dpi / upright.dpi)
    turn, size = _levelling(reduced.shape[1], reduced.shape[0], upright.skew_deg)
    affine = np.array(turn[:6], np.float64).reshape(2, 3)
    level = as_image(cv2.warpAffine(reduced, affine, size, flags=cv2.INTER_LINEAR))
    bend, residual = fit_bend(find_ruling_lines(level, px_per_mm), size, px_per_mm)
    back = invert(compose(zoom, turn))
    warp = Warp(size, px_per_mm, bend, compose(back, upright.to_scan), back, residual / px_per_mm)
    mesh = _mesh(bend)
    upright_mesh = apply_homography(back, mesh.reshape(-1, 2)).reshape(mesh.shape).astype(np.float32)
    return FlatPage(flat_image(level, mesh), warp, upright_mesh)


def fit_bend(fragments: Sequence[Fragment], size: tuple[int, int], px_per_mm: float) -> tuple[Bend, float]:
    """The bend that makes the fragments straight, and the median of what is left, in pixels."""
    coefficients, residuals = {}, []
    for axis in Axis:
        own = [f for f in fragments if f.axis is axis]
        coefficients[axis], left = _fit_axis(own, size, MIN_RESIDUAL_MM * px_per_mm)
        residuals += left
    bend = Bend(size, u=coefficients[Axis.VERTICAL], v=coefficients[Axis.HORIZONTAL])
    return bend, float(np.median(residuals)) if residuals else 0.0


def flat_image(level: Image, mesh: NDArray[np.float32]) -> Image:
    """A levelled (height, width) image with its bends taken out, same size.

    Args:
        level: 0 paper to 255 ink.
        mesh: where the flat points 16 px apart from (-0.5, -0.5) on are in `level`.
    """
    (height, width), (rows, columns) = level.shape, mesh.shape[:2]
    dense = cv2.resize(mesh, (columns * MESH_PX, rows * MESH_PX), interpolation=cv2.INTER_LINEAR)
    half = MESH_PX // 2  # resizing keeps the edges of pixels: the first mesh point lands half a pixel before this one
    dense = dense[half : half + height, half : half + width]
    return as_image(cv2.remap(level, dense[..., 0], dense[..., 1], cv2.INTER_LINEAR))


def _mesh(bend: Bend) -> NDArray[np.float32]:
    """Where the flat points 16 px apart from (-0.5, -0.5) on are in the bent image: (rows, columns, 2)."""
    across, down = (np.arange(-0.5, length + 2 * MESH_PX, MESH_PX) for length in bend.size)
    u, v = np.meshgrid(across, down)
    return bend.unflatten(np.column_stack([u.ravel(), v.ravel()])).reshape(*u.shape, 2).astype(np.float32)


def _terms(xy: Points) -> NDArray[np.float64]:
    near = np.clip(xy, -REACH, REACH)
    powers = [np.ones((len(xy), 2)), near]
    for _ in range(HIGHEST_POWER - 1):
        powers.append(powers[-1] * near)
    return np.stack([powers[a][:, 0] * powers[b][:, 1] for a, b in TERMS], axis=1)


def _fit_axis(
    fragments: Sequence[Fragment], size: tuple[int, int], min_residual: float
) -> tuple[NDArray[np.float64], list[float]]:
    """Coefficients of `TERMS`, and the root mean square left on each fragment, in pixels."""
    center, scale = np.array(size, np.float64) / 2, max(size) / 2
    equations = []
    for fragment in fragments:
        xy = (fragment.points - center) / scale
        if fragment.axis is Axis.VERTICAL:
            xy = xy[:, ::-1]
        left, right = _terms(xy), -xy[:, 1]
        equations.append((left - left.mean(axis=0), right - right.mean()))
    coefficients: NDArray[np.float64] = np.zeros(len(TERMS))
    residuals: NDArray[np.float64] = np.zeros(len(fragments))
    weights = np.ones(len(fragments))
    for _ in range(FIT_ROUNDS if equations else 0):
        normal, target = np.eye(len(TERMS)) * STIFFNESS, np.zeros(len(TERMS))
        for (left, right), weight in zip(equations, weights, strict=True):
            normal += weight * left.T @ left
            target += weight * left.T @ right
        coefficients = np.linalg.solve(normal, target).astype(np.float64)
        residuals = np.array([np.sqrt(np.mean((right - left @ coefficients) ** 2)) for left, right in equations])
        tolerance = max(1.5 * float(np.median(residuals)), min_residual / scale)
        weights = 1 / (1 + (residuals / tolerance) ** 2)
    return coefficients, [float(r) for r in residuals * scale]


def _zoomed(darkness: Image, scale: float) -> tuple[Image, Matrix]:
    """An image at another size, and the map to it; pixel centres stay where they are on the paper."""
    if scale == 1:
        return darkness, matrix_tuple(np.eye(3))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    shift = (scale - 1) / 2
    zoom = matrix_tuple([[scale, 0.0, shift], [0.0, scale, shift], [0.0, 0.0, 1.0]])
    return as_image(cv2.resize(darkness, None, fx=scale, fy=scale, interpolation=method)), zoom


def _levelling(width: int, height: int, skew_deg: float) -> tuple[Matrix, tuple[int, int]]:
    """The turn that makes an image level, on a canvas that holds all of it, and the canvas's size."""
    turn = rotation_matrix(-skew_deg, (width / 2 - 0.5, height / 2 - 0.5))
    corners = apply_homography(turn, [(0, 0), (width, 0), (width, height), (0, height)])
    shift = np.eye(3)
    shift[:2, 2] = -np.floor(corners.min(axis=0))
    new_width, new_height = np.ceil(np.ptp(corners, axis=0)).astype(int)
    return compose(turn, matrix_tuple(shift)), (int(new_width), int(new_height))
