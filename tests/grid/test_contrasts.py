"""What cell borders are judged by: where no rule can be seen, where strokes are flanked, and where fills are."""

import numpy as np
import pytest
from drawing import PX_PER_MM

from pipeline.dewarp.dashes import NO_DASHES, Dashes, Pace
from pipeline.grid.candidates import Candidate
from pipeline.grid.contrasts import Contrast, PageInk, contrasts_along

PLACE = 60


def paper(height=120, width=540):
    return np.zeros((height, width), np.uint8)


def inked(*bands, image=None):
    """A page with bands of full ink, each (top, bottom) or (top, bottom, left, right)."""
    image = paper() if image is None else image
    for top, bottom, *sides in bands:
        image[top:bottom, slice(*sides) if sides else slice(None)] = 255
    return image


def contrasts_of(darkness, *, fills=None, outside=None, sealed=None, dashes=NO_DASHES):
    ridges = darkness, np.ascontiguousarray(darkness.T)
    return contrasts_along(ridges, PageInk(darkness, outside, sealed), fills, PX_PER_MM, dashes)


def marked(rows, columns):
    mask = np.zeros(paper().shape, bool)
    mask[rows, columns] = True
    return mask


# --- what cannot be seen ----------------------------------------------------------------------------------------------


def test_on_paper_beside_thin_strokes_all_can_be_seen():
    across, down = contrasts_of(inked((32, 34), (92, 94)))
    clear = np.s_[34:92]
    assert not across.hidden[clear].any()
    assert not down.hidden.T[clear].any()


def test_a_solid_patch_hides_what_is_in_it_and_a_stroke_beside_it_too():
    across, _ = contrasts_of(inked((40, 80, 200, 260)))
    assert across.hidden[42:78, 202:258].all()
    assert not across.hidden[:, :190].any()


def test_on_a_page_with_hardly_any_ink_thin_strokes_hide_nothing_either():
    page = inked((32, 34, 100, 160), image=paper(800, 1180))
    across, _ = contrasts_of(page)
    assert across.hidden[32:34, 100:160].all()
    assert np.count_nonzero(across.hidden) == 2 * 60


def test_ink_itself_is_no_gap():
    """Print that touches a rule keeps it from standing out; it may be there."""
    across, _ = contrasts_of(inked((60, 62, 100, 120)))
    assert across.hidden[60:62, 100:120].all()
    assert not across.hidden[66:].any()


@pytest.mark.parametrize("name", ["outside", "sealed"])
def test_beyond_the_scan_and_under_a_seal_nothing_can_be_seen(name):
    mask = marked(slice(20, 90), slice(300, 400))
    across, down = contrasts_of(inked((10, 12)), **{name: mask})
    assert across.hidden[20:90, 300:400].all()
    assert down.hidden[300:400, 20:90].all()
    assert not across.hidden[20:90, :300].any()


def test_what_is_outside_is_known_for_both_directions():
    mask = marked(slice(None), slice(500, None))
    across, down = contrasts_of(paper(), outside=mask)
    np.testing.assert_array_equal(across.outside, mask)
    np.testing.assert_array_equal(down.outside, mask.T)
    assert contrasts_of(paper())[0].outside is None


# --- fills ------------------------------------------------------------------------------------------------------------


def test_in_a_fill_what_is_paler_than_it_is_print():
    darkness, fills = paper(), paper()
    fills[20:80, 100:300] = darkness[20:80, 100:300] = 150
    darkness[40:50, 150:160] = 110
    darkness[40:50, 200:210] = 130
    across, down = contrasts_of(darkness, fills=fills)
    np.testing.assert_array_equal(across.filled, fills > 0)
    np.testing.assert_array_equal(across.printed, marked(slice(40, 50), slice(150, 160)))
    np.testing.assert_array_equal(down.printed, across.printed.T)


def test_a_page_without_fills_has_none():
    across, down = contrasts_of(paper())
    assert (across.filled, across.printed, down.filled, down.printed) == (None, None, None, None)


# --- dashes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("above", "below", "is_flanked"), [(8, 8, True), (8, None, False), (None, 8, False), (2, 2, False), (30, 30, False)]
)
def test_a_stroke_is_flanked_by_ink_at_a_short_distance_on_both_sides(above, below, is_flanked):
    """The line's own thickness is none, and neither is the next line of text."""
    darkness = inked((PLACE, PLACE + 1, 60, 480))
    for distance in (above and -above, below):
        if distance:
            inked((PLACE + distance, PLACE + distance + 1, 60, 480), image=darkness)
    across, down = contrasts_of(darkness, dashes=Dashes(Pace(20, 6), None))
    assert across.flanked[PLACE, 60:480].all() == across.flanked[PLACE, 60:480].any() == is_flanked
    assert down.flanked is None


# --- parts ------------------------------------------------------------------------------------------------------------


def test_between_columns_all_that_is_known_is_of_these_columns():
    numbered = np.arange(540, dtype=np.uint16)[None].repeat(120, axis=0) % 251
    mask = numbered > 100
    contrast = Contrast(numbered.astype(np.uint8), mask, PX_PER_MM, None, mask, mask, mask, mask)
    part = contrast.between(90, 120)
    assert part.ridge[0].tolist() == list(range(90, 120))
    for of_part in (part.hidden, part.flanked, part.filled, part.printed, part.outside):
        np.testing.assert_array_equal(of_part, mask[:, 90:120])


@pytest.mark.parametrize("slope", [-0.05, 0.05])
def test_along_a_piece_that_leans_it_is_level(slope):
    ridge, piece = paper(), Candidate(PLACE, 100.0, 400.0, 1.0, slope)
    for column in range(540):
        ridge[round(piece.at(column)), column] = 255
    straight = Contrast(ridge, ridge > 0, PX_PER_MM, filled=ridge > 0).straightened(piece, 3)
    assert straight.ridge.shape == (7, 540)
    assert (straight.ridge[3] == 255).all()
    assert not straight.ridge[[0, 1, 5, 6]].any()
    np.testing.assert_array_equal(straight.hidden, straight.ridge > 0)
    np.testing.assert_array_equal(straight.filled, straight.ridge > 0)
    assert straight.printed is None


def test_a_piece_that_leans_out_of_the_image_is_its_edge_there():
    ridge = inked((0, 1))
    straight = Contrast(ridge, ridge > 0, PX_PER_MM).straightened(Candidate(3.0, 0.0, 60.0, 1.0, -0.1), 2)
    assert (straight.ridge[2, 100:] == 255).all()
