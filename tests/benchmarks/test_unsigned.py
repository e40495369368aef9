"""The reports on where signatures are found: pages made unsigned, the marks on them, and how they are counted."""

import importlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

marks = importlib.import_module("benchmarks.drawing.marks")
unsigned = importlib.import_module("benchmarks.unsigned")
placements = importlib.import_module("benchmarks.placements")
stamps = importlib.import_module("benchmarks.drawing.stamps")
unsigned_pages = importlib.import_module("benchmarks.drawing.unsigned_pages")
drawn = importlib.import_module("benchmarks.drawing.placements")

PAGES = Path(__file__).parents[1] / "data" / "pages"
PAPER = 236


def sheet():
    grain = np.random.default_rng(0).normal(PAPER, 3, (1170, 827))
    return np.repeat(np.clip(grain, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


CELL = (200, 300, 500, 360)
"""A cell of `printed` with print in it, in pixels."""


def printed():
    """A sheet with a word of print in a cell: what is copied where the machine has no font."""
    return cv2.putText(sheet(), "print", (220, 345), cv2.FONT_HERSHEY_DUPLEX, 1.2, (30, 30, 30), 2)


def room(**boxes):
    free = np.ones((297, 210), bool)
    free[40:200, 20:190] = False
    return stamps.Room(free, np.ones_like(free), boxes.get("cells", ()))


# --- pages made unsigned ----------------------------------------------------------------------------------------------


def test_what_is_painted_over_is_paper_with_its_grain():
    page = cv2.line(sheet(), (200, 100), (300, 130), (40, 40, 40), 6)
    erased = unsigned_pages.painted_over(page, [(190, 90, 310, 140)])
    filled = erased[90:140, 190:310].astype(float)
    assert filled.mean() == pytest.approx(PAPER, abs=2)
    assert filled.std() == pytest.approx(sheet().std(), rel=0.4)
    rest = np.ones(page.shape[:2], bool)
    rest[88:142, 188:312] = False
    assert (erased[rest] == page[rest]).all()


def test_a_signatures_box_grows_to_the_ink_that_its_truth_cuts_off():
    page = cv2.line(sheet(), (200, 80), (300, 130), (40, 40, 40), 6)
    ((left, top, right, bottom),) = unsigned_pages.ink_around(page, [(195, 110, 310, 140)])
    assert (left, right, bottom) == pytest.approx((195, 310, 140), abs=8)
    assert top == pytest.approx(77, abs=5)


def test_only_pages_signed_beside_their_print_can_be_made_unsigned():
    names = {page.stem for page in unsigned_pages.signed_pages(PAGES)}
    truths = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in PAGES.glob("*.json")}
    assert names
    assert names <= {name for name, truth in truths.items() if truth["signature"]}


def test_every_kind_of_mark_has_its_share_of_the_pages():
    jobs = unsigned.jobs_for(PAGES, 2 * len(marks.KINDS), None)
    kinds = [kind for _, own, _ in jobs for kind, _ in own]
    assert sorted(kinds) == sorted([*marks.KINDS, *marks.KINDS])
    seeds = [seed for _, own, _ in jobs for _, seed in own]
    assert len(set(seeds)) == len(seeds)


# --- marks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", marks.KINDS)
def test_marks_of_a_seed_are_always_the_same_and_change_the_page(kind):
    page, own_room = printed(), room(cells=(CELL,))
    first = marks.marked(page, kind, own_room, 5)
    assert (first == marks.marked(page, kind, own_room, 5)).all()
    assert first.shape == page.shape
    assert np.abs(first.astype(int) - page).max() > 30


@pytest.mark.parametrize("kind", ["ticks and circles", "short strokes", "rubber stamps", "printed notes", "staples"])
def test_marks_of_the_margins_keep_to_them(kind):
    changed = np.abs(marks.marked(sheet(), kind, room(), 3).astype(int) - sheet()).max(axis=2) > 60
    scale = stamps.px_per_mm(sheet())
    table = changed[round(44 * scale) : round(196 * scale), round(24 * scale) : round(186 * scale)]
    assert not table.any()


def test_gray_pages_stay_gray_and_faxes_black_and_white():
    coloured = marks.marked(sheet(), "red seals", room(), 1)
    assert np.abs(coloured[..., 0].astype(int) - coloured[..., 2]).max() <= 2
    fax = np.full((1170, 827, 3), 255, np.uint8)
    black = marks.marked(fax, "copied seals", room(), 1)
    assert np.mean((black > 60) & (black < 195)) < 0.01


def test_places_are_free_and_do_not_overlap():
    free = room().margins
    places = stamps.room_for(free, (20, 10), np.random.default_rng(2), 6)
    taken = np.zeros_like(free, int)
    for left, top in places:
        taken[top : top + 10, left : left + 20] += 1
    assert len(places) == 6
    assert taken.max() == 1
    assert not (taken.astype(bool) & ~free).any()


# --- counts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 200, 0.0, 0.0188), (200, 200, 0.9812, 1.0), (5, 10, 0.2366, 0.7634), (0, 0, 0.0, 1.0)],
)
def test_the_interval_is_wilsons(hits, of, low, high):
    assert unsigned.wilson(hits, of) == pytest.approx((low, high), abs=5e-4)


def test_the_report_counts_false_unsure_and_found_by_kind():
    def outcome(kind, false=False, unsure=False, found=True, extra=0):
        return unsigned.Outcome("page", kind, false, unsure, found, extra)

    report = unsigned.as_markdown(
        [outcome("specks"), outcome("specks", false=True, extra=1), outcome("staples", unsure=True, found=False)]
    )
    assert "| specks | 2 | 1 | 0 | 2 | 1 |" in report
    assert "| staples | 1 | 0 | 1 | 0 | 0 |" in report
    assert "| all | 3 | 1 | 1 | 2 | 1 |" in report
    assert "Of 3 pages made unsigned 1 count as signed (33.3%" in report


def test_signatures_are_right_where_all_are_found_and_nothing_else():
    page, box = sheet(), (100.0, 100.0, 200.0, 140.0)
    placed = drawn.Placed(page, (box,))
    corners = ((100.0, 100.0), (200.0, 100.0), (200.0, 140.0), (100.0, 140.0))
    elsewhere = tuple((x + 300, y) for x, y in corners)
    judged = [
        placements.judged("alone", placed, found, 0, None)
        for found in ([corners], [], [elsewhere], [corners, elsewhere])
    ]
    assert [(trial.right, trial.extra) for trial in judged] == [(True, 0), (False, 0), (False, 1), (False, 1)]


def test_ink_is_cut_tight_and_laid_where_it_is_wanted():
    pens = drawn.cut_pens(PAGES, None)
    assert len(pens.names) >= len(pens.dates) > 3
    assert all(ink[0].max() > 100 and ink[:, -1].max() > 100 for ink in pens.names)
    page, box = drawn.lay(sheet(), pens.names[0], (50, 60), 40)
    left, top, right, bottom = (round(side) for side in box)
    assert (left, top, bottom) == (50, 60, 100)
    dark = page[..., 1] < 150
    assert dark[top:bottom, left:right].any()
    dark[top - 3 : bottom + 3, left - 3 : right + 3] = False
    assert not dark.any()
