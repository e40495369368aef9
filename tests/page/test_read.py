"""A page goes through all its stages, and what goes wrong on it is said."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawing import Table, drawn_form, form, print_text, rule, scanned, sheet, turned
from drawn_stamps import RED, seal_mask, stamped
from fake_engines import FakeOrienter, SteadyOrienter, fake_engines
from margin_pages import TITLE, rule_engines

from pipeline.elements import LineKind, Severity, SignatureStatus, Status
from pipeline.engines.protocols import Turn
from pipeline.errors import CorruptFile, UnexpectedError
from pipeline.imaging.geometry import apply_homography
from pipeline.page.findings import failed_page
from pipeline.page.read import read_page
from pipeline.settings.settings import GridSettings, Settings


def rules_of(reading):
    return [finding.rule for finding in reading.findings]


def test_a_page_is_read_with_its_tables_and_lands():
    reading = read_page(scanned(drawn_form(), page_number=3), fake_engines(), Settings())
    (table,) = reading.tables
    assert (table.grid.n_rows, table.grid.n_cols) == (7, 5)
    assert {cell.text for cell in table.cells} == {"甲"}
    assert (reading.page_number, reading.width, reading.height, reading.dpi) == (3, 1180, 800, 150.0)
    assert (reading.status, reading.error_code, reading.findings) == (Status.LANDED, None, ())
    assert reading.signature_status is SignatureStatus.UNSIGNED


def test_a_seal_on_the_page_is_a_record_and_what_a_stamp_says_is_a_finding():
    page = stamped(drawn_form(), seal_mask(drawn_form().shape, (500, 400), 70), RED)
    reading = read_page(scanned(page), fake_engines(otherwise="作废"), Settings())
    (stamp,) = reading.stamps
    assert (stamp.colour, stamp.shape, stamp.text) == ("red", "round", "作废")
    assert "stamp_void" in rules_of(reading)


def test_lines_outside_the_table_land_beside_it():
    image = print_text(drawn_form(), 300, 80, 17, size=24)
    reading = read_page(scanned(image), rule_engines(), Settings())
    assert [(line.kind, line.text) for line in reading.lines] == [(LineKind.TITLE, TITLE)]


@pytest.mark.parametrize("turns", [1, 2])
def test_the_orienters_turn_and_the_angle_are_on_record(turns):
    stored = np.ascontiguousarray(np.rot90(turned(drawn_form(), 2.5).image, -turns))
    reading = read_page(scanned(stored), fake_engines(orienter=FakeOrienter(Turn(turns, 0.99))), Settings())
    assert reading.quarter_turns == turns
    assert reading.skew_deg == pytest.approx(2.5, abs=0.1)
    assert (reading.height, reading.width) == stored.shape[:2]
    assert len(reading.tables) == 1


def test_to_source_takes_points_of_the_straight_page_to_the_scan():
    bent = turned(drawn_form(), 4.0)
    reading = read_page(scanned(bent.image), fake_engines(), Settings())
    corners = form().corners(form().spans[0])
    np.testing.assert_allclose(apply_homography(reading.to_source, corners), bent.place(corners), atol=2.5)


def test_reading_a_page_does_not_change_it():
    page = scanned(drawn_form())
    before = page.image.copy()
    read_page(page, fake_engines(), Settings())
    np.testing.assert_array_equal(page.image, before)


# --- findings ---------------------------------------------------------------------------------------------------------


def test_a_page_without_a_table_lands_with_a_word_about_it():
    reading = read_page(scanned(print_text(sheet(), 300, 200, 17, size=24)), rule_engines(), Settings())
    assert (reading.status, reading.tables) == (Status.LANDED, ())
    assert rules_of(reading) == ["no_table"]
    assert reading.findings[0].severity is Severity.INFO
    assert reading.lines


def test_a_blank_page_lands_empty():
    reading = read_page(scanned(sheet()), fake_engines(), Settings())
    assert (reading.status, reading.tables, reading.lines, reading.signatures) == (Status.LANDED, (), (), ())


def test_a_grid_less_sure_than_the_settings_ask_for_is_a_finding():
    settings = Settings(grid=GridSettings(review_confidence=1.0))
    reading = read_page(scanned(drawn_form()), fake_engines(), settings)
    (finding,) = reading.findings
    assert (finding.rule, finding.severity, finding.table_index) == ("grid_doubtful", Severity.WARNING, 0)
    assert finding.found == f"all cells ({reading.tables[0].grid.confidence:.2f} at least)"


def test_a_repaired_grid_is_a_finding_that_names_the_cells_and_the_repair():
    image = drawn_form()
    image[260:280, 455:466] = image[0, 0]  # a third of a wall beside a merged cell
    reading = read_page(scanned(image), fake_engines(), Settings())
    (finding,) = (finding for finding in reading.findings if finding.rule == "grid_doubtful")
    places, reasons = finding.found.split(" at least): ")
    assert places.startswith("row 1, cols 1-2; rows 2-3, col 1 (")
    assert "wall left of col 2 added in row" in reasons
    doubted = [cell for cell in reading.tables[0].grid.cells if cell.confidence < Settings().grid.review_confidence]
    assert 0 < len(doubted) < len(reading.tables[0].grid.cells)


def test_every_cell_with_unread_ink_is_a_finding_at_its_place():
    reading = read_page(scanned(drawn_form()), fake_engines(otherwise=""), Settings())
    unread = [(f.page_number, f.table_index, f.row, f.col) for f in reading.findings if f.rule == "unread_ink"]
    cells = [cell.cell for cell in reading.tables[0].cells]
    assert unread == [(1, 0, cell.row, cell.col) for cell in cells]


def test_readings_that_differ_are_a_finding_with_both():
    table = Table(rows=(200, 300, 400), cols=(100, 420, 740))
    image = print_text(rule(sheet(), table), 130, 240, 5)
    reading = read_page(scanned(image), fake_engines(("l5", 0.6), ("l5", 0.6), ("15", 0.95), ("l5", 0.6)), Settings())
    (finding,) = reading.findings
    assert (finding.rule, finding.row, finding.col) == ("readings_differ", 0, 0)
    assert (finding.found, finding.expected) == ("15", "l5")


def test_a_cell_that_was_filled_in_by_hand_is_a_finding_at_its_place(monkeypatch):
    def by_hand(layout, tables):
        (table,) = tables
        return (replace(table, cells=(replace(table.cells[0], handwritten=True), *table.cells[1:])),)

    monkeypatch.setattr("pipeline.page.read.doubt_handwriting", by_hand)
    (finding,) = read_page(scanned(drawn_form()), fake_engines(), Settings()).findings
    assert (finding.rule, finding.severity, finding.row, finding.col) == ("handwritten", Severity.WARNING, 0, 0)
    assert finding.found == "甲"


def test_what_is_said_of_the_page_as_a_whole_stands_before_what_is_said_of_its_cells():
    engines = fake_engines(otherwise="", orienter=SteadyOrienter(Turn(2, 0.4)))
    settings = Settings(grid=GridSettings(review_confidence=1.0))
    rules = rules_of(read_page(scanned(drawn_form()), engines, settings))
    assert list(dict.fromkeys(rules)) == ["orientation_unsure", "grid_doubtful", "unread_ink"]


@pytest.mark.parametrize("confidence", [0.4, 0.75])
def test_a_page_whose_turn_nobody_can_tell_stays_as_in_the_file_and_has_a_finding(confidence):
    engines = fake_engines(orienter=SteadyOrienter(Turn(2, confidence), of_parts=Turn(1, confidence)), confidence=0.3)
    reading = read_page(scanned(drawn_form()), engines, Settings())
    assert reading.quarter_turns == 0
    (finding,) = (finding for finding in reading.findings if finding.rule == "orientation_unsure")
    assert (finding.severity, finding.found) == (Severity.WARNING, f"{confidence:.2f}")


@pytest.mark.parametrize(
    ("turn", "readings"), [(Turn(0, 0.95), []), (Turn(0, 0.5), ["甲乙丙丁", "甲"] * 6), (None, [])]
)
def test_a_page_whose_turn_is_told_by_its_looks_or_by_reading_or_by_the_file_has_no_such_finding(turn, readings):
    """The six lines read each way are longer than a character only as they are, not upside down."""
    orienter = SteadyOrienter(turn) if turn else None
    reading = read_page(scanned(drawn_form()), fake_engines(*readings, orienter=orienter), Settings())
    assert not [finding for finding in reading.findings if finding.rule == "orientation_unsure"]


# --- failures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [CorruptFile("page 2 ends early."), UnexpectedError("KeyError: 3.")])
def test_a_failed_page_says_what_failed_and_what_to_do(error):
    reading = failed_page(2, error)
    (finding,) = reading.findings
    assert (reading.page_number, reading.status, reading.error_code) == (2, Status.QUARANTINED, error.code)
    assert (finding.rule, finding.severity, finding.page_number) == ("page_failed", Severity.ERROR, 2)
    assert finding.message == f"{error} {error.remedy}"
    assert finding.found == error.code
    assert (reading.tables, reading.lines, reading.signatures) == ((), (), ())


def test_a_debug_image_is_drawn_only_where_it_is_asked_for(tmp_path):
    read_page(scanned(drawn_form()), fake_engines(), Settings())
    assert not list(tmp_path.iterdir())
    read_page(scanned(drawn_form()), fake_engines(), Settings(), tmp_path / "page.jpg")
    assert cv2.imread(str(tmp_path / "page.jpg")).shape == (800, 1180, 3)


def test_a_resolution_that_the_print_shows_to_be_wrong_is_a_finding_with_both():
    reading = read_page(scanned(drawn_form(), stated_dpi=(1200.0, 1200.0)), fake_engines(), Settings())

    (finding,) = (finding for finding in reading.findings if finding.rule == "resolution_overruled")
    assert (finding.severity, finding.found, finding.expected) == (Severity.INFO, "1200", "150")


def test_a_resolution_that_nothing_speaks_against_is_no_finding():
    reading = read_page(scanned(drawn_form()), fake_engines(), Settings())

    assert "resolution_overruled" not in [finding.rule for finding in reading.findings]
