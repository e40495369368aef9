"""What was hashed is what is read: nobody changes an open file's content unseen, whatever becomes of its path."""

import hashlib
import mmap
import os
import threading
import time

import pytest

from pipeline.errors import SourceChanged, SourceUnreadable
from pipeline.files.opening import SETTLED_S, hash_file, open_file

LONG_AGO = 1_600_000_000


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.4 the first content")
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def append(path):
    with path.open("ab") as file:
        file.write(b"more")


def overwrite(path):
    with path.open("r+b") as file:
        file.write(b"%PDF-1.5")


def overwrite_and_set_the_time_back(path):
    overwrite(path)
    os.utime(path, (LONG_AGO, LONG_AGO))


def map_and_write(path):
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        mapped[:8] = b"%PDF-1.5"
    os.utime(path, (LONG_AGO, LONG_AGO))


def truncate(path):
    os.truncate(path, 3)


def test_a_file_is_named_by_its_bytes_and_told_by_its_head(path):
    with open_file(path) as file:
        source = file.source
    assert source.document_id == hashlib.sha256(path.read_bytes()).hexdigest() == hash_file(path)
    assert (source.name, source.byte_size, source.media_type, source.n_pages) == ("a.pdf", 26, "application/pdf", 0)


@pytest.mark.parametrize("content", [b"", b"just some words", b"GIF89a"])
def test_bytes_that_we_do_not_read_have_no_media_type_and_a_name_all_the_same(path, content):
    path.write_bytes(content)
    with open_file(path) as file:
        assert (file.source.media_type, file.source.document_id) == ("", hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("change", [append, overwrite, overwrite_and_set_the_time_back, map_and_write, truncate])
def test_whoever_writes_into_an_open_file_is_found_out(path, change):
    with open_file(path) as file:
        file.check_content()
        change(path)
        with pytest.raises(SourceChanged, match=r"a\.pdf"):
            file.check_content()


def test_a_file_that_another_was_renamed_onto_is_read_to_its_end_as_what_it_was(path, tmp_path):
    other = tmp_path / "other"
    other.write_bytes(b"%PDF-1.4 another content!!")
    os.utime(other, (LONG_AGO, LONG_AGO))
    with open_file(path) as file:
        other.replace(path)
        file.check_content()
        assert file.source.document_id == hashlib.sha256(b"%PDF-1.4 the first content").hexdigest()
    assert hash_file(path) == hashlib.sha256(b"%PDF-1.4 another content!!").hexdigest()


def test_an_old_file_is_not_waited_for(path):
    started = time.monotonic()
    with open_file(path) as file:
        file.settle()
    assert time.monotonic() - started < SETTLED_S / 2


def test_a_file_of_the_future_is_not_waited_for(path):
    os.utime(path, (time.time() + 1000, time.time() + 1000))
    started = time.monotonic()
    with open_file(path) as file:
        file.settle()
    assert time.monotonic() - started < SETTLED_S / 2


def test_a_file_that_is_still_being_written_does_not_settle(path):
    append(path)
    with open_file(path) as file:
        threading.Timer(0.3, append, [path]).start()
        with pytest.raises(SourceChanged):
            file.settle()


def test_a_file_that_was_just_written_settles_when_nobody_goes_on(path):
    append(path)
    with open_file(path) as file:
        file.settle()
    assert time.time() - path.stat().st_mtime >= SETTLED_S


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), os.mkfifo, lambda path: None])
def test_what_is_no_file_is_unreadable_and_is_not_waited_for(tmp_path, make):
    make(tmp_path / "b")
    with pytest.raises(SourceUnreadable, match="b "):
        open_file(tmp_path / "b")


def test_what_cannot_be_opened_leaves_no_descriptor_behind(tmp_path):
    before = os.listdir("/proc/self/fd")  # noqa: PTH208
    for _ in range(3):
        with pytest.raises(SourceUnreadable):
            open_file(tmp_path)
    assert len(os.listdir("/proc/self/fd")) == len(before)  # noqa: PTH208
