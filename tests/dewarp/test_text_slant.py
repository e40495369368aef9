"""Rows of text are measured against the ruling lines, and a page on which the two disagree is reported."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawing import INK, Table, curled, faded, in_perspective, noisy, print_text, rule, scanned, sheet, turned
from drawing import upright as upright_of
from fake_engines import fake_engines
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dewarp.dewarping import dewarp
from pipeline.dewarp.text_slant import AGREED_DEG, measure_slant
from pipeline.grid.grids import build_grids
from pipeline.page.read import read_page
from pipeline.settings.settings import GridSettings, Settings

TABLE = Table(rows=tuple(range(120, 721, 50)), cols=(100, 420, 740, 1060))


def text():
    """The character 口, nine times in every cell."""
    image = sheet()
    for top in (row + 16 for row in TABLE.rows[:-1]):
        for left in (col + 40 + 24 * letter for col in TABLE.cols[:-1] for letter in range(9)):
            cv2.rectangle(image, (left, top), (left + 16, top + 18), (INK,), 2)
    return image


def askew(angle_deg):
    """A form whose ruling is level, filled in at an angle: counter-clockwise, as in a typewriter."""
    return np.minimum(turned(text(), angle_deg).image, rule(sheet(), TABLE))


def filled():
    return askew(0.0)


def slant(image, skew_deg=0.0):
    dewarped = dewarp(upright_of(image, skew_deg))
    return measure_slant(dewarped, build_grids(dewarped, GridSettings()))


@settings(max_examples=8)
@given(st.floats(-1.5, -0.4) | st.floats(0.4, 1.5))
def test_the_angle_of_text_filled_in_askew_is_measured(angle):
    assert slant(askew(angle)) == pytest.approx(angle, abs=0.15)


@pytest.mark.parametrize(
    ("image", "skew_deg"),
    [
        (filled(), 0.0),
        (turned(filled(), 3.0).image, 3.0),
        (curled(filled(), 12).image, 0.0),
        (in_perspective(filled(), 0.02).image, 0.0),
        (noisy(faded(filled(), 0.6), specks=60), 0.0),
    ],
    ids=["straight", "turned", "curled", "in perspective", "faded"],
)
def test_on_a_page_that_was_made_flat_text_is_level(image, skew_deg):
    assert abs(slant(image, skew_deg)) <= AGREED_DEG / 2


@pytest.mark.parametrize("image", [sheet(), rule(sheet(), TABLE), print_text(sheet(), 100, 300, 30)])
def test_without_text_in_a_table_there_is_nothing_to_tell(image):
    assert slant(image) is None


def test_text_in_few_cells_does_not_speak_against_the_ruling():
    assert slant(print_text(rule(sheet(), TABLE), 140, 200, 5)) is None


def test_the_page_is_not_changed():
    dewarped = dewarp(upright_of(filled()))
    before = dewarped.darkness.copy()
    grids = build_grids(dewarped, GridSettings())
    measure_slant(dewarped, grids)
    np.testing.assert_array_equal(dewarped.darkness, before)
    assert measure_slant(replace(dewarped, darkness=before), grids) == measure_slant(dewarped, grids)


def findings(image):
    reading = read_page(scanned(image), fake_engines(), Settings())
    return [finding for finding in reading.findings if finding.rule == "skew_disagrees"]


def test_a_page_on_which_text_and_ruling_disagree_has_a_finding_with_the_angle():
    (finding,) = findings(askew(1.0))
    assert float(finding.found) == pytest.approx(1.0, abs=0.15)


def test_a_page_on_which_they_agree_has_none():
    assert findings(filled()) == []
