"""Ink that no wall explains, and lines unlike the others, are found on pages; what is drawn as it should be is not."""

import numpy as np
import pytest
from drawing import DPI, INK, fill, form, px, rule, scanned, sheet

from pipeline.dewarp.deskewing import deskew
from pipeline.dewarp.dewarping import dewarp
from pipeline.elements import Axis
from pipeline.grid.line_doubts import Overruns, doubt_lines
from pipeline.grid.ruled_areas import rules_of
from pipeline.grid.tiling import Span, tile

NONE = Overruns((), (), (), ())


def filled():
    return fill(rule(sheet(), form()), form())


def area_of(image):
    dewarped = dewarp(deskew(scanned(image, DPI), None))
    (area,) = rules_of(dewarped).tables
    return area, dewarped.darkness


def doubts_of(image, spans=None):
    area, darkness = area_of(image)
    return doubt_lines(area, spans or tile(area.horizontal, area.vertical).spans, darkness)


def test_nothing_speaks_against_a_form_as_it_should_be():
    doubts = doubts_of(filled())
    assert doubts.crossing == ()
    assert doubts.overruns == NONE
    assert min(doubts.row_tones.min(), doubts.col_tones.min()) > 0.8


@pytest.mark.parametrize(
    ("axis", "first", "second"), [(Axis.HORIZONTAL, (4, 4), (5, 4)), (Axis.VERTICAL, (5, 3), (5, 4))]
)
def test_a_wall_that_the_spans_leave_out_is_a_line_through_their_cell(axis, first, second):
    area, darkness = area_of(filled())
    spans = {(span.row, span.col): span for span in tile(area.horizontal, area.vertical).spans}
    one, other = spans.pop(first), spans.pop(second)
    assert (one.row_span, one.col_span) == (other.row_span, other.col_span) == (1, 1)
    merged = Span(*first, second[0] - first[0] + 1, second[1] - first[1] + 1)
    left = sorted([*spans.values(), merged])
    (line,) = doubt_lines(area, left, darkness).crossing
    assert (left[line.cell], line.axis) == (merged, axis)
    assert line.score > 0.9
    assert line.place == pytest.approx(area.rows[5] if axis is Axis.HORIZONTAL else area.cols[4], abs=2)


def test_text_and_an_underline_that_keeps_clear_of_the_walls_are_no_lines():
    image = filled()
    left, right = form().cols[1] + px(2), form().cols[2] - px(2)
    image[form().rows[1] + 40 : form().rows[1] + 42, left:right] = INK
    assert doubts_of(image).crossing == ()


@pytest.mark.parametrize(
    ("side", "where"),
    [("top", np.s_[90:180]), ("bottom", np.s_[620:720])],
)
def test_lines_that_go_on_beyond_the_border_are_named_by_side(side, where):
    """Three of the longest that end together would show a row there, without a border."""
    image = filled()
    for x in form().cols[1:3]:
        image[where, x - 1 : x + 2] = INK
    overruns = doubts_of(image).overruns
    assert getattr(overruns, side) == (1, 2)
    assert [name for name, lines in overruns._asdict().items() if lines] == [side]


def test_the_edge_of_the_image_ends_lines():
    assert doubts_of(filled()[form().rows[0] - 1 :]).overruns == NONE


def test_a_pale_line_among_dark_ones_has_a_low_tone():
    image = filled()
    x = form().cols[2]
    image[form().rows[0] + 4 : form().rows[-1] - 3, x - 1 : x + 2] = np.maximum(
        image[form().rows[0] + 4 : form().rows[-1] - 3, x - 1 : x + 2], 190
    )
    doubts = doubts_of(image)
    assert doubts.col_tones.argmin() == 2
    assert doubts.col_tones[2] < 0.5 < np.sort(doubts.col_tones)[1]
    assert doubts.row_tones.min() > 0.8
