"""The back of a sheet is taken away where its print reads in the mirror alone, and front print never is."""

import numpy as np
import pytest
from drawing import DPI, drawn_form, scanned
from fake_engines import fake_engines

from pipeline.elements import BBox
from pipeline.engines import LineReading
from pipeline.ink import PalePrint
from pipeline.page import orientation, read_page
from pipeline.page import show_through as module
from pipeline.page.show_through import is_mirrored
from pipeline.settings import Settings


class Reader:
    """Reads clear characters where the ink of a crop is on the side that it is told, and nothing elsewhere."""

    def __init__(self, side):
        self.side = side

    def read(self, crops, *, reduced=False):
        return [self._one(crop) for crop in crops]

    def _one(self, crop):
        height, width = crop.shape[:2]
        halves = {"left": crop[:, : width // 2], "right": crop[:, width // 2 :]}
        halves |= {"top": crop[: height // 2], "bottom": crop[height // 2 :]}
        darkest = min(halves, key=lambda name: halves[name].mean()) if self.side != "none" else ""
        text = "预算数" if darkest == self.side else ""
        return LineReading(text, 0.99 if text else 0.0, (0.99,) * len(text))


def pale_lines():
    """Three lines whose ink is on their left."""
    shown = np.zeros((200, 200), np.uint8)
    lines = tuple(BBox(20, top, 120, top + 20) for top in (20, 80, 140))
    for line in lines:
        shown[int(line.top) : int(line.bottom), 20:60] = 255
    return PalePrint(lines, 60.0, shown)


@pytest.mark.parametrize(("side", "expected"), [("left", False), ("right", True), ("none", False)])
def test_print_that_reads_in_the_mirror_alone_is_the_back_s(side, expected):
    assert is_mirrored(pale_lines(), Reader(side)) is expected


@pytest.mark.parametrize(
    ("side", "with_care", "quickly"), [("left", 2, 0), ("right", 3 + 2, 1 + 3), ("none", 3, 3 + 3)]
)
def test_no_more_lines_are_read_than_show_whose_print_it_is(side, with_care, quickly):
    """Two lines of three clear characters are enough, and one is a hint."""
    read = []

    class Noting(Reader):
        def read(self, crops, *, reduced=False):
            read.extend([reduced] * len(crops))
            return super().read(crops)

    is_mirrored(pale_lines(), Noting(side))

    assert (read.count(False), read.count(True)) == (with_care, quickly)


def test_print_that_reads_both_ways_is_the_fronts_though_its_first_lines_are_not_clear():
    """The last two of six lines read as they stand, all of them in the mirror."""

    class Late(Reader):
        asked = 0

        def read(self, crops, *, reduced=False):
            readings = super().read(crops)
            as_it_stands = not reduced and crops[0][:, : crops[0].shape[1] // 2].mean() < 150
            self.asked += as_it_stands
            clear = "预算数" if not as_it_stands or self.asked > 4 else ""
            return [LineReading(clear, 0.99, (0.99,) * len(clear)) for _ in readings]

    lines = pale_lines()
    more = lines._replace(lines=lines.lines * 2)

    assert not is_mirrored(more, Late("left"))


@pytest.mark.parametrize("mirrored", [True, False])
def test_a_page_whose_back_shines_through_says_so_and_has_the_grid_of_its_front(monkeypatch, mirrored):
    front = drawn_form()
    shifted = np.roll(front[:, ::-1], (23, 11), (0, 1))
    page = scanned(np.clip(front - 0.3 * (255.0 - shifted), 0, 255).astype(np.uint8), DPI)
    monkeypatch.setattr(module, "is_mirrored", lambda *_: mirrored)

    reading = read_page(page, fake_engines(), Settings())

    plain = read_page(scanned(front, DPI), fake_engines(), Settings())
    same = [len(table.cells) for table in reading.tables] == [len(table.cells) for table in plain.tables]
    assert ("show_through" in [finding.rule for finding in reading.findings]) is mirrored
    assert same is mirrored
    if mirrored:
        assert max(cell.confidence for table in reading.tables for cell in table.cells if cell.text) < 0.95


def test_a_page_whose_own_rules_are_as_pale_as_its_back_keeps_them(monkeypatch):
    front = drawn_form()
    page = scanned((255 - 0.3 * (255.0 - front)).astype(np.uint8), DPI)
    monkeypatch.setattr(orientation, "find_show_through", lambda *_: 80.0)

    reading = read_page(page, fake_engines(), Settings())

    plain = read_page(scanned(front, DPI), fake_engines(), Settings())
    assert [len(table.cells) for table in reading.tables] == [len(table.cells) for table in plain.tables]
    assert "show_through" in [finding.rule for finding in reading.findings]
