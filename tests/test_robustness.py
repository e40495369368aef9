"""The robustness report: what it does to pages, and how it counts what became of their grids."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from drawing import drawn_form

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def load(name):
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


distortions = load("distortions")
robustness = load("robustness")
STRENGTHS = [(name, function, strengths) for name, (function, _, strengths) in robustness.SWEEPS.items()]


@pytest.fixture(scope="module")
def page():
    gray = 255 - drawn_form()
    return np.dstack([gray] * 3)


@pytest.mark.parametrize(("name", "distort", "strengths"), STRENGTHS, ids=[name for name, _, _ in STRENGTHS])
def test_a_distortion_gives_the_same_page_each_time_and_leaves_its_source_alone(page, name, distort, strengths):
    before = page.copy()
    worse = distort(page, strengths[-1])
    assert worse.dtype == np.uint8
    assert worse.ndim == 3
    assert np.array_equal(worse, distort(page, strengths[-1]))
    assert np.array_equal(page, before)
    assert name == "as it is" or not np.array_equal(worse, page)


def outcome(right, confidence, strength=1.0):
    return robustness.Outcome(robustness.Trial(Path("a.jpg"), "curl", strength), right, confidence)


def test_the_report_counts_right_flagged_and_silently_wrong_pages():
    report = robustness.as_markdown(
        [outcome(True, 0.99), outcome(True, 0.5), outcome(False, 0.95), outcome(False, 0.0)]
    )
    assert "| curl | 1 mm | 4 | 2 | 1 | 1 |" in report
    assert "| 0-0.5 | 1 | 0.000 |" in report
    assert "| 0.5-0.9 | 1 | 1.000 |" in report
    assert "| 0.9-0.97 | 1 | 0.000 |" in report
    assert "| 0.97-1 | 1 | 1.000 |" in report


@pytest.mark.slow
def test_a_real_page_is_right_and_sure_as_it_is():
    pages = Path(__file__).parent / "data" / "pages"
    result = robustness.attempt(robustness.Trial(pages / "dev-024-clean.jpg", "as it is", 1.0))
    assert result.right
    assert not result.flagged
