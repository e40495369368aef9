"""Which files the sources name."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import sources
from flows.looking import Looker
from flows.sources import list_files, path_as_text, path_from_text
from pipeline.errors import SourceMissing, SourceUnreadable


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return folder


def look(paths, **options):
    with Looker() as looker:
        return list_files(paths, looker, **options)


def passed_over(folder):
    return {Path(path).relative_to(folder).as_posix(): reason for path, reason in look([folder]).passed_over}


def unreadable(folder):
    return {path.relative_to(folder).as_posix(): str(error) for path, error in look([folder]).unreadable}


def listed(folder, *paths, **options):
    found = look(paths or [folder], **options)
    return [[path.relative_to(folder).as_posix() for path in kind] for kind in (found.files, found.ignored)]


def test_a_folder_gives_what_we_read_sorted_and_lists_the_rest_as_ignored(tmp_path):
    touch(tmp_path, "b.PDF", "a.tif", "c/d.webp", "a.json", "c/notes.docx")
    assert listed(tmp_path) == [["a.tif", "b.PDF", "c/d.webp"], ["a.json", "c/notes.docx"]]


def test_a_named_file_is_a_document_whatever_it_is_called(tmp_path):
    touch(tmp_path, "scan.bin")
    assert listed(tmp_path, tmp_path / "scan.bin") == [["scan.bin"], []]


def test_a_file_named_beside_its_folder_is_listed_once_and_not_ignored(tmp_path):
    touch(tmp_path, "scan.bin", "a.pdf")
    assert listed(tmp_path, tmp_path, tmp_path / "scan.bin", tmp_path / "a.pdf") == [["a.pdf", "scan.bin"], []]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (".a.pdf", "hidden"),
        (".trash/b.pdf", "hidden"),
        ("._a.jpg", "kept there by macOS"),
        (".DS_Store", "kept there by macOS"),
        ("__MACOSX/a.jpg", "kept there by macOS"),
        ("@eaDir/a.pdf/SYNOFILE_THUMB_M.jpg", "kept there by a NAS"),
        ("#recycle/a.pdf", "kept there by a NAS"),
        ("THUMBS.DB", "kept there by Windows"),
        ("$Recycle.Bin/S-1-5/a.pdf", "kept there by Windows"),
        ("System Volume Information/a.jpg", "kept there by Windows"),
        ("lost+found/a.jpg", "kept there by the file system"),
        ("~$form.pdf", "kept there by an office program"),
    ],
)
def test_what_systems_put_beside_documents_is_passed_over_and_named(tmp_path, name, reason):
    touch(tmp_path, "c/d.pdf", f"c/{name}")
    assert listed(tmp_path) == [["c/d.pdf"], []]
    assert passed_over(tmp_path) == {f"c/{name.split('/')[0]}": reason}


def test_a_source_is_read_whatever_it_is_called(tmp_path):
    touch(tmp_path, ".scans/a.pdf", "@eaDir/._b.jpg")
    assert listed(tmp_path, tmp_path / ".scans", tmp_path / "@eaDir" / "._b.jpg")[0] == [
        ".scans/a.pdf",
        "@eaDir/._b.jpg",
    ]


def test_pipes_sockets_and_devices_are_passed_over_and_never_opened(tmp_path):
    os.mkfifo(tmp_path / "a.pdf")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "b.pdf"))
    (tmp_path / "c.pdf").symlink_to("a.pdf")
    assert listed(tmp_path) == [[], []]
    assert passed_over(tmp_path) == {"a.pdf": "a pipe", "b.pdf": "a socket", "c.pdf": "a pipe"}


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", ["../elsewhere", "../elsewhere/a.pdf", "/", "b/../../elsewhere", "c/elsewhere/a.pdf"]
)
def test_a_link_that_leads_out_of_its_source_is_named_and_not_followed(tmp_path, target):
    touch(tmp_path, "elsewhere/a.pdf", "in/b/b.pdf")
    (tmp_path / "in" / "c").symlink_to("..")
    (tmp_path / "in" / "d.pdf").symlink_to(target)
    source = tmp_path / "in"
    assert listed(source) == [["b/b.pdf"], []]
    assert passed_over(source) == dict.fromkeys(("c", "d.pdf"), sources.LEADS_OUT)


def test_links_that_lead_out_are_followed_when_that_is_wanted(tmp_path):
    touch(tmp_path, "elsewhere/a.pdf", "in/b.pdf")
    (tmp_path / "in" / "c").symlink_to("../elsewhere")
    assert listed(tmp_path / "in", follow_links=True) == [["b.pdf", "c/a.pdf"], []]


@pytest.mark.parametrize("target", ["z/b.pdf", "./z/../z/b.pdf", "y", "y/b.pdf", "{source}/z/b.pdf", "{name}/z/b.pdf"])
def test_a_link_that_stays_in_its_source_is_followed_once_however_it_is_written(tmp_path, target):
    touch(tmp_path, "in/z/b.pdf")
    (tmp_path / "in" / "y").symlink_to("z")
    (tmp_path / "name").symlink_to("in")
    target = target.format(source=tmp_path / "in", name=tmp_path / "name")
    (tmp_path / "in" / "a.pdf").symlink_to(target)
    found = look([tmp_path / "name"])
    (path,) = found.files
    assert path.relative_to(tmp_path / "name").as_posix() in ("a.pdf", "a.pdf/b.pdf")
    assert found.passed_over == ()


def test_a_source_that_is_a_link_is_followed(tmp_path):
    touch(tmp_path, "elsewhere/a.pdf")
    (tmp_path / "in").symlink_to("elsewhere")
    (tmp_path / "b.pdf").symlink_to("elsewhere/a.pdf")
    assert listed(tmp_path, tmp_path / "in") == [["in/a.pdf"], []]
    assert listed(tmp_path, tmp_path / "b.pdf") == [["b.pdf"], []]


def test_a_link_to_nothing_fails_as_a_document_where_it_has_the_name_of_one(tmp_path):
    for name in ("a.pdf", "latest"):
        (tmp_path / name).symlink_to("gone")
    (tmp_path / "b.pdf").symlink_to("b.pdf")
    assert list(unreadable(tmp_path)) == ["a.pdf", "b.pdf"]
    assert passed_over(tmp_path) == {"latest": "a link that leads nowhere"}


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


# --- what cannot be looked at -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("fake_looker")
def test_a_folder_that_cannot_be_listed_is_named_and_the_others_are_searched(tmp_path):
    touch(tmp_path, "a/b.pdf", "locked/c.pdf", "z.pdf")
    assert listed(tmp_path) == [["a/b.pdf", "z.pdf"], []]
    assert unreadable(tmp_path) == {"locked": "locked cannot be read: Permission denied"}


@pytest.mark.usefixtures("fake_looker")
def test_a_folder_that_does_not_answer_is_named_and_the_others_are_searched(tmp_path):
    touch(tmp_path, "a/b.pdf", "hangs/c.pdf", "z.pdf")
    assert listed(tmp_path) == [["a/b.pdf", "z.pdf"], []]
    assert unreadable(tmp_path) == {"hangs": "hangs cannot be read: no answer for 5 s: its disk or share hangs"}


@pytest.mark.usefixtures("fake_looker")
@pytest.mark.parametrize("name", ["locked", "hangs"])
def test_a_source_that_cannot_be_listed_is_an_error(tmp_path, name):
    touch(tmp_path, f"{name}/c.pdf")
    with pytest.raises(SourceUnreadable, match=name):
        look([tmp_path / name])


def test_folders_may_be_nested_deeper_than_a_program_calls_itself(tmp_path):
    folder = tmp_path
    for _ in range(1200):
        folder /= "a"
    subprocess.run(["mkdir", "-p", str(folder)], check=True)
    touch(folder, "b.pdf")
    try:
        assert [path.name for path in look([tmp_path]).files] == ["b.pdf"]
    finally:
        subprocess.run(["rm", "-r", str(tmp_path / "a")], check=True)


def test_a_source_that_is_no_file_and_no_folder_is_missing(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "absent.pdf", tmp_path / "pipe"):
        with pytest.raises(SourceMissing, match=path.name):
            look([path])


# --- paths as text ----------------------------------------------------------------------------------------------------


@given(st.binary(min_size=1, max_size=20).filter(lambda name: b"\0" not in name))
def test_any_path_survives_the_way_through_text(name):
    path = Path(os.fsdecode(b"/scans/" + name))
    text = path_as_text(path)
    assert path_from_text(text.encode().decode()) == path


def test_a_path_that_is_text_stays_as_it_was_written():
    assert path_as_text(Path("扫描/a b%20.pdf")) == "扫描/a b%20.pdf"
