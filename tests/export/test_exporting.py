"""Exported files hold the committed rows, whole and as they are, or say what they could not hold."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import json
import os
import re
import stat
import xml.etree.ElementTree as ET
import zipfile
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from filled_form import FORM, GRID, INDICATOR, INTERPRETATION, PAGE, PROJECT, QUARANTINED, RUN
from hypothesis import given
from hypothesis import strategies as st

from pipeline.elements import NOTHING_UNDERSTOOD, CellRef, Correction, Finding, Severity, TableReading, Target
from pipeline.errors import ExportExists, ExportUnwritable, LandedUnreadable, NothingLanded, OutputUnsafe
from pipeline.export import Targets, csv_files, export
from pipeline.export.database import VIEWS
from pipeline.export.page_sheets import (
    COLOURS,
    PAGE_CHARACTERS,
    PAGE_POINTS,
    Mark,
)
from pipeline.export.sheet_text import MAX_CELL_UNITS, MAX_NAME_UNITS, fitted, sheet_name
from pipeline.landing.landing import land, read_table
from pipeline.landing.signer_table import refresh_signers
from pipeline.landing.transaction import exclusive, open_output
from pipeline.schema.columns import TEXT
from pipeline.schema.tables import TABLES
from pipeline.settings.settings import LandingSettings

FIRST, SECOND = "1" * 64, "2" * 64


def named(result, document_id, name="a.pdf"):
    source = dataclasses.replace(result.source, document_id=document_id, path=f"/scans/{name}")
    return dataclasses.replace(result, source=source)


def with_target(text):
    """The form with another target's text, in its cell and in its indicator."""
    readings = (*PAGE.tables[0].cells[:2], dataclasses.replace(PAGE.tables[0].cells[2], text=text, confidence=0.99))
    page = dataclasses.replace(PAGE, tables=(TableReading(GRID, readings),))
    indicator = dataclasses.replace(INDICATOR, target_text=text, target=Target("=", Decimal(400), "元/人"))
    meaning = dataclasses.replace(INTERPRETATION, indicators=(indicator,), corrections={})
    return dataclasses.replace(FORM, pages=(page, FORM.pages[1]), interpretation=meaning)


def landed(folder, *results):
    with open_output(folder, LandingSettings()) as output:
        for result in results:
            land(result, output, RUN)
    return folder


@pytest.fixture
def out(tmp_path):
    return landed(tmp_path / "OUT", named(FORM, FIRST), named(QUARANTINED, SECOND, "bad.pdf"))


def workbook(path):
    return openpyxl.load_workbook(path)


def rows_of(sheet):
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def csv_rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [*csv.DictReader(file)]


# --- what is written, and what is not ---------------------------------------------------------------------------------


def test_each_format_has_every_table_with_its_committed_rows(out, tmp_path):
    (out / "documents" / f"{SECOND}.parquet").unlink()
    with exclusive(out):
        refresh_signers(out)
    done = export(out, Targets(tmp_path / "a.xlsx", tmp_path / "csv", tmp_path / "a.duckdb"))
    wanted = {name: read_table(out, name).num_rows for name in TABLES} | {"signers": 1}
    assert done.rows == wanted
    assert (wanted["documents"], wanted["cells"]) == (1, 3)
    book = workbook(tmp_path / "a.xlsx")
    assert {name: len(rows_of(book[name])) for name in wanted} == wanted
    assert {name: len(csv_rows(tmp_path / "csv" / f"{name}.csv")) for name in wanted} == wanted
    with duckdb.connect(str(tmp_path / "a.duckdb"), read_only=True) as database:
        assert {name: database.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in wanted} == wanted


def test_before_the_signers_are_derived_their_table_is_empty(out, tmp_path):
    assert export(out, Targets(csv=tmp_path / "csv")).rows["signers"] == 0
    assert csv_rows(tmp_path / "csv" / "signers.csv") == []


def test_nothing_else_stays_behind(out, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in out.glob("*/*.parquet")}
    export(out, Targets(tmp_path / "x" / "a.xlsx", tmp_path / "x" / "csv", tmp_path / "x" / "a.duckdb"))
    assert sorted(path.name for path in (tmp_path / "x").iterdir()) == ["a.duckdb", "a.xlsx", "csv"]
    assert {path: path.stat().st_mtime_ns for path in out.glob("*/*.parquet")} == before


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()], ids=["missing", "empty"])
def test_where_nothing_landed_there_is_nothing_to_export(tmp_path, make):
    make(tmp_path / "OUT")
    with pytest.raises(NothingLanded):
        export(tmp_path / "OUT", Targets(csv=tmp_path / "csv"))
    assert not (tmp_path / "csv").exists()
    assert not (tmp_path / "OUT" / ".staging").exists()


def test_a_damaged_file_is_named(out, tmp_path):
    (out / "cells" / f"{FIRST}.parquet").write_bytes(b"PAR1 no longer")
    with pytest.raises(LandedUnreadable, match=FIRST):
        export(out, Targets(csv=tmp_path / "csv"))


@pytest.mark.parametrize("kind", ["xlsx", "csv", "duckdb"])
def test_what_exists_is_replaced_only_when_asked(out, tmp_path, kind):
    target = tmp_path / "target"
    export(out, Targets(**{kind: target}))
    with pytest.raises(ExportExists, match="target exists"):
        export(out, Targets(**{kind: target}))
    export(out, Targets(**{kind: target}), replace=True)


def test_nothing_is_written_when_one_of_several_targets_exists(out, tmp_path):
    (tmp_path / "a.duckdb").write_text("mine")
    with pytest.raises(ExportExists):
        export(out, Targets(xlsx=tmp_path / "a.xlsx", duckdb=tmp_path / "a.duckdb"))
    assert not (tmp_path / "a.xlsx").exists()
    assert (tmp_path / "a.duckdb").read_text() == "mine"


def test_a_folder_is_never_replaced_by_a_file_nor_a_file_by_a_folder(out, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ExportExists, match="is a file"):
        export(out, Targets(csv=tmp_path / "file"), replace=True)
    with pytest.raises(ExportExists, match="is a folder"):
        export(out, Targets(xlsx=tmp_path), replace=True)


def test_a_path_is_given_to_one_target_alone(out, tmp_path):
    with pytest.raises(ExportExists, match="two targets"):
        export(out, Targets(xlsx=tmp_path / "a", duckdb=tmp_path / "a"), replace=True)
    assert not (tmp_path / "a").exists()


@pytest.fixture(params=[0o000, 0o022], ids=lambda umask: f"umask {umask:03o}")
def any_umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


def test_exports_are_for_their_owner_alone_whatever_the_umask(any_umask, out, tmp_path):
    x, made = tmp_path / "x", Targets(tmp_path / "x" / "a.xlsx", tmp_path / "x" / "csv", tmp_path / "x" / "a.duckdb")
    export(out, made)
    (x / "a.xlsx").chmod(0o644)
    export(out, made, replace=True)
    modes = {path.relative_to(tmp_path): stat.S_IMODE(path.stat().st_mode) for path in (x, *x.rglob("*"))}
    assert {mode for path, mode in modes.items() if path.suffix} == {0o600}
    assert {mode for path, mode in modes.items() if not path.suffix} == {0o700}


@pytest.mark.parametrize("kind", ["xlsx", "csv", "duckdb"])
def test_an_export_can_be_read_by_nobody_else_while_it_is_written(any_umask, out, tmp_path, monkeypatch, kind):
    seen, original = [], os.replace

    def replace(*args, **kwargs):
        seen.extend(path.stat().st_mode & 0o077 for path in tmp_path.iterdir() if path.name.endswith(".partial"))
        original(*args, **kwargs)

    monkeypatch.setattr(os, "replace", replace)
    export(out, Targets(**{kind: tmp_path / "target"}))
    assert set(seen) == {0}


@pytest.mark.parametrize("kind", ["xlsx", "duckdb"])
@pytest.mark.parametrize("there", [True, False], ids=["leading to a file", "dangling"])
def test_a_link_is_replaced_only_when_asked_and_what_it_led_to_is_left(out, tmp_path, kind, there):
    if there:
        (tmp_path / "mine").write_text("mine")
    (tmp_path / "target").symlink_to(tmp_path / "mine")
    with pytest.raises(ExportExists, match="target is a link"):
        export(out, Targets(**{kind: tmp_path / "target"}))
    assert (tmp_path / "target").is_symlink()
    export(out, Targets(**{kind: tmp_path / "target"}), replace=True)
    assert not (tmp_path / "target").is_symlink()
    assert (tmp_path / "mine").exists() is there
    assert not there or (tmp_path / "mine").read_text() == "mine"


def test_a_csv_folder_may_be_a_link_and_a_file_in_it_that_is_one_is_replaced(out, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "real" / "cells.csv").symlink_to(tmp_path / "mine")
    (tmp_path / "csv").symlink_to(tmp_path / "real")
    export(out, Targets(csv=tmp_path / "csv"), replace=True)
    assert len(csv_rows(tmp_path / "real" / "cells.csv")) == 3
    assert (tmp_path / "mine").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["OUT", "csv", "mine", "real"]


@pytest.mark.parametrize("kind", ["xlsx", "csv", "duckdb"])
def test_what_a_killed_export_left_is_cleared_and_a_link_in_its_place_refused(out, tmp_path, kind):
    draft = tmp_path / ".target.partial"
    draft.write_text("of an earlier version")
    export(out, Targets(**{kind: tmp_path / "target"}))
    (tmp_path / "mine").mkdir()
    draft.symlink_to(tmp_path / "mine")
    with pytest.raises(OutputUnsafe, match=r"\.target\.partial is a link"):
        export(out, Targets(**{kind: tmp_path / "target"}), replace=True)
    assert list((tmp_path / "mine").iterdir()) == []


def test_other_files_of_a_csv_folder_stay(out, tmp_path):
    (tmp_path / "csv").mkdir()
    (tmp_path / "csv" / "notes.txt").write_text("mine")
    export(out, Targets(csv=tmp_path / "csv"), replace=True)
    assert (tmp_path / "csv" / "notes.txt").read_text() == "mine"
    assert (tmp_path / "csv" / "cells.csv").exists()


@pytest.mark.parametrize("kind", ["xlsx", "csv", "duckdb"])
def test_a_target_that_cannot_be_written_is_an_error_of_the_machine(out, tmp_path, kind):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportUnwritable, match="below"):
        export(out, Targets(**{kind: tmp_path / "file" / "below"}))


def test_an_export_that_fails_midway_leaves_what_stood_there(out, tmp_path, monkeypatch):
    export(out, Targets(duckdb=tmp_path / "a.duckdb"))
    before = (tmp_path / "a.duckdb").read_bytes()
    monkeypatch.setattr("pipeline.export.database.VIEWS", {"broken": VIEWS["cells_final"]._replace(query="SELECT")})
    with pytest.raises(duckdb.Error):
        export(out, Targets(duckdb=tmp_path / "a.duckdb"), replace=True)
    assert (tmp_path / "a.duckdb").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("closed", ["OUT", ".staging"])
def test_an_output_folder_that_may_only_be_read_is_exported(out, tmp_path, monkeypatch, closed):
    monkeypatch.setattr(os, "access", lambda path, mode: path.name != closed)
    monkeypatch.setattr("pipeline.export.snapshot.exclusive", None)
    assert export(out, Targets(csv=tmp_path / "csv")).rows["cells"] == 3


# --- Excel ------------------------------------------------------------------------------------------------------------


def test_a_workbook_keeps_types(out, tmp_path):
    export(out, Targets(xlsx=tmp_path / "a.xlsx"))
    book = workbook(tmp_path / "a.xlsx")
    (project,) = rows_of(book["projects"])
    assert (project["amount"], project["fiscal_year"], project["needs_review"]) == (15.5, 2023, True)
    assert project["unit_code"] == "101001"
    assert json.loads(project["goals"]) == ["目标1", "目标2"]
    assert json.loads(project["amount_parts"])[0] == {"name": "财政拨款", "amount": "15.5"}
    (signature,) = rows_of(book["signatures"])
    assert signature["date_inferred"] == datetime.datetime(2023, 3, 30)
    assert signature["crop_png"] == "4 bytes"
    assert rows_of(book["sources"])[0]["first_seen"] == datetime.datetime(2026, 11, 22, 8, 30)


def test_the_page_of_a_workbook_is_ruled_as_the_form_with_its_doubts_in_colour_and_its_corrections_told(out, tmp_path):
    export(out, Targets(xlsx=tmp_path / "a.xlsx"))
    book = workbook(tmp_path / "a.xlsx")
    sheet = book["1.1 a"]
    assert sheet["A1"].value == "a.pdf, page 1: 绩效目标公开表"
    assert [sheet.cell(7, col).value for col in (1, 2, 3)] == ["产出指标", "", "≥15次"]
    colours = [sheet.cell(7, col).fill.fgColor.rgb[2:] for col in (1, 2, 3)]
    assert colours == [COLOURS[mark][1:] for mark in (Mark.DOUBTFUL, Mark.DOUBTFUL, Mark.CORRECTED)]
    assert sheet["C7"].comment.text == "ink that could not be read; vocabulary"
    assert rows_of(book["pages"])[0]["sheet"] == "1.1 a"


def test_the_page_of_a_workbook_has_the_proportions_of_the_form_whichever_way_it_was_scanned(tmp_path):
    lying = tuple((y, 500 - x) for x, y in GRID.cells[0].polygon)  # the page is turned once, as its row says
    cells = (dataclasses.replace(GRID.cells[0], polygon=lying), *GRID.cells[1:])
    table = TableReading(
        dataclasses.replace(GRID, cells=cells),
        tuple(dataclasses.replace(r, cell=c) for r, c in zip(PAGE.tables[0].cells, cells, strict=True)),
    )
    page = dataclasses.replace(PAGE, tables=(table,))
    out = landed(tmp_path / "OUT", named(dataclasses.replace(FORM, pages=(page, FORM.pages[1])), FIRST))
    export(out, Targets(xlsx=tmp_path / "a.xlsx"))
    sheet = workbook(tmp_path / "a.xlsx")["1.1 a"]
    assert sheet.column_dimensions["A"].width == pytest.approx(90 / 400 * PAGE_CHARACTERS, abs=1)
    assert sheet.row_dimensions[7].height == pytest.approx(40 / 400 * PAGE_POINTS, abs=1)


def test_an_unreadable_cell_is_marked_unless_it_was_corrected(tmp_path):
    meaning = dataclasses.replace(INTERPRETATION, corrections={})
    out = landed(tmp_path / "OUT", named(dataclasses.replace(FORM, interpretation=meaning), FIRST))
    export(out, Targets(xlsx=tmp_path / "a.xlsx"))
    cell = workbook(tmp_path / "a.xlsx")["1.1 a"]["C7"]
    assert (cell.value, cell.fill.fgColor.rgb[2:]) == ("", COLOURS[Mark.UNREADABLE][1:])


def spanning(spans):
    """A page whose one table has cells (row, col, row_span, col_span)."""
    cells = tuple(
        dataclasses.replace(GRID.cells[0], row=row, col=col, row_span=high, col_span=wide)
        for row, col, high, wide in spans
    )
    n_rows, n_cols = max(r + h for r, _, h, _ in spans), max(c + w for _, c, _, w in spans)
    grid = dataclasses.replace(GRID, n_rows=n_rows, n_cols=n_cols, cells=cells)
    reading = PAGE.tables[0].cells[0]
    table = TableReading(grid, tuple(dataclasses.replace(reading, cell=cell, lines=()) for cell in cells))
    page = dataclasses.replace(PAGE, tables=(table,), lines=())
    nothing = dataclasses.replace(NOTHING_UNDERSTOOD, forms=INTERPRETATION.forms)
    return dataclasses.replace(FORM, pages=(page, FORM.pages[1]), interpretation=nothing, findings=())


def test_spanning_cells_are_merged(tmp_path):
    out = landed(tmp_path / "OUT", named(spanning([(0, 0, 1, 2), (1, 0, 2, 1), (1, 1, 1, 1), (2, 1, 1, 1)]), FIRST))
    export(out, Targets(xlsx=tmp_path / "a.xlsx"))
    sheet = workbook(tmp_path / "a.xlsx")["1.1 a"]
    assert sorted(str(merged) for merged in sheet.merged_cells.ranges) == ["A7:B7", "A8:A9"]


@pytest.mark.parametrize("text", ["=400元/人", "=HYPERLINK(1)", "{=SUM(A1)}", "https://a.b", "007", "<r>x", "a & <b>"])
def test_a_text_stays_the_text_that_it_is(tmp_path, text):
    out = landed(tmp_path / "OUT", named(with_target(text), FIRST))
    assert export(out, Targets(xlsx=tmp_path / "a.xlsx")).notices == ()
    book = workbook(tmp_path / "a.xlsx")
    cell = book["1.1 a"]["C7"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)
    assert rows_of(book["indicators"])[0]["target_text"] == text


def test_what_a_cell_of_excel_cannot_hold_is_cut_and_named(tmp_path):
    out = landed(tmp_path / "OUT", named(with_target("字" * 40_000), FIRST))
    done = export(out, Targets(xlsx=tmp_path / "a.xlsx"))
    book = workbook(tmp_path / "a.xlsx")
    assert rows_of(book["indicators"])[0]["target_text"] == "字" * (MAX_CELL_UNITS - 7) + " …[cut]"
    assert "Sheet indicators, row 2, column 12 was cut: it has 40000 characters." in done.notices
    about = [row[0] for row in book["about"].iter_rows(values_only=True)]
    assert set(done.notices) <= set(about)


def test_signs_that_xml_has_no_place_for_come_back(tmp_path):
    out = landed(tmp_path / "OUT", named(with_target("a\x01b\x0bc\ufffe_x0041_"), FIRST))
    export(out, Targets(xlsx=tmp_path / "a.xlsx"))
    with zipfile.ZipFile(tmp_path / "a.xlsx") as file:
        written = file.read("xl/sharedStrings.xml").decode()
    (text,) = re.findall("<t[^>]*>(a_.*?)</t>", written)
    as_excel_reads_it = re.sub("_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), text)
    assert as_excel_reads_it == "a\x01b\x0bc\ufffe_x0041_"


NASTY = "a\x1b\x0b\x7f\u202e\uffffb"


def test_no_name_and_no_text_makes_a_workbook_that_cannot_be_opened(tmp_path):
    readings = (*PAGE.tables[0].cells[:2], dataclasses.replace(PAGE.tables[0].cells[2], text=NASTY))
    page = dataclasses.replace(PAGE, tables=(TableReading(GRID, readings),))
    meaning = dataclasses.replace(INTERPRETATION, corrections={CellRef(1, 0, 0, 2): Correction(NASTY, NASTY)})
    result = dataclasses.replace(FORM, pages=(page, FORM.pages[1]), interpretation=meaning)
    out = landed(tmp_path / "OUT", named(result, FIRST, f"{NASTY}.pdf"))
    export(out, Targets(xlsx=tmp_path / "a.xlsx"))
    with zipfile.ZipFile(tmp_path / "a.xlsx") as file:
        parts = [name for name in file.namelist() if name.endswith((".xml", ".rels", ".vml"))]
        for name in parts:
            ET.fromstring(file.read(name))
    assert "xl/comments1.xml" in parts
    (sheet,) = [sheet for sheet in workbook(tmp_path / "a.xlsx").worksheets if sheet.title[0] == "1"]
    assert sheet.title == "1.1 a_x1b_x0b_x7f_u202e_uffffb"
    assert sheet["C7"].comment.text == r"read as a\x1b\x0b\x7f\u202e\uffffb; a\x1b\x0b\x7f\u202e\uffffb"


def test_a_formula_in_a_merged_cell_or_in_a_heading_is_a_text(tmp_path):
    result = spanning([(0, 0, 1, 2), (1, 0, 1, 1), (1, 1, 1, 1)])
    cells = result.pages[0].tables[0].cells
    table = TableReading(result.pages[0].tables[0].grid, (dataclasses.replace(cells[0], text="=1+1"), *cells[1:]))
    page = dataclasses.replace(result.pages[0], tables=(table,))
    out = landed(tmp_path / "OUT", named(dataclasses.replace(result, pages=(page, FORM.pages[1])), FIRST, "=1+1.pdf"))
    export(out, Targets(xlsx=tmp_path / "a.xlsx"))
    sheet = workbook(tmp_path / "a.xlsx")["1.1 =1+1"]
    assert [(sheet[place].data_type, sheet[place].value[:4]) for place in ("A1", "A7")] == [("s", "=1+1")] * 2


def test_a_table_longer_than_a_sheet_goes_on_in_another(out, tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.export.workbook.MAX_ROWS", 3)
    export(out, Targets(xlsx=tmp_path / "a.xlsx"))
    book = workbook(tmp_path / "a.xlsx")
    assert [len(rows_of(book[name])) for name in ("cells", "cells 2")] == [2, 1]
    assert "cells 3" not in book.sheetnames


def test_a_number_with_more_digits_than_excel_keeps_is_written_as_text(tmp_path):
    project = dataclasses.replace(PROJECT, amount=Decimal("12345678901234.567891"))
    meaning = dataclasses.replace(INTERPRETATION, projects=(project,))
    out = landed(tmp_path / "OUT", named(dataclasses.replace(FORM, interpretation=meaning), FIRST))
    export(out, Targets(xlsx=tmp_path / "a.xlsx"))
    assert rows_of(workbook(tmp_path / "a.xlsx")["projects"])[0]["amount"] == "12345678901234.567891"


def test_documents_of_one_name_have_sheets_of_their_own(tmp_path):
    name = "县政府办" * 12 + "[终稿]:表.pdf"
    out = landed(tmp_path / "OUT", named(FORM, FIRST, name), named(FORM, SECOND, name))
    export(out, Targets(xlsx=tmp_path / "a.xlsx"))
    sheets = [sheet for sheet in workbook(tmp_path / "a.xlsx").sheetnames if sheet[0].isdigit()]
    assert [sheet[:4] for sheet in sheets] == ["1.1 ", "2.1 "]


@given(st.text(max_size=60))
def test_any_file_name_makes_a_sheet_name_that_excel_takes(stem):
    name = sheet_name("12.3", stem)
    assert name.startswith("12.3")
    assert len(name.encode("utf-16-le", "surrogatepass")) // 2 <= MAX_NAME_UNITS
    assert not set(name) & set("[]:*?/\\")
    assert not name.endswith("'")


@given(st.text(max_size=50))
def test_a_text_that_fits_is_left_alone(text):
    assert fitted(text, "here") == (text, None) or (text.startswith("<r>") and fitted(text, "here")[1])


def test_a_text_that_looks_like_markup_has_a_space_added_and_says_so():
    assert fitted("<r>a</r>", "Sheet x") == ("<r>a</r> ", "Sheet x has a space added at its end.")


def test_a_cut_halves_no_character():
    text, notice = fitted("😀" * MAX_CELL_UNITS, "here")
    assert text.removesuffix(" …[cut]").strip("😀") == ""
    assert len(text.encode("utf-16-le")) // 2 <= MAX_CELL_UNITS
    assert notice


# --- CSV --------------------------------------------------------------------------------------------------------------


def test_csv_files_begin_with_a_mark_and_tell_empty_from_null(out, tmp_path):
    export(out, Targets(csv=tmp_path / "csv"))
    content = (tmp_path / "csv" / "cells.csv").read_bytes()
    assert content.startswith(b'\xef\xbb\xbf"document_id"')
    texts = [line.split(b",")[7] for line in content.splitlines()[1:]]
    assert texts == ['"产出指标"'.encode(), b'""', b""]


def test_pandas_reads_the_csv_files_as_they_are(out, tmp_path):
    export(out, Targets(csv=tmp_path / "csv"))
    projects = pd.read_csv(tmp_path / "csv" / "projects.csv", dtype={"unit_code": str})
    assert projects[["unit_code", "amount", "needs_review"]].to_numpy().tolist() == [["101001", 15.5, True]]
    assert json.loads(projects["goals"][0]) == ["目标1", "目标2"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=400元/人", "'=400元/人"),
        ("-3", "'-3"),
        ("+86", "'+86"),
        ("@x", "'@x"),
        ("＝1+1", "'＝1+1"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\n=1+1", "'\n=1+1"),
        ("\r\n=1+1", "'\r\n=1+1"),
        (" =1+1", "' =1+1"),
        ("\u00a0=1+1", "'\u00a0=1+1"),
        ("\u3000＝1+1", "'\u3000＝1+1"),
        ("\u200b=1+1", "'\u200b=1+1"),
        ("\ufeff=1+1", "'\ufeff=1+1"),
        ("\u2028@x", "'\u2028@x"),
        ("\x00=1", "'\x00=1"),
        ("\x0b-1", "'\x0b-1"),
        ("\x85+1", "'\x85+1"),
        ("\u202e=1", "'\u202e=1"),
        ("\ufe0f=1", "'\ufe0f=1"),
        ("\u3164=1", "'\u3164=1"),
        (" \u200b \t =1", "' \u200b \t =1"),
        ("﹦1+1", "'﹦1+1"),
        ("'\n=1", "''\n=1"),
        ("'" * 2, "'" * 3),
        ("'", "'"),
        (" x", " x"),
        ("3-4", "3-4"),
        ("'quoted'", "''quoted'"),
        ("=", "="),
        ("≥95%", "≥95%"),
        ('a\nb,"c"', 'a\nb,"c"'),
    ],
)
def test_what_excel_would_take_for_a_formula_has_an_apostrophe_in_front(tmp_path, text, written):
    out = landed(tmp_path / "OUT", named(with_target(text), FIRST))
    export(out, Targets(csv=tmp_path / "csv"))
    assert csv_rows(tmp_path / "csv" / "indicators.csv")[0]["target_text"] == written
    assert csv_rows(tmp_path / "csv" / "cells.csv")[2]["text"] == written
    assert (written[1:] if len(written) > 1 and written.startswith("'") else written) == text


RISKY = st.sampled_from("=+-@'＝＋－＠ \t\r\n\u00a0\u200b\ufeff\x00\u2028\u20281甲") | st.characters(
    exclude_categories=["Cs"]
)


@given(st.lists(st.text(RISKY), min_size=1))
def test_whatever_a_text_is_no_formula_is_written_and_every_text_comes_back(texts):
    written = csv_files._column(pa.chunked_array([pa.array(texts)]), TEXT).to_pylist()
    assert [text[1:] if len(text) > 1 and text.startswith("'") else text for text in written] == texts
    seen = [re.sub(r"[\s\u200b\ufeff\x00]", "", text) for text in written if len(text) > 1]
    assert not {text[:1] for text in seen} & set("=+-@＝＋－＠")


def test_the_way_back_that_the_guide_shows_gives_every_text_back():
    texts = ["'\n=1", "\n=1", "=1", "'", "'" * 2, "-", "a'b"]
    guide = (Path(__file__).parents[2] / "docs" / "analysts.md").read_text(encoding="utf-8")
    (code,) = [code for code in re.findall("```python\n(.*?)```", guide, re.DOTALL) if "read_csv" in code]
    written = csv_files._column(pa.chunked_array([pa.array(texts)]), TEXT)
    names = {"pd": pd, "indicators": pd.DataFrame({"target_text": written.to_pylist()})}
    exec("\n".join(line for line in code.splitlines() if "read_csv" not in line), names)
    assert names["targets"].tolist() == texts


def test_numbers_stay_numbers(tmp_path):
    project = dataclasses.replace(PROJECT, amount=Decimal("-15.5"))
    meaning = dataclasses.replace(INTERPRETATION, projects=(project,))
    out = landed(tmp_path / "OUT", named(dataclasses.replace(FORM, interpretation=meaning), FIRST))
    export(out, Targets(csv=tmp_path / "csv"))
    assert pd.read_csv(tmp_path / "csv" / "projects.csv").amount.tolist() == [-15.5]


# --- DuckDB -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def database(out, tmp_path):
    export(out, Targets(duckdb=tmp_path / "a.duckdb"))
    with duckdb.connect(str(tmp_path / "a.duckdb"), read_only=True) as database:
        yield database


def test_duckdb_keeps_types_and_descriptions(database):
    kinds = {row[0]: row[1] for row in database.execute("DESCRIBE projects").fetchall()}
    assert (kinds["amount"], kinds["goals"], kinds["needs_review"]) == ("DECIMAL(20,6)", "VARCHAR[]", "BOOLEAN")
    query = "SELECT comment FROM duckdb_columns() WHERE (table_name, column_name) = ('projects', 'amount')"
    assert database.execute(query).fetchall() == [("The project's amount in 万元, whatever unit the form uses.",)]


def test_every_view_answers_and_is_described(database):
    for name in VIEWS:
        assert len(database.execute(f"SELECT * FROM {name}").fetchall()) >= 1, name
    comments = database.execute("SELECT comment FROM duckdb_views() WHERE NOT internal").fetchall()
    assert len([comment for (comment,) in comments if comment.startswith("One row per ")]) == len(VIEWS)


def test_views_join_what_belongs_together(database):
    query = "SELECT level3, amount, fiscal_year, source_name, signatories FROM indicators_full"
    assert database.execute(query).fetchall() == [("会议次数", Decimal("15.5"), 2023, "a.pdf", ["贺成才"])]
    query = "SELECT rule, project_name, cell_text FROM findings_full WHERE source_name = 'a.pdf'"
    assert database.execute(query).fetchall() == [("level_outside_vocabulary", "办公经费", "产出指标")]
    assert database.execute("SELECT text_final FROM cells_final ORDER BY col").fetchall() == [
        ("产出指标",),
        ("",),
        ("≥15次",),
    ]
    assert database.execute("SELECT col FROM indicator_cells ORDER BY col").fetchall() == [(0,), (2,)]
    assert database.execute("SELECT path[1], name, header, text FROM row_values").fetchall() == [
        ("产出指标", None, "绩效指标 › 指标值", "≥15次"),
        ("产出指标", None, None, None),
    ]


@pytest.mark.parametrize(
    ("findings", "needs_review", "reasons"),
    [
        ((), False, []),
        ((), True, ["low_confidence"]),
        (
            (Finding("a", Severity.WARNING, "m", 1, 0, 0, 0, 0), Finding("b", Severity.ERROR, "m", 1, 0)),
            True,
            ["a", "b"],
        ),
        ((Finding("a", Severity.WARNING, "m", 1, None, 0),), True, ["a"]),
        ((Finding("a", Severity.INFO, "m", 1, 0, 0, 0, 0),), True, ["low_confidence"]),
        ((Finding("a", Severity.WARNING, "m", 1, 0, 0, 0, 1),), True, ["low_confidence"]),
    ],
)
def test_projects_say_why_they_need_review(tmp_path, findings, needs_review, reasons):
    project = dataclasses.replace(PROJECT, needs_review=needs_review, cells=(CellRef(1, 0, 0, 0),))
    meaning = dataclasses.replace(
        INTERPRETATION, projects=(project,), corrections={CellRef(1, 0, 0, 2): Correction("≥1", "x")}
    )
    result = dataclasses.replace(FORM, interpretation=meaning, findings=findings)
    out = landed(tmp_path / "OUT", named(result, FIRST))
    export(out, Targets(duckdb=tmp_path / "a.duckdb"))
    with duckdb.connect(str(tmp_path / "a.duckdb"), read_only=True) as database:
        assert database.execute("SELECT review_reasons, n_indicators FROM projects_full").fetchall() == [(reasons, 1)]
