"""A shape is measured in heights of the page's text, whatever its darkness."""

import numpy as np
import pytest
from drawn_marks import STROKES, mark_cut

from pipeline.marks.shapes import SHAPE_SCALE, measure_shape, shape_names


def measures(cut):
    return dict(zip(shape_names(), measure_shape(cut), strict=True))


def test_each_measure_has_a_name():
    assert len(measure_shape(mark_cut("×"))) == len(set(shape_names()))


def test_paper_has_no_shape():
    assert measure_shape(np.zeros((20, 20), np.uint8)) is None


def test_three_dashes_are_three_level_parts():
    of = measures(mark_cut("---"))
    assert (of["three_parts"], of["one_part"]) == (1, 0)
    assert of["part_level"] > 0.7
    assert np.exp(of["height"]) < 0.25


def test_a_box_has_a_hole_and_ink_along_its_four_sides():
    of = measures(mark_cut("□"))
    assert of["one_hole"] == 1
    assert of["side_least"] > 0.9
    assert of["inner_ink"] == 0


def test_a_cross_is_its_own_mirror_image_and_a_stroke_is_not():
    assert measures(mark_cut("×"))["mirror_across"] > 0.9
    assert measures(mark_cut("/"))["mirror_across"] < 0.5


@pytest.mark.parametrize("kind", STROKES)
def test_pale_ink_has_the_shape_of_dark_ink(kind):
    cut = mark_cut(kind)
    assert np.allclose(measure_shape(cut), measure_shape(np.asarray(cut // 2, np.uint8)), atol=0.25)


def test_lengths_are_in_heights_of_the_text():
    of = measures(mark_cut("□", size=SHAPE_SCALE))
    assert np.exp(of["height"]) == pytest.approx(1.0, abs=0.15)
