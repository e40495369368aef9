"""The report on strangers' pages: which pages it looks at, and what its tables say."""

import importlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

strangers = importlib.import_module("benchmarks.strangers")
measures = importlib.import_module("benchmarks.structure_measures")
relations = importlib.import_module("benchmarks.relations")
Cell, Table, Page, Truth, Counts = (
    getattr(measures, name) for name in ("PlacedCell", "FoundTable", "FoundPage", "TruePage", "Counts")
)

PAGES = Path(__file__).parents[1] / "data" / "pages"
NO_TABLES = Page()
PERFECT = Counts(1, 1, 4, 4, 4, 1, 1)
WRONG = Counts(1, 1, 4, 4, 2, 0, 0, 0, 1, 1)


def outcome(name, ours, peers=None, folder="real", page=NO_TABLES, **kinds):
    agreed = relations.Agreement(ours.placed, ours.true, ours.landed)
    found = [strangers.Found("signed-forms", page, ours, agreed)]
    found += [strangers.Found("img2table", NO_TABLES, peers, agreed)] if peers else []
    return strangers.Outcome(Truth(name, (), kinds=kinds), folder, tuple(found))


def test_each_folder_and_each_kind_has_a_row_for_each_system():
    text = strangers.strangers_markdown(
        [
            outcome("a", PERFECT, WRONG, lang="en"),
            outcome("b", WRONG, WRONG, lang="zh"),
            outcome("c", PERFECT, PERFECT, folder="wild"),
        ],
        ["lang"],
    )
    assert "| real | signed-forms | 2 | 2 | 0.750 | 0.500 | 0 | 1 | 1 | 1.000 |" in text
    assert "| real | img2table | 2 | 2 | 0.500 | 0.000 | 0 | 2 | – | – |" in text
    assert "| real, lang en | signed-forms | 1 | 1 | 1.000 | 1.000 | 0 | 0 | 0 | 1.000 |" in text
    assert "| real, lang zh | signed-forms | 1 | 1 | 0.500 | 0.000 | 0 | 1 | 1 |  |" in text
    assert "| wild | signed-forms | 1 |" in text
    assert "wild, lang" not in text


def test_reports_are_scored_by_their_relations_too():
    text = strangers.reports_markdown([outcome("a", PERFECT, skew="to 2°"), outcome("b", WRONG)], ["skew"])
    assert "| real, skew to 2° | signed-forms | 1.000 | 1.000 | 1.000 | 1 | 1 |" in text
    assert "| real | signed-forms | 0.750 | 0.750 | 0.750 | 2 | 2 | 0.750 | 0.500 | 0 | 1 | 1 | 1.000 |" in text


def test_grids_where_no_table_is_are_counted_and_named():
    sure, unsure = Table((Cell(0, 0),)), Table((Cell(0, 0, confidence=0.4),), doubted=True)
    extra = Counts(pages=1, landed=2, extra=2, sure_grids=1)
    text = strangers.without_tables_markdown(
        [outcome("letter.png", Counts(pages=1)), outcome("map.png", extra, page=Page((sure, unsure)))]
    )
    assert "| signed-forms | 2 | 1 | 2 | 1 | 1 |" in text
    assert "- map.png: 2 grids, the surest 1.000, 1 not doubted\n" in text
    assert "letter" not in text


def test_pages_that_are_not_perfect_are_named():
    named = strangers.imperfect([outcome("a", PERFECT), outcome("b", WRONG)])
    assert named == "- real/b: 2 of 4 cells in place, 4 landed, 1 tables extra, sure\n"


def test_without_anything_to_look_at_the_command_says_so(capsys):
    assert strangers.main([]) == 2
    assert "Name folders" in capsys.readouterr().err


def test_a_file_that_cannot_be_decoded_has_no_table(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    result = strangers.attempt(strangers.Job(tmp_path / "broken.png", peer=True))
    assert [found.counts for found in result.found] == [Counts(pages=1)] * 2
    assert result.found[0].page.doubted


@pytest.mark.slow
def test_a_page_with_truth_is_found_scored_and_drawn(tmp_path):
    name = "dev-024-clean"
    shutil.copy(PAGES / f"{name}.jpg", tmp_path)
    cells = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))["cells"]
    truth = {"image": f"{name}.jpg", "tables": [{"cells": cells}], "scan": {"lang": "zh"}}
    (tmp_path / f"{name}.json").write_text(json.dumps(truth), encoding="utf-8")
    result = strangers.attempt(strangers.Job(tmp_path / f"{name}.json", pictures=tmp_path / "pictures"))
    (found,) = result.found
    assert found.counts == Counts(1, 1, len(cells), len(cells), len(cells), 1, 1)
    assert found.relations.f1 == 1.0
    assert (tmp_path / "pictures" / f"{name}.jpg").stat().st_size > 0


@pytest.mark.slow
def test_a_drawn_report_is_looked_at_and_its_scan_may_be_kept(tmp_path):
    result = strangers.attempt(strangers.Job(Path("reports", "one"), report=(1, 0), pictures=tmp_path))
    assert result.truth.tables
    assert result.found[0].counts.structure > 0.9
    assert np.isclose(
        result.found[0].relations.true, sum(relations.relations(own).total() for own in result.truth.tables)
    )
    kept = strangers.attempt(strangers.Job(tmp_path / "scans" / "one.json"))
    assert kept.found[0].counts == result.found[0].counts
    assert kept.truth.kinds == result.truth.kinds
