"""Lines that look written and stand together are one cluster, row by row."""

from dataclasses import replace

import pytest

from pipeline.elements import LineKind, TextLine
from pipeline.imaging.line_crops import Column, LineShape
from pipeline.signatures.clusters import find_clusters, halves_of, row_members, rows_of
from pipeline.signatures.margin_kinds import MarginLine


def line(left, top, width, height=40, *, handwriting=0.9, kind=LineKind.OTHER, cell=(None, None, None), text="王涛"):
    quad = ((left, top), (left + width, top), (left + width, top + height), (left, top + height))
    quad = tuple((float(x), float(y)) for x, y in quad)
    shape = LineShape((0.0, 0.0, 1.0, 1.0), 1.0, 0.2, 0.1, 0.2, (Column(0.0, 1.0, 1.0),))
    return MarginLine(TextLine(text, 0.9, quad, kind, *cell), quad, shape, handwriting)


NAME = line(100, 100, 120)


@pytest.mark.parametrize(
    ("other", "together"),
    [
        (line(240, 105, 70), True),
        (line(300, 105, 70), False),
        (line(110, 170, 90), True),
        (line(110, 190, 90), False),
        (line(240, 105, 70, handwriting=0.1), False),
        (line(240, 105, 70, kind=LineKind.NOTE), False),
        (line(240, 105, 70, cell=(0, 1, 2)), False),
    ],
    ids=["beside", "too far beside", "below", "too far below", "print", "a note", "in a cell"],
)
def test_what_was_written_beside_or_below_belongs_to_it(other, together):
    assert ([0, 1] in find_clusters([NAME, other])) is together


def test_lines_of_one_cell_stand_together_as_others_do():
    cell = (0, 1, 2)
    assert find_clusters([line(100, 100, 120, cell=cell), line(240, 105, 70, cell=cell)]) == [[0, 1]]


def test_what_is_higher_than_wide_is_no_line():
    assert find_clusters([line(100, 100, 30, 90)]) == []


def test_a_character_higher_than_wide_is_a_part_of_the_name_beside_it():
    assert find_clusters([NAME, line(235, 100, 30, 50), line(290, 105, 70)]) == [[0, 1, 2]]


def test_an_edge_is_no_part_of_the_name_beside_it():
    assert find_clusters([NAME, line(235, 100, 15, 90)]) == [[0]]


@pytest.mark.parametrize(
    ("text", "handwriting", "found"),
    [
        ("王涛2023.3.30", 0.2, True),
        ("王涛2023.3.30", 0.02, False),
        ("王涛", 0.2, False),
        ("附表12", 0.02, False),
    ],
    ids=["name and date", "in print", "a name alone", "a heading"],
)
def test_an_even_hand_is_looked_at_where_it_wrote_name_and_date(text, handwriting, found):
    assert bool(find_clusters([line(100, 100, 250, text=text, handwriting=handwriting)])) is found


@pytest.mark.parametrize(
    ("text", "handwriting", "together"),
    [("冯刚", 0.2, True), ("冯刚", 0.02, False), ("签字", 0.2, False), ("填表说明附注", 0.2, False)],
    ids=["an even hand", "print", "a label", "a heading"],
)
def test_an_even_name_belongs_to_the_date_below_it(text, handwriting, together):
    date = line(110, 170, 90, text="3.30")
    assert ([0, 1] in find_clusters([line(100, 100, 120, text=text, handwriting=handwriting), date])) is together


def test_a_second_name_is_no_part_of_a_name_however_even():
    assert find_clusters([NAME, line(240, 105, 70, handwriting=0.2)]) == [[0]]


def test_a_date_below_a_name_that_stands_askew_is_a_row_of_its_own():
    askew = replace(NAME, quad=((100.0, 140.0), (280.0, 100.0), (300.0, 190.0), (120.0, 230.0)))
    assert row_members([askew, line(190, 200, 90, 50)], [0, 1]) == [[0], [1]]


def test_a_piece_that_was_found_twice_is_one_row():
    assert row_members([NAME, line(105, 102, 60, 36)], [0, 1]) == [[0, 1]]


def test_rows_run_from_top_to_bottom_and_hold_what_stands_side_by_side():
    lines = [line(110, 150, 90), NAME, line(240, 105, 70)]
    assert [sorted(row) for row in row_members(lines, [0, 1, 2])] == [[1, 2], [0]]
    assert [quad[0] for quad in rows_of(lines)] == [(100.0, 100.0), (110.0, 150.0)]


def test_a_row_of_two_signatures_is_parted_at_its_widest_gap():
    lines = [line(100, 100, 120), line(240, 105, 70), line(360, 100, 110), line(490, 105, 60)]
    assert halves_of(lines, [3, 1, 0, 2]) == [[0, 1], [2, 3]]


def test_a_row_of_one_signature_stays_whole():
    assert halves_of([line(100, 100, 120), line(240, 105, 70)], [0, 1]) == [[0, 1]]
    assert halves_of([line(100, 100, 700)], [0]) == [[0]]
