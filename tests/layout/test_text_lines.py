"""The lines of a cell are found whole, with every dot that may matter and no speck."""

import cv2
import numpy as np
import pytest
from drawing import PX_PER_MM
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.elements import BBox
from pipeline.imaging.components import find_components
from pipeline.layout.text_lines import find_text_lines, measure_text_height

HEIGHT = 20
"""Of the print, in pixels: 3.4 mm."""
NOISE = 1.5
BLACK = 200


def cell(height=60, width=300):
    """A cell's inside as darkness: 0 is paper."""
    return np.zeros((height, width), np.uint8)


def block(darkness, left, top, width, height, *, ink=BLACK):
    darkness[top : top + height, left : left + width] = ink
    return darkness


def character(darkness, left, top, size=HEIGHT, ink=BLACK):
    """A frame with a stroke through it, as large as a Chinese character."""
    for y in (top, top + size // 2, top + size - 2):
        darkness[y : y + 2, left : left + size - 1] = ink
    for x in (left, left + size - 3):
        darkness[top : top + size, x : x + 2] = ink
    return darkness


def digit(darkness, left, top, ink=BLACK):
    """A digit: a stroke half as wide as high."""
    return block(darkness, left, top, HEIGHT // 2 - 2, HEIGHT, ink=ink)


def text(darkness, left=20, top=20, letters=5):
    for letter in range(letters):
        character(darkness, left + letter * (HEIGHT + 3), top)
    return darkness


def lines_of(darkness, noise=NOISE):
    return find_text_lines(darkness, noise, HEIGHT, PX_PER_MM).lines


def only_line(darkness):
    (line,) = lines_of(darkness)
    return line


def holds(line, box):
    """Whether a box is in the line and not painted over."""
    inside = (
        line.box.left <= box.left
        and line.box.top <= box.top
        and line.box.right >= box.right
        and line.box.bottom >= box.bottom
    )
    return inside and box not in line.specks


# --- lines ------------------------------------------------------------------------------------------------------------


def test_a_blank_cell_has_no_lines():
    assert lines_of(cell()) == ()


def test_grain_is_no_line():
    grain = np.abs(np.random.default_rng(3).normal(0, 4, (80, 400))).astype(np.uint8)
    assert lines_of(cv2.GaussianBlur(grain, (3, 3), 0), noise=4.0) == ()


@pytest.mark.parametrize("shape", [(0, 0), (2, 40), (40, 2)])
def test_a_cell_without_room_for_text_has_no_lines(shape):
    assert lines_of(np.full(shape, BLACK, np.uint8)) == ()


def test_a_line_is_as_large_as_its_ink():
    line = only_line(text(cell(), left=20, top=22, letters=4))
    assert line.box == BBox(20, 22, 20 + 3 * 23 + 19, 22 + HEIGHT)
    assert line.specks == ()


@pytest.mark.parametrize("count", range(1, 10))
@pytest.mark.parametrize("gap", [3, 6, 14])
def test_up_to_nine_lines_are_told_apart_from_top_to_bottom(count, gap):
    pitch = HEIGHT + gap
    darkness = cell(height=20 + count * pitch)
    for line in range(count):
        text(darkness, top=10 + line * pitch, letters=3 + line % 4)
    found = lines_of(darkness)
    assert [(line.box.top, line.box.bottom) for line in found] == [
        (10 + line * pitch, 10 + line * pitch + HEIGHT) for line in range(count)
    ]


@pytest.mark.parametrize("count", [2, 3, 5])
def test_lines_whose_strokes_reach_into_each_others_rows_are_told_apart(count):
    pitch = HEIGHT + 3
    darkness = cell(height=30 + count * pitch)
    for line in range(count):
        text(darkness, top=10 + line * pitch, letters=6)
        block(darkness, 160 + 9 * line, 10 + line * pitch, 3, HEIGHT + 6)  # a long tail, right of the text
    found = lines_of(darkness)
    assert len(found) == count
    for line, wanted in zip(found, range(count), strict=True):
        assert line.box.top == pytest.approx(10 + wanted * pitch, abs=2)
        assert line.box.bottom == 10 + wanted * pitch + HEIGHT + 6


def test_one_faint_line_among_none_is_found():
    assert only_line(text(cell()) // 7).box == only_line(text(cell())).box


# --- small strokes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_stroke_at_a_lines_end_that_faded_into_the_grain_belongs_to_it(side):
    """The 一 of 一级指标 goes first when toner fades: it is one thin stroke."""
    grain = np.random.default_rng(5).normal(0, NOISE, (60, 300))
    darkness = text(cell(), left=100, letters=3) * 0.25
    begin, end = (76, 97) if side == "before" else (169, 190)
    darkness[28:31, begin:end] += 12
    line = only_line(np.clip(darkness + grain, 0, 255).astype(np.uint8))
    whole = line.unfaded.box
    assert (whole.left <= begin + 6) if side == "before" else (whole.right >= end - 6)
    assert (line.box.left, line.box.right) == pytest.approx((100, 165), abs=1)


def test_a_single_horizontal_stroke_is_a_line():
    """As in 一."""
    assert only_line(block(cell(), 40, 30, 18, 2)).box == BBox(40, 30, 58, 32)


def test_two_and_three_horizontal_strokes_are_one_line():
    """As in 二 and 三."""
    two = block(block(cell(), 42, 22, 14, 2), 40, 37, 18, 2)
    assert only_line(two).box == BBox(40, 22, 58, 39)
    assert only_line(block(two, 43, 30, 12, 2)).box == BBox(40, 22, 58, 39)


def test_a_single_numeral_is_a_line():
    assert only_line(block(cell(), 40, 20, 3, HEIGHT)).box == BBox(40, 20, 43, 40)


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_a_lone_round_speck_is_blank(size):
    assert lines_of(cv2.circle(cell(), (60, 30), size // 2, BLACK, -1)) == ()


def test_several_lone_specks_are_blank():
    darkness = cell()
    for x, y in ((30, 10), (90, 40), (200, 25), (260, 50)):
        block(darkness, x, y, 3, 3)
    assert lines_of(darkness) == ()


# --- dots -------------------------------------------------------------------------------------------------------------


def number(darkness, dot_size, dot_drop=0, gap=3, dot_ink=BLACK):
    """Three digits, a point, two digits, and the point's box."""
    left = 30
    for _ in range(3):
        digit(darkness, left, 20)
        left += 12
    point = BBox(left + gap - 3, 40 - dot_size + dot_drop, left + gap - 3 + dot_size, 40 + dot_drop)
    block(darkness, int(point.left), int(point.top), dot_size, dot_size, ink=dot_ink)
    left = int(point.right) + gap
    for _ in range(2):
        digit(darkness, left, 20)
        left += 12
    return darkness, point


@settings(max_examples=100)
@given(
    size=st.integers(2, 6),
    drop=st.integers(-2, 3),
    gap=st.integers(1, 7),
    ink=st.integers(90, 255),
    specks=st.integers(0, 5),
)
def test_a_decimal_point_is_never_taken_for_a_speck(size, drop, gap, ink, specks):
    darkness, point = number(cell(), size, drop, gap, ink)
    rng = np.random.default_rng(specks)
    for x, y in zip(rng.integers(150, 290, specks), rng.integers(2, 55, specks), strict=True):
        block(darkness, x, y, 3, 3)
    assert holds(lines_of(darkness)[0], point)


def test_a_full_stop_at_the_end_belongs_to_the_line():
    darkness = block(text(cell()), 20 + 5 * 23 + 2, 36, 4, 4)
    assert holds(only_line(darkness), BBox(137, 36, 141, 40))


@pytest.mark.parametrize("top", [22, 27, 33])
def test_the_ring_of_a_chinese_full_stop_belongs_to_the_line_at_any_height(top):
    """。stands at mid-height in some fonts."""
    darkness = cv2.circle(text(cell()), (20 + 5 * 23 + 6, top + 3), 3, BLACK, 1)
    assert holds(only_line(darkness), BBox(138, top, 145, top + 7))


@pytest.mark.parametrize("center", [(8, 24), (8, 38)], ids=["high", "low"])
def test_a_lone_dot_before_the_line_is_a_speck(center):
    x, y = center
    line = only_line(block(text(cell(), left=20), x, y, 3, 3))
    assert line.box.left == 20
    assert line.specks == (BBox(x, y, x + 3, y + 3),)


def test_a_solid_dot_at_mid_height_after_the_line_is_a_speck():
    line = only_line(block(text(cell()), 140, 28, 4, 4))
    assert line.box.right == 20 + 4 * 23 + 19
    assert line.specks == (BBox(140, 28, 144, 32),)


def test_a_dot_far_from_the_line_is_a_speck_or_beyond_reach():
    line = only_line(block(text(cell()), 240, 30, 3, 3))
    assert line.box.right == 20 + 4 * 23 + 19


@pytest.mark.parametrize("gap", [10, 11])
def test_a_solid_dot_further_off_than_any_full_stop_is_a_speck(gap):
    end = 20 + 4 * 23 + 19
    line = only_line(block(text(cell()), end + gap, 36, 4, 4))
    assert line.box.right == end
    assert line.specks == (BBox(end + gap, 36, end + gap + 4, 40),)


@pytest.mark.parametrize(("gap", "belongs"), [(14, True), (24, True), (30, False)])
def test_a_mark_with_paper_on_both_sides_belongs_to_the_line_between_whose_strokes_it_stands(gap, belongs):
    """As the 、 of 》、《 does, across half-empty brackets; in a wider blank there is dust."""
    darkness = cell()
    character(darkness, 20, 20)
    block(darkness, 40 + gap, 36, 4, 4)
    character(darkness, 44 + 2 * gap, 20)
    line = only_line(darkness)
    assert line.box.right == 63 + 2 * gap
    assert (line.specks == ()) == belongs


def test_the_dots_of_an_ellipsis_belong_to_the_line():
    darkness = text(cell())
    for dot in range(6):
        block(darkness, 20 + 5 * 23 + 3 + 7 * dot, 36, 3, 3)
    line = only_line(darkness)
    assert line.box.right == 20 + 5 * 23 + 3 + 7 * 5 + 3
    assert line.specks == ()


def test_a_dot_much_darker_than_the_toner_after_the_line_is_a_speck():
    faint = (text(cell()) * 0.4).astype(np.uint8)
    line = only_line(block(faint, 138, 36, 4, 4, ink=BLACK))
    assert line.specks == (BBox(138, 36, 142, 40),)


def test_both_dots_of_a_colon_belong_to_the_line():
    darkness = block(block(text(cell()), 140, 25, 4, 4), 140, 36, 4, 4)
    line = only_line(darkness)
    assert holds(line, BBox(140, 25, 144, 29))
    assert holds(line, BBox(140, 36, 144, 40))


@pytest.mark.parametrize("top", [17, 20, 26])
def test_a_dot_that_is_part_of_a_character_belongs_to_the_line(top):
    """The dots of 总 and 六 stand between and a little above the strokes of the line."""
    darkness = block(text(cell()), 20 + 5 * 23 + 2, top, 4, 4)
    darkness = character(darkness, 20 + 5 * 23 + 9, 20)
    assert holds(only_line(darkness), BBox(137, top, 141, top + 4))


def test_a_comma_below_the_line_belongs_to_it():
    darkness = block(text(cell()), 136, 37, 3, 7)
    assert holds(only_line(darkness), BBox(136, 37, 139, 44))


def test_the_dots_below_a_character_belong_to_its_line():
    """As in 点, whose lower third is dots alone."""
    darkness = character(cell(), 40, 20, size=14)
    for dot in range(4):
        block(darkness, 39 + 4 * dot, 37, 3, 4)
    assert only_line(darkness).box == BBox(39, 20, 54, 41)


def test_a_speck_well_below_a_line_is_none_of_it():
    darkness = block(character(cell(), 40, 20, size=14), 45, 38, 3, 3)
    assert only_line(darkness).box.bottom == 34


# --- the cell's edge --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edge", ["left", "right", "top", "bottom"])
def test_what_is_left_of_ruling_at_the_edge_is_no_text(edge):
    remnant = {
        "left": (slice(None), slice(0, 2)),
        "right": (slice(None), slice(-2, None)),
        "top": (slice(0, 2), slice(None)),
        "bottom": (slice(-2, None), slice(None)),
    }[edge]
    blank, written = cell(), text(cell())
    blank[remnant], written[remnant] = BLACK, BLACK
    assert lines_of(blank) == ()
    assert only_line(written).box == only_line(text(cell())).box


@pytest.mark.parametrize("turns", range(4))
def test_a_speck_on_what_is_left_of_ruling_is_no_text(turns):
    darkness = block(block(cell(), 100, 0, 34, 2), 115, 2, 6, 5)
    assert lines_of(np.ascontiguousarray(np.rot90(darkness, turns))) == ()


def test_a_character_that_touches_what_is_left_of_ruling_is_text_without_it():
    darkness = block(character(cell(), 60, 1), 5, 0, 280, 2)
    box = only_line(darkness).box
    assert (box.left, box.right, box.bottom) == pytest.approx((60, 79, 21), abs=1)


def test_text_that_touches_the_edge_is_text():
    assert only_line(text(cell(height=HEIGHT + 4), left=0, top=0)).box.left == 0


# --- blots and the height of the print --------------------------------------------------------------------------------


def test_a_blot_tells_its_box_its_darkest_ink_and_its_middle():
    darkness = block(cell(), 40, 20, 10, 6, ink=150)
    darkness[22, 44] = 220
    (component,) = find_components(darkness, NOISE)
    assert component.box == BBox(40, 20, 50, 26)
    assert (component.size, component.darkest, component.middle) == (10, 220, 150)


def test_the_middle_of_a_ring_is_pale():
    (ring,) = find_components(cv2.circle(cell(), (60, 30), 4, BLACK, 1), NOISE)
    assert (ring.darkest, ring.middle) == (BLACK, 0)


def test_blots_of_a_pixel_or_two_and_pale_ones_are_left_out():
    darkness = block(block(cell(), 20, 20, 2, 1), 60, 20, 8, 8, ink=14)
    assert [component.left for component in find_components(block(darkness, 100, 20, 8, 8), NOISE)] == [100]


@pytest.mark.parametrize("size", [14, 20, 30])
def test_the_height_of_the_print_is_measured_among_dots_and_ruling(size):
    page = cell(400, 600)
    for row in range(8):
        for col in range(12):
            character(page, 20 + col * 46, 20 + row * 46, size)
            block(page, 20 + col * 46 + size + 4, 20 + row * 46, 3, 3)
    block(page, 0, 390, 600, 3)
    assert measure_text_height(page, NOISE, PX_PER_MM) == pytest.approx(size, abs=2)


def test_a_page_without_print_has_the_usual_height():
    assert measure_text_height(cell(400, 600), NOISE, PX_PER_MM) == pytest.approx(3.2 * PX_PER_MM)


def test_the_dots_of_a_full_width_colon_belong_to_the_label_that_they_end():
    label = text(cell(), letters=3)
    apart = 86 + round(0.75 * HEIGHT)
    for top in (25, 35):
        block(label, apart, top, 4, 4)
    assert only_line(label).box.right == apart + 4
    speck = block(text(cell(), letters=3), apart, 35, 4, 4)
    assert only_line(speck).box.right < apart


def test_a_low_character_with_paper_in_its_middle_is_a_line_and_dust_as_large_is_none():
    """A digit that a rule has cut off, alone in its line."""
    low = round(0.5 * HEIGHT)
    ring = block(block(cell(), 40, 20, low, low), 42, 22, low - 4, low - 4, ink=0)
    assert only_line(ring).box == BBox(40, 20, 40 + low, 20 + low)
    assert lines_of(block(cell(), 40, 20, low, low)) == ()
    pair = block(block(cell(), 40, 20, 5, 7), 46, 20, 5, 7)
    pair[23:24, 45] = BLACK
    assert lines_of(pair) == ()
