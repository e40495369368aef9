"""Files become pages or one error with a code, whatever they do to the process that decodes them."""

import hashlib
import io
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from malformed import encrypted_pdf, image_pdf, one_page_pdf, pdf_bytes
from PIL import Image

from pipeline.elements import BBox, DpiSource, Missing, Page
from pipeline.errors import (
    CorruptFile,
    DecoderCrashed,
    DecoderOutOfMemory,
    DecoderStopped,
    DecoderTimeout,
    DocumentError,
    EmptyFile,
    EncryptedDocument,
    EngineFailed,
    NoPages,
    NotAnImage,
    SourceChanged,
    SourceUnreadable,
    TooManyBytes,
    TooManyPages,
    TooManyPixels,
    TruncatedFile,
)
from pipeline.files.opening import open_file
from pipeline.intake import time_limit
from pipeline.intake.documents import PageFailure, decode_file, hash_file, open_document
from pipeline.settings.settings import IntakeSettings

QUICK = IntakeSettings(decode_timeout_s=2.0, decode_memory_mb=300, max_pages=10, max_pixels=10**6)
NOISE = np.random.default_rng(5).integers(0, 256, (40, 60, 3), dtype=np.uint8)


PATIENT = 60
"""Times the limit that may pass on the clock in these tests: a process is to use up its time on a busy machine, too."""


@pytest.fixture(autouse=True)
def _any_machine(monkeypatch):
    monkeypatch.setattr(time_limit, "MAX_STRETCH", PATIENT)


def written(folder, data, name="a"):
    path = folder / name
    path.write_bytes(data)
    return path


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def tiff(n_pages=3):
    pages = [Image.new("RGB", (60, 40), (10 * number, 0, 0)) for number in range(1, n_pages + 1)]
    return saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])


def read(path, limits=QUICK, **options):
    with open_document(path, limits, **options) as document:
        return list(document.pages())


def misbehaving(body, page=2, pid_file=None):
    """A decoder that is the real one but for what it does on one page: `body`, in the child itself."""
    note = f"import pathlib; pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))" if pid_file else "pass"
    script = f"""
import ctypes, os, sys, time
from pipeline.decoding import child as decoder
from pipeline.decoding import raster as decoder_image
{note}
real = decoder_image.ImageDocument.page
def page(self, number):
    if number == {page}:
        {body}
    return real(self, number)
decoder_image.ImageDocument.page = page
sys.exit(decoder.main())
"""
    return [sys.executable, "-c", script]


SEGFAULT = "ctypes.string_at(0)"
ENDLESS = "all(x == 0 for x in iter(int, 1))"
STORM = "hoard = [bytearray(2**24) for _ in range(10**6)]"


def kinds(items):
    return [item.error.code if isinstance(item, PageFailure) else "page" for item in items]


# --- what is read -----------------------------------------------------------------------------------------------------


def test_a_document_is_named_by_its_bytes_and_its_pages_come_in_order(tmp_path):
    data = tiff(3)
    path = written(tmp_path, data, "scan.whatever")

    with open_document(path, QUICK) as document:
        source = document.source
        pages = list(document.pages())

    assert source.document_id == hashlib.sha256(data).hexdigest() == hash_file(path)
    assert (source.byte_size, source.media_type, source.n_pages) == (len(data), "image/tiff", 3)
    assert source.name == "scan.whatever"
    assert [page.page_number for page in pages] == [1, 2, 3]
    assert [int(page.image[0, 0, 2]) for page in pages] == [10, 20, 30]
    assert {page.document_id for page in pages} == {source.document_id}


def test_the_raster_is_bgr_and_exactly_the_image_of_a_scanned_pdf(tmp_path):
    (page,) = read(written(tmp_path, image_pdf(NOISE, (60 * 72 / 200, 40 * 72 / 200))))

    assert np.array_equal(page.image[:, :, ::-1], NOISE)
    assert page.dpi == pytest.approx(200, abs=0.01)
    assert page.dpi_source is DpiSource.FILE


def test_a_pdf_that_was_not_scanned_is_rendered_at_the_resolution_of_the_settings(tmp_path):
    (page,) = read(written(tmp_path, one_page_pdf(b"0 0 9 9 re f", (72, 72))))

    assert (page.width, page.height, page.dpi, page.dpi_source) == (300, 300, 300, DpiSource.RENDERED)


def test_pages_can_be_asked_for_again(tmp_path):
    with open_document(written(tmp_path, tiff(2)), QUICK) as document:
        assert kinds(document.pages()) == kinds(document.pages()) == ["page", "page"]


def test_an_exif_orientation_reaches_the_page(tmp_path):
    exif = Image.Exif()
    exif[274] = 6

    (page,) = read(written(tmp_path, saved(Image.new("RGB", (60, 40)), "JPEG", exif=exif)))

    assert (page.exif_orientation, page.width, page.height) == (6, 60, 40)


def test_a_module_in_the_working_folder_does_not_get_into_the_decoder(tmp_path, monkeypatch):
    for name in ("PIL", "pypdfium2", "pipeline"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('hijacked')")
    monkeypatch.chdir(tmp_path)

    assert kinds(read(written(tmp_path, tiff(1)))) == ["page"]


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", EmptyFile),
        (b"just some text, called .pdf", NotAnImage),
        (encrypted_pdf(), EncryptedDocument),
        (pdf_bytes([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]), NoPages),
        (image_pdf(NOISE, (60, 40))[:500], TruncatedFile),
        (b"%PDF-1.4\nhello\n%%EOF", CorruptFile),
        (tiff(11), TooManyPages),
        (saved(Image.new("1", (1001, 1000)), "PNG"), TooManyPixels),
        (one_page_pdf(b"", (1000, 1000)), TooManyPixels),
        (saved(Image.fromarray(NOISE), "WEBP")[:-50], TruncatedFile),
    ],
    ids=lambda value: getattr(value, "code", "-"),
)
def test_a_document_that_cannot_be_read_is_refused_with_the_reason(tmp_path, data, error):
    with pytest.raises(error) as caught:
        read(written(tmp_path, data, "a.pdf"))

    assert type(caught.value) is error
    assert caught.value.code
    assert caught.value.remedy


def test_a_file_of_too_many_bytes_is_refused_before_any_process_is_started(tmp_path):
    with pytest.raises(TooManyBytes):
        read(written(tmp_path, tiff(1)), IntakeSettings(max_bytes=100), decoder=["/nonexistent"])


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), os.mkfifo, lambda path: None])
def test_what_is_no_file_is_unreadable_and_is_not_waited_for(tmp_path, make):
    make(tmp_path / "a")

    with pytest.raises(SourceUnreadable):
        read(tmp_path / "a")
    with pytest.raises(SourceUnreadable):
        hash_file(tmp_path / "a")


def test_a_bad_page_costs_itself_where_other_pages_are_readable(tmp_path):
    data = tiff(3).replace(b"\x1e\0\0" * 2400, b"")  # the strip of the third page

    assert kinds(read(written(tmp_path, data))) == ["page", "page", "TRUNCATED"]


def test_a_page_of_which_a_part_is_missing_says_so_and_is_white_there(tmp_path):
    data = tiff(3)
    at = data.rindex(b"\x1e\0\0" * 2400)

    *whole, page = read(written(tmp_path, data[: at + 1800]))

    assert [one.missing for one in whole] == [None, None]
    assert page.missing == Missing(BBox(0, 10, 60, 40))
    assert set(page.image[:10, :, 2].flat) == {30}
    assert (page.image[10:] == 255).all()


def test_what_a_large_page_lacks_is_told_in_pixels_of_the_scan_and_white_in_the_smaller_image(tmp_path):
    black = saved(Image.new("1", (8000, 5000)), "TIFF", tiffinfo={278: 1000})
    limits = replace(QUICK, max_pixels=50_000_000, decode_timeout_s=15.0)

    (page,) = read(written(tmp_path, black[: -2 * 1000 * 1000]), limits)

    assert (page.width, page.height) == (8000, 5000)
    assert page.missing == Missing(BBox(0, 3000, 8000, 5000))
    border = round(3000 * page.scale[1])
    assert page.image.shape[0] < 5000
    assert page.image[: border - 1].max() == 0
    assert page.image[border:].min() == 255


def changed_in_place(path):
    """Write other bytes into a file without a trace in its size and time."""
    status = path.stat()
    with path.open("r+b") as file:
        file.seek(status.st_size // 2)
        file.write(bytes(byte ^ 0xFF for byte in path.read_bytes()[status.st_size // 2 :][:64]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def replaced_by_name(path):
    """Rename a file of other content, and of the same size and time, onto a path."""
    status, other = path.stat(), path.with_name("other")
    other.write_bytes(bytes(status.st_size))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)


def test_pages_of_a_file_that_was_written_to_unseen_are_nobody_s(tmp_path):
    path = written(tmp_path, tiff(3))

    with pytest.raises(SourceChanged), open_document(path, QUICK) as document:
        assert kinds(document.pages()) == ["page", "page", "page"]
        changed_in_place(path)


@pytest.mark.parametrize("data", [b"just some text", tiff(1)[:200], encrypted_pdf()], ids=["text", "cut", "locked"])
def test_a_refusal_of_a_file_that_was_written_to_unseen_is_nobody_s_either(tmp_path, data):
    path = written(tmp_path, data)

    with open_file(path) as file, pytest.raises(SourceChanged):
        changed_in_place(path)
        with decode_file(file, QUICK):
            pass


def test_pages_of_a_file_onto_which_another_was_renamed_are_those_of_the_first(tmp_path):
    path = written(tmp_path, tiff(3))

    with open_document(path, QUICK) as document:
        replaced_by_name(path)
        assert [int(page.image[0, 0, 2]) for page in document.pages()] == [10, 20, 30]
        assert document.source.document_id == hashlib.sha256(tiff(3)).hexdigest()


def test_only_the_pages_that_are_asked_for_are_decoded(tmp_path):
    with open_document(written(tmp_path, tiff(4)), QUICK) as document:
        assert [page.page_number for page in document.pages([2, 4])] == [2, 4]


def test_a_file_that_changes_while_it_is_read_is_the_machine_s_fault(tmp_path):
    path = written(tmp_path, tiff(3))

    with pytest.raises(SourceChanged), open_document(path, QUICK) as document:
        for page in document.pages():
            assert isinstance(page, Page)
            with path.open("ab") as file:
                file.write(b"more")


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.sampled_from(
        [b"%PDF-1.4\n", b"II*\0\x08\0\0\0", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF....WEBP", b""]
    ),
    body=st.binary(max_size=300),
)
def test_random_bytes_give_a_document_error_or_pages_and_nothing_else(tmp_path, head, body):
    try:
        items = read(written(tmp_path, head + body))
    except DocumentError as error:
        assert error.code in {"CORRUPT", "TRUNCATED", "NOT_AN_IMAGE", "UNSUPPORTED_TYPE", "EMPTY_FILE", "NO_PAGES"}
    else:
        assert items


# --- what the decoding process goes through ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (SEGFAULT, DecoderCrashed),
        (ENDLESS, DecoderTimeout),
        (STORM, DecoderOutOfMemory),
        ("os._exit(3)", DecoderCrashed),
    ],
)
def test_a_decoder_that_dies_on_the_only_page_costs_the_document(tmp_path, body, error):
    pid_file = tmp_path / "pid"

    with pytest.raises(error):
        read(written(tmp_path, tiff(1)), decoder=misbehaving(body, page=1, pid_file=pid_file))
    with pytest.raises(ProcessLookupError):  # it is dead, and no zombie either
        os.kill(int(pid_file.read_text()), 0)


def test_a_crash_is_reported_with_its_signal(tmp_path):
    with pytest.raises(DecoderCrashed, match="SIGSEGV"):
        read(written(tmp_path, tiff(1)), decoder=misbehaving(SEGFAULT, page=1))


@pytest.mark.parametrize(
    ("body", "code"),
    [(SEGFAULT, "DECODER_CRASHED"), (ENDLESS, "DECODER_TIMEOUT"), (STORM, "DECODER_OUT_OF_MEMORY")],
)
def test_a_decoder_that_dies_on_one_page_of_several_costs_that_page(tmp_path, body, code):
    assert kinds(read(written(tmp_path, tiff(4)), decoder=misbehaving(body))) == ["page", code, "page", "page"]


def test_a_document_that_kills_one_decoder_after_the_other_is_given_up(tmp_path):
    started = time.monotonic()
    items = read(written(tmp_path, tiff(9)), decoder=misbehaving(f"pass\n    if number > 1:\n        {ENDLESS}"))

    assert kinds(items) == ["page"] + ["DECODER_TIMEOUT"] * 8
    assert [item.page_number for item in items[1:]] == list(range(2, 10))
    assert time.monotonic() - started < 2 * QUICK.decode_timeout_s * PATIENT


@pytest.mark.parametrize(("number", "words"), [(signal.SIGKILL, "SIGKILL"), (signal.SIGSTOP, "no processor time")])
def test_a_decoder_that_is_killed_or_stopped_from_outside_is_told_from_one_that_fails(tmp_path, number, words):
    pid_file, path = tmp_path / "pid", written(tmp_path, tiff(1))
    hit = threading.Thread(target=_send_to, args=(pid_file, number))
    hit.start()

    with pytest.raises(DecoderStopped, match=words):
        read(path, decoder=misbehaving(ENDLESS, page=1, pid_file=pid_file))
    hit.join()


def _send_to(pid_file, number):
    """Send a signal to a process that says its id, once it is at work."""
    _wait_until(lambda: pid_file.exists() and pid_file.read_text())
    time.sleep(0.5)
    os.kill(int(pid_file.read_text()), number)


def test_a_decoder_that_never_stops_talking_is_stopped(tmp_path):
    with pytest.raises((DecoderTimeout, DecoderStopped)):  # it waits for its pipe more than it computes
        read(written(tmp_path, tiff(1)), decoder=misbehaving("while True: os.write(2, b'x' * 4096)", page=1))


@pytest.mark.parametrize(
    "answer",
    [
        b"\xff\xff\xff\xff",
        b"\0\0\0\x02[]",
        b"\0\0\0\x02{}",
        b"\0\0\0\x04oops",
        b'\0\0\0\x21{"kind":"document","n_pages":-9}  ',
    ],
)
def test_nonsense_from_the_decoder_counts_as_a_crash(tmp_path, answer):
    ready = b'\0\0\0\x10{"kind":"ready"}'
    script = f"import os, time; os.write(1, {ready + answer!r}); time.sleep(60)"

    with pytest.raises(DecoderCrashed, match="nonsense"):
        read(written(tmp_path, tiff(1)), decoder=[sys.executable, "-c", script])


def test_a_page_larger_than_asked_for_is_not_made_room_for(tmp_path):
    lie = "from pipeline.decoding.protocol import Raster; return Raster(10**6, 10**6, [], None)"

    with pytest.raises(DecoderCrashed, match="nonsense"):
        read(written(tmp_path, tiff(1)), decoder=misbehaving(lie, page=1))


@pytest.mark.parametrize(
    "missing",
    [
        "(0, 30, 60, 41), False",
        "(0, 30, 0.5, 40), False",
        "(9, 0, 8, 40), False",
        "(-1, 0, 60, 4), True",
    ],
)
def test_a_missing_part_that_is_none_of_the_page_is_nonsense(tmp_path, missing):
    given = "from pipeline.decoding.protocol import Missing"
    lie = f"{given}; return real(self, number)._replace(missing=Missing({missing}))"

    with pytest.raises(DecoderCrashed):
        read(written(tmp_path, tiff(1)), decoder=misbehaving(lie, page=1))


@pytest.mark.parametrize(
    "decoder", [["/nonexistent/decoder"], [sys.executable, "-c", "raise ImportError('no such codec')"]]
)
def test_a_decoder_that_does_not_start_is_the_machine_s_fault(tmp_path, decoder):
    with pytest.raises(EngineFailed):
        read(written(tmp_path, tiff(1)), decoder=decoder)


def test_what_the_decoder_prints_goes_to_the_log_and_not_to_the_terminal(tmp_path, capfd, caplog):
    shouting = "print('on stdout', flush=True); os.write(2, b'on stderr')"
    with caplog.at_level(logging.DEBUG, logger="pipeline.intake.process"):
        assert kinds(read(written(tmp_path, tiff(1)), decoder=misbehaving(shouting, page=1))) == ["page"]

    assert capfd.readouterr() == ("", "")
    assert "on stdout" in caplog.text
    assert "on stderr" in caplog.text


def test_the_decoder_does_not_outlive_a_reader_that_stops_early(tmp_path):
    pid_file = tmp_path / "pid"
    with open_document(written(tmp_path, tiff(5)), QUICK, decoder=misbehaving("pass", pid_file=pid_file)) as document:
        next(document.pages())

    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a child with its parent")
def test_the_decoder_dies_with_a_parent_that_is_killed(tmp_path):
    pid_file, path = tmp_path / "pid", written(tmp_path, tiff(2))
    command = misbehaving(ENDLESS, page=1, pid_file=pid_file)
    script = f"""
import pathlib
from pipeline.intake.documents import open_document
from pipeline.settings.settings import IntakeSettings
with open_document(pathlib.Path({str(path)!r}), IntakeSettings(), decoder={command!r}) as document:
    list(document.pages())
"""
    parent = subprocess.Popen([sys.executable, "-c", script])
    _wait_until(pid_file.exists)
    _wait_until(pid_file.read_text)
    parent.send_signal(signal.SIGKILL)
    parent.wait()

    _wait_until(lambda: not _runs(int(pid_file.read_text())))


def _wait_until(condition, seconds=15.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def _runs(pid):
    """Whether a process exists and is no zombie (its new parent may be slow to collect it)."""
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
