"""Tables that other programs drew: what their HTML says is where is what the grids of the rendered pages say."""

from functools import cache
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from html_tables import expected_tables

from pipeline.dewarp.deskewing import deskew
from pipeline.dewarp.dewarping import dewarp
from pipeline.elements import DpiSource, Page
from pipeline.grid.grids import build_grids
from pipeline.intake.documents import open_document
from pipeline.settings.settings import GridSettings, IntakeSettings

FOLDER = Path(__file__).parents[1] / "data" / "foreign"
NOT_YET_RIGHT = {
    "dashes.weasyprint": "half of each dashed line is gaps of 1.8 mm",
    "separate.chromium": "each cell has a frame of its own, 0.7 mm from the next",
    "separate.weasyprint": "each cell has a frame of its own, 0.7 mm from the next",
}
"""Documents with a table that is not found as it is, and why."""
ONE_OF_EACH_PROGRAM = ("stubs.chromium", "ledger.weasyprint", "budget.calc", "record.word")


@cache
def source_of(name):
    """Each page's tables: the text of each cell by its place and spans."""
    source = FOLDER / "sources" / f"{name.partition('.')[0]}.html"
    return expected_tables(source.read_text(encoding="utf-8"))


def expected(name):
    """Each page's tables, as places and spans of cells."""
    return [[sorted(cells) for cells in tables] for tables in source_of(name)]


def rendered(name, number, dpi):
    with pypdfium2.PdfDocument(FOLDER / f"{name}.pdf") as document:
        image = document[number - 1].render(scale=dpi / 72).to_numpy()
    return np.ascontiguousarray(image[:, :, :3])


def grids(image, dpi):
    return build_grids(dewarp(deskew(Page("0", 1, image, dpi, DpiSource.RENDERED), None)), GridSettings())


def structures(found):
    return [sorted((cell.row, cell.col, cell.row_span, cell.col_span) for cell in grid.cells) for grid in found]


def letters(cells):
    """Cells without the spaces in their text: where lines end is the program's choice."""
    return {span: "".join(text.split()) for span, text in cells.items()}


def texts(name, number, found):
    """The text that the PDF itself has inside each cell that was found at 200 dpi."""
    with pypdfium2.PdfDocument(FOLDER / f"{name}.pdf") as document:
        page = document[number - 1]
        text, height = page.get_textpage(), page.get_height()
        tables = []
        for grid in found:
            boxes = {(c.row, c.col, c.row_span, c.col_span): np.array(c.polygon) * 72 / 200 for c in grid.cells}
            places = {span: (*corners.min(axis=0), *corners.max(axis=0)) for span, corners in boxes.items()}
            inside = {
                span: text.get_text_bounded(left, height - bottom, right, height - top)
                for span, (left, top, right, bottom) in places.items()
            }
            tables.append(letters(inside))
        return tables


NAMES = sorted(path.stem for path in FOLDER.glob("*.pdf"))
PAGES = [(name, number) for name in NAMES for number in range(1, len(expected(name)) + 1)]


def test_spanning_cells_push_others_aside():
    source = '<section><table><tr><td rowspan="2">a</td><td>b</td></tr><tr><td>c<br>d</td></tr></table></section>'

    assert expected_tables(source) == [[{(0, 0, 2, 1): "a", (0, 1, 1, 1): "b", (1, 1, 1, 1): "cd"}]]


def test_a_table_goes_on_below_its_heading_on_the_next_page():
    heading, rows = "<thead><tr><th>h</th></tr></thead>", '<tr><td>1</td></tr><tr class="break"><td>2</td></tr>'
    first, second = expected_tables(f"<section><table>{heading}{rows}</table></section>")

    assert first == [{(0, 0, 1, 1): "h", (1, 0, 1, 1): "1"}]
    assert second == [{(0, 0, 1, 1): "h", (1, 0, 1, 1): "2"}]


def test_a_line_at_which_no_cell_begins_is_none():
    source = '<section><table><tr><td colspan="2">a</td><td>b</td></tr></table></section>'

    assert expected_tables(source) == [[{(0, 0, 1, 1): "a", (0, 1, 1, 1): "b"}]]


def test_there_are_enough_tables_to_tell():
    assert len(NAMES) >= 20
    assert sum(len(tables) for name in NAMES for tables in expected(name)) >= 30
    assert set(NOT_YET_RIGHT) < set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_programs_drew_as_many_pages_as_the_source_has(name):
    with pypdfium2.PdfDocument(FOLDER / f"{name}.pdf") as document:
        assert len(document) == len(expected(name))


@pytest.mark.parametrize(("name", "number"), [page for page in PAGES if page[0] not in NOT_YET_RIGHT])
def test_tables_have_the_cells_of_their_source_and_cells_their_text(name, number):
    found = grids(rendered(name, number, 200), 200)

    assert structures(found) == expected(name)[number - 1]
    assert texts(name, number, found) == [letters(cells) for cells in source_of(name)[number - 1]]


@pytest.mark.parametrize("dpi", [150, 300])
@pytest.mark.parametrize("name", ONE_OF_EACH_PROGRAM)
def test_the_resolution_makes_no_difference(name, dpi):
    assert structures(grids(rendered(name, 1, dpi), dpi)) == expected(name)[0]


@pytest.mark.parametrize("name", sorted(NOT_YET_RIGHT))
def test_a_table_that_is_not_found_as_it_is_makes_no_other_one_sure(name):
    found = grids(rendered(name, 1, 200), 200)
    sure = [cells for cells, grid in zip(structures(found), found, strict=True) if grid.confidence >= 0.9]

    assert [cells for cells in sure if cells not in expected(name)[0]] == []


def test_a_pdf_goes_the_same_way_through_intake():
    with open_document(FOLDER / "ledger.weasyprint.pdf", IntakeSettings(render_dpi=200)) as document:
        found = [structures(grids(page.image, page.dpi)) for page in document.pages()]

    assert found == expected("ledger.weasyprint")
