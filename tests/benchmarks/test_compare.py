"""Two folders of landed tables: equal but for what belongs to a run."""

from __future__ import annotations

import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.compare import differences, main


def folder_of(path, texts, run_id="a"):
    for table, rows in (
        ("cells", [{"document_id": "d", "text": text} for text in texts]),
        ("documents", [{"document_id": "d", "run_id": run_id, "n_pages": 1}]),
    ):
        (path / table).mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows), path / table / "d.parquet")
    return path


def test_what_belongs_to_a_run_may_differ(tmp_path):
    folders = folder_of(tmp_path / "a", ["x"], "1"), folder_of(tmp_path / "b", ["x"], "2")
    assert list(differences(*folders)) == []


def test_a_value_a_row_and_a_file_that_differ_are_named(tmp_path):
    one, other = folder_of(tmp_path / "a", ["x", "y"]), folder_of(tmp_path / "b", ["z"])
    (other / "documents" / "d.parquet").unlink()
    assert list(differences(one, other)) == [
        ("cells/d rows", 2, 1),
        ("cells/d row 0 text", "x", "z"),
        ("documents/d.parquet", True, False),
    ]


@pytest.mark.parametrize(("text", "status"), [("x", 0), ("y", 1)])
def test_the_exit_status_says_whether_anything_differs(tmp_path, monkeypatch, capsys, text, status):
    folder_of(tmp_path / "a", ["x"]), folder_of(tmp_path / "b", [text])
    monkeypatch.setattr(sys, "argv", ["compare", str(tmp_path / "a"), str(tmp_path / "b")])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == status
    assert f"{status} values differ in 2 files." in capsys.readouterr().out


def test_an_empty_folder_is_no_proof_of_equality(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["compare", str(tmp_path), str(tmp_path)])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
