"""The measure of signatures counts what is right, what is wrong and said so, and what is wrong in silence."""

import importlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
signatures = importlib.import_module("benchmarks.signatures")

BOX = [[0, 0], [10, 0], [10, 10], [0, 10]]
TRUTH = signatures.Written("张三", "3.30", "3.30", None, 3, 30, "beside", "pen", "1", BOX, BOX)
RIGHT = signatures.Outcome(TRUTH, True, "张三", (None, 3, 30), "3.30", 0.97)
DOUBTED = RIGHT._replace(dated=(None, 3, 3), text="3.3", confidence=0.5)
SILENT = RIGHT._replace(named="张王", dated=(None, 8, 30), text="8.30", confidence=0.93)
MISSED = signatures.Outcome(TRUTH, found=False)


def row_of(report, name):
    return next(line for line in report.splitlines() if line.startswith(f"| {name} "))


def test_what_is_right_wrong_and_silent_is_counted():
    row = row_of(signatures.as_markdown([RIGHT, DOUBTED, SILENT, MISSED]), "all")
    assert row == "| all | 3 of 4 | 1 of 4 (0.05–0.70) | 2 of 4 (0.15–0.85) | 1 |"


def test_a_written_year_must_be_right_too():
    dated = TRUTH._replace(form="2023.3.30", year=2023)
    assert not RIGHT._replace(truth=dated).date_right
    assert RIGHT._replace(truth=dated, dated=(2023, 3, 30)).date_right


def test_dates_without_a_point_are_counted_apart():
    lost = RIGHT._replace(truth=TRUTH._replace(form=signatures.LOST_POINT, date="330"), confidence=0.6)
    report = signatures.as_markdown([RIGHT, lost])
    assert row_of(report, "all").startswith("| all | 1 of 1 |")
    assert "Of 1 dates written without a point (330), 1 were read as the day that was meant, and 0 without" in report


def test_confidences_are_compared_with_the_share_that_is_right():
    report = signatures.as_markdown([RIGHT, DOUBTED, SILENT, MISSED])
    assert row_of(report, "0.5–0.7") == "| 0.5–0.7 | 1 | 0.50 | 0 of 1 (0.00–0.79) |"
    assert row_of(report, "0.95–1").startswith("| 0.95–1 | 1 | 0.97 | 1 of 1")


@given(st.integers(1, 400), st.data())
def test_wilsons_interval_holds_the_share_and_stays_within_0_and_1(count, data):
    right = data.draw(st.integers(0, count))
    low, high = signatures.wilson(right, count)
    assert -1e-9 <= low <= right / count + 1e-9
    assert right / count - 1e-9 <= high <= 1 + 1e-9


@pytest.mark.slow
def test_a_margin_in_a_script_font_is_read(tmp_path):
    orders = signatures.orders(1, 2, [], [])
    outcome = signatures.attempt(orders[0])
    assert outcome.found
    assert outcome.date_right
