"""What is taken from truth files, and what is found on a page by the product and by its peer."""

import importlib
import json
from types import SimpleNamespace

import cv2
import pytest
from drawing import drawn_form

from pipeline.elements import Cell as GridCell
from pipeline.elements import Finding, FindingRule, Grid, Severity

ruled_pages = importlib.import_module("benchmarks.ruled_pages")
measures = importlib.import_module("benchmarks.structure_measures")
Cell, Table, Page = measures.PlacedCell, measures.FoundTable, measures.FoundPage

UNIT = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))


def square(left, top, side=10.0):
    return tuple((left + side / 10 * x, top + side / 10 * y) for x, y in UNIT)


@pytest.fixture
def folder(tmp_path):
    page = {
        "image": "a.png",
        "tables": [{"cells": [{"row": 1, "col": 2, "row_span": 3, "col_span": 4, "text": "x", "polygon": UNIT}]}],
        "alternatives": [[{"cells": [{"r": 1, "c": 2, "rs": 3, "cs": 4, "text": None, "polygon": None}]}]],
        "open_end": True,
        "scan": {"lang": "en", "crop": False, "families": ["register"]},
    }
    for name, content in {"a": page, "b.boxes": page, "c": {"cells": []}, "d": ["no truth"]}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return tmp_path


def test_files_that_list_tables_are_truth_and_those_with_boxes_alone_are_not(folder):
    assert [path.name for path in ruled_pages.truth_files(folder)] == ["a.json"]
    assert ruled_pages.image_of(folder / "a.json") == folder / "a.png"


def test_cells_are_read_by_long_and_by_short_keys(folder):
    truth = ruled_pages.read_true_page(folder / "a.json")
    assert truth.tables == ((Cell(1, 2, 3, 4, "x", UNIT),),)
    assert truth.alternatives == (((Cell(1, 2, 3, 4, is_known=False),),),)
    assert truth.open_end
    assert truth.kinds == {"lang": "en", "crop": "False"}


def test_a_truth_with_the_cells_of_one_table_is_about_the_image_of_its_name(folder):
    (folder / "e.json").write_text(json.dumps({"cells": [{"row": 0, "col": 1, "text": "x"}]}), encoding="utf-8")
    assert [path.name for path in ruled_pages.truth_files(folder)] == ["a.json"]
    (folder / "e.jpg").touch()
    assert [path.name for path in ruled_pages.truth_files(folder)] == ["a.json", "e.json"]
    assert ruled_pages.image_of(folder / "e.json") == folder / "e.jpg"
    assert ruled_pages.read_true_page(folder / "e.json").tables == ((Cell(0, 1, text="x"),),)


def test_a_file_that_cannot_be_decoded_is_a_page_that_failed(folder):
    (folder / "a.png").write_bytes(b"no image")
    (failed,) = ruled_pages.scanned(folder / "a.json")
    assert ruled_pages.found_by_product([failed]) == Page((), doubted=True)


def test_a_cell_holds_the_true_texts_whose_centres_lie_in_it():
    true = (
        Cell(0, 0, text="a", polygon=square(0, 0)),
        Cell(0, 1, text="b", polygon=square(10, 0)),
        Cell(1, 0, text="c"),
    )
    wide, beside = Cell(0, 0, polygon=square(0, 0, 20.0)), Cell(0, 1, polygon=square(20, 0))
    filled = ruled_pages.with_contents(Page((Table((wide, beside)),)), [true])
    assert [cell.text for cell in filled.tables[0].cells] == ["a b", ""]


@pytest.mark.parametrize(
    ("rule", "severity", "of_table", "names_page", "names_table"),
    [
        (FindingRule.GRID_DOUBTFUL, Severity.WARNING, 0, False, True),
        (FindingRule.GRID_DOUBTFUL, Severity.WARNING, 1, False, False),
        (FindingRule.NO_TABLE, Severity.INFO, None, False, False),
        (FindingRule.PAGE_FAILED, Severity.ERROR, None, True, False),
        (FindingRule.ORIENTATION_UNSURE, Severity.WARNING, None, False, False),
    ],
)
def test_warnings_about_grids_name_a_table_or_the_page(rule, severity, of_table, names_page, names_table):
    findings = [Finding(rule, severity, "", 1, table_index=of_table)]
    assert ruled_pages.is_doubted(findings, None) is names_page
    assert ruled_pages.is_doubted(findings, 0) is names_table


def test_cells_are_as_sure_as_their_grid_unless_they_say_so_themselves():
    grid = Grid(0, 1, 1, (GridCell(0, 0, 1, 1, UNIT),), 0.8)
    assert [cell.confidence for cell in ruled_pages._landed_cells(grid)] == [getattr(grid.cells[0], "confidence", 0.8)]
    assert ruled_pages._confidence(grid, SimpleNamespace(confidence=0.3)) == 0.3


def test_the_peers_slots_with_the_same_box_are_one_cell():
    def slot(x1, x2):
        return SimpleNamespace(bbox=SimpleNamespace(x1=x1, y1=0, x2=x2, y2=10))

    table = SimpleNamespace(content={0: [slot(0, 20), slot(0, 20), slot(20, 30)]})
    assert [cell.place for cell in ruled_pages._extracted_cells(table)] == [(0, 0, 1, 2), (0, 2, 1, 1)]


@pytest.mark.slow
def test_a_page_with_one_table_has_it_by_both(tmp_path):
    cv2.imwrite(str(tmp_path / "form.png"), drawn_form())
    pages = ruled_pages.decoded(tmp_path / "form.png")
    ours, peers = ruled_pages.found_by_product(pages), ruled_pages.found_by_peer(pages)
    assert [len(page.tables) for page in (ours, peers)] == [1, 1]
    assert {cell.place for cell in ours.tables[0].cells} == {cell.place for cell in peers.tables[0].cells}
    assert not ours.doubted


def test_a_page_too_small_for_print_has_no_table_and_is_doubted(tmp_path):
    cv2.imwrite(str(tmp_path / "dot.png"), drawn_form()[:4, :4])
    assert ruled_pages.found_by_product(ruled_pages.decoded(tmp_path / "dot.png")) == Page((), doubted=True)
