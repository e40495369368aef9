"""The ablation and cost reports: what stands in for a part that is taken out, and how the difference is shown."""

import importlib
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

import cv2
import numpy as np
import pytest
from drawing import SEAL_INK, drawn_form, scanned, sheet, upright
from fake_engines import FakeOrienter, fake_engines

from pipeline.dewarp.dewarping import dewarp
from pipeline.elements import BBox, Status
from pipeline.engines.protocols import LineReading
from pipeline.evaluate.measures import Counts
from pipeline.page import read as page
from pipeline.settings.settings import Settings

ablation = importlib.import_module("benchmarks.ablation")
substitutes = importlib.import_module("benchmarks.substitutes")
cost = importlib.import_module("benchmarks.cost")
specimens = importlib.import_module("benchmarks.drawing.specimens")

PAGES = Path(__file__).parents[1] / "data" / "pages"


@pytest.mark.parametrize("part", ablation.PARTS)
def test_what_is_taken_out_exists_and_something_else_stands_in_its_place(part):
    for owner, attribute, replacement in ablation.PARTS[part]:
        before = getattr(owner, attribute)
        with mock.patch.object(owner, attribute, replacement):
            assert getattr(owner, attribute) is not before


@pytest.mark.parametrize("part", ablation.PARTS)
def test_a_page_is_read_with_the_part_taken_out(part):
    with ExitStack() as stack:
        for substitute in ablation.PARTS[part]:
            stack.enter_context(mock.patch.object(*substitute))
        reading = page.read_page(scanned(drawn_form()), fake_engines(orienter=FakeOrienter()), Settings())
    assert reading.status in {Status.LANDED, Status.PARTIAL}


def test_to_a_gray_scanner_a_seal_is_ink():
    scan = cv2.cvtColor(sheet(), cv2.COLOR_GRAY2BGR)
    cv2.circle(scan, (600, 400), 80, SEAL_INK, 6)
    ring = (slice(478, 482), slice(595, 605))
    assert substitutes.ink.separate_ink(scan).darkness[ring].max() < 40
    assert substitutes.without_color(scan).darkness[ring].min() > 80


def test_a_line_cut_from_the_flat_page_at_its_own_height_has_its_pixels():
    straight = upright(cv2.cvtColor(drawn_form(), cv2.COLOR_GRAY2BGR))
    dewarped = dewarp(straight)
    cut = substitutes.cut_from_flat_page(dewarped, straight.image, BBox(300, 200, 420, 230), 30)
    assert np.array_equal(cut, 255 - dewarped.darkness[200:230, 300:420])


def test_a_crop_is_read_once():
    inner = mock.Mock()
    inner.read.side_effect = lambda crops, reduced, exact: [
        LineReading(f"{crop[0, 0, 0]}{' reduced' * reduced}{' exact' * exact}", 1.0, (1.0,)) for crop in crops
    ]
    recogniser = substitutes.RememberingRecogniser(inner)
    one, two = (np.full((48, 60, 3), shade, np.uint8) for shade in (1, 2))
    assert [reading.text for reading in recogniser.read([one, two, one])] == ["1", "2", "1"]
    assert [reading.text for reading in recogniser.read([two, two.reshape(24, 120, 3)])] == ["2", "2"]
    assert [reading.text for reading in recogniser.read([one, two], reduced=True)] == ["1 reduced", "2 reduced"]
    assert [reading.text for reading in recogniser.read([two, two], exact=True)] == ["2 exact", "2 exact"]
    assert [len(call.args[0]) for call in inner.read.call_args_list] == [2, 1, 2, 1]


def test_an_image_is_searched_for_lines_once():
    inner = mock.Mock()
    inner.detect.side_effect = lambda image: [image.shape]
    detector = substitutes.RememberingDetector(inner)
    one, two = np.zeros((48, 60, 3), np.uint8), np.zeros((60, 48, 3), np.uint8)
    assert [detector.detect(image) for image in (one, two, one)] == [[one.shape], [two.shape], [one.shape]]
    assert inner.detect.call_count == 2


def test_one_brightness_for_the_whole_page_leaves_its_shadows():
    shaded = np.tile(np.linspace(240, 120, 400).astype(np.uint8), (300, 1))
    dewarped = substitutes.one_paper(shaded)
    assert dewarped[0, 0] == 255
    assert dewarped[0, 200] == pytest.approx(255, abs=3)
    assert dewarped[0, -1] == pytest.approx(170, abs=3)


def test_pages_of_all_conditions_are_read_and_some_that_are_worn(tmp_path):
    for name in ("a-clean", "b-clean", "c-clean", "d-hard"):
        (tmp_path / f"{name}.jpg").touch()
        (tmp_path / f"{name}.json").touch()
    jobs = [(job.page.stem, job.condition, job.wear) for job in ablation.jobs(tmp_path, 2)]
    assert jobs[:3] == [("a-clean", "clean", None), ("b-clean", "clean", None), ("d-hard", "hard", None)]
    assert jobs[3:5] == [("b-clean", "worn", ("short dashes", 0.35)), ("d-hard", "worn", ("short dashes", 0.35))]
    assert len(jobs) == 3 + 2 * len(ablation.WORN)


def score(part, condition, placed, right=True, flagged=False):
    counts = Counts(pages=1, cells_true=10, cells_landed=10, placed=placed, read_right=placed - 1, exact=placed - 1)
    return ablation.Score(condition, part, counts, right, flagged, ((True, False), (False, True), (False, False)))


def test_only_parts_that_change_a_measure_have_a_row_in_its_table():
    scores = [score(part, "hard", 10) for part in (ablation.AS_BUILT, *ablation.PARTS) if part != "repairs of walls"]
    scores += [score("repairs of walls", "hard", 6, right=False)]
    report = ablation.as_markdown(scores)
    assert "| as built | 1.000 |\n| without: repairs of walls | 0.600 |\n" in report
    assert "| as built | 0.900 |\n| without: repairs of walls | 0.500 |\n" in report
    assert "| as built | 1 / 0 |\n| without: repairs of walls | 0 / 1 |\n" in report
    assert "| as built | 1 of 2, 1 |\n" in report
    assert report.count("without: second opinion") == 0
    assert report.count("second opinion") == 4


@pytest.mark.slow
def test_without_turning_it_a_page_on_its_side_is_lost(monkeypatch):
    monkeypatch.setattr(ablation, "PARTS", {"quarter turns": ablation.PARTS["quarter turns"]})
    built, without = ablation.attempt(ablation.Job(PAGES / "dev-t07-turned.jpg", "turned"))
    assert (built.part, built.right, built.flagged) == (ablation.AS_BUILT, True, False)
    assert (without.part, without.right) == ("quarter turns", False)


# --- cost -------------------------------------------------------------------------------------------------------------


def test_the_cost_of_the_stages_adds_up():
    specimen = specimens.Specimen(cv2.cvtColor(drawn_form(), cv2.COLOR_GRAY2BGR), frozenset(), ())
    seconds = dict(zip(cost.STAGES, cost.stage_seconds(specimen), strict=True))
    assert all(second >= 0 for second in seconds.values())
    assert seconds["these three"] == pytest.approx(sum(list(seconds.values())[:3]))
    assert seconds["these three"] > 0


def test_the_cost_report_shows_median_mean_and_most():
    report = cost.as_markdown([(0.1, 0.2, 0.3, 0.6, 0.0), (0.2, 0.2, 0.3, 0.7, 0.0), (0.6, 0.2, 0.3, 1.1, 0.9)])
    assert "| deskew | 0.200 | 0.300 | 0.600 |" in report
    assert "| second opinion | 0.000 | 0.300 | 0.900 |" in report


def test_without_pages_of_the_usual_size_there_is_no_cost():
    assert cost.as_markdown([]) == "No page is of the usual size.\n"
