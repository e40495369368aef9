"""The accuracy benchmark: which files it reads, and what it writes."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from pipeline.errors import TruthInvalid
from pipeline.evaluate import Evaluation
from pipeline.evaluate.reliability import Observation, reliability

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "accuracy.py"
CELL = {"row": 0, "col": 0, "row_span": 1, "col_span": 1, "text": "甲"}


@pytest.fixture(scope="module")
def accuracy():
    spec = importlib.util.spec_from_file_location("accuracy", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fill(folder, *names):
    folder.mkdir()
    for name in names:
        (folder / name).write_text(json.dumps({"n_rows": 1, "n_cols": 1, "cells": [CELL]}))
    return folder


def test_pages_without_truth_are_left_alone(accuracy, tmp_path):
    folder = fill(tmp_path / "set", "a.json", "a.JPG", "b.json", "b.tif", "c.jpg", "notes.md")
    assert [path.name for path in accuracy.page_files(folder)] == ["a.JPG", "b.tif"]


def test_numbered_pages_belong_to_the_one_pdf(accuracy, tmp_path):
    folder = fill(tmp_path / "set", "page-01.json", "page-02.json", "scan.pdf")
    assert [path.name for path in accuracy.page_files(folder)] == ["scan.pdf"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a.jpg"], "holds no truth file"),
        (["a.json"], r"a\.json: its page is missing"),
        (["a.json", "scan.pdf"], r"a\.json: its page is missing"),
        (["a.json", "a.jpg", "a.png"], r"several pages fit: a\.jpg, a\.png"),
        (["page-01.json", "x.pdf", "y.pdf"], r"several pages fit: x\.pdf, y\.pdf"),
    ],
)
def test_truth_without_its_one_page_is_refused(accuracy, tmp_path, names, message):
    with pytest.raises(TruthInvalid, match=message):
        accuracy.page_files(fill(tmp_path / "set", *names))


def test_it_writes_a_page_of_tables_and_a_row_per_page(accuracy, tmp_path, monkeypatch):
    def land(sources, tables, workers):
        assert ([path.name for path in sources], workers) == (["a-clean.jpg", "b-fax.jpg"], 2)
        (tables / "documents").mkdir()
        parquet.write_table(
            pa.table({"document_id": ["d1"], "source_name": ["a-clean.jpg"]}), tables / "documents" / "d1.parquet"
        )
        return 3.0

    monkeypatch.setattr(accuracy, "digitise", land)
    folder = fill(tmp_path / "set", "a-clean.json", "a-clean.jpg", "b-fax.json", "b-fax.jpg")
    assert accuracy.main([str(folder), "--out", str(tmp_path / "out"), "--workers", "2"]) == 0
    assert "2 pages in 3 s (1.50 s a page" in (tmp_path / "out" / "set.md").read_text(encoding="utf-8")
    rows = parquet.read_table(tmp_path / "out" / "set.parquet").to_pylist()
    assert [(row["page"], row["condition"], row["landed"], row["exact_f1"]) for row in rows] == [
        ("a-clean", "clean", False, 0.0),
        ("b-fax", "fax", False, 0.0),
    ]


def test_it_tells_what_confidences_of_texts_are_worth(accuracy):
    seen = [(0.4, False), (0.4, True), (0.93, False), (0.97, True), (0.995, True), (0.995, False)]
    cells = reliability([Observation(*one) for one in seen])
    text = accuracy.text_confidences(Evaluation((), (), cells, reliability([]), (), ()))
    assert "| 0.0–0.5 | 2 | 0.4000 | 0.5000 |" in text
    assert "| 0.99–0.999 | 2 | 0.9950 | 0.5000 |" in text
    assert "0.5–0.8" not in text
    assert "Of the 3 wrong texts 2 lie below the review threshold of 0.95, with 3 of all 6." in text


def test_bad_truth_ends_with_its_code_and_exit_status_2(accuracy, tmp_path, capsys):
    assert accuracy.main([str(fill(tmp_path / "set", "a.json"))]) == 2
    assert "TRUTH_INVALID" in capsys.readouterr().err


@pytest.fixture
def program(tmp_path, monkeypatch, accuracy):
    """A stand-in for the command line, which notes its arguments and ends with a given exit status."""

    def install(status):
        script = tmp_path / "signed-forms"
        script.write_text(f'#!/bin/sh\necho "$@" > "{tmp_path}/arguments"\nexit {status}\n')
        script.chmod(0o755)
        monkeypatch.setattr(accuracy.shutil, "which", lambda *_, **__: str(script))
        return tmp_path / "arguments"

    return install


@pytest.mark.parametrize("status", [0, 3])
def test_documents_that_did_not_land_are_part_of_the_measure(accuracy, program, status):
    arguments = program(status)
    assert accuracy.digitise([Path("a.jpg"), Path("b.jpg")], Path("tables"), 2) >= 0
    assert arguments.read_text() == "digitise a.jpg b.jpg --out tables --force --workers 2\n"


@pytest.mark.parametrize("status", [1, 2])
def test_a_run_that_failed_gives_no_measure(accuracy, program, tmp_path, capsys, status):
    program(status)
    assert accuracy.main([str(fill(tmp_path / "set", "a.json", "a.jpg")), "--out", str(tmp_path / "out")]) == 1
    assert f"exit status {status}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
