"""All ruling lines together say how a page is bent; strokes that disagree with them do not bend it."""

import numpy as np
import pytest
from bent_pages import bends, grid_points
from drawing import PX_PER_MM
from hypothesis import given, settings

from pipeline.dewarp.surface import KNOTS, REACH, TERMS, DewarpingSurface, Shift, fit_surface
from pipeline.dewarp.tracing import Fragment
from pipeline.elements import Axis

ROUND_TRIP_PX = 0.5
SIZE = (1754, 1240)


@settings(max_examples=60)
@given(bends(SIZE))
def test_every_point_of_a_bent_page_goes_flat_and_comes_back(surface):
    points = grid_points(SIZE)
    np.testing.assert_allclose(surface.dewarp(surface.warp(points)), points, atol=ROUND_TRIP_PX)
    np.testing.assert_allclose(surface.warp(surface.dewarp(points)), points, atol=ROUND_TRIP_PX)


def test_no_bend_moves_nothing():
    still = DewarpingSurface(SIZE, Shift(np.zeros(len(TERMS))), Shift(np.zeros(len(TERMS))))
    points = grid_points(SIZE)
    np.testing.assert_allclose(still.dewarp(points), points, atol=1e-9)


def test_a_shift_is_the_sum_of_its_terms_and_of_its_ripple_within_the_reach():
    rng = np.random.default_rng(0)
    terms, ripple = rng.normal(size=len(TERMS)), rng.normal(size=(2, KNOTS))
    along, across = rng.uniform(-1.5, 1.5, (2, 50))
    a, b = np.clip(along, -REACH, REACH), np.clip(across, -REACH, REACH)
    smooth = sum(weight * a**power * b**other for weight, (power, other) in zip(terms, TERMS, strict=True))
    level, change = (np.interp(a, np.linspace(-REACH, REACH, KNOTS), values) for values in ripple)

    np.testing.assert_allclose(Shift(terms).at(along, across), smooth, atol=1e-12)
    np.testing.assert_allclose(Shift(terms, ripple).at(along, across), smooth + level + change * b, atol=1e-12)


# --- the fit ----------------------------------------------------------------------------------------------------------


def sagging(v, sag=10.0, begin=100, end=1600):
    x = np.linspace(begin, end, 200)
    return Fragment(Axis.HORIZONTAL, np.column_stack([x, v + sag * ((x - 877) / 877) ** 2]), 1.0)


def test_lines_that_sag_alike_are_all_straight_after_the_fit():
    fragments = [sagging(v) for v in (200, 400, 700, 1000)]
    surface, residual = fit_surface(fragments, SIZE, PX_PER_MM)
    assert residual < 0.1
    for fragment in fragments:
        assert np.ptp(surface.dewarp(fragment.points)[:, 1]) < 0.4


def test_one_line_that_disagrees_does_not_bend_the_page():
    straight = [sagging(v, sag=0.0) for v in (200, 300, 400, 600, 800, 1000)]
    surface, _ = fit_surface([*straight, sagging(500, sag=30.0)], SIZE, PX_PER_MM)
    for fragment in straight:
        assert np.ptp(surface.dewarp(fragment.points)[:, 1]) < 1.0


def test_without_fragments_there_is_no_bend():
    surface, residual = fit_surface([], SIZE, PX_PER_MM)
    assert residual == 0.0
    assert not surface.u.terms.any()
    assert not surface.v.terms.any()


def test_horizontal_lines_do_not_move_points_across():
    surface, _ = fit_surface([sagging(v) for v in (200, 600, 1000)], SIZE, PX_PER_MM)
    assert not surface.u.terms.any()


def folded(v, sharpness_px, height_px=16.0, crease=800):
    x = np.linspace(100, 1600, 300)
    return Fragment(
        Axis.HORIZONTAL, np.column_stack([x, v + height_px * np.exp(-np.abs(x - crease) / sharpness_px)]), 1.0
    )


@pytest.mark.parametrize("sharpness_px", [400, 150])
def test_lines_that_cross_a_fold_are_straight_after_the_fit(sharpness_px):
    """A crease is no polynomial: the ripple takes what these leave."""
    fragments = [folded(v, sharpness_px) for v in (200, 400, 700, 1000)]
    surface, _ = fit_surface(fragments, SIZE, PX_PER_MM)
    for fragment in fragments:
        dewarped = surface.dewarp(fragment.points)[:, 1]
        assert np.sqrt(np.mean((dewarped - dewarped.mean()) ** 2)) < 0.08 * PX_PER_MM


def test_a_fold_that_only_one_line_shows_is_not_taken_for_one():
    straight = [folded(v, 150, height_px=0.0) for v in (200, 300, 400, 600, 800, 1000)]
    surface, _ = fit_surface([*straight, folded(500, 150)], SIZE, PX_PER_MM)
    for fragment in straight:
        assert np.ptp(surface.dewarp(fragment.points)[:, 1]) < 1.0
