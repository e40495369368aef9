"""A document's files appear all together or not at all, whatever dies in between; one run writes at a time."""

import errno
import itertools
import json
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
from filled_form import DOCUMENT_ID, FORM, QUARANTINED, RUN
from killing import STEPS, alone, die_at, killed, processes

from pipeline.errors import OutputLocked, OutputUnsafe, OutputUnwritable
from pipeline.landing import transaction as commits
from pipeline.landing.landing import land, read_table, remember_source
from pipeline.landing.transaction import Output, commit, exclusive, open_output, remove
from pipeline.schema.tables import TABLES
from pipeline.settings.settings import LandingSettings

SETTINGS = LandingSettings()
OLD = {"cells": b"old cells", "documents": b"old"}
NEW = {"cells": b"new cells", "lines": b"new lines", "documents": b"new"}


def commit_new(folder):
    with exclusive(folder):
        commit(folder, "doc", "run-2", NEW)


def commit_and_die(folder, step):
    die_at(step, STEPS)
    commit_new(folder)


def recover(folder):
    with open_output(folder, SETTINGS):
        pass


def recover_and_die(folder, step):
    die_at(step, STEPS)
    recover(folder)


def land_and_die(folder, step):
    with open_output(folder, SETTINGS) as output:
        die_at(step, ["replace"])
        land(FORM, output, RUN)


def visible(folder):
    """What readers can see: the content of every file of every table."""
    return {path.parent.name: path.read_bytes() for path in sorted(folder.glob("[!.]*/*"))}


def leftovers(folder):
    return [path.name for path in (folder / ".staging").iterdir() if path.name != ".lock"]


@pytest.fixture
def folder(tmp_path):
    """An output folder in which an older version of the document has landed."""
    with open_output(tmp_path / "OUT", SETTINGS) as output, exclusive(output.folder):
        commit(output.folder, "doc", "run-1", OLD)
    return tmp_path / "OUT"


def step_after_the_entry(tmp_path):
    """The first step at which a killed commit will be finished rather than dropped: the first rename of a file."""
    for step in itertools.count(1):
        folder = tmp_path / f"probe-{step}"
        recover(folder)
        assert killed(commit_and_die, folder, step)
        recover(folder)
        if visible(folder) == NEW:
            return step
    raise AssertionError


# --- commits ----------------------------------------------------------------------------------------------------------


def test_a_commit_replaces_the_files_it_names_and_leaves_nothing_behind(folder):
    commit_new(folder)
    assert visible(folder) == NEW
    assert leftovers(folder) == []


def test_a_commit_leaves_the_tables_alone_that_it_does_not_name(folder):
    with exclusive(folder):
        commit(folder, "doc", "run-2", {"sources": b"one more"})
    assert visible(folder) == OLD | {"sources": b"one more"}


def test_files_appear_in_the_order_given_so_documents_last(folder, monkeypatch):
    renamed = []
    rename = os.replace
    monkeypatch.setattr(os, "replace", lambda a, b, **k: (renamed.append(a), rename(a, b, **k)))
    commit_new(folder)
    assert renamed[1:] == ["cells", "lines", "documents"]


def test_files_are_on_the_disk_before_the_journal_entry_and_renames_before_it_goes(folder, monkeypatch):
    log = []

    def logged(name, describe):
        original = getattr(os, name)

        def call(*args, **kwargs):
            log.append(f"{name} {describe(args[0])}")
            return original(*args, **kwargs)

        monkeypatch.setattr(os, name, call)

    logged("fsync", lambda descriptor: Path(f"/proc/self/fd/{descriptor}").readlink().name)
    logged("replace", lambda path: Path(path).name)
    logged("unlink", lambda path: Path(path).name)
    commit_new(folder)
    assert log == [
        "fsync OUT",  # the new folder of lines
        *["fsync cells", "fsync lines", "fsync documents", "fsync doc.run-2"],
        *["fsync .doc.run-2.json", "replace .doc.run-2.json", "fsync .staging"],
        *["replace cells", "replace lines", "replace documents"],
        *["fsync cells", "fsync lines", "fsync documents"],
        "unlink doc.run-2.json",
    ]


def test_killed_at_any_step_a_commit_is_whole_or_absent_after_the_next_start(tmp_path):
    outcomes = []
    for step in itertools.count(1):
        folder = tmp_path / str(step)
        with open_output(folder, SETTINGS), exclusive(folder):
            commit(folder, "doc", "run-1", OLD)
        if not killed(commit_and_die, folder, step):
            break
        recover(folder)
        assert visible(folder) in (OLD, NEW), f"killed before step {step}"
        assert leftovers(folder) == [], f"killed before step {step}"
        outcomes.append(visible(folder) == NEW)
    assert outcomes == sorted(outcomes), "once the journal entry stands, the commit is finished"
    assert {True, False} == set(outcomes)


def test_killed_while_recovering_at_any_step_the_next_start_finishes_the_commit(tmp_path):
    after_the_entry = step_after_the_entry(tmp_path)
    for step in itertools.count(1):
        folder = tmp_path / str(step)
        recover(folder)
        assert killed(commit_and_die, folder, after_the_entry)
        assert visible(folder) == {}
        if not killed(recover_and_die, folder, step):
            break
        recover(folder)
        assert visible(folder) == NEW, f"killed before step {step}"
        assert leftovers(folder) == [], f"killed before step {step}"
    assert step > len(NEW)


def test_killed_at_any_rename_a_run_that_lands_again_equals_an_undisturbed_one(tmp_path):
    with open_output(tmp_path / "undisturbed", SETTINGS) as output:
        land(FORM, output, RUN)
    for step in range(1, len(TABLES) + 2):
        folder = tmp_path / str(step)
        assert killed(land_and_die, folder, step)
        seen = read_table(folder, "cells").num_rows
        assert seen == 0, "no row is committed before documents is"
        with open_output(folder, SETTINGS) as output:
            land(FORM, output, RUN)
        assert visible(folder) == visible(tmp_path / "undisturbed"), f"killed before rename {step}"


def test_an_interrupted_commit_is_finished_before_a_newer_one_of_the_same_document(tmp_path, folder):
    assert killed(commit_and_die, folder, step_after_the_entry(tmp_path))
    with exclusive(folder):
        assert visible(folder) == NEW
        commit(folder, "doc", "run-3", {"cells": b"newest", "documents": b"newest"})
    recover(folder)
    assert visible(folder)["cells"] == b"newest"


def test_nothing_unfinished_stands_in_a_tables_folder(tmp_path):
    folder = tmp_path / "OUT"
    assert killed(land_and_die, folder, 5)
    assert {path.name for path in folder.glob("*/*") if not path.name.startswith(".")} == {
        f"{DOCUMENT_ID}.parquet",
        *leftovers(folder),
    }
    assert all(path.suffix == ".parquet" for path in folder.glob("[!.]*/*"))


# --- disks that fail --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["fsync", "replace", "mkdir"])
def test_a_disk_that_fills_at_any_step_leaves_the_old_files_or_the_next_start_finishes(tmp_path, monkeypatch, call):
    original = getattr(os, call)
    for step in itertools.count(1):
        folder = tmp_path / str(step)
        with open_output(folder, SETTINGS), exclusive(folder):
            commit(folder, "doc", "run-1", OLD)
        calls = itertools.count(1)

        def full(*args, calls=calls, step=step, **kwargs):
            if next(calls) >= step:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return original(*args, **kwargs)

        monkeypatch.setattr(os, call, full)
        try:
            commit_new(folder)
        except OutputUnwritable as error:
            assert "No space left on device" in str(error)
        else:
            break
        finally:
            monkeypatch.setattr(os, call, original)
        rolled_forward = "doc.run-2.json" in leftovers(folder)
        assert rolled_forward or (visible(folder), leftovers(folder)) == (OLD, [])
        recover(folder)
        assert visible(folder) == (NEW if rolled_forward else OLD)
    assert step > 1


def test_a_document_that_could_not_be_written_has_not_landed(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with open_output(tmp_path / "OUT", SETTINGS) as output:
        with monkeypatch.context() as patch, pytest.raises(OutputUnwritable):
            patch.setattr(os, "fsync", full)
            land(FORM, output, RUN)
        assert visible(output.folder) == {}
        land(FORM, output, RUN)
        assert set(visible(output.folder)) == set(TABLES)


def test_a_folder_that_may_not_be_written_to_is_named_before_anything_changes(folder, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("lines"))
    with pytest.raises(OutputUnwritable, match="lines: Permission denied"):
        commit_new(folder)
    assert visible(folder) == OLD


def test_a_file_in_the_place_of_the_output_folder_is_an_output_error(tmp_path):
    (tmp_path / "OUT").write_text("not a folder")
    with pytest.raises(OutputUnwritable, match="OUT: File exists"), open_output(tmp_path / "OUT", SETTINGS):
        pass


# --- locks ------------------------------------------------------------------------------------------------------------


def hold(folder, ready, seconds):
    with open_output(folder, SETTINGS):
        ready.set()
        time.sleep(seconds)


@pytest.fixture
def holder(tmp_path):
    """Starts another process that holds the output folder for some seconds."""
    started = []

    def start(seconds):
        ready = processes.Event()
        process = processes.Process(target=hold, args=(tmp_path / "OUT", ready, seconds))
        process.start()
        started.append(process)
        assert ready.wait(30)
        return process

    yield start
    for process in started:
        process.kill()
        process.join()


def test_a_second_run_is_told_which_process_writes(tmp_path, holder):
    other = holder(60)
    with pytest.raises(OutputLocked, match=f"is being written by process {other.pid} on "):
        recover(tmp_path / "OUT")


def test_a_second_run_waits_as_long_as_the_settings_say(tmp_path, holder):
    holder(0.3)
    with open_output(tmp_path / "OUT", LandingSettings(lock_timeout_s=30.0)):
        signed = json.loads((tmp_path / "OUT" / ".lock").read_text())
    assert signed["pid"] == os.getpid()


def test_a_killed_run_holds_no_lock(tmp_path, holder):
    other = holder(60)
    other.kill()
    other.join()
    recover(tmp_path / "OUT")


def test_the_lock_is_free_after_an_error(tmp_path):
    with pytest.raises(KeyError), open_output(tmp_path / "OUT", SETTINGS):
        raise KeyError
    recover(tmp_path / "OUT")


def test_opening_an_output_writes_no_table(tmp_path):
    recover(tmp_path / "deep" / "OUT")
    assert visible(tmp_path / "deep" / "OUT") == {}


def land_often(output, result, paths):
    for path in paths:
        land(result, output, replace(RUN, source_path=path))
        remember_source(output, DOCUMENT_ID, replace(RUN, source_path=f"{path}.copy"))


def test_workers_of_one_run_may_land_the_same_document_at_the_same_time(tmp_path):
    with open_output(tmp_path / "OUT", SETTINGS) as output:
        jobs = [(FORM, [f"/a/{n}" for n in range(8)]), (QUARANTINED, [f"/b/{n}" for n in range(8)])]
        workers = [processes.Process(target=alone, args=(land_often, output, *job)) for job in jobs]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)
        assert [worker.exitcode for worker in workers] == [0, 0]
        paths = {path for _, given in jobs for path in given}
        assert set(read_table(output.folder, "sources")["source_path"].to_pylist()) == paths | {
            f"{path}.copy" for path in paths
        }
        (document,) = read_table(output.folder, "documents").to_pylist()
        assert read_table(output.folder, "cells").num_rows == (0 if document["status"] == "quarantined" else 3)


# --- what lies in the folder ------------------------------------------------------------------------------------------

ENTRY = {"document_id": "doc", "tables": ["cells"]}


@pytest.fixture
def outside(tmp_path):
    """Files and folders beside the output folder, which nothing may change."""
    (tmp_path / "outside" / "cells").mkdir(parents=True)
    (tmp_path / "outside" / "doc.parquet").write_bytes(b"mine")
    (tmp_path / "outside" / "cells" / "doc.parquet").write_bytes(b"mine")
    (tmp_path / "outside" / "entry.json").write_text(json.dumps(ENTRY))
    before = tree(tmp_path / "outside")
    yield tmp_path / "outside"
    assert tree(tmp_path / "outside") == before


def tree(folder):
    return {path: (path.read_bytes() if path.is_file() else None) for path in sorted(folder.rglob("*"))}


def replaced_by_link(path, target):
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def staged_link(folder, outside):
    (folder / ".staging" / "x").mkdir()
    (folder / ".staging" / "x" / "cells").symlink_to(outside / "doc.parquet")
    (folder / ".staging" / "x.json").write_text(json.dumps(ENTRY))


LINKS = {
    "the lock": lambda folder, outside: replaced_by_link(folder / ".lock", outside / "doc.parquet"),
    "the staging folder": lambda folder, outside: replaced_by_link(folder / ".staging", outside),
    "the commits' lock": lambda folder, outside: replaced_by_link(folder / ".staging/.lock", outside / "doc.parquet"),
    "an entry": lambda folder, outside: replaced_by_link(folder / ".staging/x.json", outside / "entry.json"),
    "what is staged": lambda folder, outside: replaced_by_link(folder / ".staging/x", outside / "cells"),
    "a file that is staged": staged_link,
    "a table": lambda folder, outside: replaced_by_link(folder / "cells", outside / "cells"),
    "a table that is not there": lambda folder, outside: replaced_by_link(folder / "lines", outside / "lines"),
}


@pytest.mark.parametrize("plant", LINKS.values(), ids=LINKS)
def test_a_link_is_refused_by_its_path_and_nothing_is_changed_through_it(folder, outside, plant):
    plant(folder, outside)
    before = tree(folder)
    with pytest.raises(OutputUnsafe, match=f"{folder}.* is (a link|no plain file)"):
        recover(folder)
    with pytest.raises(OutputUnsafe):
        commit_new(folder) if not (folder / ".lock").is_symlink() else recover(folder)
    assert tree(folder) == before


def test_a_table_that_becomes_a_link_while_a_run_is_at_work_is_refused_before_anything_changes(folder, outside):
    with exclusive(folder):
        replaced_by_link(folder / "lines", outside / "cells")
        with pytest.raises(OutputUnsafe, match="lines is a link"):
            commit(folder, "doc", "run-2", NEW)
        assert leftovers(folder) == []
    assert (folder / "cells" / "doc.parquet").read_bytes() == b"old cells"


def test_an_output_folder_that_is_a_link_itself_is_the_users_own_choice(folder):
    (folder.parent / "named").symlink_to(folder)
    commit_new(folder.parent / "named")
    recover(folder.parent / "named")
    assert visible(folder) == NEW


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"removed": ["../outside/doc.parquet"]}',
        b'{"removed": ["/etc/hostname"]}',
        b'{"removed": [".staging/x.json"]}',
        b'{"removed": 1}',
        b'{"document_id": "../../outside/doc", "tables": ["cells"]}',
        b'{"document_id": "doc", "tables": ["../outside"]}',
        b'{"document_id": "doc", "tables": [".."]}',
    ],
    ids=lambda entry: entry[:60].decode(),
)
def test_an_entry_that_is_none_of_ours_is_refused_by_its_path_and_nothing_is_done(folder, outside, entry):
    (folder / ".staging" / "x").mkdir()
    (folder / ".staging" / "x" / "cells").write_bytes(b"staged")
    (folder / ".staging" / "x.json").write_bytes(entry)
    before = tree(folder)
    for act in (recover, commit_new):
        with pytest.raises(OutputUnsafe, match=r"\.staging/x\.json is no journal entry"):
            act(folder)
    assert tree(folder) == before | {folder / ".lock": b""}


@pytest.mark.parametrize("name", ["../doc", "a/b", "..", "", "/doc", ".doc"])
def test_a_name_that_leads_elsewhere_is_refused_of_a_caller_as_well(folder, name):
    before = tree(folder)
    with exclusive(folder):
        with pytest.raises(OutputUnsafe):
            commit(folder, name, "run-2", NEW)
        with pytest.raises(OutputUnsafe):
            commit(folder, "doc", "run-2", {name: b"x"})
        with pytest.raises(OutputUnsafe):
            remove(folder, "forget-1", [Path("..", "outside", "doc.parquet")])
    assert tree(folder) == before


def test_a_removal_of_more_files_than_an_entry_may_name_is_refused_before_it_begins(folder, monkeypatch):
    monkeypatch.setattr(commits, "MAX_BYTES", 20)
    with exclusive(folder), pytest.raises(OutputUnwritable, match="name fewer documents at once"):
        remove(folder, "forget-1", [Path("cells/doc.parquet")])
    assert visible(folder) == OLD
    assert leftovers(folder) == []


def test_a_lock_that_has_another_name_elsewhere_is_held_but_not_written_to(folder, outside):
    (folder / ".lock").unlink()
    (folder / ".lock").hardlink_to(outside / "doc.parquet")
    recover(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_journal_that_a_stranger_put_where_everybody_may_write_is_refused(folder):
    shutil.rmtree(folder / ".staging")
    (folder / ".staging").mkdir()
    (folder / ".staging" / "x.json").write_text('{"removed": ["documents/doc.parquet"]}')
    os.chown(folder / ".staging", 4711, 4711)
    folder.chmod(0o1777)
    with pytest.raises(OutputUnsafe, match=r"\.staging belongs to another user"):
        recover(folder)
    assert visible(folder) == OLD


def test_an_output_is_where_it_is_and_what_lands_there(tmp_path):
    with open_output(tmp_path, SETTINGS) as output:
        assert output == Output(tmp_path, SETTINGS)
