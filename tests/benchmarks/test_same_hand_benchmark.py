"""The report on hands: which pairs are compared, how the curve is measured, and what is written."""

import csv
import importlib
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from written_names import strokes_of, written

same_hand = importlib.import_module("benchmarks.same_hand")
pens = importlib.import_module("benchmarks.drawing.pens")

PAGES = Path(__file__).parents[1] / "data" / "pages"


@pytest.fixture
def folder(tmp_path):
    """Four writers who wrote two names twice with a pen, and once on a screen."""
    with (tmp_path / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "writer", "name", "note"])
        for writer in range(4):
            for name, again in ((name, again) for name in range(2) for again in range(3)):
                drawn = written(strokes_of(name, writer, wobble=2.0, seed=again), height=200)
                cv2.imwrite(str(tmp_path / f"{writer}-{name}-{again}.png"), 255 - drawn)
                note = "screen" if again == 2 else ""
                rows.writerow([f"{writer}-{name}-{again}.png", f"w{writer}", f"name {name}", note])
        rows.writerow(["lost.png", "w0", "name 0", ""])
    return tmp_path


def test_pens_are_scanned_otherwise_with_another_seed_and_alike_with_the_same(folder):
    once, again, other = (pens.read_pens(folder, seed) for seed in (1, 1, 2))
    assert len(once) == 24
    assert all(np.array_equal(once[file].strokes, again[file].strokes) for file in once)
    assert not any(np.array_equal(once[file].strokes, other[file].strokes) for file in once)


def test_pairs_are_of_one_name_by_one_writer_or_by_two_on_the_same_or_of_two_names(folder):
    names = list(pens.read_pens(folder, 1).values())
    assert len(same_hand.of_one_writer(names, same_note=True)) == 8
    assert len(same_hand.of_one_writer(names, same_note=False)) == 16
    assert len(same_hand.of_other_writers(names)) == 2 * 6 * (2 * 2 + 1)
    assert all(a.name != b.name and a.writer != b.writer for a, b in same_hand.of_other_names(names))


def test_the_curve_is_measured_as_it_is_defined():
    same, other = np.array([0.9, 0.6, 0.2]), np.array([0.6, 0.1, 0.1, 0.1])
    assert same_hand.area_under_curve(same, other) == pytest.approx((4 + 3.5 + 3) / 12)
    assert same_hand.true_share(same, other, 0.0) == pytest.approx(1 / 3)
    assert same_hand.true_share(same, other, 1.0) == 1.0


def test_a_curve_is_fitted_that_tells_the_setting_writers_pairs_apart(folder):
    names = list(pens.read_pens(folder, 1).values())
    half, steep, _ = same_hand.fitted(same_hand.of_one_writer(names, same_note=True), same_hand.of_other_writers(names))
    assert 0.2 < half < 0.7
    assert steep > 5


def test_the_report_and_the_curve_say_what_came_of_the_writers_that_set_nothing(folder, tmp_path):
    same, others, names, line = same_hand.of_pens(folder)
    assert [len(pairs.probabilities) for pairs in (*same, others)] == [4, 8, 12, 10]
    report = same_hand.as_markdown(same, others, [others, names])
    assert "| the same name, written again with the same pen | 4 | 1.000 |" in report
    assert "half sure at" in line
    assert same_hand.as_svg(same, others).count("<polyline") == 3


def test_signatures_are_taken_from_pages_that_the_truth_knows_as_signed(tmp_path, monkeypatch):
    page = sorted(PAGES.glob("*.jpg"))[0]
    for name in ("signed", "unsigned"):
        shutil.copy(page, tmp_path / f"{name}.jpg")
        truth = {"signature": {"name": "贺成才"} if name == "signed" else None}
        (tmp_path / f"{name}.json").write_text(json.dumps(truth), encoding="utf-8")
    asked = []
    monkeypatch.setattr(same_hand, "read_page", lambda page, *_: asked.append(page) or NOTHING)
    assert list(same_hand.signatures_of(tmp_path, None)) == []
    assert len(asked) == 1


class NOTHING:
    signatures = ()
