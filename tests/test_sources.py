"""Which files the sources name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.sources import list_files, path_as_text, path_from_text
from pipeline.errors import SourceMissing


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return folder


def listed(folder, *sources, **options):
    found = list_files(sources or [folder], **options)
    return [[path.relative_to(folder).as_posix() for path in paths] for paths in (found.files, found.ignored)]


def test_a_folder_gives_what_we_read_sorted_and_lists_the_rest_as_ignored(tmp_path):
    touch(tmp_path, "b.PDF", "a.tif", "c/d.webp", "a.json", "c/notes.docx")
    assert listed(tmp_path) == [["a.tif", "b.PDF", "c/d.webp"], ["a.json", "c/notes.docx"]]


def test_a_named_file_is_a_document_whatever_it_is_called(tmp_path):
    touch(tmp_path, "scan.bin")
    assert listed(tmp_path, tmp_path / "scan.bin") == [["scan.bin"], []]


def test_a_file_named_beside_its_folder_is_listed_once_and_not_ignored(tmp_path):
    touch(tmp_path, "scan.bin", "a.pdf")
    assert listed(tmp_path, tmp_path, tmp_path / "scan.bin", tmp_path / "a.pdf") == [["a.pdf", "scan.bin"], []]


def test_hidden_files_and_folders_are_passed_over(tmp_path):
    touch(tmp_path, ".a.pdf", ".trash/b.pdf", "c.pdf")
    assert listed(tmp_path) == [["c.pdf"], []]


def test_links_that_lead_in_a_circle_end(tmp_path):
    touch(tmp_path, "a/b.pdf")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    assert listed(tmp_path) == [["a/b.pdf"], []]


def test_a_folder_that_is_linked_twice_gives_its_files_once(tmp_path):
    touch(tmp_path, "z/b.pdf")
    (tmp_path / "a").symlink_to(tmp_path / "z")
    assert listed(tmp_path)[0] == ["a/b.pdf"]


def test_the_output_folder_inside_a_source_is_left_out(tmp_path):
    touch(tmp_path, "a.pdf", "out/page.jpg")
    assert listed(tmp_path, leave_out=[tmp_path / "out", tmp_path / "absent"]) == [["a.pdf"], []]


def test_a_source_that_is_no_file_and_no_folder_is_missing(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "absent.pdf", tmp_path / "pipe"):
        with pytest.raises(SourceMissing, match=path.name):
            list_files([path])


@given(st.binary(min_size=1, max_size=20).filter(lambda name: b"\0" not in name))
def test_any_path_survives_the_way_through_text(name):
    path = Path(os.fsdecode(b"/scans/" + name))
    text = path_as_text(path)
    assert path_from_text(text.encode().decode()) == path


def test_a_path_that_is_text_stays_as_it_was_written():
    assert path_as_text(Path("扫描/a b%20.pdf")) == "扫描/a b%20.pdf"
