"""Documents are decoded by copies of one template, which are as sealed off as processes that were started afresh."""

import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from malformed import image_pdf
from PIL import Image

from pipeline.decoding.template import can_copy
from pipeline.errors import DecoderCrashed, DecoderOutOfMemory, DecoderStopped, DecoderTimeout
from pipeline.intake import start as intake_start
from pipeline.intake import time_limit
from pipeline.intake.documents import PageFailure, open_document
from pipeline.intake.start import DECODER_COMMAND, Template
from pipeline.settings.settings import IntakeSettings

pytestmark = pytest.mark.skipif(not can_copy(), reason="only Linux makes such copies")

QUICK = IntakeSettings(decode_timeout_s=2.0, decode_memory_mb=300, max_pages=10, max_pixels=10**6)
NOISE = np.random.default_rng(5).integers(0, 256, (40, 60, 3), dtype=np.uint8)


@pytest.fixture
def tiff(tmp_path):
    """A file of three pages."""
    first, *others = (Image.new("RGB", (60, 40), (10 * number, 0, 0)) for number in (1, 2, 3))
    first.save(tmp_path / "a.tif", save_all=True, append_images=others)
    return tmp_path / "a.tif"


PATIENT = 60
"""Times the limit that may pass on the clock in these tests: a process is to use up its time on a busy machine, too."""


@pytest.fixture(autouse=True)
def _any_machine(monkeypatch):
    monkeypatch.setattr(time_limit, "MAX_STRETCH", PATIENT)


def read(path, **options):
    with open_document(path, QUICK, **options) as document:
        return list(document.pages())


def in_a_thread(work):
    """The result of `work` in a thread of its own, which has no template yet."""
    results = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    thread.join()
    return results[0]


def children():
    return {int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def runs(pid):
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_until(condition, seconds=15.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def template_that(monkeypatch, *, does):
    """Have templates whose copies do something else on page 2."""
    script = f"""
import ctypes, os, sys
from pipeline.decoding import raster as decoder_image
from pipeline.decoding import template as decoder_template
real = decoder_image.ImageDocument.page
def page(self, number):
    if number == 2:
        {does}
    return real(self, number)
decoder_image.ImageDocument.page = page
decoder_template.main()
"""
    monkeypatch.setattr(intake_start, "Template", partial(Template, [sys.executable, "-c", script]))


def test_a_copy_decodes_what_a_process_that_started_afresh_does(tmp_path, tiff):
    (tmp_path / "a.pdf").write_bytes(image_pdf(NOISE, (60 * 72 / 200, 40 * 72 / 200)))
    Image.fromarray(NOISE).save(tmp_path / "a.jpg", dpi=(200, 200))

    for path in (tiff, tmp_path / "a.pdf", tmp_path / "a.jpg"):
        copied, afresh = read(path), read(path, decoder=DECODER_COMMAND)
        assert len(copied) == len(afresh) > 0
        for one, other in zip(copied, afresh, strict=True):
            assert np.array_equal(one.image, other.image)
            assert (one.dpi, one.dpi_source) == (other.dpi, other.dpi_source)


def test_one_template_serves_all_documents_of_a_thread_and_nothing_else_is_left_of_them(tiff):
    def leaves():
        read(tiff)
        before = children(), open_files()
        for _ in range(3):
            read(tiff)
        return before, (children(), open_files())

    before, after = in_a_thread(leaves)
    assert before == after


def test_a_template_that_was_killed_gets_a_successor(tiff):
    def reads():
        others = children()
        read(tiff)
        (first,) = children() - others
        os.kill(first, signal.SIGKILL)
        pages = read(tiff)
        (second,) = children() - others
        return len(pages), first, second

    count, first, second = in_a_thread(reads)
    assert count == 3
    assert first != second
    assert not runs(first)


def test_a_template_ends_with_its_thread_and_no_other_thread_s_does(tiff):
    def reads():
        others = children()
        read(tiff)
        (template,) = children() - others
        (theirs,) = in_a_thread(lambda: (read(tiff), children() - others - {template})[1])
        wait_until(lambda: theirs not in children())
        assert len(read(tiff)) == 3
        return template in children()

    assert in_a_thread(reads)


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        ("ctypes.string_at(0)", DecoderCrashed, "SIGSEGV"),
        ("os._exit(3)", DecoderCrashed, "status 3"),
        ("raise SystemExit", DecoderCrashed, "status 1"),
        ("all(x == 0 for x in iter(int, 1))", DecoderTimeout, "longer"),
        ("x = [bytearray(2**24) for _ in range(10**6)]", DecoderOutOfMemory, "used up"),
        ("x = bytearray(280 * 2**20); os.abort()", DecoderOutOfMemory, "ran out"),
        ("os.abort()", DecoderCrashed, "SIGABRT"),
        ("os.kill(os.getpid(), 9)", DecoderStopped, "SIGKILL"),
        ("os.kill(os.getpid(), 15)", DecoderStopped, "SIGTERM"),
        ("x = bytearray(280 * 2**20); os.kill(os.getpid(), 9)", DecoderOutOfMemory, "ran out"),
    ],
)
def test_a_copy_that_fails_costs_its_page_alone(tiff, monkeypatch, body, error, words):
    template_that(monkeypatch, does=body)

    def reads():
        others = children()
        read(tiff)
        before = children() - others
        return read(tiff), before, children() - others

    (first, failure, third), before, after = in_a_thread(reads)
    assert (first.page_number, third.page_number) == (1, 3)
    assert isinstance(failure, PageFailure)
    assert isinstance(failure.error, error)
    assert words in str(failure.error)
    assert before == after


def test_without_a_working_template_processes_start_afresh(tiff, monkeypatch, caplog):
    monkeypatch.setattr(intake_start, "Template", partial(Template, [sys.executable, "-c", "pass"]))

    assert in_a_thread(lambda: len(read(tiff)) + len(read(tiff))) == 6
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_template_that_was_interrupted_is_not_asked_again(tiff, monkeypatch):
    """Its answer would be another document's process."""

    def interrupted(*_):
        raise KeyboardInterrupt

    def reads():
        others = children()
        read(tiff)
        first = children() - others
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(Template, "copy", interrupted)
            read(tiff)
        return len(read(tiff)), first & children()

    assert in_a_thread(reads) == (3, set())


PARENT = """
import os, pathlib, sys, time
from pipeline.intake.documents import open_document
from pipeline.settings.settings import IntakeSettings
def read():
    with open_document(pathlib.Path(sys.argv[1]), IntakeSettings()) as document:
        return len(list(document.pages()))
read()
"""


def test_the_template_dies_with_a_parent_that_is_killed(tiff):
    script = PARENT + "print(open(f'/proc/self/task/{os.getpid()}/children').read(), flush=True); time.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", script, str(tiff)], stdout=subprocess.PIPE, text=True)
    (template,) = map(int, parent.stdout.readline().split())
    assert runs(template)
    parent.kill()
    parent.communicate()

    wait_until(lambda: not runs(template))


def test_a_process_that_was_forked_has_a_template_of_its_own(tiff):
    script = PARENT + "pid = os.fork(); print(read(), flush=True); pid and os.wait(); sys.exit(not read() == 3)"
    done = subprocess.run([sys.executable, "-c", script, str(tiff)], capture_output=True, text=True, check=False)

    assert (done.stdout.split(), done.stderr, done.returncode) == (["3", "3"], "", 0)
