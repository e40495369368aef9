"""The lines of cells and margins are seen alike: boxes in upright pixels, print or pen."""

from dataclasses import replace

from readings import drawn
from signing_pages import line

from pipeline.elements import LineKind, TextLine
from pipeline.imaging.geometry import bounding_box
from pipeline.signing.page_texts import cell_texts

HALF = (2.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 1.0)


def test_the_lines_of_cells_are_mapped_to_the_upright_page():
    table = drawn("| a | b |")
    reading = replace(
        table.cells[1],
        lines=(TextLine("b", 0.9, ((20, 40), (60, 40), (60, 60), (20, 60)), LineKind.CELL),),
        handwritten=True,
    )
    (text,) = cell_texts([replace(table, cells=(table.cells[0], reading))], HALF)
    assert (text.text, text.cell, text.printed, text.confidence) == ("b", (0, 0, 1), False, 0.9)
    box = bounding_box(text.polygon)
    assert (box.left, box.top, box.right, box.bottom) == (10, 20, 30, 30)


def test_what_a_seal_says_is_no_print():
    assert line("公章", 0, 0).printed
    assert not line("公章", 0, 0, kind=LineKind.SEAL).printed
