"""The command line: what it says, and the exit status that scripts rely on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_runs import NOTES, OF_THE_ENGINE, PATIENCE_S, is_alive, run, start, wait_for, write
from filled_form import DOCUMENT_ID, FORM, RUN

from flows.engine.orchestrator import is_first_start
from pipeline.errors import FlowEngineFailed
from pipeline.landing.landing import land, read_table
from pipeline.landing.transaction import open_output
from pipeline.schema.tables import TABLES
from pipeline.settings.settings import LandingSettings

flow = pytest.mark.usefixtures("engine", "fake_workers")


# --- usage ------------------------------------------------------------------------------------------------------------


def test_help_needs_neither_prefect_nor_the_recogniser():
    check = (
        "import sys, flows.cli; from typer.testing import CliRunner;"
        "commands = ('digitise', 'export', 'forget');"
        "assert all(CliRunner().invoke(flows.cli.app, [c, '--help']).exit_code == 0 for c in commands);"
        "heavy = {'prefect', 'paddleocr', 'onnxruntime', 'cv2', 'numpy', 'pandas', 'pyarrow', 'duckdb', 'pandera'};"
        "heavy &= set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", check], check=True, timeout=PATIENCE_S)


def test_the_version_is_the_packages():
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, "signed-forms 0.1.0\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["digitise"],
        ["digitise", "a.pdf"],
        ["digitise", "--out", "out"],
        ["digitise", "a.pdf", "--out", "out", "--workers", "0"],
        ["digitise", "a.pdf", "--out", "out", "--colour"],
        ["serve", "a.pdf", "--out", "out"],
        ["serve", "a.pdf", "--out", "out", "--cron", "0 2 * * *", "--interval", "60"],
        ["export"],
        ["export", "--out", "out"],
        ["export", "--xlsx", "a.xlsx"],
        ["forget", "--out", "out"],
        ["forget", "12345678"],
        ["polish"],
    ],
    ids=" ".join,
)
def test_bad_usage_ends_with_status_2(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("arguments", [["--out", "--force"], ["--out", "OUT", "--debug-images", "--force"]])
def test_an_option_is_not_taken_for_the_folder_that_was_forgotten_before_it(tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    result = run("digitise", write(tmp_path / "scans", a="land"), *arguments)
    assert result.exit_code == 2
    assert "needs a folder before --force (one of that name is ./--force)" in " ".join(result.output.split())
    assert [path.name for path in tmp_path.iterdir()] == ["scans"]


def test_a_missing_source_is_bad_usage_and_has_a_remedy(tmp_path):
    result = run("digitise", tmp_path / "absent.pdf", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "SOURCE_MISSING: " in result.stderr
    assert "absent.pdf" in result.stderr
    assert "Check the path" in result.stderr
    assert not (tmp_path / "out" / "documents").exists()


def test_an_unknown_setting_is_bad_usage(tmp_path):
    settings = tmp_path / "settings.toml"
    settings.write_text("[grid]\ncolour = 1\n")
    result = run("digitise", write(tmp_path / "in", a="read"), "--out", tmp_path / "out", "--settings", settings)
    assert (result.exit_code, "SETTINGS_INVALID" in result.stderr) == (2, True)


def test_an_output_folder_that_is_a_file_fails_the_run_without_a_traceback(tmp_path):
    (tmp_path / "out").write_text("")
    result = run("digitise", write(tmp_path / "in", a="read"), "--out", tmp_path / "out")
    assert (result.exit_code, "OUTPUT_UNWRITABLE: " in result.stderr) == (1, True)
    assert "Traceback" not in result.stderr


# --- a run ------------------------------------------------------------------------------------------------------------


@flow
def test_a_corrupt_file_among_good_ones_costs_only_itself(tmp_path):
    source = write(tmp_path / "in", bad="corrupt", **{f"good{number}": "read" for number in range(3)})
    result = run("digitise", source, "--out", tmp_path / "out")
    assert result.exit_code == 3
    assert "bad.jpg: quarantined, CORRUPT" in result.stdout
    assert "Open it in the program that made it" in result.stdout
    assert "4 documents read: 3 pages, 6 cells" in result.stdout
    status = read_table(tmp_path / "out", "documents").column("status").to_pylist()
    assert sorted(status) == ["landed", "landed", "landed", "quarantined"]


@flow
def test_files_of_other_types_beside_images_are_listed_as_ignored(tmp_path):
    source = write(tmp_path / "in", a="read")
    (source / "a.json").write_text("{}")
    result = run("digitise", source, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "Ignored, of types that are not read: 1" in result.stdout
    assert str(source / "a.json") in result.stdout


@flow
def test_what_systems_put_beside_documents_and_links_out_are_listed_as_passed_over(tmp_path):
    source = write(tmp_path / "in", a="read")
    write(source / "@eaDir", thumbnail="read")
    for number in range(12):
        (source / f"._{number:02}.jpg").write_text("")
    (source / "b.jpg").symlink_to(write(tmp_path / "elsewhere", b="read") / "b.jpg")
    result = run("digitise", source, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "Passed over, kept there by macOS: 12" in result.stdout
    assert "._09.jpg\n  and 2 more; --json names them all" in result.stdout
    assert f"intake.follow_links in the settings follows it: 1\n  {source / 'b.jpg'}" in result.stdout
    again = json.loads(run("digitise", source, "--out", tmp_path / "out", "--json").stdout)
    assert {"path": str(source / "@eaDir"), "reason": "kept there by a NAS"} in again["passed_over"]
    assert (len(again["passed_over"]), again["ignored"], again["totals"]["documents"]) == (14, [], 1)


@flow
def test_links_out_of_a_source_are_followed_where_the_settings_say_so(tmp_path):
    source, settings = write(tmp_path / "in", a="read"), tmp_path / "s.toml"
    (source / "b").symlink_to(write(tmp_path / "elsewhere", b="read"))
    settings.write_text("[intake]\nfollow_links = true\n")
    report = json.loads(run("digitise", source, "--out", tmp_path / "out", "--settings", settings, "--json").stdout)
    assert [document["sources"] for document in report["documents"]] == [
        [str(source / "a.jpg")],
        [str(source / "b" / "b.jpg")],
    ]
    assert run("digitise", source, "--out", tmp_path / "out").stdout.count("1 document skipped") == 1


@pytest.mark.usefixtures("fake_looker")
@flow
def test_a_folder_that_cannot_be_listed_or_hangs_fails_and_the_rest_lands(tmp_path):
    source = write(tmp_path / "in", a="read")
    write(source / "locked", b="read")
    write(source / "hangs", c="read")
    result = run("digitise", source, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert f"{source / 'locked'}: failed, SOURCE_UNREADABLE: locked cannot be read: Permission denied" in result.stdout
    assert "no answer for 5 s: its disk or share hangs" in result.stdout
    assert "1 document read" in result.stdout
    assert read_table(tmp_path / "out", "documents").num_rows == 1


@flow
@pytest.mark.parametrize("what", ["hangs", "hangs.jpg"])
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_waits_for_a_share_is_interrupted_at_once(tmp_path, number, status, what):
    source = write(tmp_path / "in", a="read")
    write(source / "hangs", b="read") if what == "hangs" else write(source, hangs="read")
    with start("digitise", source, "--out", tmp_path / "out") as process:
        assert "looking at the sources" in process.stderr.readline()
        time.sleep(2)  # until it waits, or on a slow machine nearly does
        process.send_signal(number)
        begin = time.monotonic()
        _, complaint = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == status
    assert time.monotonic() - begin < PATIENCE_S / 2
    assert "Traceback" not in complaint


@flow
def test_json_is_one_object_on_standard_output(tmp_path):
    source = write(tmp_path / "in", a="read", b="corrupt")
    result = run("digitise", source, "--out", tmp_path / "out", "--json")
    report = json.loads(result.stdout)
    assert report["exit_status"] == result.exit_code == 3
    assert report["totals"]["documents"] == 2
    assert report["not_landed"] == [
        {
            "source": str(source / "b.jpg"),
            "page_number": None,
            "status": "quarantined",
            "code": "CORRUPT",
            "message": "the file cannot be opened",
            "remedy": "Open it in the program that made it and save or scan it again.",
        }
    ]


@flow
def test_a_second_run_skips_everything_and_says_so(tmp_path):
    source, out = write(tmp_path / "in", a="read", b="read"), tmp_path / "out"
    run("digitise", source, "--out", out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")}
    result = run("digitise", source, "--out", out)
    assert result.exit_code == 0
    assert "2 documents skipped: landed in" in result.stdout
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")} == before


@flow
def test_a_skipped_document_in_quarantine_still_counts(tmp_path):
    source, out = write(tmp_path / "in", a="corrupt"), tmp_path / "out"
    assert [run("digitise", source, "--out", out).exit_code for _ in range(2)] == [3, 3]


def test_an_empty_folder_is_no_failure(tmp_path):
    (tmp_path / "in").mkdir()
    result = run("digitise", tmp_path / "in", "--out", tmp_path / "out")
    assert (result.exit_code, "Nothing to read" in result.stdout) == (0, True)


@flow
def test_names_that_are_not_text_are_read_and_spelled_out(tmp_path):
    source = write(tmp_path / "in", a="read")
    (source / "a.jpg").rename(source / os.fsdecode(b"scan-\xb1\xed.jpg"))
    with start("digitise", source, *source.iterdir(), "--out", tmp_path / "out", "--json") as process:
        output, complaint = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, complaint
    assert json.loads(output)["documents"][0]["sources"][0].endswith(os.fsdecode(b"scan-\xb1\xed.jpg"))
    (name,) = read_table(tmp_path / "out", "documents").column("source_name").to_pylist()
    assert name == r"scan-\udcb1\udced.jpg"


# --- export -----------------------------------------------------------------------------------------------------------


def landed(out):
    with open_output(out, LandingSettings()) as output:
        land(FORM, output, RUN)
    return out


def test_export_says_what_it_wrote(tmp_path):
    out = landed(tmp_path / "out")
    result = run("export", "--out", out, "--xlsx", tmp_path / "a.xlsx", "--csv", tmp_path / "csv")
    assert result.exit_code == 0
    assert f"Wrote {tmp_path / 'a.xlsx'}" in result.stdout
    assert "1 documents, 1 projects, 1 indicators, 1 findings" in result.stdout
    assert (tmp_path / "csv" / "cells.csv").exists()


def test_export_prints_one_json_object(tmp_path):
    out = landed(tmp_path / "out")
    report = json.loads(run("export", "--out", out, "--duckdb", tmp_path / "a.duckdb", "--json").stdout)
    assert report["paths"] == [str(tmp_path / "a.duckdb")]
    assert (report["rows"]["cells"], report["notices"]) == (3, [])


def test_export_of_nothing_and_onto_something_are_bad_usage_with_a_remedy(tmp_path):
    nothing = run("export", "--out", tmp_path / "absent", "--csv", tmp_path / "csv")
    assert (nothing.exit_code, "NOTHING_LANDED" in nothing.stderr, "digitise" in nothing.stderr) == (2, True, True)
    out = landed(tmp_path / "out")
    (tmp_path / "a.xlsx").write_text("mine")
    onto = run("export", "--out", out, "--xlsx", tmp_path / "a.xlsx")
    assert (onto.exit_code, "EXPORT_EXISTS" in onto.stderr, "--force" in onto.stderr) == (2, True, True)
    assert run("export", "--out", out, "--xlsx", tmp_path / "a.xlsx", "--force").exit_code == 0


def test_export_to_where_nothing_can_be_written_fails(tmp_path):
    (tmp_path / "file").write_text("")
    result = run("export", "--out", landed(tmp_path / "out"), "--xlsx", tmp_path / "file" / "a.xlsx")
    assert (result.exit_code, "EXPORT_UNWRITABLE" in result.stderr) == (1, True)


# --- forget -----------------------------------------------------------------------------------------------------------


def test_forget_says_what_it_removed_and_what_it_did_not_touch(tmp_path):
    out = landed(tmp_path / "out")
    result = run("forget", DOCUMENT_ID[:8], "--out", out)
    assert result.exit_code == 0
    assert f"Forgot {DOCUMENT_ID}: {len(TABLES)} files" in result.stdout
    assert "Not touched: scans, exports, debug pictures" in result.stdout
    assert read_table(out, "documents").num_rows == 0


def test_forget_prints_one_json_object(tmp_path):
    out = landed(tmp_path / "out")
    report = json.loads(run("forget", DOCUMENT_ID, "--out", out, "--json").stdout)
    gone = {"document_id": DOCUMENT_ID, "source_paths": ["/scans/a.pdf"], "still_there": [], "files": len(TABLES)}
    assert report == {"out": str(out), "documents": [gone], "logs": []}


def test_forgetting_an_unknown_document_is_bad_usage_with_a_remedy(tmp_path):
    out = landed(tmp_path / "out")
    result = run("forget", DOCUMENT_ID, "12345678", "--out", out)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "DOCUMENT_UNKNOWN: no document of" in result.stderr
    assert "Nothing was removed." in result.stderr
    assert read_table(out, "documents").num_rows == 1


def test_forgetting_while_a_run_writes_fails(tmp_path):
    out = landed(tmp_path / "out")
    with open_output(out, LandingSettings()):
        result = run("forget", DOCUMENT_ID, "--out", out)
    assert (result.exit_code, "OUTPUT_LOCKED" in result.stderr) == (1, True)


@flow
def test_after_forgetting_no_file_of_the_output_tells_of_the_document_until_it_is_read_again(tmp_path):
    source, out = write(tmp_path / "in", 贺成才="corrupt", other="read"), tmp_path / "out"
    run("digitise", source, "--out", out)
    names = dict(zip(*read_table(out, "documents", ["source_name", "document_id"]).to_pydict().values(), strict=True))
    told = [names["贺成才.jpg"].encode(), "贺成才".encode()]
    assert any(word in path.read_bytes() for path in (out / ".logs").iterdir() for word in told)
    result = run("forget", names["贺成才.jpg"], "--out", out)
    assert f"still there, and a run over it reads it again: {source / '贺成才.jpg'}" in result.stdout
    files = [path for path in out.rglob("*") if path.is_file() and path.name not in NOTES]
    assert len([path for path in files if names["other.jpg"] in path.name]) == len(TABLES)
    assert [path for path in files if any(word in os.fsencode(path) + path.read_bytes() for word in told)] == []
    assert "1 document read, 1 skipped" in run("digitise", source, "--out", out).stdout


# --- ends that nobody planned -----------------------------------------------------------------------------------------


@flow
def test_a_killed_run_leaves_no_worker_and_the_next_one_finishes(tmp_path):
    source, out = write(tmp_path / "in", a="read", b="hang"), tmp_path / "out"
    with start("digitise", source, "--out", out, "--workers", "1", own_engine=True) as process:
        wait_for((source / "b.pid").exists)
        process.kill()
    worker = int((source / "b.pid").read_text())
    wait_for(lambda: not is_alive(worker))
    write(source, b="read")
    result = run("digitise", source, "--out", out)
    assert result.exit_code == 0, result.stdout
    assert read_table(out, "documents").num_rows == 2


@flow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_ends_its_workers_and_says_how_to_go_on(tmp_path, number, status):
    source = write(tmp_path / "in", a="hang")
    with start("digitise", source, "--out", tmp_path / "out") as process:
        wait_for((source / "a.pid").exists)
        process.send_signal(number)
        _, complaint = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == status
    assert "Traceback" not in complaint
    wait_for(lambda: not is_alive(int((source / "a.pid").read_text())))


@flow
def test_a_run_leaves_nothing_that_others_may_read_whatever_the_umask_with_the_engine_in_the_output(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_STATE_HOME", str(Path(os.devnull) / "no folder"))
    out, before = tmp_path / "out", os.umask(0)
    try:
        with start("digitise", write(tmp_path / "in", a="read", b="corrupt"), "--out", out, own_engine=True) as process:
            assert process.wait(PATIENCE_S) == 3
    finally:
        os.umask(before)
    found = {path.relative_to(out): path.lstat().st_mode & 0o077 for path in out.rglob("*") if path.name not in NOTES}
    assert {"cells", ".logs", ".flow-engine", "datapackage.json"} <= {path.parts[0] for path in found}
    of_the_engine = {
        path for path in found if path.parts[0] == ".flow-engine" and len(path.parts) > 1
    }  # a closed folder
    assert {path: mode for path, mode in found.items() if mode and path not in of_the_engine} == {}
    assert out.stat().st_mode & 0o077 == 0


@flow
def test_an_output_folder_that_is_open_to_others_is_told_of_in_one_line(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out").chmod(0o755)
    for _ in range(2):  # read, and skipped
        result = run("digitise", write(tmp_path / "in", a="read"), "--out", tmp_path / "out")
        (line,) = [line for line in result.stderr.splitlines() if "open to" in line]
        assert line.endswith(
            "out is open to everybody (mode 755); what is written there from now on is not (landing.readable_by = "
            "owner); chmod 700 closes the folder, too"
        )
    (log,) = (tmp_path / "out" / ".logs").iterdir()
    assert log.read_text(encoding="utf-8").count("out is open to everybody") == 1
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o755


@flow
@pytest.mark.parametrize("place", [".lock", ".logs", ".staging", "cells"])
def test_a_link_in_the_output_folder_fails_the_run_in_words_and_leaves_what_it_leads_to(tmp_path, place):
    out, outside = tmp_path / "out", tmp_path / "outside"
    for folder in (out, outside):
        folder.mkdir()
    (outside / "file").write_text("mine")
    (out / place).symlink_to(outside / "file" if place == ".lock" else outside)
    result = run("digitise", write(tmp_path / "in", a="read"), "--out", out)
    assert result.exit_code == 1
    assert f"OUTPUT_UNSAFE: {out / place} is a link" in result.stderr
    assert "Traceback" not in result.stderr
    assert [(path.name, path.read_text()) for path in outside.iterdir()] == [("file", "mine")]


def test_the_engines_history_is_not_written_through_a_link_of_the_output_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(Path(os.devnull) / "no folder"))
    for name in OF_THE_ENGINE:
        monkeypatch.delenv(name, raising=False)
    for folder in ("out", "outside"):
        (tmp_path / folder).mkdir()
    (tmp_path / "out" / ".flow-engine").symlink_to(tmp_path / "outside")
    with pytest.raises(FlowEngineFailed, match=r"\.flow-engine: is a link"):
        is_first_start(tmp_path / "out")
    assert list((tmp_path / "outside").iterdir()) == []


NASTY = "a\x1b[2J\n9 documents read\u202e.jpg"


@flow
def test_a_files_name_neither_makes_lines_nor_moves_the_terminal_and_json_has_it_as_it_is(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / NASTY).write_text("corrupt")
    (tmp_path / "in" / f"{NASTY}.txt").write_text("ignored")
    result = run("digitise", tmp_path / "in", "--out", tmp_path / "out")
    (log,) = (tmp_path / "out" / ".logs").iterdir()
    for said in (result.stdout, result.stderr, log.read_text(encoding="utf-8")):
        assert r"a\x1b[2J\n9 documents read\u202e.jpg" in said
        assert not {"\x1b", "\u202e"} & set(said)
        assert not [line for line in said.splitlines() if line.startswith("9 documents")]
    report = json.loads(run("digitise", tmp_path / "in", "--out", tmp_path / "out", "--json").stdout)
    assert report["ignored"] == [str(tmp_path / "in" / f"{NASTY}.txt")]


@pytest.mark.parametrize("command", ["digitise", "evaluate", "serve"])
def test_an_error_that_quotes_a_name_is_one_error(tmp_path, command):
    more = ["--interval", "5"] if command == "serve" else []
    result = run(command, tmp_path / NASTY, "--out", tmp_path / "out", *more)
    assert result.exit_code in (1, 2)
    assert not {"\x1b", "\u202e"} & set(result.stderr)
    assert not [line for line in result.stderr.splitlines() if line.startswith("9 documents")]


def test_the_first_line_comes_before_the_flow_engine(tmp_path):
    with start("digitise", write(tmp_path / "in", a="read"), "--out", tmp_path / "out") as process:
        assert "looking at the sources" in process.stderr.readline()
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
