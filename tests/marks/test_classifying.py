"""Marks are told from each other, and from letters that look like them, by their shape."""

import json

import numpy as np
import pytest
from drawn_marks import LETTERS, MARKS, mark_cut

from pipeline.marks import classifying
from pipeline.marks.classifying import NO_MARK, MarkModel, mark_model, mark_probabilities
from pipeline.marks.shapes import measure_shape, shape_names


def likeliest(kind):
    probabilities = mark_probabilities(measure_shape(mark_cut(kind)))
    return max(probabilities, key=probabilities.get)


@pytest.mark.parametrize("kind", MARKS)
def test_a_mark_is_told_by_its_shape(kind):
    assert likeliest(kind) == kind


@pytest.mark.parametrize("kind", LETTERS)
def test_a_letter_or_numeral_is_no_mark(kind):
    assert likeliest(kind) == NO_MARK


def test_probabilities_are_one_together():
    assert sum(mark_probabilities(measure_shape(mark_cut("√"))).values()) == pytest.approx(1.0)


def test_what_lies_far_from_all_marks_says_no_more_than_what_lies_at_their_edge():
    model = MarkModel(("", "√"), np.zeros(1), np.ones(1), np.array([[0.0, 1.0]]), np.zeros(2))
    far, edge = (mark_probabilities(np.array([value]), model)["√"] for value in (1000.0, 4.0))
    assert far == edge


def test_a_model_of_other_measures_is_refused(monkeypatch, tmp_path):
    model = {"kinds": [""], "biases": [0], "measures": {"colour": {"mean": 0, "spread": 1, "weights": [0]}}}
    (tmp_path / "model.json").write_text(json.dumps(model), encoding="utf-8")
    monkeypatch.setattr(classifying, "files", lambda package: tmp_path)
    with pytest.raises(ValueError, match="measures"):
        mark_model.__wrapped__()


def test_the_shipped_model_has_a_weight_of_each_measure_for_each_kind():
    model = mark_model()
    assert model.weights.shape == (len(shape_names()), len(model.kinds))
    assert NO_MARK in model.kinds
