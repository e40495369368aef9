"""What a page's lines left out is looked at, read, and named."""

import numpy as np
import pytest
from drawing import print_text
from fake_engines import FakeRecogniser, NoDetector
from margin_pages import InkDetector
from read_pages import page_of, printed

from pipeline.elements import LineKind, Severity
from pipeline.engines.protocols import Engines
from pipeline.imaging.geometry import bounding_box
from pipeline.residual.residual_text import NOT_BLANK_CONFIDENCE, recover_residual_text


def engines(*readings, detector=None, **recogniser):
    return Engines(FakeRecogniser(*readings, **recogniser), detector or InkDetector(), None, ())


def recovered(page, *readings, **told):
    return recover_residual_text(page, engines(*readings, **told))


def named(result):
    return [(finding.row, finding.col, finding.found) for finding in result.findings]


def test_a_page_read_whole_is_never_shown_to_the_detector():
    page, detector = page_of(printed()), InkDetector()
    result = recovered(page, detector=detector)
    assert (result.tables, result.lines, result.findings) == (page.tables, (), ())
    assert detector.shown == []


def test_the_detector_is_shown_the_unexplained_ink_and_a_margin():
    page, detector = page_of(print_text(printed(), 500, 340, 5), unread={(1, 1)}), InkDetector()
    recovered(page, detector=detector)
    (shown,) = detector.shown
    assert shown.shape[0] < 100 < shown.shape[1] < 220
    assert shown.min() < 100
    assert (
        np.concatenate([shown[:8].ravel(), shown[-8:].ravel(), shown[:, :8].ravel(), shown[:, -8:].ravel()]).min() > 200
    )


def test_text_found_in_a_blank_cell_is_its_text_with_a_finding():
    page = page_of(print_text(printed(), 500, 340, 5), unread={(1, 1)})
    result = recovered(page, "1025.5万元")
    cell = result.tables[0].at(1, 1)
    (line,) = cell.lines
    assert (cell.text, line.text, line.kind) == ("1025.5万元", "1025.5万元", LineKind.CELL)
    assert 0 < cell.confidence < 1
    box = bounding_box(line.polygon)
    assert (box.left, box.top, box.bottom) == pytest.approx((500, 340, 359), abs=3)
    (finding,) = result.findings
    assert (finding.rule, finding.severity, finding.page_number) == ("unexplained_ink", Severity.WARNING, 1)
    assert (finding.table_index, *named(result)[0]) == (0, 1, 1, "1025.5万元")
    assert result.lines == ()


def test_other_cells_keep_their_readings():
    page = page_of(print_text(printed(), 500, 340, 5), unread={(1, 1)})
    result = recovered(page, "字")
    changed = [a.cell for a, b in zip(page.tables[0].cells, result.tables[0].cells, strict=True) if a != b]
    assert changed == [page.tables[0].at(1, 1).cell]


def test_text_found_beside_a_cells_text_lands_as_a_line_of_its_own():
    page = page_of(print_text(printed(), 140, 255, 6, size=6))
    result = recovered(page, "注①")
    assert result.tables == page.tables
    (line,) = result.lines
    assert (line.text, line.kind, line.table_index, line.row, line.col) == ("注①", LineKind.OTHER, 0, 0, 0)
    assert named(result) == [(0, 0, "注①")]


def test_text_across_a_ruling_line_belongs_to_neither_cell_and_is_named_in_both():
    page = page_of(print_text(printed(), 670, 340, 6), unread={(1, 1), (1, 2)})
    result = recovered(page, "跨线", "跨线")
    assert [result.tables[0].at(1, col).text for col in (1, 2)] == ["", ""]
    assert {result.tables[0].at(1, col).confidence for col in (1, 2)} == {NOT_BLANK_CONFIDENCE}
    assert {line.kind for line in result.lines} == {LineKind.OTHER}
    assert [(row, col) for row, col, _ in named(result)] == [(1, 1), (1, 2)]
    assert any("跨线" in (found or "") for _, _, found in named(result))


def test_ink_in_which_the_detector_sees_no_text_is_named_all_the_same():
    page = page_of(print_text(printed(), 500, 340, 5), unread={(1, 1)})
    result = recovered(page, detector=NoDetector())
    assert result.lines == ()
    cell = result.tables[0].at(1, 1)
    assert (cell.text, cell.confidence) == ("", NOT_BLANK_CONFIDENCE)
    assert named(result) == [(1, 1, None)]


def test_text_that_is_found_but_cannot_be_read_makes_a_blank_cell_unread():
    page = page_of(print_text(printed(), 500, 340, 5), unread={(1, 1)})
    result = recovered(page, otherwise="")
    cell = result.tables[0].at(1, 1)
    assert (cell.text, cell.confidence) == (None, None)
    assert [line.text for line in cell.lines] == [""]
    assert result.findings == ()


def test_doubtful_text_is_read_three_times_like_any_other():
    page = page_of(print_text(printed(), 500, 340, 5), unread={(1, 1)})
    result = recovered(page, ("l5", 0.5), ("15", 0.97), ("l5", 0.6))
    assert result.tables[0].at(1, 1).text == "15"
