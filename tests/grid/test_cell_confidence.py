"""What a cell rests on makes its confidence: its walls, the lines before it, the border, the page."""

import math
from dataclasses import replace

import numpy as np
import pytest
from drawing import Tiled, tilings
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.elements import Axis
from pipeline.grid.border_scores import HIDDEN_SCORE
from pipeline.grid.cell_confidence import BASE_HAZARD, describe_doubts, measure_hazards, missed_sides
from pipeline.grid.contrasts import Contrast
from pipeline.grid.line_doubts import CrossingLine, LineDoubts, Overruns
from pipeline.grid.settling import RuledArea
from pipeline.grid.tiling import Span, tile

NO_CONTRAST = Contrast(np.zeros((1, 1), np.uint8), np.zeros((1, 1), bool), 10.0)
SURE = math.exp(-BASE_HAZARD)
STEP = 100.0
"""Lines stand 10 mm apart."""


def area_of(tiled, **changes):
    horizontal, vertical = (np.where(walls, 1.0, 0.0) for walls in tiled.cell_borders())
    rows, cols = (tuple(STEP * i for i in range(n + 1)) for n in (tiled.n_rows, tiled.n_cols))
    area = RuledArea(rows, cols, horizontal, vertical, NO_CONTRAST, NO_CONTRAST)
    return replace(area, **changes)


def no_doubts(tiled):
    return LineDoubts((), Overruns((), (), (), ()), np.ones(tiled.n_rows + 1), np.ones(tiled.n_cols + 1))


def confidences(area, doubts=None, page=0.0):
    """Of each cell by row and column."""
    tiling = tile(area.horizontal, area.vertical)
    doubts = doubts or no_doubts(Tiled(len(area.rows) - 1, len(area.cols) - 1, ()))
    found = measure_hazards(area, tiling, doubts, page).confidences
    return {(span.row, span.col): confidence for span, confidence in zip(tiling.spans, found.tolist(), strict=True)}


def plain(rows, cols):
    return Tiled(rows, cols, tuple(Span(row, col, 1, 1) for row in range(rows) for col in range(cols)))


def changed(scores, index, score):
    scores = scores.copy()
    scores[index] = score
    return scores


@given(tilings())
def test_a_table_of_sure_walls_is_sure_in_all_its_cells(tiled):
    assert min(confidences(area_of(tiled)).values()) > 0.9


@settings(max_examples=40)
@given(st.sampled_from([0.9, 0.8, 0.75]), st.sampled_from([0.7, 0.62]))
def test_a_wall_in_doubt_costs_the_cells_on_both_its_sides_and_the_more_the_nearer_it_is(near, nearer):
    area = area_of(plain(3, 3))
    found = [
        confidences(replace(area, vertical=changed(area.vertical, (1, 2), score))) for score in (1.0, near, nearer)
    ]
    assert found[0][1, 1] > found[1][1, 1] > found[2][1, 1]
    assert found[2][1, 1] == pytest.approx(found[2][1, 2], abs=1e-3)
    assert {place for place in found[0] if found[0][place] - found[2][place] > 1e-6} == {(1, 1), (1, 2)}


@pytest.mark.parametrize("axis", list(Axis))
def test_a_wall_that_is_half_there_inside_a_merged_cell_makes_it_doubtful(axis):
    """Scores up to the one from which a wall is drawn are doubt that must not be thrown away."""
    if axis is Axis.HORIZONTAL:
        area = area_of(Tiled(2, 1, (Span(0, 0, 2, 1),)), horizontal=np.array([[1.0], [0.49], [1.0]]))
    else:
        area = area_of(Tiled(1, 2, (Span(0, 0, 1, 2),)), vertical=np.array([[1.0, 0.59, 1.0]]))
    assert confidences(area)[0, 0] < 0.6


def test_walls_that_nobody_can_see_cost_a_little():
    area = area_of(plain(2, 2))
    hidden = confidences(replace(area, vertical=changed(area.vertical, (0, 1), HIDDEN_SCORE)))
    assert 0.9 < hidden[0, 0] < SURE < hidden[1, 0] + 1e-3


def test_cells_on_walls_that_were_changed_are_even_at_best_and_the_others_as_sure_as_before():
    tiled = Tiled(3, 2, (Span(0, 0, 2, 1), Span(0, 1, 1, 1), Span(1, 1, 1, 1), Span(2, 0, 1, 1), Span(2, 1, 1, 1)))
    area = area_of(tiled)
    found = confidences(replace(area, vertical=changed(area.vertical, (0, 1), 0.3)))
    assert max(found[0, 0], found[0, 1]) < 0.55
    assert min(found[2, 0], found[2, 1]) > 0.99


def test_a_missed_row_makes_its_cells_and_all_below_it_doubtful():
    """Their indices would be shifted."""
    tiled = plain(3, 2)
    line = CrossingLine(2, Axis.HORIZONTAL, 1.5 * STEP, 0.9)  # through row 1, column 0
    found = confidences(area_of(tiled), replace(no_doubts(tiled), crossing=(line,)))
    assert min(found[0, 0], found[0, 1]) > 0.99
    assert found[1, 0] < 0.05
    assert max(found[1, 1], found[2, 0], found[2, 1]) < 0.4


def test_a_missed_wall_where_the_table_has_a_line_anyway_shifts_nothing():
    tiled = Tiled(2, 2, (Span(0, 0, 2, 1), Span(0, 1, 1, 1), Span(1, 1, 1, 1)))
    line = CrossingLine(0, Axis.HORIZONTAL, STEP + 2, 0.9)
    found = confidences(area_of(tiled), replace(no_doubts(tiled), crossing=(line,)))
    assert found[0, 0] < 0.5
    assert min(found[0, 1], found[1, 1]) > 0.98


def test_strokes_in_one_line_through_several_cells_speak_for_each_other():
    tiled = plain(3, 2)
    lines = [CrossingLine(cell, Axis.VERTICAL, 0.5 * STEP, 0.8) for cell in (0, 2, 4)]
    alone = confidences(area_of(tiled), replace(no_doubts(tiled), crossing=tuple(lines[:1])))
    together = confidences(area_of(tiled), replace(no_doubts(tiled), crossing=tuple(lines)))
    apart = [line._replace(place=(0.3 + 0.2 * i) * STEP) for i, line in enumerate(lines)]
    assert together[0, 1] < confidences(area_of(tiled), replace(no_doubts(tiled), crossing=tuple(apart)))[0, 1]
    assert together[0, 1] < alone[0, 1] < SURE


@pytest.mark.parametrize(
    ("row_mm", "scores", "is_sure"), [(5, (0.95, 0.7), True), (5, (0.95, 0.95), False), (10, (0.95, 0.7), False)]
)
def test_a_stroke_from_wall_to_wall_is_a_missed_line_in_a_high_row_or_with_another_in_line(row_mm, scores, is_sure):
    """In a row as low as a line of text strokes of characters reach as far."""
    tiled = plain(3, 2)
    rows = tuple(10.0 * row_mm * i for i in range(4))
    lines = tuple(CrossingLine(2 * i, Axis.VERTICAL, 0.5 * STEP, score) for i, score in enumerate(scores))
    found = confidences(area_of(tiled, rows=rows), replace(no_doubts(tiled), crossing=lines))
    assert (found[0, 0] > 0.9) == is_sure


def test_a_pale_line_makes_what_lies_along_it_doubtful_and_what_lies_behind_it_less_sure():
    tiled = plain(2, 4)
    tones = np.array([1.0, 1.0, 0.2, 1.0, 1.0])
    doubts = replace(no_doubts(tiled), col_tones=tones)
    found = confidences(area_of(tiled), doubts)
    assert min(found[row, 0] for row in (0, 1)) > 0.99
    assert max(found[row, col] for row in (0, 1) for col in (1, 2)) < 0.1 < found[0, 3] < 0.5
    tiling = tile(area_of(tiled).horizontal, area_of(tiled).vertical)
    assert describe_doubts(area_of(tiled), tiling, doubts) == ("the line before col 2 is pale or runs on",)


def test_the_border_may_be_pale():
    tiled = plain(2, 2)
    assert (
        min(confidences(area_of(tiled), replace(no_doubts(tiled), col_tones=np.array([0.1, 1.0, 0.1]))).values()) > 0.99
    )


@pytest.mark.parametrize(
    ("overruns", "missed", "doubted"),
    [
        (Overruns((1, 2), (), (), ()), ("top",), {0, 1, 2, 3}),
        (Overruns((), (1, 2), (), ()), ("bottom",), {3}),
        (Overruns((), (0,), (), ()), ("bottom",), {3}),
        (Overruns((2,), (2,), (), ()), (), set()),
    ],
    ids=["above", "below", "an outer line below", "a streak"],
)
def test_lines_beyond_the_border_make_rows_doubtful(overruns, missed, doubted):
    tiled = plain(4, 3)
    doubts = replace(no_doubts(tiled), overruns=overruns)
    found = confidences(area_of(tiled), doubts)
    assert missed_sides(doubts) == missed
    assert {row for row in range(4) if found[row, 0] < 0.9} == doubted


def test_a_line_that_alone_runs_on_is_itself_in_doubt():
    tiled = plain(2, 4)
    found = confidences(area_of(tiled), replace(no_doubts(tiled), overruns=Overruns((2,), (2,), (), ())))
    assert found[0, 0] > 0.99
    assert max(found[0, 1], found[0, 2]) < 0.9 < found[0, 3] < 0.95


def test_what_is_in_doubt_of_the_page_counts_for_all_cells():
    found = confidences(area_of(plain(2, 2)), page=-math.log(0.5))
    assert list(found.values()) == pytest.approx([0.5 * SURE] * 4, abs=0.01)


@given(tilings())
def test_a_ruin_says_so(tiled):
    """Where more than half of the cells rest on walls that were changed."""
    horizontal, vertical = (np.full(walls.shape, 0.0) for walls in tiled.cell_borders())
    tiling = tile(horizontal, vertical)
    everywhere = tiling.changed._replace(
        horizontal=np.ones_like(tiling.changed.horizontal), vertical=np.ones_like(tiling.changed.vertical)
    )
    (said,) = describe_doubts(area_of(tiled), replace(tiling, changed=everywhere), no_doubts(tiled))
    assert said == "1 of 1 cells rest on changed walls"
