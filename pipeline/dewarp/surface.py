"""Fragments of ruling lines -> the dewarping surface: the smooth map on which they all are straight.

On a dewarped page a horizontal ruling line has one v, a vertical one has one u. The map is v = y + P(x, y) and
u = x + Q(x, y), fitted to all fragments *jointly* by linear least squares: each fragment says only that v is the same
all along it, not what it is. P and Q are polynomials, which take curl and perspective, plus a ripple: a piecewise
linear function along the lines, slowly changing across them, which takes folds. Whole fragments, never single points,
are down-weighted where they disagree with the others, so strokes of characters and the rims of seals do not bend the
page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.dewarp.tracing import Fragment
from pipeline.elements import Axis
from pipeline.imaging import Points

TERMS = ((1, 0), (2, 0), (3, 0), (4, 0), (1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (1, 3))
"""Powers of the coordinate along a line and across it. Every term has the first: what depends on the second alone moves
lines as wholes, and no line can tell."""
HIGHEST_POWER = max(max(term) for term in TERMS)
"""No coordinate has a higher power than this in any term."""
STIFFNESS = 1e-4
"""The fit has this ridge weight, of one unit per fragment, so that a term that no fragment supports stays near zero."""
REACH = 1.3
"""Beyond this, in half pages from the middle, a bend goes on as it is there: polynomials would run away."""
FIT_ROUNDS = 8
"""So many times the fragments are weighted anew by how well they agree with the fit."""
MIN_RESIDUAL_MM = 0.02
"""Fragments nearer to the fit than this are all as good: tracing is no more exact."""
KNOTS = 49
"""A ripple has so many knots over the reach: 8 mm apart on A4, about as long as the kernels that traced the lines."""
RIPPLE_ROUNDS = 4
"""So many times the fragments are weighted anew by how well they agree with the ripple."""
RIPPLE_STIFFNESS = 0.5
"""The weight of a kink (second difference of the ripple) against one fragment's sample: several lines must agree on
it."""
RIPPLE_RIDGE = 1e-3
"""The ripple has this ridge weight, so that it stays at zero where no fragment is."""
INVERSE_ROUNDS = 10
"""The inverse is found in at most so many rounds: bends are slight, and each round leaves less than a fifth of the
error, mostly less than a tenth."""
INVERSE_PRECISION_PX = 1e-4
"""A step this small ends the search for the inverse, as what it leaves is far less than that."""

_Vector = NDArray[np.float64]
_KNOT_PLACES = np.linspace(-REACH, REACH, KNOTS)
_BY_POWER_ACROSS = tuple(
    tuple(sorted((place for place, term in enumerate(TERMS) if term[1] == power), key=lambda place: TERMS[place][0]))
    for power in range(max(across for _, across in TERMS) + 1)
)
_NO_RIPPLE: _Vector = np.zeros((2, KNOTS))


class Shift(NamedTuple):
    """How far points move across the lines: coefficients of `TERMS`, and the ripple at its knots.

    `ripple` (2, KNOTS) holds its values, and how they change per half page across.
    """

    terms: _Vector
    ripple: _Vector = _NO_RIPPLE

    def at(self, along: _Vector, across: _Vector) -> _Vector:
        """The shift of (n,) points, all in half pages from the page's middle."""
        beside = across.clip(-REACH, REACH)
        shift = _polynomial(self.terms, along.clip(-REACH, REACH), beside)
        if self.ripple.any():
            level, change = (np.interp(along, _KNOT_PLACES, values) for values in self.ripple)
            change *= beside
            shift += level
            shift += change
        return shift


@dataclass(frozen=True, slots=True, eq=False)
class DewarpingSurface:
    """A map of a (width, height) image: how u shifts along vertical lines, and v along horizontal ones."""

    size: tuple[int, int]
    u: Shift
    v: Shift

    def dewarp(self, points: ArrayLike) -> Points:
        """Points (n, 2) of the bent page as points of the dewarped one."""
        xy, center, scale = self._normalised(points)
        offset = np.column_stack([self.u.at(xy[:, 1], xy[:, 0]), self.v.at(xy[:, 0], xy[:, 1])])
        result: Points = (xy + offset) * scale + center
        return result

    def warp(self, points: ArrayLike) -> Points:
        """Points (n, 2) of the dewarped page as points of the bent one, by fixed-point iteration."""
        dewarped = np.asarray(points, np.float64).reshape(-1, 2)
        bent = dewarped.copy()
        for _ in range(INVERSE_ROUNDS):
            missed = dewarped - self.dewarp(bent)
            bent += missed
            if np.abs(missed).max(initial=0.0) < INVERSE_PRECISION_PX:
                break
        return bent

    def _normalised(self, points: ArrayLike) -> tuple[Points, _Vector, float]:
        center, scale = np.array(self.size, np.float64) / 2, max(self.size) / 2
        return (np.asarray(points, np.float64).reshape(-1, 2) - center) / scale, center, scale


def fit_surface(
    fragments: Sequence[Fragment], size: tuple[int, int], px_per_mm: float
) -> tuple[DewarpingSurface, float]:
    """The surface that makes the fragments straight, and the median of what is left, in pixels."""
    shifts, residuals = {}, []
    for axis in Axis:
        own = [f for f in fragments if f.axis is axis]
        shifts[axis], left = _fit_axis(own, size, MIN_RESIDUAL_MM * px_per_mm)
        residuals += left
    surface = DewarpingSurface(size, u=shifts[Axis.VERTICAL], v=shifts[Axis.HORIZONTAL])
    return surface, float(np.median(residuals)) if residuals else 0.0


class _Traces(NamedTuple):
    """All points of the fragments of one axis, in half pages from the middle, fragment after fragment.

    `start` (m,) is where each of the m fragments begins among the n points, `owner` (n,) the fragment of each point.
    """

    along: _Vector
    across: _Vector
    start: NDArray[np.intp]
    owner: NDArray[np.intp]

    def centred(self, values: _Vector) -> _Vector:
        """(n, …) values less their mean over their fragment."""
        counts = np.bincount(self.owner).reshape(-1, *[1] * (values.ndim - 1))
        result: _Vector = values - (np.add.reduceat(values, self.start) / counts)[self.owner]
        return result

    def spread(self, values: _Vector) -> _Vector:
        """Root mean square of (n,) values over each fragment."""
        result: _Vector = np.sqrt(np.add.reduceat(values**2, self.start) / np.bincount(self.owner))
        return result


def _fit_axis(fragments: Sequence[Fragment], size: tuple[int, int], min_residual: float) -> tuple[Shift, list[float]]:
    """The shift for one axis, and the root mean square left on each fragment, in pixels."""
    if not fragments:
        return Shift(np.zeros(len(TERMS))), []
    scale = max(size) / 2
    traces = _normalised_traces(fragments, size)
    terms, residual = _fit_terms(traces, min_residual / scale)
    ripple, residual = _fit_ripple(traces, residual, min_residual / scale)
    return Shift(terms, ripple), [float(r) for r in traces.spread(residual) * scale]


def _normalised_traces(fragments: Sequence[Fragment], size: tuple[int, int]) -> _Traces:
    points = (np.concatenate([f.points for f in fragments]) - np.array(size, np.float64) / 2) / (max(size) / 2)
    if fragments[0].axis is Axis.VERTICAL:
        points = points[:, ::-1]
    counts = np.array([len(f.points) for f in fragments])
    owner = np.repeat(np.arange(len(fragments)), counts)
    return _Traces(points[:, 0], points[:, 1], np.cumsum(counts) - counts, owner)


def _fit_terms(traces: _Traces, min_residual: float) -> tuple[_Vector, _Vector]:
    """Coefficients of `TERMS`, and what is left at each point."""
    left = traces.centred(_powers(traces.along, traces.across))
    right = traces.centred(-traces.across)
    squares = np.add.reduceat(left[:, :, None] * left[:, None, :], traces.start)
    targets = np.add.reduceat(left * right[:, None], traces.start)
    weights = np.ones(len(traces.start))
    for _ in range(FIT_ROUNDS):
        normal = np.tensordot(weights, squares, axes=1) + np.eye(len(TERMS)) * STIFFNESS
        terms: _Vector = np.linalg.solve(normal, weights @ targets).astype(np.float64)
        residual = right - left @ terms
        weights = _agreement(traces, residual, min_residual)
    return terms, residual


def _fit_ripple(traces: _Traces, residual: _Vector, min_residual: float) -> tuple[_Vector, _Vector]:
    """The ripple (2, KNOTS) that takes what the terms left at each point, and what it leaves.

    A fragment says nothing of where it is, so the ripple is fitted less its mean over each fragment.
    """
    hats = _Hats.of(traces)
    kinks = np.diff(np.eye(KNOTS), n=2, axis=0)
    smooth = np.kron(np.eye(2), kinks.T @ kinks) * RIPPLE_STIFFNESS + np.eye(2 * KNOTS) * RIPPLE_RIDGE
    left = residual
    for _ in range(RIPPLE_ROUNDS):
        weights = _agreement(traces, left, min_residual)
        targets = hats.sums(weights[traces.owner] * residual)  # which has no mean over a fragment
        ripple: _Vector = np.linalg.solve(hats.products(traces, weights) + smooth, targets).astype(np.float64)
        left = residual - traces.centred(hats.at(ripple))
    return ripple.reshape(2, KNOTS), left


def _agreement(traces: _Traces, residual: _Vector, min_residual: float) -> _Vector:
    """Weights 0-1 of fragments: those left much less straight than most, by length, count little.

    They are the Cauchy weights of iteratively reweighted least squares (Holland and Welsch, 1977).
    """
    spread = traces.spread(residual)
    order = np.argsort(spread)
    length = np.cumsum(np.bincount(traces.owner)[order])
    middle = float(spread[order][np.searchsorted(length, length[-1] / 2)])
    tolerance = max(1.5 * middle, min_residual)
    result: _Vector = 1 / (1 + (spread / tolerance) ** 2)
    return result


def _powers(along: _Vector, across: _Vector) -> _Vector:
    """(n, terms) powers of the coordinates."""
    near = np.clip(np.stack([along, across]), -REACH, REACH)
    powers = [np.ones_like(near), near]
    for _ in range(HIGHEST_POWER - 1):
        powers.append(powers[-1] * near)
    return np.stack([powers[a][0] * powers[b][1] for a, b in TERMS], axis=1)


def _polynomial(terms: _Vector, along: _Vector, across: _Vector) -> _Vector:
    """The sum (n,) of the terms at points within the reach, by Horner's rule: no power is worked out by itself."""
    total = np.zeros_like(along)
    for places in reversed(_BY_POWER_ACROSS):
        row = np.full_like(along, terms[places[-1]])
        for place in reversed(places[:-1]):
            row *= along
            row += terms[place]
        total *= across
        total += row
    total *= along
    return total


class _Hats(NamedTuple):
    """Of n points, the functions of a ripple that are not 0 there, (n, 4), and their values.

    The functions are piecewise linear in the coordinate along, KNOTS of them, and the same times the one across: at a
    point, only those of the two knots beside it.
    """

    functions: NDArray[np.intp]
    values: _Vector

    @classmethod
    def of(cls, traces: _Traces) -> Self:
        place = (np.clip(traces.along, -REACH, REACH) + REACH) / (_KNOT_PLACES[1] - _KNOT_PLACES[0])
        knot = np.clip(place.astype(np.intp), 0, KNOTS - 2)
        share, across = place - knot, np.clip(traces.across, -REACH, REACH)
        values = [1 - share, share, (1 - share) * across, share * across]
        return cls(np.stack([knot, knot + 1, knot + KNOTS, knot + KNOTS + 1], axis=1), np.stack(values, axis=1))

    def at(self, ripple: _Vector) -> _Vector:
        """The ripple (2 KNOTS,) at each point."""
        result: _Vector = (ripple[self.functions] * self.values).sum(axis=1)
        return result

    def sums(self, weights: _Vector) -> _Vector:
        """Each function's sum over the points, (2 KNOTS,), with the points' weights (n,)."""
        summed = np.bincount(self.functions.ravel(), (self.values * weights[:, None]).ravel(), 2 * KNOTS)
        return np.asarray(summed, np.float64)

    def products(self, traces: _Traces, weights: _Vector) -> _Vector:
        """Sums of the products of each two functions, (2 KNOTS, 2 KNOTS), less their means over each fragment.

        Args:
            traces: the points.
            weights: of the fragments, (m,).
        """
        size, fragments = 2 * KNOTS, len(weights)
        pairs = self.functions[:, :, None] * size + self.functions[:, None, :]
        values = self.values[:, :, None] * (self.values * weights[traces.owner][:, None])[:, None, :]
        whole = np.bincount(pairs.ravel(), values.ravel(), size * size).reshape(size, size)
        places = traces.owner[:, None] * size + self.functions
        sums = np.bincount(places.ravel(), self.values.ravel(), fragments * size).reshape(fragments, size)
        result: _Vector = whole - sums.T @ (sums * (weights / np.bincount(traces.owner))[:, None])
        return result
