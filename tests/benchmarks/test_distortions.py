"""Pages made worse on purpose: only what is meant to suffer does, and as much as the strength says."""

import importlib

import cv2
import numpy as np
import pytest
from drawing import PX_PER_MM, fill, form, rule, sheet

distortions = importlib.import_module("benchmarks.drawing.distortions")
specimens = importlib.import_module("benchmarks.drawing.specimens")
robustness = importlib.import_module("benchmarks.robustness")

STRENGTHS = [(name, sweep.distort, sweep.strengths[-1]) for name, sweep in robustness.SWEEPS.items()]
POSES = [(distortions.skewed, -7.5), (distortions.turned, 1), (distortions.rescaled, 0.6), (distortions.compressed, 30)]


def cells_of(table):
    names = ("row", "col", "row_span", "col_span")
    return [dict(zip(names, span, strict=True)) | {"polygon": table.corners(span).tolist()} for span in table.spans]


@pytest.fixture(scope="module")
def page():
    a4 = sheet(1240, 1754)
    return np.dstack([fill(rule(a4, form()), form())] * 3)


@pytest.fixture(scope="module")
def ruling():
    return specimens.ruling_lines(cells_of(form()))


def worse(distort, page, strength, ruling):
    return distort(page, strength, ruling) if distort in robustness.NEEDS_RULING else distort(page, strength)


@pytest.mark.parametrize(
    ("distort", "strength"), [case[1:] for case in STRENGTHS] + POSES, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_distortion_gives_the_same_page_each_time_and_leaves_its_source_alone(page, ruling, distort, strength):
    before = page.copy()
    result = worse(distort, page, strength, ruling)
    assert (result.dtype, result.ndim) == (np.uint8, 3)
    assert np.array_equal(result, worse(distort, page, strength, ruling))
    assert np.array_equal(page, before)
    assert not np.array_equal(result, page)


def test_ruling_lines_run_from_corner_to_corner_and_end_at_cells_that_reach_across():
    table = form()
    lines = [(tuple(line[0]), tuple(line[-1])) for line in specimens.ruling_lines(cells_of(table))]
    left, right, top, bottom = table.cols[0], table.cols[-1], table.rows[0], table.rows[-1]
    assert ((left, top), (right, top)) in lines
    assert ((left, top), (left, bottom)) in lines
    assert ((table.cols[2], table.rows[2]), (right, table.rows[2])) in lines  # two merged cells stand left of it
    assert ((table.cols[2], top), (table.cols[2], table.rows[6])) in lines  # and a merged last row below it
    assert len(lines) == len(table.rows) + len(table.cols)


def test_without_corners_no_ruling_is_known():
    cells = cells_of(form())
    del cells[3]["polygon"]
    assert specimens.ruling_lines(cells) == ()


@pytest.mark.parametrize("distort", [distortions.short_dashed, distortions.long_dashed])
@pytest.mark.parametrize("gap_share", [0.2, 0.5])
def test_dashes_leave_the_share_of_ink_that_they_should(page, ruling, distort, gap_share):
    top = form().rows[0]
    result = distort(page, gap_share, ruling)
    span = slice(form().cols[0], form().cols[-1])
    inked = (result[top - 1 : top + 2, span].min(axis=(0, 2)) < 120).mean()
    assert inked == pytest.approx(1 - gap_share, abs=0.06)


def test_dots_are_as_long_as_the_gaps_between_them(page, ruling):
    result = distortions.dotted(page, 1.6, ruling)
    inked = result[form().rows[0], form().cols[0] : form().cols[-1]].max(axis=1) < 120
    lengths = np.diff(np.flatnonzero(np.diff(inked.astype(int))))
    assert np.median(lengths) == pytest.approx(0.8 * PX_PER_MM, abs=1)


def test_breaking_the_ruling_touches_nothing_that_is_away_from_it(page, ruling):
    near = np.zeros(page.shape[:2], np.uint8)
    for line in ruling:
        cv2.polylines(near, [np.rint(line).astype(np.int32)], False, 255, round(1.2 * PX_PER_MM))
    result = distortions.long_dashed(page, 0.5, ruling)
    assert np.array_equal(result[near == 0], page[near == 0])


def test_a_gap_is_as_bright_as_the_paper_around_it(page, ruling):
    shaded = np.asarray(page * np.linspace(1, 0.5, page.shape[1])[None, :, None], np.uint8)
    result = distortions.long_dashed(shaded, 0.5, ruling)
    row = result[form().rows[0], form().cols[0] : form().cols[-1], 1].astype(float)
    paper = shaded[form().rows[0] - 20, form().cols[0] : form().cols[-1], 1].astype(float)
    gaps = row > 0.7 * paper
    assert gaps.mean() > 0.4
    assert np.quantile(np.abs(row - paper)[gaps], 0.8) < 0.06 * 255


@pytest.mark.parametrize(("distort", "strength"), [(distortions.faded, 0.85), (distortions.flaked, 0.5)])
def test_paper_keeps_its_grain_where_toner_goes(distort, strength):
    grainy = np.clip(np.random.default_rng(0).normal(215, 6, (300, 420, 1)), 0, 255).astype(np.uint8).repeat(3, axis=2)
    result = distort(grainy, strength)
    assert float(result.std()) == pytest.approx(float(grainy.std()), rel=0.1)


@pytest.mark.parametrize(("distort", "strength"), [(distortions.faded, 0.85), (distortions.flaked, 0.5)])
def test_a_seal_is_no_toner(distort, strength):
    sealed = np.dstack([sheet()] * 3)
    cv2.circle(sealed, (600, 400), 80, (60, 50, 205), -1)
    inside = (slice(360, 440), slice(560, 640))
    assert np.array_equal(distort(sealed, strength)[inside], sealed[inside])


def test_half_of_the_toner_is_gone_when_half_of_it_has_come_off(page):
    result = distortions.flaked(page, 0.5)
    dark = page[..., 0] < 100
    assert (result[..., 0][dark] > 150).mean() == pytest.approx(0.5, abs=0.15)


def test_curl_bends_a_table_by_the_millimetres_it_says():
    blank = np.full((1794, 2480, 3), 240, np.uint8)
    blank[895:899] = 30
    bent = distortions.curled(blank, 4)
    columns = np.arange(round(0.08 * 2480), round(0.92 * 2480), 20)
    place = np.array([np.mean(np.flatnonzero(bent[:, column, 0] < 130)) for column in columns])
    left = place - np.polyval(np.polyfit(columns, place, 1), columns)
    assert np.ptp(left) / (2480 / 297) == pytest.approx(4, rel=0.15)


def test_a_copied_seal_has_no_color_and_stays_within_its_rim(page):
    result = distortions.gray_sealed(page, 0.8)
    changed = np.argwhere((result != page).any(axis=2))
    distance = np.linalg.norm(changed - np.array([page.shape[0] * 0.5, page.shape[1] * 0.62]), axis=1) / PX_PER_MM
    assert 20 < distance.max() < 23
    assert np.array_equal(result[..., 0], result[..., 2])
    assert (result <= page).all()


def test_lines_are_highest_at_a_crease():
    blank = np.full((900, 1240, 3), 240, np.uint8)
    blank[450:453] = 30
    bent = distortions.folded(blank, 2)
    place = [float(np.mean(np.flatnonzero(bent[:, x, 0] < 100))) for x in (100, int(1240 * 0.55), 1140)]
    assert place[0] - place[1] == pytest.approx(2 * 1240 / 297, abs=1.5)
    assert place[2] - place[1] == pytest.approx(2 * 1240 / 297, abs=1.5)
