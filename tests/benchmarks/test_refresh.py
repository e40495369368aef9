"""Measured tables in the docs: each goes to its place, and nothing else changes."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
refresh = importlib.import_module("benchmarks.refresh")

DOCUMENT = """# Title
<!-- begin poses -->
old poses
<!-- end poses -->
between
<!-- begin cost -->
<!-- end cost -->
"""


def test_a_measured_table_replaces_the_old_one_and_the_others_stay():
    fresh = refresh.refreshed(DOCUMENT, {"cost": "| new \\1 |\n\n", "robustness": "not asked for"})
    assert fresh == DOCUMENT.replace("<!-- begin cost -->\n", "<!-- begin cost -->\n| new \\1 |\n")


def test_refreshing_twice_changes_nothing_more():
    once = refresh.refreshed(DOCUMENT, {"poses": "a\n", "cost": "b"})
    assert refresh.refreshed(once, {"poses": "a\n", "cost": "b"}) == once


@pytest.mark.parametrize(
    "document",
    ["<!-- begin a -->\n", "<!-- end a -->\n", "<!-- begin a -->\n<!-- end b -->\n"],
)
def test_marks_that_are_no_pairs_are_refused(document):
    with pytest.raises(ValueError, match="do not make pairs"):
        refresh.refreshed(document, {})


def test_the_command_rewrites_the_document_and_names_what_was_not_measured(tmp_path, capsys):
    document = tmp_path / "vision.md"
    document.write_text(DOCUMENT)
    (tmp_path / "poses.md").write_text("new poses\n")
    assert refresh.main(["--tables", str(tmp_path), "--document", str(document)]) == 0
    assert document.read_text() == DOCUMENT.replace("old", "new")
    assert "cost: stays" in capsys.readouterr().out


def test_a_document_with_odd_marks_is_left_alone(tmp_path, capsys):
    document = tmp_path / "vision.md"
    document.write_text("<!-- begin poses -->\n")
    assert refresh.main(["--document", str(document)]) == 1
    assert "do not make pairs" in capsys.readouterr().err
    assert document.read_text() == "<!-- begin poses -->\n"


def test_the_docs_have_a_place_for_every_table_that_is_measured():
    names = [name for page in refresh.DOCS.glob("*.md") for name in refresh.table_names(page.read_text("utf-8"))]
    vision = [
        "ablation",
        "ablation-grids",
        "ablation-texts",
        "cost",
        "grid-calibration",
        "mark-shapes",
        "pen-or-print",
        "poses",
        "reports",
        "robustness",
        "strangers",
        "text-confidence",
        "texts",
        "without_tables",
    ]
    signatures = ["placements", "rosters", "same_hand", "signatures", "unsigned"]
    assert sorted(names) == sorted([*vision, *signatures, "growth", "speed"])


def test_several_documents_are_rewritten_at_once(tmp_path, capsys):
    pages = [tmp_path / "vision.md", tmp_path / "signatures.md"]
    for page in pages:
        page.write_text(DOCUMENT)
    (tmp_path / "poses.md").write_text("new poses\n")
    assert refresh.main(["--tables", str(tmp_path), "--document", *map(str, pages)]) == 0
    assert [page.read_text() for page in pages] == [DOCUMENT.replace("old", "new")] * 2
    assert capsys.readouterr().out.count("poses: refreshed") == 2
