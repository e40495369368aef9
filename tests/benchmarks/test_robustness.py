"""The robustness and pose reports: which pages they try, and how they count what became of their grids."""

import importlib
from pathlib import Path

import numpy as np
import pytest

robustness = importlib.import_module("benchmarks.robustness")
poses = importlib.import_module("benchmarks.poses")
specimens = importlib.import_module("benchmarks.drawing.specimens")
trials = importlib.import_module("benchmarks.trials")

PAGES = Path(__file__).parents[1] / "data" / "pages"


def verdict(right, confidence, f1=None, flagged=None):
    own_f1 = (1.0 if right else 0.5) if f1 is None else f1
    return trials.Verdict(right, own_f1, confidence, confidence < 0.9 if flagged is None else flagged)


def outcome(right, confidence, strength=2.0):
    return robustness.Outcome(robustness.Trial(Path("a.jpg"), "curl", strength), verdict(right, confidence))


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    for name in ("a-clean", "b-clean", "c-clean", "d-hard", "e-photo", "f-photo"):
        (tmp_path / f"{name}.jpg").touch()
        (tmp_path / f"{name}.json").touch()
    (tmp_path / "g-fax.jpg").touch()  # no truth
    return tmp_path


@pytest.mark.parametrize(
    ("count", "names"),
    [
        (3, ["b-clean", "d-hard", "f-photo"]),
        (4, ["a-clean", "b-clean", "d-hard", "f-photo"]),
        (99, ["a-clean", "b-clean", "c-clean", "d-hard", "e-photo", "f-photo"]),
    ],
)
def test_pages_are_taken_from_every_condition_in_turn(folder, count, names):
    assert [page.stem for page in specimens.mixed(folder, count)] == names


@pytest.mark.parametrize(("count", "names"), [(2, ["b-clean", "d-hard"]), (9, ["b-clean", "d-hard", "f-photo"])])
def test_one_page_of_each_condition_is_the_middle_one(folder, count, names):
    assert [page.stem for page in specimens.one_each(folder, count)] == names


def test_a_turned_page_is_tried_upright():
    page = specimens.read_specimen(PAGES / "dev-t07-turned.jpg")
    height, width = page.image.shape[:2]
    assert height > width
    assert all((line >= 0).all() and (line <= (width, height)).all() for line in page.ruling)
    assert page.dpi == pytest.approx(height / 11.69)


# --- distortions ------------------------------------------------------------------------------------------------------


def test_the_report_counts_right_flagged_and_silently_wrong_pages():
    report = robustness.as_markdown(
        [outcome(True, 0.99), outcome(True, 0.5), outcome(False, 0.95), outcome(False, 0.0)]
    )
    assert "| curl | 2 mm | 4 | 0.750 | 2 | 1 | 1 |" in report
    assert "| 0–0.5 | 1 | 0.000 |" in report
    assert "| 0.5–0.9 | 1 | 1.000 |" in report
    assert "| 0.9–0.97 | 1 | 0.000 |" in report
    assert "| 0.97–1 | 1 | 1.000 |" in report
    assert "Of 2 grids with a confidence of 0.9 or more, 1 are right; of 2 right ones, 1 reach 0.9." in report


@pytest.mark.parametrize(
    ("rights", "limit"),
    [
        ([True, True, True, True], "10 mm and beyond"),
        ([True, True, False, True], "4 mm"),
        ([False, True, True, True], "none of these"),
    ],
)
def test_a_limit_is_the_last_strength_before_the_first_that_is_not_borne(rights, limit):
    outcomes = [outcome(right, 0.99, strength) for right, strength in zip(rights, (2, 4, 6, 10), strict=True)]
    assert f"| curl | {limit} |" in robustness.as_markdown(outcomes)


# --- poses ------------------------------------------------------------------------------------------------------------


def test_every_angle_turn_and_resolution_is_tried_and_none_twice():
    tried = poses.poses()
    assert len(set(tried)) == len(tried)
    assert {(p.degrees, p.turns) for p in tried if p.dpi is None and p.quality is None} == {
        (degrees, turns) for degrees in np.arange(-15, 15.1, 2.5) for turns in range(4)
    }
    assert {p.dpi for p in tried} == {None, 120, 150, 200, 300, 400}
    assert {p.quality for p in tried} == {None, 30}


@pytest.mark.parametrize(
    ("pose", "claimed"),
    [
        (poses.Pose(10.0, 3, 400), True),
        (poses.Pose(-10.0, 0, 150, 30), True),
        (poses.Pose(12.5), False),
        (poses.Pose(0.0, 0, 120), False),
    ],
)
def test_the_claim_ends_at_ten_degrees_and_150_dpi(pose, claimed):
    assert pose.claimed is claimed


def test_the_pose_report_holds_the_claim_against_what_came_of_it():
    page = Path("a-clean.jpg")
    report = poses.as_markdown(
        [
            poses.Outcome(page, poses.Pose(), verdict(True, 0.99)),
            poses.Outcome(page, poses.Pose(10.0), verdict(True, 0.8)),
            poses.Outcome(page, poses.Pose(0.0, 1), verdict(False, 0.99)),
            poses.Outcome(page, poses.Pose(15.0), verdict(False, 0.3)),
        ]
    )
    assert "| within ±10°, all turns, 150–400 dpi | 3 | 2 | 1 | 33.3% | 1 |" in report
    assert "| beyond | 1 | 0 | 0 | 0.0% | 0 |" in report
    assert "| 0° | 1/1 | 0/1, 1 wrong (1 not flagged) |" in report
    assert "- a-clean, 10°, 0 turns, its own dpi: right, flagged (0.80)" in report
    assert "15°, 0" not in report


# --- the pipeline on a real page --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_real_page_saved_coarsely_is_right_and_sure():
    result = robustness.attempt(robustness.Trial(PAGES / "dev-024-clean.jpg", "JPEG quality", 30.0))
    assert result.verdict.clear
    assert result.verdict.structure_f1 == 1.0


@pytest.mark.slow
def test_a_real_page_on_its_side_is_turned_upright():
    page = PAGES / "dev-024-clean.jpg"
    assert poses.attempt((page, poses.Pose(5.0, 3))).verdict.clear
    image, structure = (specimens.read_specimen(page)[i] for i in (0, 1))
    sideways = trials.judge(np.rot90(image), 212.0, structure, turns=1)
    assert not sideways.right
    assert sideways.structure_f1 < 0.5
