"""What parts bring on pages by others: what stands in their place, what is counted, and what the tables say."""

import importlib
import json
from types import SimpleNamespace
from unittest import mock

import cv2
import numpy as np
import pytest
from drawing import drawn_form
from fake_engines import FakeOrienter, fake_engines
from readings import cell

from pipeline.elements import CellReading, Finding, FindingRule, Grid, Severity, TableReading

ablation = importlib.import_module("benchmarks.stranger_ablation")
texts = importlib.import_module("benchmarks.stranger_texts")
grid_parts = importlib.import_module("benchmarks.grid_parts")
substitutes = importlib.import_module("benchmarks.substitutes")
measures = importlib.import_module("benchmarks.structure_measures")

PARTS = grid_parts.GRID_PARTS
GOOD = measures.Counts(pages=1, tables=1, true=4, landed=4, placed=4, perfect=1, calm=1)
BAD = measures.Counts(pages=1, tables=1, true=4, landed=4, placed=2, sure_grids=1)


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    """The drawn form, with the cells that the product finds on it for its truth."""
    folder = tmp_path_factory.mktemp("truth")
    cv2.imwrite(str(folder / "form.png"), drawn_form())
    (page,) = ablation.ruled_pages.decoded(folder / "form.png")
    found = ablation.ruled_pages.found_on(ablation.ruled_pages.settled(page, fake_engines(orienter=FakeOrienter())))
    cells = [{**dict(zip(("row", "col", "row_span", "col_span"), c.place, strict=True))} for c in found.tables[0].cells]
    (folder / "form.json").write_text(json.dumps({"image": "form.png", "tables": [{"cells": cells}]}), encoding="utf-8")
    return folder / "form.json"


@pytest.fixture
def fakes(monkeypatch):
    own = fake_engines(orienter=FakeOrienter())
    for module in (ablation, texts):
        monkeypatch.setattr(module, "remembering", lambda: own)


@pytest.mark.parametrize("part", PARTS)
def test_what_is_taken_out_exists_and_something_else_stands_in_its_place(part):
    for owner, attribute, replacement in PARTS[part].substitutes:
        assert getattr(owner, attribute) is not replacement


def test_a_page_is_counted_as_built_and_with_every_part_taken_out(truth, fakes, monkeypatch):
    monkeypatch.setattr(ablation, "QUICK", ())  # all is looked at anew
    scores = ablation.attempt_grids(ablation.Job(truth, "forms"))
    assert [score.part for score in scores] == [ablation.AS_BUILT, *PARTS]
    counts = {score.part: score.counts for score in scores}
    assert (counts[ablation.AS_BUILT].perfect, counts[ablation.AS_BUILT].calm) == (1, 1)
    assert counts["dissection of odd cells"] == counts[ablation.AS_BUILT]


def test_parts_whose_substitutes_answer_alike_are_not_looked_at_anew(truth, fakes, monkeypatch):
    parts = {name: PARTS[name] for name in ("frames", "streaks", "curves")}
    monkeypatch.setattr(ablation, "GRID_PARTS", parts)
    with mock.patch.object(ablation, "_looked_at", wraps=ablation._looked_at) as looked_at:
        scores = ablation.attempt_grids(ablation.Job(truth, "forms"))
    assert [score.part for score in scores] == [ablation.AS_BUILT, *parts]
    assert looked_at.call_count == 1


def test_a_watched_function_notes_that_its_substitute_would_have_answered_otherwise():
    module = SimpleNamespace(double=lambda value: 2 * value, lines=lambda: iter([1]))
    watched = substitutes.Watched(substitutes.Substitute(module, "double", lambda value: value))
    assert watched(np.zeros(2)).tolist() == [0.0, 0.0]
    assert not watched.differs
    assert watched(3) == 6
    assert watched.differs
    assert watched(0) == 0
    assert watched.differs
    lines = substitutes.Watched(substitutes.Substitute(module, "lines", lambda: (1,)))
    assert tuple(lines()) == (1,)
    assert not lines.differs


def test_img2table_is_asked_once_about_a_place_of_a_page():
    ask = mock.Mock(side_effect=lambda page, own: [own])
    remembered, page, own = ablation.RememberingCrossCheck(ask), object(), np.array([[0.0, 0, 9, 9], [9, 0, 20, 9]])
    first = remembered(page, own)
    assert remembered(page, own[::-1].copy()) is first
    remembered(page, own + 1)
    remembered(object(), own)
    assert ask.call_count == 3


# --- texts ------------------------------------------------------------------------------------------------------------


def reading(*cells, findings=()):
    """A page with a table of one row, of which the texts and their confidences are given."""
    places = [cell(0, col) for col in range(len(cells))]
    grid = Grid(0, 1, len(cells), tuple(places))
    read = tuple(CellReading(own, text, sure, ()) for own, (text, sure) in zip(places, cells, strict=True))
    return SimpleNamespace(tables=(TableReading(grid, read),), findings=findings)


def true_row(*contents):
    cells = (
        measures.PlacedCell(0, col, text=text or "", is_known=text is not None) for col, text in enumerate(contents)
    )
    return measures.TruePage("page", (tuple(cells),))


@pytest.mark.parametrize(
    ("true", "landed", "sure", "counts"),
    [
        ("a b", "ab", 0.99, {"exact": 1}),
        ("1—2", "1-2", 0.99, {"exact": 1}),
        ("", "", 0.99, {"exact": 1}),
        ("a", "", 0.99, {"lost": 1, "silent": 1}),
        ("a", "", 0.9, {"lost": 1, "asked": 1}),
        ("a", None, None, {"lost": 1, "asked": 1}),
        ("a", "b", 0.99, {"sure_wrong": 1}),
        ("", "b", 0.99, {"sure_wrong": 1}),
        ("a", "b", 0.9, {"asked": 1}),
    ],
)
def test_a_text_is_exact_lost_or_wrong_and_told_or_not(true, landed, sure, counts):
    own = texts.count_texts(true_row(true), [reading((landed, sure))])
    assert own == texts.TextCounts(texts=1, **counts)


def test_a_text_that_the_truth_does_not_know_is_not_counted():
    own = texts.count_texts(true_row(None, "a…", "c"), [reading(("x", 0.99), ("y", 0.99), ("c", 0.99))])
    assert own == texts.TextCounts(texts=1, exact=1)


@pytest.mark.parametrize(("severity", "silent"), [(Severity.WARNING, 0), (Severity.INFO, 1)])
def test_a_warning_on_its_cell_tells_of_a_lost_text(severity, silent):
    finding = Finding(FindingRule.UNREAD_INK, severity, "", 1, table_index=0, row=0, col=0)
    own = texts.count_texts(true_row("a"), [reading(("", 0.99), findings=(finding,))])
    assert (own.lost, own.silent) == (1, silent)


@pytest.mark.parametrize(("true", "sure_wrong"), [(("a", "b"), 1), (("a", "b", "c"), 0)])
def test_a_warning_on_the_grid_tells_of_wrong_texts_where_the_grid_is_wrong(true, sure_wrong):
    finding = Finding(FindingRule.GRID_DOUBTFUL, Severity.WARNING, "", 1, table_index=0)
    page = reading(("a", 0.99), ("x", 0.99), findings=(finding,))
    assert texts.count_texts(true_row(*true), [page]).sure_wrong == sure_wrong


def test_a_page_is_read_with_every_part_taken_out(truth, fakes):
    counted = dict(texts.read_with_parts_out(truth))
    assert list(counted) == [None, *texts.TEXT_PARTS]


# --- tables -----------------------------------------------------------------------------------------------------------


def score(part, folder, counts):
    return ablation.Score(folder, part, counts)


def test_parts_that_change_a_measure_have_a_row_in_its_table_and_the_others_are_named_once():
    built = [score(ablation.AS_BUILT, folder, GOOD) for folder in ("real", "wild")]
    frames = [score("frames", "real", BAD), score("frames", "wild", GOOD)]
    streaks = [score("streaks", folder, GOOD) for folder in ("real", "wild")]
    text = ablation.grids_markdown([*built, *frames, *streaks])
    assert "| Structure F1 | real | wild |\n" in text
    assert "| as built | 1.000 | 1.000 |\n| without: frames | 0.500 | 1.000 |\n" in text
    assert "| as built | 1 / 0 / 0 | 1 / 0 / 0 |\n| without: frames | 0 / 0 / 0 | 1 / 0 / 0 |\n" in text
    assert "| as built | 1 / 0 | 1 / 0 |\n| without: frames | 0 / 1 | 1 / 0 |\n" in text
    assert text.endswith("\nAll the same without: streaks.\n")


def test_texts_are_shown_as_counts():
    one = texts.TextCounts(texts=4, exact=2, lost=1, silent=1, sure_wrong=1, asked=2)
    text = ablation.texts_markdown([score(ablation.AS_BUILT, "real", one), score("dust", "real", texts.TextCounts())])
    assert "| texts | 4 |\n| as built | 0.5000 |\n| without: dust | – |\n" in text
    assert "| as built | 1 / 1 |\n" in text
    assert "| as built | 1 / 2 |\n" in text


def test_folders_go_by_the_names_before_them_and_both_reports_are_written(tmp_path, truth, monkeypatch):
    chosen = []

    def run_all(attempt, jobs):
        chosen.append((attempt, jobs))
        counts = GOOD if attempt is ablation.attempt_grids else texts.TextCounts(texts=1, exact=1)
        return [[score(ablation.AS_BUILT, job.folder, counts)] for job in jobs]

    monkeypatch.setattr(ablation, "run_all", run_all)
    ablation.main([f"forms, drawn={truth.parent}", str(truth.parent), "--pages", "1", "--out", str(tmp_path)])
    jobs = [ablation.Job(truth, "forms, drawn"), ablation.Job(truth, truth.parent.name)]
    assert chosen == [(ablation.attempt_texts, jobs), (ablation.attempt_grids, jobs)]
    assert "| Structure F1 | forms, drawn |" in (tmp_path / "ablation-grids.md").read_text("utf-8")
    assert "| texts | 1 | 1 |" in (tmp_path / "ablation-texts.md").read_text("utf-8")
