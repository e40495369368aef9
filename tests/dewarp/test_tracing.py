"""Ruling lines are traced as curves; strokes of characters are not."""

import cv2
import numpy as np
import pytest
from drawing import (
    DPI,
    INK,
    PAPER,
    PX_PER_MM,
    curled,
    faded,
    form,
    noisy,
    print_text,
    px,
    rule,
    sealed,
    sheet,
    turned,
)

from pipeline.dewarp.ridges import (
    BAND_ROWS,
    KERNEL_MM,
    MIN_FRAGMENT_MM,
    SLOPES_DEG,
    STEP_MM,
    across_smoothed,
    line_ridge,
    oriented_mean,
    transposed,
)
from pipeline.dewarp.tracing import MIN_STRENGTH, find_ruling_lines
from pipeline.elements import Axis
from pipeline.ink.separation import separate_ink

TRACE_TOLERANCE_PX = 0.5


def fragments_of(image, axis=None):
    found = find_ruling_lines(separate_ink(image).darkness, PX_PER_MM).fragments
    return [fragment for fragment in found if axis in (None, fragment.axis)]


def line(image, top, left, right, *, thickness=2, ink=INK):
    image[top : top + thickness, left:right] = ink
    return image


def mean_place(fragment):
    return float(fragment.points[:, 1 if fragment.axis is Axis.HORIZONTAL else 0].mean())


@pytest.mark.parametrize("axis", list(Axis))
def test_the_oriented_mean_is_the_largest_of_all_slopes(axis):
    ridge = np.random.default_rng(0).integers(0, 256, (BAND_ROWS + 40, 300)).astype(np.uint8)
    step = round(STEP_MM * PX_PER_MM)
    reach = round(KERNEL_MM[axis] * PX_PER_MM / step / 2)
    height, width = ridge.shape[0], ridge.shape[1] // step
    narrow = cv2.resize(ridge[:, : width * step], (width, height), interpolation=cv2.INTER_AREA)
    padded = np.pad(narrow.astype(int), 40)
    means = [
        sum(
            padded[40 + down : 40 + down + height, 40 + k : 40 + k + width]
            for k in range(-reach, reach + 1)
            for down in (round(np.tan(np.radians(slope)) * step * k),)
        )
        // (2 * reach + 1)
        for slope in SLOPES_DEG
    ]

    expected = across_smoothed(np.max(means, axis=0).astype(np.uint8))

    np.testing.assert_array_equal(oriented_mean(ridge, axis, PX_PER_MM), expected)


def test_blank_paper_has_no_ruling_lines():
    assert fragments_of(sheet()) == []


def test_grainy_paper_has_no_ruling_lines():
    assert fragments_of(noisy(sheet(), deviation=12, specks=300)) == []


@pytest.mark.parametrize(("thickness", "middle"), [(1, 300.0), (2, 300.5), (3, 301.0), (4, 301.5)])
def test_a_line_is_traced_along_its_middle_from_end_to_end(thickness, middle):
    (fragment,) = fragments_of(line(sheet(), 300, 200, 900, thickness=thickness))
    assert fragment.axis is Axis.HORIZONTAL
    assert fragment.points[:, 1] == pytest.approx(middle, abs=TRACE_TOLERANCE_PX)
    assert fragment.points[0, 0] == pytest.approx(200, abs=px(6))
    assert fragment.points[-1, 0] == pytest.approx(900, abs=px(6))
    assert fragment.length == pytest.approx(700, abs=px(8))
    assert fragment.strength > 0.6


def test_a_vertical_line_is_traced_like_a_horizontal_one():
    image = sheet()
    image[150:700, 500:502] = INK
    (fragment,) = fragments_of(image)
    assert fragment.axis is Axis.VERTICAL
    assert fragment.points[:, 0] == pytest.approx(500.5, abs=TRACE_TOLERANCE_PX)
    assert fragment.length == pytest.approx(550, abs=px(8))


def test_points_run_along_the_line_at_equal_steps():
    (fragment,) = fragments_of(line(sheet(), 300, 200, 900, thickness=3))
    steps = np.diff(fragment.points[:, 0])
    assert (steps > 0).all()
    assert steps == pytest.approx(steps[0])


def test_lines_of_a_form_are_found_where_they_were_drawn():
    table = form()
    found = fragments_of(rule(sheet(), table))
    rows = {round(mean_place(f)) for f in found if f.axis is Axis.HORIZONTAL}
    cols = {round(mean_place(f)) for f in found if f.axis is Axis.VERTICAL}
    assert rows == set(table.rows)
    assert cols == set(table.cols)


def test_a_bent_line_is_traced_through_its_bend():
    bent = curled(line(sheet(), 300, 150, 1050, thickness=3), 12)
    found = fragments_of(bent.image, Axis.HORIZONTAL)
    drawn = bent.place(np.column_stack([np.linspace(150, 1050, 901), np.full(901, 301.0)]))
    assert sum(f.length for f in found) > 0.9 * 900
    for fragment in found:
        truth = np.interp(fragment.points[:, 0], drawn[:, 0], drawn[:, 1])
        assert np.abs(fragment.points[:, 1] - truth).max() < 1.0


@pytest.mark.parametrize("angle", [-3.0, -1.0, 2.0, 4.0])
def test_a_line_that_is_not_quite_level_is_followed(angle):
    bent = turned(line(sheet(), 300, 200, 900, thickness=3), angle)
    found = fragments_of(bent.image, Axis.HORIZONTAL)
    ends = bent.place(np.array([(200.0, 301.0), (900.0, 301.0)]))
    assert sum(f.length for f in found) > 600
    for fragment in found:
        truth = np.interp(fragment.points[:, 0], ends[:, 0], ends[:, 1])
        assert np.abs(fragment.points[:, 1] - truth).max() < 1.0


def test_a_faded_line_is_as_strong_as_a_black_one():
    image = line(line(sheet(), 200, 200, 900), 500, 200, 900, ink=190)
    black, gray = fragments_of(image)
    assert gray.strength == pytest.approx(black.strength, abs=0.15)


def test_a_nearly_vanished_page_still_shows_its_ruling():
    table = form()
    found = fragments_of(faded(rule(sheet(), table), 0.8), Axis.HORIZONTAL)
    assert {round(mean_place(f)) for f in found} == set(table.rows)


def test_a_dashed_line_is_a_line():
    image = sheet()
    for left in range(200, 900, 12):
        line(image, 300, left, left + 8, thickness=3)
    found = fragments_of(image)
    assert {round(mean_place(f), 1) for f in found} == {301.0}
    assert sum(f.length for f in found) > 600


def test_a_line_with_a_gap_gives_two_fragments():
    image = line(line(sheet(), 300, 200, 500), 300, 700, 1000)
    assert sorted(round(f.points[:, 0].mean(), -1) for f in fragments_of(image)) == [350, 850]


def test_a_stroke_shorter_than_the_smallest_cell_is_no_line():
    assert fragments_of(line(sheet(), 300, 200, 200 + px(MIN_FRAGMENT_MM - 2))) == []


def test_rows_of_text_are_no_lines():
    image = sheet()
    for row in range(12):
        print_text(image, 100, 80 + row * 50, 40, seed=row)
    assert fragments_of(image) == []


def test_a_black_bar_is_a_fill_whose_edges_are_lines():
    """As where a heading ends, which may have no other border."""
    image = sheet()
    image[300:340, 200:900] = INK
    edges = fragments_of(image, Axis.HORIZONTAL)
    assert sorted(map(mean_place, edges)) == pytest.approx([299.5, 339.5], abs=TRACE_TOLERANCE_PX)
    assert all(edge.length > 650 for edge in edges)


@pytest.mark.parametrize("text_px", [0, 20])
def test_the_light_rules_and_the_edges_of_a_dark_heading_are_lines(text_px):
    """Whatever is printed in it."""
    image = sheet()
    image[200:320, 200:900] = INK
    image[258:261, 200:900] = 230
    image[200:320, [*range(430, 433), *range(660, 663)]] = 230
    for left in (220, 450, 680) if text_px else ():
        for top in (219, 280):
            text = print_text(sheet(), left, top, 8, size=text_px, seed=left)
            image[text < 100] = PAPER
    found = fragments_of(image)
    rows = sorted(round(mean_place(f)) for f in found if f.axis is Axis.HORIZONTAL)
    cols = sorted(round(mean_place(f)) for f in found if f.axis is Axis.VERTICAL)
    assert rows == pytest.approx([200, 259, 320], abs=1)
    assert cols == pytest.approx([200, 431, 661, 900], abs=1)


@pytest.mark.parametrize("thickness_mm", [0.8, 1.0, 1.2, 1.4])
@pytest.mark.parametrize("angle", [0.0, 3.0])
def test_a_thick_rule_is_traced_whole(thickness_mm, angle):
    thickness = px(thickness_mm)
    bent = turned(line(sheet(), 300, 200, 900, thickness=thickness), angle)
    middle = 300 + (thickness - 1) / 2
    found = fragments_of(bent.image, Axis.HORIZONTAL)
    ends = bent.place(np.array([(200.0, middle), (900.0, middle)]))
    assert sum(f.length for f in found) == pytest.approx(700, abs=px(12))
    for fragment in found:
        truth = np.interp(fragment.points[:, 0], ends[:, 0], ends[:, 1])
        assert np.abs(fragment.points[:, 1] - truth).max() < 1.5


def test_a_thick_upright_rule_is_traced_whole():
    image = sheet()
    image[150:700, 500 : 500 + px(1.2)] = INK
    (fragment,) = fragments_of(image)
    assert fragment.axis is Axis.VERTICAL
    assert fragment.points[:, 0] == pytest.approx(503, abs=1)
    assert fragment.length == pytest.approx(550, abs=px(8))


@pytest.mark.parametrize(("scale", "stroke_mm"), [(1.0, 0.8), (1.2, 0.8), (1.2, 1.0)])
def test_bold_text_is_no_thick_rule(scale, stroke_mm):
    image = sheet()
    for top in range(100, 760, 110):
        cv2.putText(image, "Annual REPORT 2023", (60, top), 0, scale, INK, px(stroke_mm))
    assert fragments_of(image) == []


@pytest.mark.parametrize("thickness", [2, 3, 4])
@pytest.mark.parametrize("scale", [1.0, 200 / DPI])
def test_a_line_has_one_point_for_each_step_however_many_rows_are_as_dark(thickness, scale):
    image = line(sheet(), 300, 200, 900, thickness=thickness)
    image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    (fragment,) = find_ruling_lines(separate_ink(image).darkness, PX_PER_MM * scale).fragments
    steps = np.diff(fragment.points[:, 0])
    assert steps == pytest.approx(steps[0])
    assert steps[0] > 0


def test_a_red_seal_adds_no_line():
    assert fragments_of(sealed(sheet(), (600, 400), 140)) == []


def test_every_fragment_is_long_and_strong_enough():
    for fragment in fragments_of(noisy(rule(sheet(), form()), 8, specks=200)):
        assert fragment.length >= px(MIN_FRAGMENT_MM) - px(1)
        assert MIN_STRENGTH <= fragment.strength <= 1


@pytest.mark.parametrize("scale", [130 / DPI, 200 / DPI])
def test_lines_are_found_at_every_resolution_that_is_looked_at(scale):
    image = cv2.resize(line(sheet(), 300, 200, 900), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    (fragment,) = find_ruling_lines(separate_ink(image).darkness, PX_PER_MM * scale).fragments
    assert mean_place(fragment) == pytest.approx(301 * scale - 0.5, abs=0.7)


# --- the ridge --------------------------------------------------------------------------------------------------------


def test_the_ridge_is_high_on_lines_and_nowhere_else():
    ridge = line_ridge(separate_ink(line(sheet(), 300, 200, 900)).darkness, PX_PER_MM)
    assert (ridge[300:302, 210:890] == 255).all()
    ridge[298:304] = 0
    assert not ridge.any()


def test_the_edge_of_a_dark_area_is_no_ridge():
    darkness = np.zeros((100, 100), np.uint8)
    darkness[50:] = 200
    assert not line_ridge(darkness, PX_PER_MM)[10:90].any()


def test_a_transposed_image_has_its_columns_as_rows():
    image = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert transposed(image).tolist() == [[0, 3], [1, 4], [2, 5]]
