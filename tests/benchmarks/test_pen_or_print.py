"""Handwriting is told by weights that are fitted to pages with truth."""

import numpy as np
import pytest

from benchmarks.pen_or_print import Sample, fit, fit_model, report
from pipeline.handwriting import LineInk, ReadInk


def line(upright, height=24.0):
    return ReadInk(LineInk(height, 0.15, upright, 0.0, (-0.5,) * 4), "1024", 0.99)


def page(name, by_hand, seed):
    rng = np.random.default_rng(seed)
    truth = np.array([float(by_hand and index % 2) for index in range(12)])
    lines = [line(rng.normal(0.1 if pen else 0.3, 0.02), 34.0 if pen else 24.0) for pen in truth]
    return Sample(name, lines, truth)


def test_a_fit_finds_the_weights_that_made_the_data():
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.normal(0, 1, (4000, 2)), np.ones(4000)])
    truth = (rng.uniform(size=4000) < 1 / (1 + np.exp(-rows @ [2.0, -1.0, 0.5]))).astype(float)
    assert fit(rows, truth) == pytest.approx([2.0, -1.0, 0.5], abs=0.2)


def test_pen_and_print_are_told_on_pages_that_were_not_fitted_to():
    model = fit_model([page("forms", seed % 2 == 0, seed) for seed in range(8)])
    unseen = page("forms", True, 99)
    assert ((model.odds(unseen)[1] > 0) == (unseen.by_hand == 1)).all()


def test_the_report_counts_what_was_told_and_what_was_taken_for_a_hand():
    pages = [page("forms", True, 1), page("print", False, 2)]
    odds = [np.where(pages[0].by_hand == 1, 1.0, -1.0), np.array([1.0, *[-1.0] * 11])]
    text = report(pages, odds, fit_model(pages))
    assert "| forms | 6 | 6 | 6 | 0 | 0 |" in text
    assert "| print | 0 | 0 | 12 | 1 | 1 |" in text
