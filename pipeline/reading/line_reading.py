"""The lines of a page's cells -> their texts: read, and what only the page or the ink can tell settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pipeline.elements import Image
from pipeline.engines import LineReading, Recogniser
from pipeline.imaging import as_image
from pipeline.layout import CellLine, InkLine
from pipeline.reading.line_cuts import PageCuts
from pipeline.reading.option_boxes import with_boxes
from pipeline.reading.sealed_numbers import doubt_sealed_numbers
from pipeline.recognition import (
    USUAL,
    CheckedReading,
    LineInk,
    Padding,
    check_marks,
    doubt_odd_commas,
    in_page_script,
    read_checked,
    reads_as_number,
    settle_open_marks,
    with_end_colon,
    with_units,
)

NOTHING_READ: Mapping[InkLine, LineReading] = MappingProxyType({})
"""No line was read before."""


def read_lines(
    lines: Sequence[CellLine],
    cuts: PageCuts,
    recogniser: Recogniser,
    known: Mapping[InkLine, LineReading] = NOTHING_READ,
) -> list[CheckedReading]:
    """Read the lines of all cells of a page.

    Signs and points of numbers are checked on the ink, boxes are read with their labels, and the script of the page and
    known units settle what the recogniser half read.

    Args:
        lines: to read.
        cuts: what they are cut from.
        recogniser: reads all the page's lines in one call, so that it can batch them.
        known: readings at the reduced height of lines of the same layout that were read so before.
    """
    height = recogniser.line_height

    def cut(index: int, padding: Padding) -> Image:
        return cuts.cut(lines[index].ink, height, padding)

    def read_labels(labels: Sequence[InkLine]) -> list[CheckedReading]:
        return read_checked(len(labels), lambda index, padding: cuts.cut(labels[index], height, padding), recogniser)

    known_here = {index: known[line.ink.shown] for index, line in enumerate(lines) if line.ink.shown in known}
    read = read_checked(len(lines), cut, recogniser, lambda i: cuts.cut_sealed(lines[i], height), known_here)
    marked = _with_marks_checked(lines, read, cuts, recogniser)
    boxed = with_boxes(cuts.layout, lines, marked, read_labels)
    settled = with_units(in_page_script(boxed), lambda index: cut(index, USUAL), recogniser)
    return doubt_sealed_numbers(settled, lines, cuts)


def _with_marks_checked(
    lines: Sequence[CellLine], readings: Sequence[CheckedReading], cuts: PageCuts, recogniser: Recogniser
) -> list[CheckedReading]:
    """The readings with the signs and points of numbers that their ink shows.

    Where something was painted over beside a digit, the line is read once more with it.
    """
    smooth = cuts.layout.smooth
    checked = doubt_odd_commas(
        [
            check_marks(with_end_colon(reading, line.ink.pieces), LineInk(line.ink.pieces, _inside(smooth, line)))
            for line, reading in zip(lines, readings, strict=True)
        ]
    )
    open_ones = _beside_digits(lines, checked)
    whole = [cuts.cut(lines[i].ink.with_marks(lines[i].ink.marks), recogniser.line_height) for i in open_ones]
    again = recogniser.read(whole, exact=True) if whole else []
    for index, reading in zip(open_ones, again, strict=True):
        signlike = any(mark.looks_like_sign or mark.looks_like_point for mark in lines[index].ink.marks)
        checked[index] = settle_open_marks(checked[index], reading.text, signlike)
    return checked


def _inside(smooth: Image, line: CellLine) -> Image:
    """The darkness from where a line's cell begins, in whose pixels the line's components are."""
    left, top = line.origin
    return as_image(smooth[top:, left:])


def _beside_digits(lines: Sequence[CellLine], readings: Sequence[CheckedReading]) -> list[int]:
    """The lines that read as numbers, at whose ends something was painted over right beside a digit."""
    return [
        index
        for index, (line, reading) in enumerate(zip(lines, readings, strict=True))
        if any(mark.is_beside(reading.text) for mark in line.ink.marks) and reads_as_number(reading.text)
    ]
