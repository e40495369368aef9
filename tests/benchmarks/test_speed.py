"""The speed benchmark: what is cut for the yardstick, how time is counted, and what the tables say."""

import importlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.elements import Cell, Grid
from pipeline.evaluate.truth import TruthPage

reference_cut = importlib.import_module("benchmarks.reference_cut")
systems = importlib.import_module("benchmarks.systems")
speed_report = importlib.import_module("benchmarks.speed_report")
speed = importlib.import_module("benchmarks.speed")
growth = importlib.import_module("benchmarks.growth")

PAGES = Path(__file__).parents[1] / "data" / "pages"
A4_PX = 2970
"""Ten pixels to a millimetre."""


def page_of(*cells):
    """A truth page with one row of cells, each (text, polygon)."""
    placed = tuple(Cell(0, col, 1, 1, polygon) for col, (_, polygon) in enumerate(cells))
    grid = Grid(0, 1, len(cells), placed)
    return TruthPage("page", grid, tuple(text for text, _ in cells), None, None, None)


def square(left, top, side):
    return ((left, top), (left + side, top), (left + side, top + side), (left, top + side))


def answer(**changed):
    cost = {"wall_s": 2.0, "cpu_s": 1.5, "stages": {"grid": 0.5}, "peak_mb": 300.0}
    return systems.Answer(**{"texts": ["甲乙"], "tables": [[(0, 0, 1, 1, "甲乙")]], **cost, **changed})


# --- the yardstick ----------------------------------------------------------------------------------------------------


def test_each_row_of_ink_in_a_cell_is_a_line_of_the_recognisers_height():
    image = np.full((A4_PX, 2100, 3), 255, np.uint8)
    image[120:160, 120:320] = 0  # two rows of ink, 40 px high, 200 and 80 px wide
    image[200:240, 120:200] = 0
    lines = reference_cut.reference_lines(image, page_of(("甲", square(100, 100, 300)), ("", square(500, 100, 300))))
    # 40 px of ink and 15 % of paper on each side are 52 px, and become 48
    assert [line.shape for line in lines] == [(48, round((200 + 12) * 48 / 52), 3), (48, round((80 + 12) * 48 / 52), 3)]


def test_a_turned_cell_is_cut_upright():
    image = np.full((A4_PX, 2100, 3), 255, np.uint8)
    image[120:320, 140:180] = 0  # a row of ink that runs down the page
    down = ((400.0, 100.0), (400.0, 400.0), (100.0, 400.0), (100.0, 100.0))
    (line,) = reference_cut.reference_lines(image, page_of(("甲", down)))
    assert line.shape == (48, round((200 + 12) * 48 / 52), 3)


def test_a_cell_whose_ink_cannot_be_told_is_read_whole():
    image = np.full((A4_PX, 2100, 3), 255, np.uint8)
    (line,) = reference_cut.reference_lines(image, page_of(("甲", square(100, 100, 300))))
    assert line.shape == (48, 48, 3)


def test_the_model_sees_black_as_minus_one_and_white_as_one():
    line = np.zeros((48, 10, 3), np.uint8)
    line[:, 5:] = 255
    values = reference_cut.recogniser_input(line)
    assert values.shape == (1, 3, 48, 10)
    assert (values[..., 0].max(), values[..., 9].min()) == (-1.0, 1.0)


# --- what is counted --------------------------------------------------------------------------------------------------


class Work:
    """Two functions, one of which calls the other, on a clock of their own."""

    def __init__(self):
        self.time = 0.0

    def outer(self):
        self.time += 1.0
        self.inner()
        self.time += 2.0

    def inner(self):
        self.time += 10.0


def test_a_stage_is_charged_what_it_spends_itself():
    work = Work()
    clock = systems.StageClock(lambda: work.time)
    clock.watch(work, "inner", "inner")
    clock.watch(work, "outer", "outer")
    work.outer()
    work.inner()
    assert clock.take() == {"inner": 20.0, "outer": 3.0}
    assert clock.take() == {}


def test_a_merged_cell_that_is_repeated_in_each_slot_is_one_cell_with_spans():
    class Repeated(str):
        __slots__ = ()

        @property
        def value(self):
            return str(self) or None

    wide, a, b = Repeated("宽"), Repeated("甲"), Repeated("")
    reading = systems._table_reading([[[wide, wide], [a, b]]])
    assert [sorted(table) for table in reading.tables] == [[(0, 0, 1, 2, "宽"), (1, 0, 1, 1, "甲"), (1, 1, 1, 1, "")]]


def test_stages_and_engines_that_are_timed_exist():
    paddle = importlib.import_module("pipeline.engines.paddle")
    for module, name, _ in systems.STAGES:
        assert callable(getattr(importlib.import_module(module), name))
    for engine, name, _ in systems.ENGINE_STAGES:
        assert callable(getattr(getattr(paddle, engine), name))


def test_a_system_that_dies_says_where_to_look(tmp_path, monkeypatch):
    monkeypatch.setattr(speed, "ROOT", tmp_path)  # there is no systems.py
    with pytest.raises(RuntimeError, match=r"img2table ended; .*systems\.log says why"):
        speed.Process("img2table", tmp_path / "systems.log").__enter__()
    assert "No such file" in (tmp_path / "systems.log").read_text()


# --- the tables -------------------------------------------------------------------------------------------------------


def test_a_sample_counts_what_is_in_its_place_and_which_characters_were_found():
    truth = page_of(("甲乙", ()), ("丙", ()))
    right = answer(texts=["甲丁"], tables=[[(0, 0, 1, 1, "甲乙"), (0, 1, 1, 1, "丁"), (1, 0, 1, 1, "")]])
    sample = speed_report.Sample.of("signed-forms", 1, "p", right, truth)
    assert (sample.cells_true, sample.cells_found, sample.cells_placed, sample.cells_exact) == (2, 3, 2, 1)
    assert (sample.characters_found, sample.characters_true) == (1, 3)


def test_ratios_are_to_the_product_and_show_their_spread():
    truth = page_of(("甲乙", ()))
    costs = {"signed-forms": (2.0, 1.0), "img2table": (6.0, 4.0), "recogniser": (1.0, 0.5)}
    samples = [
        speed_report.Sample.of(
            name, 1, page, answer(wall_s=wall * (1 + index), cpu_s=cpu, stages={"grid": 0.25}), truth
        )
        for name, (wall, cpu) in costs.items()
        for index, page in enumerate(("a", "b"))
    ]
    report = speed_report.as_markdown(samples, {"signed-forms": 60.0, "img2table": 15.0}, 2, "a machine")
    assert "| img2table + PaddleOCR | 3.00 (3.00-3.00) | 4.00 (4.00-4.00) | 4.00 |" in report
    assert "| recogniser alone, reference cut | 0.50 (0.50-0.50) | 0.50 (0.50-0.50) |  |" in report
    assert "| grid | 0.250 | 25.0% |" in report
    assert report.startswith("2 pages, one thread a process; a machine.")


def test_a_peer_that_finds_no_table_is_also_compared_on_the_pages_where_it_does():
    truth = page_of(("甲乙", ()))
    nothing = {"texts": [], "tables": []}
    cost = {"signed-forms": (1.0, 1.0), "img2table": (0.5, 4.0)}
    samples = [
        speed_report.Sample.of(
            name,
            1,
            page,
            answer(cpu_s=cpu, wall_s=2.0, **(nothing if (name, page) == ("img2table", "a") else {})),
            truth,
        )
        for name, costs in cost.items()
        for page, cpu in zip(("a", "b"), costs, strict=True)
    ]
    report = speed_report.as_markdown(samples, {}, 2, "a machine")
    assert "| img2table + PaddleOCR | 1.00 (1.00-1.00) | 2.25 (1.38-3.12) |" in report
    assert "| ... on the 1 of 2 pages whose table it finds | 1.00 (1.00-1.00) | 4.00 (4.00-4.00) |" in report
    short = speed_report.in_short(samples, {"signed-forms": 55.0}, 2, "a machine")
    assert short.startswith("30 pages a minute with one worker, 55 with 2, at most ")
    assert " ".join(short.split()).endswith("img2table + PaddleOCR 2.2 (4.0 on the 1 of 2 pages whose table it finds).")
    assert max(map(len, short.splitlines())) <= speed_report.LINE_LENGTH


# --- growth -----------------------------------------------------------------------------------------------------------


def test_copies_differ_in_their_bytes_and_show_the_same(tmp_path):
    page = PAGES / "dev-004-clean.jpg"
    growth.fill(tmp_path / "scans", [page], 3)
    copies = sorted((tmp_path / "scans").iterdir())
    assert len({copy.read_bytes() for copy in copies}) == 3
    shown = [cv2.imread(str(path)) for path in (page, *copies)]
    assert all((image == shown[0]).all() for image in shown[1:])


def test_what_is_no_jpeg_is_refused():
    with pytest.raises(ValueError, match="not a JPEG file"):
        growth.with_comment(b"%PDF-1.7", "copy")


def test_runs_are_compared_with_the_first():
    report = growth.as_markdown([growth.Run(120, 120.0, 240.0, 650.0), growth.Run(600, 540.0, 1260.0, 660.5)], 2)
    assert "| 120 | 2.000 | 1.000 | 60.0 | 650 |" in report
    assert "| 600 | 2.100 | 1.050 | 66.7 | 660 |" in report
