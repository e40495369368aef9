"""A picture of tables alone shows no place for a signature; a sheet, or a picture with room beside them, does."""

import numpy as np
import pytest
from readings import box, table

from pipeline.elements import Cell, DpiSource, Page
from pipeline.signing.cut_scans import is_cut_to_tables

DPI = 100.0
ROOM = 80
"""Pixels: 20 mm."""
TIGHT = 20


def page(width, height, dpi=DPI):
    return Page("d" * 64, 1, np.full((height, width, 3), 255, np.uint8), dpi, DpiSource.FILE)


def table_in(left, top, right, bottom):
    return table([(Cell(0, 0, 1, 1, box(left, top, right, bottom)), "甲")])


@pytest.mark.parametrize(
    ("left", "top", "right", "bottom", "cut"),
    [
        (TIGHT, TIGHT, TIGHT, TIGHT, True),
        (-5, 0, -5, -9, True),
        (TIGHT, TIGHT, TIGHT, ROOM, False),
        (TIGHT, ROOM, TIGHT, TIGHT, False),
        (ROOM, TIGHT, TIGHT, TIGHT, False),
        (TIGHT, TIGHT, ROOM, TIGHT, False),
    ],
    ids=["tight", "beyond the edges", "room below", "room above", "room left", "room right"],
)
def test_room_on_any_side_may_be_signed(left, top, right, bottom, cut):
    only = table_in(left, top, 1000 - right, 500 - bottom)
    assert is_cut_to_tables(page(1000, 500), [only]) is cut


@pytest.mark.parametrize(("width", "height"), [(1000, 1414), (1414, 1000), (1000, 1294), (1000, 1440)])
def test_a_whole_sheet_is_seen_whole_however_narrow_its_margins_are(width, height):
    only = table_in(TIGHT, TIGHT, width - TIGHT, height - TIGHT)
    assert not is_cut_to_tables(page(width, height), [only])


def test_margins_count_in_millimetres_and_around_all_tables():
    tables = [table_in(40, 40, 300, 460), table_in(700, 40, 960, 460)]
    assert is_cut_to_tables(page(1000, 500), tables)
    assert not is_cut_to_tables(page(1000, 500, dpi=50.0), tables)
    assert not is_cut_to_tables(page(1000, 500), tables[:1])


def test_a_page_without_a_table_is_not_cut_to_one():
    assert not is_cut_to_tables(page(1000, 500), [])
