"""Cells of heat that touch are one region, as hot as its hottest cells; print that touches a signature stays cold."""

import numpy as np
import pytest

from pipeline.elements import BBox
from pipeline.engines import SignatureHeat
from pipeline.pen import is_same, signature_odds, with_regions
from pipeline.pen.regions import MOST_SURE, heat_under


def heat(*patches, size=(20, 30), cell_px=10.0, cold=0.01):
    """Cold paper with patches (top, left, height, width, probability)."""
    values = np.full(size, cold, np.float32)
    for top, left, height, width, probability in patches:
        values[top : top + height, left : left + width] = probability
    return with_regions(SignatureHeat(values, cell_px))


def quad(left, top, right, bottom):
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def test_cold_paper_has_no_regions():
    assert heat().regions == ()


def test_each_patch_of_heat_is_a_region_from_top_to_bottom():
    regions = heat((12, 3, 3, 6, 0.8), (2, 20, 3, 5, 0.99)).regions
    assert [region.box for region in regions] == [BBox(200, 20, 250, 50), BBox(30, 120, 90, 150)]
    assert [region.probability for region in regions] == pytest.approx([0.99, 0.8], abs=0.01)


def test_strokes_a_cell_apart_are_one_region_and_further_apart_two():
    assert len(heat((5, 5, 3, 4, 0.9), (5, 10, 3, 4, 0.9)).regions) == 1
    assert len(heat((5, 5, 3, 4, 0.9), (5, 12, 3, 4, 0.9)).regions) == 2


def test_two_who_signed_close_together_are_two_regions():
    """The strokes of one reach into those of the other: the cells between are hot, but no core."""
    regions = heat((4, 4, 8, 20, 0.4), (5, 5, 4, 6, 0.97), (6, 16, 4, 6, 0.9)).regions
    assert [pytest.approx(region.box, abs=10) for region in regions] == [(40, 40, 140, 120), (140, 40, 240, 120)]
    assert [region.probability for region in regions] == pytest.approx([0.97, 0.9], abs=0.01)


def test_a_stroke_that_was_cut_off_is_a_part_of_its_signature():
    assert len(heat((4, 4, 8, 20, 0.4), (5, 5, 4, 6, 0.97), (6, 18, 2, 3, 0.9)).regions) == 1


def test_a_region_is_as_hot_as_its_hottest_cells():
    (region,) = heat((5, 5, 6, 10, 0.4), (6, 6, 3, 4, 0.95)).regions
    assert region.probability == pytest.approx(0.95, abs=0.01)


def test_a_hot_speck_is_colder_than_initials():
    (speck,), (initials,) = heat((5, 5, 2, 2, 0.97)).regions, heat((5, 5, 3, 4, 0.97)).regions
    assert speck.probability < 0.4
    assert initials.probability > 0.9


def test_heat_under_a_line_is_that_of_its_hot_part():
    page = heat((5, 5, 2, 8, 0.95))
    over, beside = heat_under(page, [quad(50, 50, 129, 69)]), heat_under(page, [quad(150, 150, 250, 180)])
    assert over == pytest.approx(np.log(0.95 / 0.05), abs=0.2)
    assert beside < -4


def test_a_line_that_is_a_part_of_a_signature_is_as_hot_as_all_of_it():
    page = heat((5, 5, 4, 8, 0.4), (6, 6, 3, 4, 0.99))
    assert heat_under(page, [quad(60, 80, 120, 89)]) == pytest.approx(np.log(0.99 / 0.01), abs=0.5)


def test_print_that_only_touches_a_signature_stays_cold():
    page = heat((5, 5, 4, 8, 0.99))
    assert heat_under(page, [quad(50, 90, 249, 109)]) < 0


@pytest.mark.parametrize(("cold", "end"), [(0.0, -MOST_SURE), (1.0, MOST_SURE)])
def test_no_heat_says_more_than_anything_else_could_outweigh(cold, end):
    assert heat_under(heat(cold=cold), [quad(50, 50, 129, 69)]) == end


def test_what_is_hot_is_less_surely_a_signature_where_much_is_lukewarm():
    own = quad(50, 50, 129, 69)
    alone = heat((5, 5, 2, 8, 0.95))
    among = heat((5, 5, 2, 8, 0.95), (10, 2, 2, 4, 0.6), (14, 2, 2, 4, 0.6), (14, 12, 2, 4, 0.6))
    hot = heat((5, 5, 2, 8, 0.95), (10, 2, 3, 4, 0.99), (14, 2, 3, 4, 0.99), (14, 12, 3, 4, 0.99))
    assert signature_odds(alone, [own]) > signature_odds(among, [own]) + 0.8
    assert signature_odds(hot, [own]) == signature_odds(alone, [own])


def test_what_lies_off_the_page_is_cold():
    assert heat_under(heat(), [quad(-500, -500, -400, -400)]) == -MOST_SURE


@pytest.mark.parametrize(
    ("box", "same"),
    [
        (BBox(10, 10, 30, 20), True),
        (BBox(90, 10, 130, 20), False),
        (BBox(85, 0, 105, 40), True),
        (BBox(200, 0, 210, 9), False),
    ],
    ids=["within", "at the edge", "over the edge", "elsewhere"],
)
def test_what_covers_a_region_in_part_is_the_same_signature(box, same):
    assert is_same(BBox(0, 0, 100, 40), box) is same
