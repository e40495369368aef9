"""Drawn reports: the same of the same seed, of every kind that they promise, and true to what they say."""

import importlib
import random

import numpy as np
import pytest

reports = importlib.import_module("benchmarks.drawing.reports")
texts = importlib.import_module("benchmarks.drawing.report_texts")
tables = importlib.import_module("benchmarks.drawing.report_tables")

SERIES = range(12)


@pytest.fixture(scope="module")
def drawn():
    return [reports.draw_report(5, number) for number in SERIES]


def test_the_same_seed_gives_the_same_page_and_another_one_another(drawn):
    again, other = reports.draw_report(5, 0), reports.draw_report(6, 0)
    assert np.array_equal(again.image, drawn[0].image)
    assert again.tables == drawn[0].tables
    assert other.tables != again.tables


@pytest.mark.parametrize("seed", range(40))
def test_cells_cover_every_slot_once_and_each_rule_between_rows_is_drawn(seed):
    table = texts.write_table(random.Random(seed), 12, 8)
    slots = [
        (row, col)
        for cell in table.cells
        for row in range(cell.row, cell.row + cell.row_span)
        for col in range(cell.col, cell.col + cell.col_span)
    ]
    n_cols = len(table.columns)
    assert sorted(slots) == [(row, col) for row in range(table.n_rows) for col in range(n_cols)]
    assert {cell.row for cell in table.cells} == set(range(table.n_rows))
    assert {cell.col for cell in table.cells} == set(range(n_cols))


def test_pages_have_spans_marks_blanks_skews_and_several_tables(drawn):
    cells = [cell for page in drawn for own in page.tables for cell in own]
    assert any(cell.col_span > 1 for cell in cells)
    assert any(cell.row_span > 1 for cell in cells)
    assert any(cell.text in texts.MARKS for cell in cells)
    assert 0.05 < sum(not cell.text for cell in cells) / len(cells) < 0.6
    assert min(len(page.tables) for page in drawn) >= 1
    assert max(len(page.tables) for page in drawn) >= 2
    assert all(abs(page.skew_deg) <= 2 for page in drawn)
    assert len({page.dpi for page in drawn}) >= 3
    assert {page.dpi for page in drawn} <= set(reports.RESOLUTIONS)


def test_cells_stand_on_the_page_where_the_truth_says(drawn):
    """Along a true border the page is darker than inside the blank cell that it bounds."""
    darker = total = 0
    for page in drawn:
        grey = page.image[..., 0].astype(float)
        for cell in (cell for own in page.tables for cell in own if not cell.text and cell.row > 1):
            corners = np.array(cell.polygon)
            assert (corners >= 0).all() and (corners < grey.shape[::-1]).all()
            along = corners[[0]] + (corners[[1]] - corners[[0]]) * np.linspace(0.1, 0.9, 15)[:, None]
            into = (corners[3] - corners[0]) * 0.4
            border = min(_mean(grey, along + into * shift) for shift in (-0.06, 0, 0.06))
            darker += border < _mean(grey, along + into) - 8
            total += 1
    assert total > 50
    assert darker >= 0.95 * total


def _mean(grey, points):
    x, y = np.round(points).astype(int).T
    return grey[y, x].mean()


def test_words_are_set_on_as_many_lines_as_they_need():
    sheet = tables.Sheet(None, None, 40.0, tables.choose_ruling(random.Random(1)), random.Random(1))
    assert tables._wrapped(sheet, "", 100.0) == []
    assert tables._wrapped(sheet, "one two", 1000.0) == ["one two"]
    assert tables._wrapped(sheet, "one two", 100.0) == ["one", "two"]
    assert tables._wrapped(sheet, "unbreakable", 10.0) == ["unbreakable"]
