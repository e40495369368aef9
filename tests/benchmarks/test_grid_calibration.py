"""Cells are judged in their places, and what is fitted is what the confidences were made of."""

import json

import numpy as np
import pytest

from benchmarks import grid_calibration
from benchmarks.grid_calibration import (
    Sample,
    as_markdown,
    best_shift,
    fit_border_odds,
    fit_weights,
    folds,
    log_loss,
    silent,
    truths,
)
from pipeline.elements import Axis
from pipeline.grid.cell_confidence import BASE_HAZARD

KINDS = 6


def sample(page, seed, factor=1.0):
    """A table whose cells are right as often as their hazards of the first kind, times a factor, say."""
    rng = np.random.default_rng(seed)
    hazards = np.zeros((60, KINDS))
    hazards[:, 0] = rng.choice([0.0, 0.3, 1.0], 60)
    right = rng.uniform(size=60) < np.exp(-factor * hazards[:, 0])
    scores = rng.uniform(0, 1, 80)
    drawn = rng.uniform(size=80) < 1 / (1 + np.exp(-20 * (scores - 0.4)))
    borders = np.stack([scores, drawn], axis=1)
    return Sample(page, bool(right.all()), right, hazards, {Axis.HORIZONTAL: borders, Axis.VERTICAL: borders})


def test_a_table_that_lacks_its_heading_is_compared_row_by_row():
    true = {(row, col, 1, 1) for row in range(4) for col in range(3)}
    true |= {(4, 0, 1, 3)}
    landed = {(row - 1, col, 1, span) for row, col, _, span in true if row}
    assert best_shift(true, landed) == (10, -1, 0)


def test_a_table_is_moved_only_so_far():
    assert best_shift({(0, 0, 1, 1)}, {(40, 0, 1, 1)}) == (0, 0, 0)


def test_truth_goes_with_the_image_of_its_name_and_what_is_no_truth_is_passed_over(tmp_path):
    for name, tree in (("a", {"tables": []}), ("b", {"cells": []}), ("c", {"boxes": []}), ("d", {"tables": []})):
        (tmp_path / f"{name}.json").write_text(json.dumps(tree), encoding="utf-8")
    for name in ("a.jpg", "b.png", "c.jpg"):
        (tmp_path / name).touch()
    assert [(image.name, truth.name) for image, truth in truths([tmp_path])] == [
        ("a.jpg", "a.json"),
        ("b.png", "b.json"),
    ]


def test_odds_of_borders_are_found_again():
    even, slope = fit_border_odds([sample(f"s/{seed}", seed) for seed in range(30)], Axis.VERTICAL)
    assert even == pytest.approx(0.4, abs=0.02)
    assert slope == pytest.approx(20, rel=0.25)


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_the_factor_of_a_kind_of_hazard_is_found_again_and_the_others_stay(factor):
    samples = [sample(f"s/{seed}", seed, factor) for seed in range(30)]
    weights = fit_weights(samples)
    assert weights[0] == pytest.approx(factor, rel=0.2)
    assert weights[1:KINDS] == pytest.approx(1.0)
    assert log_loss(samples, weights) <= log_loss(samples, np.ones(KINDS + 1)) + 1e-6


def test_a_page_is_never_fitted_to_and_tried_at_once():
    samples = [sample(f"s/{seed // 2}", seed) for seed in range(20)]
    parted = folds(samples)
    assert sorted(one.page for _, tried in parted for one in tried) == sorted(one.page for one in samples)
    for fitted, tried in parted:
        assert not {one.page for one in fitted} & {one.page for one in tried}


def test_the_report_has_the_reliability_and_names_tables_that_are_wrong_and_sure(monkeypatch):
    monkeypatch.setattr(grid_calibration, "STEPS", 20)
    wrong = Sample("s/silent", False, np.array([False]), np.zeros((1, KINDS)), {})
    samples = [*(sample(f"s/{seed}", seed) for seed in range(10)), wrong]
    report = as_markdown(samples)
    assert wrong.confidences == pytest.approx(np.exp(-BASE_HAZARD))
    assert silent(samples) == ["s/silent"]
    assert "| s | 11 | 0 | 0 | 1 |" in report
    assert "| walls |" in report
    assert "| horizontal | 0.39 |" in report
