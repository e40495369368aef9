"""Lines of ruling become lines of a table; lines of strokes do not."""

import cv2
import numpy as np
import pytest
from drawing import (
    INK,
    PX_PER_MM,
    Table,
    drawn_form,
    fill,
    form,
    framed,
    noisy,
    print_text,
    px,
    rule,
    scanned,
    sealed,
    sheet,
    turned,
)
from hypothesis import given, settings
from ruled_pages import ruled_pages

from pipeline.dewarp.deskewing import deskew
from pipeline.dewarp.dewarping import dewarp
from pipeline.grid.border_scores import ACROSS_FILL, UNSEEN_IN_FILL
from pipeline.grid.contrasts import PageInk
from pipeline.grid.ruled_areas import MERGE_MM, MIN_AREA_MM, find_rules, rules_of
from pipeline.grid.settling import ADMIT_SCORE
from pipeline.grid.tiling import CELL_BORDER_SCORE, Span, tile
from pipeline.ink.separation import separate_ink

PLACE_TOLERANCE_PX = 1.0
OPEN = frozenset({"left", "right"})
SMALL = Table(rows=(200, 260, 320), cols=(200, 400, 600))


def areas_of(image, *, bars=False):
    return find_rules(PageInk(separate_ink(image).ruling), PX_PER_MM, bars=bars).tables


def only_area(image, *, bars=False):
    (area,) = areas_of(image, bars=bars)
    return area


def assert_lines(area, table):
    assert area.rows == pytest.approx(table.rows, abs=PLACE_TOLERANCE_PX)
    assert area.cols == pytest.approx(table.cols, abs=PLACE_TOLERANCE_PX)


def drawn_walls(table):
    """The walls of a table, of the shapes of the scores."""
    owner = np.full((len(table.rows) + 1, len(table.cols) + 1), -1)
    for number, (row, col, row_span, col_span) in enumerate(table.spans):
        owner[row + 1 : row + row_span + 1, col + 1 : col + col_span + 1] = number
    return np.diff(owner, axis=0)[:, 1:-1] != 0, np.diff(owner, axis=1)[1:-1] != 0


# --- lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("thickness", [2, 3, 4])
def test_every_ruling_line_is_found_once_where_it_is(thickness):
    table = form(thickness)
    assert_lines(only_area(fill(rule(sheet(), table), table)), table)


@pytest.mark.parametrize("thickness", [2, 4])
def test_walls_score_high_where_they_are_drawn_and_low_where_slots_are_merged(thickness):
    table = form(thickness)
    area = only_area(fill(rule(sheet(), table), table))
    for scores, drawn in zip((area.horizontal, area.vertical), drawn_walls(table), strict=True):
        assert scores[drawn].min() >= ADMIT_SCORE
        assert scores[~drawn].max() < CELL_BORDER_SCORE


def test_faint_gray_ruling_is_found_beside_black_text():
    table = form()
    assert_lines(only_area(fill(rule(sheet(), table, ink=205), table)), table)


def test_grain_and_specks_change_no_line():
    table = form()
    assert_lines(only_area(noisy(fill(rule(sheet(), table), table), 7, specks=300)), table)


def test_a_short_line_in_one_slot_of_a_wide_table_is_a_line():
    table = Table(rows=(200, 260, 320, 380), cols=(120, 200, 1060), merged=(Span(0, 1, 3, 1),))
    assert_lines(only_area(rule(sheet(), table)), table)


@pytest.mark.parametrize("gap_mm", [0.8, MERGE_MM - 0.2])
def test_a_double_border_is_one_line(gap_mm):
    """A second line around the whole table, near the first."""
    image, gap = rule(sheet(), form(thickness=2)), px(gap_mm)
    for y in (180 - gap, 620 + gap):
        image[y : y + 2, 120 - gap : 1060 + gap + 2] = INK
    for x in (120 - gap, 1060 + gap):
        image[180 - gap : 620 + gap + 2, x : x + 2] = INK
    area = only_area(image)
    assert len(area.rows) == len(form().rows)
    assert len(area.cols) == len(form().cols)
    assert area.rows == pytest.approx(form().rows, abs=gap + 1)
    assert area.cols == pytest.approx(form().cols, abs=gap + 1)


@pytest.mark.parametrize("sides", [{"left"}, {"right"}, {"left", "right"}])
def test_a_side_without_a_border_is_where_the_horizontal_lines_end(sides):
    table = Table((180, 240, 300, 360, 420, 480), (120, 360, 700, 1060), open_sides=frozenset(sides))
    area = only_area(rule(sheet(), table))
    assert area.rows == pytest.approx(table.rows, abs=PLACE_TOLERANCE_PX)
    assert area.cols == pytest.approx(table.cols, abs=px(1))


def test_a_line_drawn_in_one_slot_only_is_a_line_if_it_runs_from_wall_to_wall():
    image = drawn_form()
    image[540:621, 760:763] = INK
    assert len(only_area(image).cols) == len(form().cols) + 1


@pytest.mark.parametrize("bars", [False, True])
@pytest.mark.parametrize("thickness_mm", [1.0, 1.5])
def test_a_frame_as_thick_as_a_bar_is_found(thickness_mm, bars):
    assert_lines(only_area(framed(drawn_form(2), form(2), thickness_mm), bars=bars), form())


@pytest.mark.parametrize("thickness", [1, 2])
def test_where_bars_count_the_frames_of_neighbouring_cells_make_one_line_between_them(thickness):
    image, table = sheet(), form()
    for span in table.spans:
        (left, top), (right, bottom) = table.corners(span)[[0, 2]].astype(int)
        cv2.rectangle(image, (left + 2, top + 2), (right - 2, bottom - 2), INK, thickness)
    area = only_area(image, bars=True)
    assert area.rows[1:-1] == pytest.approx(table.rows[1:-1], abs=2)
    assert area.cols[1:-1] == pytest.approx(table.cols[1:-1], abs=2)


# --- what is no line --------------------------------------------------------------------------------------------------


def test_text_in_the_cells_adds_no_line():
    """Long lines of print in tall cells, one above the other, so that strokes line up."""
    table = Table(rows=(100, 340, 580), cols=(100, 560, 1020))
    image = rule(sheet(), table)
    for left in (112, 572):
        for line in range(16):
            print_text(image, left, 108 + line * 28 + (16 if line > 7 else 0), 18, seed=line % 3)
    assert_lines(only_area(image), table)


def test_print_in_a_merged_cell_is_no_line_on_a_page_with_hardly_any_ink():
    """A small table on a large sheet: its ink is no share of the page."""
    table = Table(rows=(80, 122, 164), cols=(60, 120, 180, 249), merged=(Span(0, 0, 1, 2), Span(0, 2, 2, 1)))
    area = only_area(fill(rule(sheet(), table), table))
    assert_lines(area, table)
    assert area.vertical[0, 1] < CELL_BORDER_SCORE


def test_a_row_of_boxy_characters_from_wall_to_wall_is_no_line():
    """Like 口口口: their upper strokes stand in one row, but with gaps, and clear of the walls."""
    table = Table(rows=(100, 220, 340), cols=(100, 560, 1020))
    image = rule(sheet(), table)
    for left in range(110, 530, 22):
        image[150:153, left : left + 18] = INK
        image[168:171, left : left + 18] = INK
        image[150:170, left : left + 2] = INK
        image[150:170, left + 16 : left + 18] = INK
    assert_lines(only_area(image), table)


@pytest.mark.parametrize("left", [290, 330, 380])
def test_a_stroke_in_a_merged_cell_is_no_column_even_if_it_fills_a_slot(left):
    """It meets the wall above, but the row below does not go on into the cell."""
    image = drawn_form()
    image[240:301, left : left + 3] = INK
    assert_lines(only_area(image), form())


@pytest.mark.parametrize("thickness", [2, px(1)])
@pytest.mark.parametrize("center_x", [300, 435, 570])
def test_a_black_ring_over_the_table_adds_no_line(center_x, thickness):
    """42 mm across, as copied seals are: in low rows its tangents run from wall to wall, but not only there."""
    table = Table(rows=tuple(range(120, 600, 31)), cols=(120, 330, 540, 750, 960))
    middle_of_a_row = 120 + 6 * 31 + 15
    image = cv2.circle(rule(sheet(), table), (center_x, middle_of_a_row), px(21), INK, thickness)
    assert_lines(only_area(image), table)


@pytest.mark.parametrize("gap_mm", [1.4, 1.8])
def test_strokes_of_a_title_close_above_the_table_are_no_row(gap_mm):
    image, bottom = drawn_form(), form().rows[0] - px(gap_mm)
    for left, right in ((420, 720), (760, 840)):
        image[bottom - 2 : bottom + 1, left:right] = INK
    assert_lines(only_area(image), form())


@pytest.mark.parametrize("radius", [60, 90, 120])
def test_a_seal_whose_rim_touches_a_column_line_adds_no_column(radius):
    table = form()
    image = fill(rule(sheet(), table), table)
    for center in ((640 - radius, 400), (640 + radius, 400), (860 - radius + 4, 400)):
        assert_lines(only_area(sealed(image, center, radius)), table)


def test_a_line_beside_the_table_belongs_to_no_table():
    image = rule(sheet(), SMALL)
    image[500:503, 200:700] = INK
    image[150:700, 900:903] = INK
    assert_lines(only_area(image), SMALL)


def test_an_underline_in_a_cell_is_no_row():
    table = Table(rows=(200, 320, 440), cols=(200, 500, 900))
    image = rule(sheet(), table)
    image[280:282, 560:760] = INK
    assert_lines(only_area(image), table)


# --- tables -----------------------------------------------------------------------------------------------------------


def test_blank_paper_and_text_alone_have_no_table():
    assert areas_of(sheet()) == ()
    page = sheet()
    for row in range(12):
        print_text(page, 100, 80 + row * 45, 40, seed=row)
    assert areas_of(page) == ()


def test_two_tables_are_found_from_top_to_bottom():
    lower = Table(rows=(500, 560, 620, 700), cols=(150, 500, 1000))
    upper_area, lower_area = areas_of(rule(rule(sheet(), lower), SMALL))
    assert_lines(upper_area, SMALL)
    assert_lines(lower_area, lower)


def test_two_tables_side_by_side_are_two():
    right = Table(rows=(210, 290, 350), cols=(660, 800, 1000))
    found = sorted(areas_of(rule(rule(sheet(), right), SMALL)), key=lambda area: area.cols[0])
    assert len(found) == 2
    assert_lines(found[0], SMALL)
    assert_lines(found[1], right)


def test_a_table_in_a_cell_of_another_is_one_of_its_own():
    outer, inner = Table(rows=(100, 600, 700), cols=(100, 800, 1060)), Table(rows=(200, 300, 400), cols=(200, 400, 600))
    found = areas_of(rule(rule(sheet(), outer), inner))
    assert len(found) == 2
    assert_lines(found[0], outer)
    assert_lines(found[1], inner)


@pytest.mark.parametrize("bottom", [400, 600])
def test_tables_side_by_side_are_in_reading_order_whichever_is_higher(bottom):
    """And so is what stands below them."""
    left = Table(rows=(210, 270, 330), cols=(100, 300, 500))
    right = Table(rows=(200, 260, bottom), cols=(600, 800, 1000))
    below = Table(rows=(650, 690, 740), cols=(100, 300, 500))
    image = rule(rule(rule(sheet(), below), right), left)
    assert [area.cols[0] for area in areas_of(image)] == pytest.approx([100, 600, 100], abs=PLACE_TOLERANCE_PX)


@pytest.mark.parametrize("rows", [(200, 260, 320), (210, 280, 340, 390)], ids=["all rows in line", "other rows"])
def test_two_tables_side_by_side_with_little_between_them_are_two(rows):
    left = Table(rows=(200, 260, 320), cols=(100, 300, 500))
    right = Table(rows=rows, cols=(500 + px(3.8), 800, 1000))
    one, other = areas_of(rule(rule(sheet(), right), left))
    assert_lines(one, left)
    assert_lines(other, right)


@pytest.mark.parametrize("away_mm", [2.5, 4, 5, 15])
def test_a_box_around_a_table_is_none_of_its_lines(away_mm):
    table, away = form(), px(away_mm)
    image = cv2.rectangle(drawn_form(), (120 - away, 180 - away), (1060 + away, 620 + away), INK, 3)
    assert_lines(only_area(image), table)


def test_a_frame_around_all_of_the_page_is_no_table():
    assert_lines(only_area(cv2.rectangle(drawn_form(), (12, 12), (1166, 786), INK, 3)), form())
    assert len(areas_of(cv2.rectangle(sheet(), (12, 12), (1166, 786), INK, 3))) == 1


@pytest.mark.parametrize("strength", [INK, 190])
def test_a_streak_of_the_scanner_down_the_page_is_no_column(strength):
    image = drawn_form()
    image[:, 548:551] = np.minimum(image[:, 548:551], strength)
    assert_lines(only_area(image), form())


@pytest.mark.parametrize("row", [0, 1, 2, 3], ids=str)
def test_a_row_across_all_of_a_table_with_open_sides_is_a_row_of_it(row):
    table = Table((180, 230, 280, 330, 380), (120, 360, 700, 1060), (Span(row, 0, 1, 3),), open_sides=OPEN)
    area = only_area(fill(rule(sheet(), table), table))
    assert area.rows == pytest.approx(table.rows, abs=PLACE_TOLERANCE_PX)
    assert area.cols == pytest.approx(table.cols, abs=px(0.5))
    assert tile(area.horizontal, area.vertical).spans == table.spans


def test_a_table_with_one_divider_and_open_sides_has_two_columns():
    table = Table((180, 240, 300, 360, 420), (120, 400, 1060), open_sides=OPEN)
    area = only_area(fill(rule(sheet(), table), table))
    assert area.rows == pytest.approx(table.rows, abs=PLACE_TOLERANCE_PX)
    assert area.cols == pytest.approx(table.cols, abs=px(0.5))


@pytest.mark.parametrize("side", ["top", "bottom"])
def test_a_row_without_a_border_is_where_the_vertical_lines_end(side):
    table = Table(rows=(180, 240, 300, 360, 420), cols=(120, 360, 600, 840, 1060))
    image, place = rule(sheet(), table), 180 if side == "top" else 420
    between = np.ones(image.shape[1], bool)
    for x in table.cols:
        between[x - 1 : x + 2] = False
    image[place - 1 : place + 2, between] = sheet()[0, 0]
    area = only_area(image)
    assert area.rows == pytest.approx(table.rows, abs=px(0.5))
    assert area.cols == pytest.approx(table.cols, abs=PLACE_TOLERANCE_PX)


# --- where the scan ends ----------------------------------------------------------------------------------------------


def plain():
    """A table of 7 x 6 cells, so that each line is drawn from border to border."""
    return Table(rows=tuple(range(120, 681, 80)), cols=tuple(range(100, 1061, 160)))


@pytest.mark.parametrize(
    ("crop", "lost_rows", "lost_cols"),
    [
        (np.s_[:, 340:], 0, 1),
        (np.s_[:, :820], 0, 1),
        (np.s_[160:], 0, 0),
        (np.s_[240:], 1, 0),
        (np.s_[:560, 340:], 1, 1),
        (np.s_[160:640, 180:980], 0, 0),
    ],
    ids=["left", "right", "top", "top further down", "bottom left", "all sides"],
)
def test_a_table_that_the_image_cuts_off_ends_where_the_image_does(crop, lost_rows, lost_cols):
    """What is left of a row or column that is cut off is one."""
    image = fill(rule(sheet(), plain()), plain())[crop]
    area = only_area(image)
    assert len(area.rows) == len(plain().rows) - lost_rows
    assert len(area.cols) == len(plain().cols) - lost_cols
    assert tile(area.horizontal, area.vertical).spans == Table(area.rows, area.cols).spans
    for places, size, begins, ends in (
        (area.rows, image.shape[0], crop[0].start if isinstance(crop, tuple) else crop.start, None),
        (area.cols, image.shape[1], crop[1].start if isinstance(crop, tuple) else None, None),
    ):
        assert begins is None or places[0] == pytest.approx(0, abs=2)
        assert ends is None or places[-1] == pytest.approx(size, abs=2)


@pytest.mark.parametrize("angle", [-3.0, -1.5, 2.0, 3.0])
def test_a_skewed_crop_cuts_a_table_off_where_it_leans(angle):
    """Of each cut side what is left is one column or row, although the lines end one after the other."""
    scan = turned(fill(rule(sheet(), plain()), plain()), angle).image[160:640, 180:980]
    (area,) = rules_of(dewarp(deskew(scanned(scan), None))).tables
    assert (len(area.rows), len(area.cols)) == (len(plain().rows), len(plain().cols))
    assert tile(area.horizontal, area.vertical).spans == plain().spans


def test_a_table_within_the_page_is_not_cut_off():
    image = fill(rule(sheet(), plain()), plain())[120 - px(3) :, 100 - px(3) :]
    area = only_area(image)
    assert (len(area.rows), len(area.cols)) == (len(plain().rows), len(plain().cols))
    assert area.rows[0] == pytest.approx(px(3), abs=PLACE_TOLERANCE_PX)


# --- fills ------------------------------------------------------------------------------------------------------------


def headed(*, ruled=False, printed=False):
    """A table with a dark heading, in which there may be light rules, and light print across where they would be."""
    table = Table(rows=(200, 260, 320, 380), cols=(200, 400, 600, 800))
    image = rule(sheet(), table)
    image[200:260, 200:800] = 120
    for x in (400, 600):
        if ruled:
            image[200:260, x - 1 : x + 2] = 235
        if printed:
            image[220:240, x - 20 : x + 20 : 4] = 250
    return image


@pytest.mark.parametrize(
    ("heading", "score"),
    [({"ruled": True}, 1.0), ({}, UNSEEN_IN_FILL), ({"printed": True}, ACROSS_FILL)],
    ids=["light rules", "nothing", "print across"],
)
def test_the_borders_in_a_dark_heading_are_its_light_rules(heading, score):
    area = only_area(headed(**heading))
    assert area.rows == pytest.approx((200, 260, 320, 380), abs=2)
    assert area.cols == pytest.approx((200, 400, 600, 800), abs=PLACE_TOLERANCE_PX)
    assert area.vertical[0, 1:3] == pytest.approx([score, score], abs=0.05)
    assert area.vertical[1:].min() > ADMIT_SCORE
    assert area.horizontal.min() > ADMIT_SCORE


# --- any table --------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(ruled_pages())
def test_tables_of_any_tiling_are_found_as_they_are_drawn(page):
    found = areas_of(page.image)
    assert [tile(area.horizontal, area.vertical).spans for area in found] == [table.spans for table in page.tables]
    for area, table in zip(found, page.tables, strict=True):
        assert area.rows == pytest.approx(table.rows, abs=2)
        assert area.cols == pytest.approx(table.cols, abs=2)


# --- size -------------------------------------------------------------------------------------------------------------


def test_a_box_smaller_than_two_rows_of_text_is_no_table():
    width, height = px(MIN_AREA_MM[0]), px(MIN_AREA_MM[1])
    too_low = Table(rows=(200, 200 + height - 8), cols=(200, 300, 200 + 2 * width))
    too_narrow = Table(rows=(200, 300, 200 + 3 * height), cols=(200, 200 + width - 8))
    large_enough = Table(rows=(200, 200 + height // 2 + 4, 200 + height + 8), cols=(200, 300, 200 + width + 8))
    assert areas_of(rule(sheet(), too_low)) == ()
    assert areas_of(rule(sheet(), too_narrow)) == ()
    assert len(areas_of(rule(sheet(), large_enough))) == 1


def test_the_box_of_an_area_is_its_border():
    box = only_area(rule(sheet(), SMALL)).box
    assert tuple(box) == pytest.approx((200, 200, 600, 320), abs=PLACE_TOLERANCE_PX)
