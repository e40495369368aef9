"""A cell is blank where its paper is flat: a mark that nothing was read of is named, dust and grain are not."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawing import INK, noisy, print_text, rule, sealed, sheet
from fake_engines import FakeRecogniser
from read_pages import TABLE, page_of, printed

from pipeline.elements import FindingRule
from pipeline.engines import Engines
from pipeline.residual.blank_check import cells_not_blank
from pipeline.residual.residual_text import NOT_BLANK_CONFIDENCE, recover_residual_text

PRINT_MM = 3.2


class NothingDetected:
    """A detector that sees no text."""

    def detect(self, image):
        return []


def times_sign(image, ink=INK, size=10, thickness=1):
    """× of about half a character in the middle cell of the second row."""
    x, y = 560, 350
    for dx in (size // 2, -(size // 2)):
        cv2.line(image, (x - dx, y - size // 2), (x + dx, y + size // 2), (ink,) * 3, thickness, cv2.LINE_AA)
    return image


def ditto(image):
    """〃 in the same place."""
    for x in (556, 565):
        cv2.line(image, (x + 3, 345), (x, 355), (INK,) * 3, 2, cv2.LINE_AA)
    return image


def box(image):
    """An empty box there."""
    return cv2.rectangle(image, (553, 343), (567, 357), (150,) * 3, 1)


def not_blank(image):
    page = page_of(image)
    places = cells_not_blank(page.layout, forgotten(page).tables, PRINT_MM)
    cells = [page.tables[table].cells[cell].cell for table, cell in places]
    return [(cell.row, cell.col) for cell in cells]


def forgotten(page):
    """The page with nothing read in its second row."""
    tables = tuple(
        replace(
            table,
            cells=tuple(replace(cell, text="", lines=()) if cell.cell.row == 1 else cell for cell in table.cells),
        )
        for table in page.tables
    )
    return page._replace(tables=tables)


@pytest.mark.parametrize("mark", [times_sign, ditto, box])
def test_a_small_mark_is_not_blank(mark):
    assert not_blank(mark(printed())) == [(1, 1)]


@pytest.mark.parametrize("ink", [(40, 40, 220), (60, 230, 60), (0, 210, 255)], ids=["red", "green", "yellow"])
def test_a_mark_in_any_colour_is_not_blank(ink):
    image = cv2.cvtColor(printed(), cv2.COLOR_GRAY2BGR)
    image[print_text(sheet(), 440, 335, 2) == INK] = ink
    assert not_blank(image) == [(1, 1)]


def test_flat_paper_is_blank():
    assert not_blank(printed()) == []


@pytest.mark.parametrize("seed", range(3))
def test_grain_and_dust_are_blank(seed):
    assert not_blank(noisy(printed(), deviation=6.0, specks=60, seed=seed)) == []


def test_thick_dust_that_falls_together_is_named_now_and_then():
    named = [not_blank(noisy(printed(), deviation=6.0, specks=150, seed=seed)) for seed in range(6)]
    assert sum(map(len, named)) <= 0.2 * 3 * len(named)


def test_a_round_speck_is_blank():
    assert not_blank(cv2.circle(printed(), (560, 350), 3, INK, -1, cv2.LINE_AA)) == []


def test_shade_and_tint_are_blank():
    shade = np.linspace(0.75, 1, 1180)[None, :, None]
    image = cv2.cvtColor(rule(sheet(), TABLE), cv2.COLOR_GRAY2BGR) * shade * (0.8, 0.9, 1.0)
    assert not_blank(image.astype(np.uint8)) == []


def test_a_seal_is_blank():
    assert not_blank(sealed(printed(), (560, 300), 60)) == []


def test_a_cell_that_is_not_blank_is_named_and_not_sure():
    page = forgotten(page_of(times_sign(printed())))
    engines = Engines(recogniser=FakeRecogniser(), detector=NothingDetected(), orienter=None, digests=())
    read = recover_residual_text(page, engines)
    (finding,) = read.findings
    assert (finding.rule, finding.row, finding.col) == (FindingRule.UNEXPLAINED_INK, 1, 1)
    confidences = [cell.confidence for cell in read.tables[0].cells if cell.cell.row == 1]
    assert confidences.count(NOT_BLANK_CONFIDENCE) == 1


def test_what_is_left_of_a_rule_along_the_side_of_a_cell_is_no_mark():
    image = printed()
    left, right = TABLE.cols[1] + 8, TABLE.cols[2] - 8
    cv2.line(image, (left, TABLE.rows[1] + 5), (right, TABLE.rows[1] + 5), (120,) * 3, 2)
    assert not_blank(image) == []
