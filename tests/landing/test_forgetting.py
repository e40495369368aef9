"""A forgotten document is gone from every table and every log, whole or not at all, and nothing else is touched."""

import errno
import hashlib
import itertools
import json
import os
import re
import shutil
import stat
import tempfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from filled_form import DOCUMENT_ID, FORM, QUARANTINED, RUN
from hypothesis import given, settings
from hypothesis import strategies as st
from killing import STEPS, die_at, killed

from flows.batch import derive_signers
from pipeline.errors import DocumentAmbiguous, DocumentUnknown, OutputLocked, OutputUnsafe, OutputUnwritable
from pipeline.export import Targets, export
from pipeline.landing.forgetting import forget
from pipeline.landing.landing import land, landed, read_table, remember_source
from pipeline.landing.signer_table import SIGNERS_FILE
from pipeline.landing.transaction import commit, exclusive, open_output
from pipeline.schema.tables import ALL_TABLES, TABLES
from pipeline.settings.settings import LandingSettings, Settings
from pipeline.visible import visible

SETTINGS = LandingSettings()
GUIDE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
SECTION = re.search(r"^## Personal data\n(.*?)^## ", GUIDE, re.MULTILINE | re.DOTALL)[1]
NEAR = DOCUMENT_ID[:20] + "0" * 44
"""An id that begins as that of the filled form."""
OTHER = "0d" * 32


def document(document_id, result=FORM):
    return replace(result, source=replace(result.source, document_id=document_id))


def land_all(out, *document_ids):
    with open_output(out, SETTINGS) as output:
        for document_id in document_ids:
            land(document(document_id), output, replace(RUN, source_path=f"/scans/{document_id[:3]}.pdf"))
    return out


def contents(out):
    """Every file of an output folder but the locks, by its path."""
    paths = sorted(path for path in out.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}


def files_of(out, document_id):
    return {path for path in contents(out) if document_id in path}


def recover(out):
    with open_output(out, SETTINGS):
        pass


def log(out, name, text):
    path = out / ".logs" / f"{name}.log"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def out(tmp_path):
    """An output folder with two documents whose ids begin alike, and a third."""
    return land_all(tmp_path / "OUT", DOCUMENT_ID, NEAR, OTHER)


# --- what goes, and what stays ----------------------------------------------------------------------------------------


def test_a_forgotten_document_leaves_every_table_and_the_others_stay_as_they_are(out):
    before = contents(out)
    removal = forget(out, [DOCUMENT_ID])
    assert contents(out) == {path: content for path, content in before.items() if DOCUMENT_ID not in path}
    assert [(gone.document_id, gone.files) for gone in removal.documents] == [(DOCUMENT_ID, len(TABLES))]


def test_what_is_left_is_what_would_have_landed_without_it(out, tmp_path):
    forget(out, [NEAR])
    assert contents(out) == contents(land_all(tmp_path / "without", DOCUMENT_ID, OTHER))


def test_several_documents_are_forgotten_at_once_however_they_are_named(out):
    removal = forget(out, [OTHER[:8].upper(), DOCUMENT_ID, OTHER, f" {DOCUMENT_ID[:30]} "])
    assert [gone.document_id for gone in removal.documents] == [OTHER, DOCUMENT_ID]
    assert read_table(out, "documents")["document_id"].to_pylist() == [NEAR]


def test_the_last_document_may_be_forgotten(out):
    forget(out, [DOCUMENT_ID, NEAR, OTHER])
    assert list(contents(out)) == ["datapackage.json"]
    assert read_table(out, "cells").num_rows == 0


def test_a_quarantined_document_is_forgotten_like_any_other(tmp_path):
    with open_output(tmp_path, SETTINGS) as output:
        land(QUARANTINED, output, RUN)
    forget(tmp_path, [DOCUMENT_ID])
    assert list(contents(tmp_path)) == ["datapackage.json"]


def test_a_table_that_only_another_version_knows_is_no_hiding_place(out):
    (out / "barcodes").mkdir()
    (out / "barcodes" / f"{DOCUMENT_ID}.parquet").write_bytes(b"of a later version")
    assert forget(out, [DOCUMENT_ID]).documents[0].files == len(TABLES) + 1
    assert files_of(out, DOCUMENT_ID) == set()


def test_a_document_that_is_left_in_some_tables_alone_is_forgotten_too(out):
    for name in ("documents", "sources"):
        (out / name / f"{DOCUMENT_ID}.parquet").unlink()
    assert forget(out, [DOCUMENT_ID]).documents[0].files == len(TABLES) - 2
    assert files_of(out, DOCUMENT_ID) == set()


def test_files_of_others_in_the_folder_stay(out):
    mine = {"notes.txt": b"mine", "cells/notes.parquet": b"mine", f"{DOCUMENT_ID}.parquet": b"mine"}
    for name, content in mine.items():
        (out / name).write_bytes(content)
    forget(out, [DOCUMENT_ID])
    assert {name: contents(out)[name] for name in mine} == mine


def test_a_forgotten_document_that_is_read_again_lands_as_before(out):
    before, run = contents(out), (RUN.settings_sha256, RUN.pipeline_version)
    assert landed(out, OTHER, *run) is not None
    forget(out, [OTHER])
    assert landed(out, OTHER, *run) is None
    land_all(out, OTHER)
    assert contents(out) == before


def test_paths_that_still_hold_the_document_are_named(tmp_path):
    scans = {name: tmp_path / f"{name}.jpg" for name in ("kept", "replaced", "gone")}
    scans["kept"].write_bytes(b"scan")
    scans["replaced"].write_bytes(b"another scan")
    document_id = hashlib.sha256(b"scan").hexdigest()
    with open_output(tmp_path / "OUT", SETTINGS) as output:
        land(document(document_id), output, RUN)
        for path in scans.values():
            remember_source(output, document_id, replace(RUN, source_path=str(path)))
    removal = forget(tmp_path / "OUT", [document_id])
    assert removal.documents[0].still_there == (str(scans["kept"]),)
    assert set(removal.documents[0].source_paths) == {RUN.source_path, *map(str, scans.values())}
    assert f"  still there, and a run over it reads it again: {scans['kept']}" in removal.lines()
    assert scans["kept"].read_bytes() == b"scan"


# --- logs -------------------------------------------------------------------------------------------------------------


def test_logs_that_name_the_document_by_id_or_file_go_and_others_stay(out):
    log(out, "1", f"landed {DOCUMENT_ID} as landed from elsewhere")
    log(out, "2", "  ../scans/aba.pdf page 3: about 2.0 cells wrong")
    log(out, "3", "SourceUnreadable: aba.pdf cannot be read")
    kept = {log(out, "4", f"landed {OTHER} from /scans/0d0.pdf"), log(out, "5", "/scans/caba.pdf and aba.pdfx")}
    with open_output(out, SETTINGS) as output:
        remember_source(output, DOCUMENT_ID, replace(RUN, source_path="../scans/aba.pdf"))
    assert forget(out, [DOCUMENT_ID]).logs == ("1.log", "2.log", "3.log")
    assert set((out / ".logs").iterdir()) == kept


def test_where_the_documents_paths_cannot_be_known_all_logs_go(out):
    log(out, "1", "a run")
    (out / "sources" / f"{DOCUMENT_ID}.parquet").write_bytes(b"damaged")
    assert forget(out, [DOCUMENT_ID]).logs == ("1.log",)
    assert files_of(out, DOCUMENT_ID) == set()


def test_a_log_that_is_no_text_is_searched_as_well(out):
    log(out, "1", "").write_bytes(b"\xff\xfe " + DOCUMENT_ID.encode())
    assert forget(out, [DOCUMENT_ID]).logs == ("1.log",)


@pytest.mark.parametrize("name", ["a\nb.pdf", "a\x1b[2Jb.pdf", "a\u202eb.pdf", "a\\b.pdf", "终\u3000稿.pdf"])
def test_a_name_with_what_is_not_seen_is_found_as_the_log_has_it(out, name):
    with open_output(out, SETTINGS) as output:
        remember_source(output, DOCUMENT_ID, replace(RUN, source_path=f"/scans/{name}"))
    for number, text in enumerate([name, visible(name), name.replace("\n", "\n    ")]):
        log(out, str(number), f"SourceUnreadable: {text} cannot be read")
    kept = log(out, "other", "SourceUnreadable: ab.pdf cannot be read")
    assert forget(out, [DOCUMENT_ID]).logs == ("0.log", "1.log", "2.log")
    assert kept.exists()


# --- ids that do not fit ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "error", "said"),
    [
        (DOCUMENT_ID[:8], DocumentAmbiguous, f"{DOCUMENT_ID[:8]} fits 2 documents: {NEAR}, {DOCUMENT_ID}"),
        ("12345678", DocumentUnknown, "has the id 12345678"),
        ("1" * 64, DocumentUnknown, "has the id 1111"),
        (OTHER[:7], DocumentUnknown, "'0d0d0d0' is no id: 64 hexadecimal digits, or the first 8 or more"),
        (OTHER + "0", DocumentUnknown, "is no id"),
        ("../cells", DocumentUnknown, "is no id"),
        ("0d0d0d0*", DocumentUnknown, "is no id"),
        ("", DocumentUnknown, "is no id"),
    ],
)
def test_one_id_that_does_not_fit_keeps_all_from_being_removed(out, wanted, error, said):
    before = contents(out)
    with pytest.raises(error, match=said.replace("*", r"\*")):
        forget(out, [OTHER, wanted])
    assert contents(out) == before


def test_a_mistyped_folder_is_told_and_left_alone(tmp_path):
    (tmp_path / "photos").mkdir()
    for name in ("absent", "photos"):
        with pytest.raises(DocumentUnknown, match=f"{name} is no output folder"):
            forget(tmp_path / name, [DOCUMENT_ID])
    assert [path.name for path in tmp_path.rglob("*")] == ["photos"]


# --- whatever dies in between -----------------------------------------------------------------------------------------


def forget_and_die(out, step):
    with exclusive(out):
        pass  # what earlier runs left is not what is tried here
    die_at(step, STEPS)
    forget(out, [DOCUMENT_ID, OTHER])


def recover_and_die(out, step):
    die_at(step, STEPS)
    recover(out)


def copies(template, tmp_path):
    """Step after step, a fresh copy of the folder."""
    for step in itertools.count(1):
        yield step, Path(shutil.copytree(template, tmp_path / f"copy-{step}"))


def assert_readers_see_whole_documents(out, step):
    for document_id in read_table(out, "documents")["document_id"].to_pylist():
        assert {path.split("/")[0] for path in files_of(out, document_id)} >= set(TABLES), f"killed before step {step}"


def test_killed_at_any_step_the_documents_are_all_there_or_all_gone_after_the_next_start(out, tmp_path):
    log(out, "1", f"landed {OTHER}")
    before = contents(out)
    after = {path: before[path] for path in before if path == "datapackage.json" or NEAR in path}
    outcomes = []
    for step, copy in copies(out, tmp_path):
        was_killed = killed(forget_and_die, copy, step)
        assert_readers_see_whole_documents(copy, step)
        recover(copy)
        assert contents(copy) in (before, after), f"killed before step {step}"
        outcomes.append(contents(copy) == after)
        if not was_killed:
            break
    assert outcomes == sorted(outcomes), "once the journal entry stands, the removal is finished"
    assert outcomes.count(True) > 2 * len(TABLES), "every file's removal was tried"
    assert outcomes[0] is False


def test_killed_while_recovering_at_any_step_the_next_start_finishes_the_removal(out, tmp_path):
    with exclusive(out):
        entry = json.dumps({"removed": [f"{name}/{OTHER}.parquet" for name in ("documents", "cells")]})
        (out / ".staging" / "forget-1.json").write_text(entry)
    for step, copy in copies(out, tmp_path):
        was_killed = killed(recover_and_die, copy, step)
        assert_readers_see_whole_documents(copy, step)
        recover(copy)
        assert not {f"documents/{OTHER}.parquet", f"cells/{OTHER}.parquet"} & set(contents(copy))
        assert not any(path.startswith(".staging") for path in contents(copy))
        if not was_killed:
            break
    assert step > 4


def test_documents_are_gone_from_the_disk_before_the_first_other_file_goes(out, monkeypatch):
    steps = []

    def logged(name, describe):
        original = getattr(os, name)

        def call(*args, **kwargs):
            steps.append(f"{name} {describe(kwargs.get('dir_fd', args[0]))}")
            return original(*args, **kwargs)

        monkeypatch.setattr(os, name, call)

    logged("fsync", lambda descriptor: Path(f"/proc/self/fd/{descriptor}").readlink().name.split("-")[0])
    logged("unlink", lambda descriptor: Path(f"/proc/self/fd/{descriptor}").readlink().name)
    logged("replace", lambda path: "entry")
    forget(out, [DOCUMENT_ID, OTHER])
    others = sorted(set(TABLES) - {"documents"})
    assert steps == [
        *["fsync .forget", "replace entry", "fsync .staging"],
        *["unlink documents", "unlink documents", "fsync documents"],
        *(step for name in others for step in (f"unlink {name}", f"unlink {name}", f"fsync {name}")),
        "unlink .staging",
    ]


def test_a_commit_that_was_interrupted_is_finished_first_and_then_forgotten_too(out):
    staging = out / ".staging"
    for name, content in (("late", b"late cells"), ("never", b"no entry")):
        (staging / f"{DOCUMENT_ID}.{name}").mkdir()
        (staging / f"{DOCUMENT_ID}.{name}" / "cells").write_bytes(content)
    (staging / f"{DOCUMENT_ID}.late.json").write_text(f'{{"document_id": "{DOCUMENT_ID}", "tables": ["cells"]}}')
    forget(out, [DOCUMENT_ID])
    assert files_of(out, DOCUMENT_ID) == set()


def test_a_document_that_was_staged_alone_has_not_landed_and_leaves_nothing(out):
    staged = out / ".staging" / f"{'e' * 64}.run-1"
    staged.mkdir()
    (staged / "cells").write_bytes(b"staged")
    with pytest.raises(DocumentUnknown):
        forget(out, ["e" * 64])
    assert not staged.exists()


def test_a_document_that_lands_again_after_an_interrupted_removal_stays(out):
    (out / ".staging" / "forget-1.json").write_text(f'{{"removed": ["cells/{OTHER}.parquet"]}}')
    with open_output(out, SETTINGS), exclusive(out):
        assert f"cells/{OTHER}.parquet" not in contents(out)
        commit(out, OTHER, "run-2", {"cells": b"new"})
    recover(out)
    assert contents(out)[f"cells/{OTHER}.parquet"] == b"new"


@pytest.mark.parametrize("call", ["fsync", "replace", "unlink"])
def test_a_disk_that_fails_at_any_step_leaves_all_or_the_next_start_removes_all(out, tmp_path, monkeypatch, call):
    before, original = contents(out), getattr(os, call)
    for step, copy in copies(out, tmp_path):
        calls = itertools.count(1)

        def failing(*args, calls=calls, step=step, **kwargs):
            if next(calls) >= step:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return original(*args, **kwargs)

        monkeypatch.setattr(os, call, failing)
        try:
            forget(copy, [OTHER])
        except OutputUnwritable as error:
            assert "Input/output error" in str(error)
        else:
            break
        finally:
            monkeypatch.setattr(os, call, original)
        assert_readers_see_whole_documents(copy, step)
        will_be_finished = any((copy / ".staging").glob("[!.]*.json"))
        recover(copy)
        assert (files_of(copy, OTHER) == set()) is will_be_finished
        assert will_be_finished or contents(copy) == before
    assert step > 1


def test_a_folder_that_may_not_be_written_to_is_named_before_anything_is_removed(out, monkeypatch):
    before = contents(out)
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("lines"))
    with pytest.raises(OutputUnwritable, match="lines: Permission denied"):
        forget(out, [OTHER])
    assert contents(out) == before


LINKED = [f"cells/{DOCUMENT_ID}.parquet", "cells", "archive", ".logs", ".logs/1.log"]


@pytest.mark.parametrize("place", LINKED)
def test_what_a_link_leads_to_is_not_forgotten_and_so_nothing_is(out, tmp_path, place):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / f"{DOCUMENT_ID}.parquet").write_bytes(b"mine")
    (tmp_path / "outside" / "1.log").write_text(DOCUMENT_ID)
    log(out, "2", DOCUMENT_ID)
    path = out / place
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(tmp_path / "outside" / path.name if path.suffix else tmp_path / "outside")
    before, beside = contents(out), contents(tmp_path / "outside")
    with pytest.raises(OutputUnsafe, match=f"{path} is a link"):
        forget(out, [DOCUMENT_ID])
    assert (contents(out), contents(tmp_path / "outside")) == (before, beside)


def test_what_is_made_anew_is_as_readable_as_what_it_replaces(out):
    with open_output(out, LandingSettings(readable_by="group")) as output:
        derive_signers(output)
    forget(out, [DOCUMENT_ID])
    assert stat.S_IMODE((out / SIGNERS_FILE).stat().st_mode) == 0o640


def test_nothing_is_forgotten_while_a_run_writes(out):
    before = contents(out)
    with open_output(out, SETTINGS), pytest.raises(OutputLocked, match="is being written by process"):
        forget(out, [OTHER])
    assert contents(out) == before


# --- what docs/operations.md says -------------------------------------------------------------------------------------


def test_every_table_is_named_among_the_places_of_personal_data():
    rows = [line.split("|")[1] for line in SECTION.splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(ALL_TABLES)


def test_the_way_to_find_an_id_finds_it(tmp_path, monkeypatch, capsys):
    land_all(tmp_path / "OUT", NEAR)
    with open_output(tmp_path / "OUT", SETTINGS) as output:
        land(document(DOCUMENT_ID), output, RUN)
    monkeypatch.chdir(tmp_path)
    (python,) = re.findall("```python\n(.*?)```", SECTION, re.DOTALL)
    exec(python, {"pd": pd})
    assert capsys.readouterr().out == f"{[DOCUMENT_ID]}\n"


def test_without_signature_crops_no_picture_lands_and_what_landed_with_them_is_read_again(tmp_path):
    without = Settings(landing=LandingSettings(signature_crops=False))
    assert without.sha256() != Settings().sha256()
    for landing, crop in ((LandingSettings(), b"\x89PNG"), (without.landing, None)):
        with open_output(tmp_path, landing) as output:
            land(FORM, output, RUN)
        assert read_table(tmp_path, "signatures")["crop_png"].to_pylist() == [crop]


def test_exports_are_copies_that_are_to_be_made_anew(out, tmp_path):
    targets = Targets(csv=tmp_path / "csv")
    export(out, targets)
    forget(out, [OTHER])
    assert OTHER in (tmp_path / "csv" / "documents.csv").read_text()
    export(out, targets, replace=True)
    assert [path for path in (tmp_path / "csv").iterdir() if OTHER in path.read_text()] == []


# --- any documents ----------------------------------------------------------------------------------------------------


@settings(max_examples=100)
@given(
    landings=st.dictionaries(
        st.text("0a", min_size=9, max_size=9).map(lambda head: head + "f" * 55),
        st.sets(st.sampled_from(["cells", "lines", "later"])),
        min_size=1,
        max_size=6,
    ),
    data=st.data(),
)
def test_exactly_the_files_of_the_chosen_documents_go_whatever_has_landed(landings, data):
    chosen = data.draw(st.sets(st.sampled_from(sorted(landings)), min_size=1))
    digits = data.draw(st.integers(9, 64))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "OUT"
        with open_output(out, SETTINGS), exclusive(out):
            for document_id, tables in landings.items():
                commit(out, document_id, "run", {**dict.fromkeys(sorted(tables), b"rows"), "documents": b"row"})
        before = contents(out)
        removal = forget(out, [document_id[:digits] for document_id in chosen])
        gone = {path for path in before if Path(path).stem in chosen}
        assert contents(out) == {path: before[path] for path in before.keys() - gone}
        assert sum(document.files for document in removal.documents) == len(gone)
