"""Who asks a file system that hangs waits; the run does not."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import time

import pytest
from hanging_share import hanging_share

from flows import looking
from flows.looking import Looker, NoAnswer
from flows.plan import Options, identify, make_plan
from pipeline.errors import ResourcesExhausted

SOON_S = 60
"""Far less than for ever, on however busy a machine."""


def write(folder, *names):
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(name)
    return [folder / name for name in names]


def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_many_questions_are_answered_in_their_order(tmp_path):
    paths = write(tmp_path, *(f"{number}.pdf" for number in range(40)))
    with Looker(3) as looker:
        assert looker.ask_all("digest", [(path,) for path in paths]) == [digest_of(path) for path in paths]


def test_a_refusal_comes_as_the_system_says_it(tmp_path):
    with Looker() as looker, pytest.raises(OSError, match="No such file") as caught:
        looker.ask("digest", tmp_path / "absent")
    assert caught.value.errno == errno.ENOENT


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_only_regular_files_are_read(tmp_path, make):
    make(tmp_path / "a.pdf")
    with Looker() as looker, pytest.raises(OSError, match="not a regular file"):
        looker.ask("digest", tmp_path / "a.pdf")


@pytest.mark.usefixtures("fake_looker")
def test_a_file_that_comes_slowly_is_no_file_that_hangs(tmp_path):
    (path,) = write(tmp_path, "slow.pdf")
    with Looker() as looker:
        assert looker.ask("digest", path) == digest_of(path)


@pytest.mark.usefixtures("fake_looker")
def test_a_file_that_hangs_costs_only_itself(tmp_path):
    paths = write(tmp_path, "a.pdf", "hangs.pdf", "z.pdf")
    with Looker() as looker:
        first, second, third = looker.ask_all("digest", [(path,) for path in paths])
    assert (first, third) == (digest_of(paths[0]), digest_of(paths[2]))
    assert isinstance(second, NoAnswer)


@pytest.mark.usefixtures("fake_looker")
def test_a_file_system_that_hangs_again_and_again_is_asked_no_more(tmp_path):
    paths = write(tmp_path, *(f"hangs{number}.pdf" for number in range(50)))
    with Looker() as looker:
        begin, answers = time.monotonic(), looker.ask_all("digest", [(path,) for path in paths])
    assert {answer.strerror for answer in answers[2:]} == {looking.NOT_ASKED}
    assert time.monotonic() - begin < SOON_S


def test_a_looking_process_that_is_killed_costs_its_question(tmp_path):
    (path,) = write(tmp_path, "a.pdf")
    with Looker() as looker:
        looker.ask("state", path)
        os.kill(looker._idle[0].process.pid, signal.SIGKILL)
        with pytest.raises(OSError, match="was killed"):
            looker.ask("state", path)
        assert looker.ask("digest", path) == digest_of(path)


def test_a_system_that_starts_no_process_is_no_file_that_cannot_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr(looking, "COMMAND", (str(tmp_path / "absent"),))
    with Looker() as looker, pytest.raises(ResourcesExhausted, match="No such file"):
        looker.ask("state", tmp_path)


@pytest.mark.usefixtures("fake_looker")
def test_a_plan_names_what_it_could_not_look_at_as_failed(tmp_path):
    write(tmp_path / "in", "a.pdf", "hangs.pdf")
    write(tmp_path / "in" / "locked", "b.pdf")
    plan = make_plan([tmp_path / "in"], tmp_path / "out", Options(), identify(Options()))
    assert [path for paths in plan.to_read.values() for path in paths] == [str(tmp_path / "in" / "a.pdf")]
    assert {(outcome.sources[0], outcome.error_code) for outcome in plan.failed} == {
        (str(tmp_path / "in" / name), "SOURCE_UNREADABLE") for name in ("hangs.pdf", "locked")
    }


@pytest.mark.parametrize("what", ["all", "files"])
def test_a_share_that_no_signal_frees_from_is_left_behind(tmp_path, monkeypatch, what):
    monkeypatch.setattr(looking, "ANSWER_LIMIT_S", 5.0)
    with hanging_share(tmp_path / "share", **{"a.pdf": "a", "b.pdf": "b"}) as hang, Looker() as looker:
        assert looker.ask("digest", tmp_path / "share" / "a.pdf") == hashlib.sha256(b"a").hexdigest()
        hang(what)
        begin = time.monotonic()
        with pytest.raises(NoAnswer):
            looker.ask("digest", tmp_path / "share" / "b.pdf")
        looker.__exit__(None, None, None)
        assert time.monotonic() - begin < SOON_S
