"""A date in a cell of its own belongs to who signed beside it, or above."""

import pytest

from pipeline.elements import Cell, CellReading, Grid, LineKind, TableReading, TextLine
from pipeline.imaging.line_crops import Column, LineShape
from pipeline.signatures.date_cells import date_cells, with_owners
from pipeline.signatures.margin_kinds import MarginLine
from pipeline.signatures.sign_off_cells import sign_off_cells

BLANK = ("", "", "", "")


def table_of(rows):
    def corners(row, col):
        left, top = 100.0 * col, 50.0 * row
        return (left, top), (left + 100, top), (left + 100, top + 50), (left, top + 50)

    cells = [Cell(row, col, 1, 1, corners(row, col)) for row in range(len(rows)) for col in range(len(rows[0]))]
    readings = tuple(
        CellReading(cell, text, 0.99, (TextLine(text, 0.99, cell.polygon, LineKind.CELL, 0, cell.row, cell.col),))
        for cell in cells
        for text in [rows[cell.row][cell.col]]
    )
    return TableReading(Grid(0, len(rows), len(rows[0]), tuple(cells)), readings)


def places(rows):
    table = table_of(rows)
    return sorted((cell.row, cell.col) for cell in date_cells(table, [own.cell for own in sign_off_cells([table])]))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((("负责人签字", "", "日期", ""), BLANK), [(0, 2), (0, 3), (1, 2)]),
        ((("负责人签字：", "日期：", "", ""), BLANK), [(0, 1), (0, 2), (1, 1)]),
        ((("姓名", "单位", "签名", "签字日期"), BLANK, BLANK), [(0, 3), (1, 3), (2, 3)]),
        ((("经办人", "", "", ""), ("日期", "", "", "")), [(1, 0), (1, 1)]),
        ((("日期", "金额", "", ""), BLANK, ("", "", "经办人", "")), []),
        ((("经办人", "", "开始时间", ""), BLANK), []),
    ],
    ids=["beside", "beside the label", "headers", "below", "far from any signature", "another time"],
)
def test_the_cells_of_dates_are_in_a_signatures_row_or_below_it(rows, expected):
    assert places(rows) == expected


def line(text, row, col):
    quad = ((0.0, 0.0), (90.0, 0.0), (90.0, 40.0), (0.0, 40.0))
    shape = LineShape((0.0, 0.0, 1.0, 1.0), 1.0, 0.2, 0.1, 0.2, (Column(0.0, 1.0, 1.0),))
    return MarginLine(TextLine(text, 0.9, quad, LineKind.OTHER, 0, row, col), quad, shape, 0.9)


@pytest.mark.parametrize(
    ("place", "owner"),
    [((1, 3), (0, 1, 1)), ((2, 3), (0, 1, 1)), ((0, 3), (0, 0, 2))],
    ids=["in the same row", "in the row below", "the nearest in the row"],
)
def test_a_date_belongs_to_the_nearest_name_beside_or_above(place, owner):
    lines = [line("张三", 0, 1), line("王涛", 0, 2), line("李四", 1, 1), line("3.30", *place)]
    found = with_owners(lines, {(0, *place)})
    assert [own.dates for own in found] == [None, None, None, owner]


def test_a_date_beside_nobody_and_the_label_of_a_date_are_left_out():
    lines = [line("3.30", 0, 1), line("日期", 1, 1), line("王涛", 2, 0)]
    assert with_owners(lines, {(0, 0, 1), (0, 1, 1)}) == (lines[2],)


def test_a_date_in_a_cell_where_names_are_signed_stays_where_it_is():
    lines = [line("王涛", 0, 1), line("3.30", 0, 1)]
    assert with_owners(lines, {(0, 0, 3)}) == tuple(lines)
