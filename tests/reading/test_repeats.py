"""Ink that two lines show is read once, and two texts of one ink are in doubt."""

from pipeline.elements import BBox
from pipeline.layout.layout import CellLine
from pipeline.layout.text_lines import InkLine
from pipeline.reading.repeats import SURE_OF_EITHER, without_repeats
from pipeline.recognition.cascade import CheckedReading


def line(cell, top, bottom, left=0.0, right=80.0):
    return CellLine(cell, InkLine(BBox(left, top, right, bottom), ()))


def texts(lines, *told):
    """What is left of lines that were read as texts with confidences."""
    left, readings = without_repeats(lines, [CheckedReading(text, sure, ()) for text, sure in told])
    assert len(left) == len(readings)
    return [(reading.text, reading.confidence) for reading in readings]


def test_of_two_overlapping_lines_that_say_the_same_the_surer_is_kept():
    lines = [line(0, 0, 15), line(0, 5, 25)]
    assert texts(lines, ("送检单位", 0.97), ("送检单位", 0.99)) == [("送检单位", 0.99)]
    assert texts(lines, ("送检单位", 0.99), ("送检单位", 0.97)) == [("送检单位", 0.99)]


def test_two_texts_of_the_same_ink_are_in_doubt():
    read = texts([line(0, 0, 15), line(0, 5, 25)], ("整改责任人", 0.99), ("重权责让人", 0.3))
    assert read == [("整改责任人", SURE_OF_EITHER), ("重权责让人", 0.3)]


def test_lines_below_or_beside_each_other_and_of_other_cells_are_lines_of_their_own():
    same = ("合计", 0.99)
    assert texts([line(0, 0, 20), line(0, 15, 35)], same, same) == [same, same]
    assert texts([line(0, 0, 20, 0, 40), line(0, 0, 20, 50, 90)], same, same) == [same, same]
    assert texts([line(0, 0, 20), line(1, 5, 25)], same, same) == [same, same]


def test_a_line_that_could_not_be_read_takes_no_text_away():
    assert texts([line(0, 0, 15), line(0, 5, 25)], ("", None), ("合计", 0.99)) == [("", None), ("合计", 0.99)]


def test_a_line_cut_in_three_is_kept_once():
    lines = [line(0, 0, 15), line(0, 5, 20), line(0, 10, 25)]
    assert texts(lines, ("合计", 0.97), ("合计", 0.99), ("合计", 0.98)) == [("合计", 0.99)]


def test_nothing_is_left_of_nothing():
    assert texts([]) == []
