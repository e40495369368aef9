"""Every line outside the tables is found once, and told from the others."""

import cv2
import numpy as np
import pytest
from margin_pages import (
    TABLE,
    TITLE,
    InkDetector,
    RuleRecogniser,
    blank,
    draw_pen,
    draw_print,
    draw_table,
    rule_engines,
    table_grid,
    upright_page,
)

from pipeline.elements import LineKind
from pipeline.engines.protocols import Engines, LineReading, Seen
from pipeline.imaging.geometry import bounding_box
from pipeline.imaging.line_crops import measure_line
from pipeline.signatures.margin_kinds import handwriting_probability
from pipeline.signatures.margin_lines import read_margins, reading_cut
from pipeline.signatures.working_page import find_ink, outside_grids


def margins_of(image, grids=None, **texts):
    engines = rule_engines(**texts)
    return read_margins(upright_page(image), [table_grid()] if grids is None else grids, engines), engines


def test_blank_margins_are_never_shown_to_the_detector():
    lines, engines = margins_of(draw_table(blank()))
    assert (lines, engines.detector.shown) == ((), [])


def test_every_block_of_ink_is_shown_to_the_detector():
    image = draw_table(blank())
    for left, top, letters in ((300, 60, 12), (60, 160, 1), (1000, 180, 3), (500, 800, 6)):
        draw_print(image, left, top, letters=letters)
    page = outside_grids(upright_page(image), [table_grid()])
    blocks = find_ink(page.darkness, page.threshold)
    _, engines = margins_of(image)
    assert [shown.shape[:2] for shown in engines.detector.shown] == [
        (b.bottom - b.top, b.right - b.left) for b in blocks
    ]
    assert len(blocks) == 4


def test_the_title_is_one_line_above_the_table():
    (line,), _ = margins_of(draw_print(draw_table(blank()), 300, 100))
    assert (line.text_line.kind, line.text_line.text) == (LineKind.TITLE, TITLE)
    box = bounding_box(line.text_line.polygon)
    assert (box.left, box.top, box.right, box.bottom) == pytest.approx((300, 100, 704, 120), abs=16)


def test_a_title_that_the_detector_cuts_is_one_line():
    image = draw_print(draw_print(draw_table(blank()), 300, 100, letters=8), 530, 100, letters=8)
    (line,), _ = margins_of(image)
    assert bounding_box(line.quad).width > 400


def test_a_speck_at_the_end_of_a_line_is_left_out():
    image = draw_print(draw_table(blank()), 300, 100)
    cv2.circle(image, (722, 117), 2, (20, 20, 20), -1)
    (line,), _ = margins_of(image)
    assert bounding_box(line.quad).right < 718


def test_the_signature_is_no_part_of_the_title_however_near_it_stands():
    image = draw_pen(draw_print(draw_table(blank()), 300, 112, letters=14), 645, 92)
    lines, _ = margins_of(image)
    title = next(line for line in lines if line.text_line.kind is LineKind.TITLE)
    other = next(line for line in lines if line.text_line.kind is LineKind.OTHER)
    assert bounding_box(title.quad).right < 650
    assert bounding_box(other.quad).left > 630
    assert other.handwriting > 0.5


def test_print_below_the_table_is_a_note():
    (line,), _ = margins_of(draw_print(draw_table(blank()), 120, 760), long="备注各单位根据实际情况填写")
    assert line.text_line.kind is LineKind.NOTE


def test_smaller_print_below_the_title_is_no_title():
    image = draw_print(draw_print(draw_table(blank()), 300, 100, size=26), 380, 180, size=16)
    title, other = margins_of(image)[0]
    assert (title.text_line.kind, other.text_line.kind) == (LineKind.TITLE, LineKind.OTHER)


@pytest.mark.parametrize("text", ["于洋2013年4月10日", "十二月二十五日"])
def test_a_name_and_the_characters_of_a_date_are_no_title(text):
    (line,), _ = margins_of(draw_print(draw_table(blank()), 300, 100), long=text)
    assert line.text_line.kind is LineKind.OTHER


def test_the_lettering_of_a_seal_is_a_seal():
    image = draw_table(blank())
    cv2.putText(image, "SEAL OF OFFICE", (600, 200), 0, 1.4, (50, 40, 210), 4)
    lines, _ = margins_of(image)
    assert {line.text_line.kind for line in lines} == {LineKind.SEAL}


def test_a_seal_over_the_title_does_not_take_its_place():
    image = draw_print(draw_table(blank()), 300, 200)
    cv2.putText(image, "SEAL OF OFFICE", (600, 215), 0, 1.8, (50, 40, 210), 5)
    lines, _ = margins_of(image)
    assert [line.text_line.text for line in lines if line.text_line.kind is LineKind.TITLE] == [TITLE]


class Keeping(RuleRecogniser):
    """Keeps of each line that it reads at full height the pixels that it was shown, as what it saw."""

    def read(self, crops, *, reduced=False, exact=False):
        readings = super().read(crops)
        kept = (None if reduced else Seen(np.float32(crop)) for crop in crops)
        return [reading._replace(seen=seen) for reading, seen in zip(readings, kept, strict=True)]


def test_what_was_seen_of_a_line_is_kept_with_it_if_it_was_cut_as_it_will_be_scored():
    image = draw_pen(draw_print(draw_table(blank()), 300, 100), 120, 760)
    cv2.putText(image, "SEAL OF OFFICE", (600, 200), 0, 1.4, (50, 40, 210), 4)
    page = upright_page(image)
    lines = read_margins(page, [table_grid()], Engines(Keeping(), InkDetector(), None, ()))
    kept = [line for line in lines if line.seen is not None]
    assert {line.text_line.kind for line in lines} - {line.text_line.kind for line in kept} == {LineKind.SEAL}
    for line in kept:
        np.testing.assert_array_equal(line.seen.output, reading_cut(page, line.quad))


def test_lines_run_from_top_to_bottom_in_scan_pixels():
    image = draw_print(draw_print(draw_table(blank()), 300, 100), 120, 760)
    lines, _ = margins_of(image)
    assert [round(bounding_box(line.text_line.polygon).top) for line in lines] == pytest.approx([100, 760], abs=12)


def test_a_page_without_a_table_is_read_whole():
    image = draw_table(draw_print(blank(), 300, 100))
    lines, _ = margins_of(image, grids=[])
    assert any(TABLE[1] < bounding_box(line.quad).top < TABLE[3] for line in lines)


def test_under_a_seal_a_line_is_read_without_the_seal():
    image = draw_print(draw_table(blank()), 300, 100)
    cv2.circle(image, (420, 110), 40, (50, 40, 210), 8)
    page = upright_page(image)
    cut = reading_cut(page, ((300.0, 70.0), (704.0, 70.0), (704.0, 150.0), (300.0, 150.0)))
    assert (cut[:, :, 0] == cut[:, :, 2]).all()
    assert cut[5, 140:180].min() > 180


@pytest.mark.parametrize(
    ("text", "confidence", "written"),
    [("张三3.30", 0.9, True), ("张三丰", 1.0, True), ("（2023年度）", 1.0, False), ("单位：万元", 0.95, False)],
)
def test_loose_large_strokes_are_handwriting_unless_they_say_what_forms_print(text, confidence, written):
    page = upright_page(draw_pen(blank(), 100, 100))
    quad = ((95.0, 90.0), (300.0, 90.0), (300.0, 160.0), (95.0, 160.0))
    shape = measure_line(page.ink.darkness, quad, page.ink.noise)
    reading = LineReading(text, confidence, (confidence,) * len(text))
    assert (handwriting_probability(shape, 7.0 if written else 3.5, reading) > 0.5) is written


def test_the_numerals_of_a_date_do_not_make_a_line_too_long_for_handwriting():
    page = upright_page(draw_pen(blank(), 100, 100))
    shape = measure_line(
        page.ink.darkness, ((95.0, 90.0), (300.0, 90.0), (300.0, 160.0), (95.0, 160.0)), page.ink.noise
    )
    dated, printed = (
        handwriting_probability(shape, 7.0, LineReading(text, 0.8, (0.8,) * len(text)))
        for text in ("张三丰二〇二三年十二月三十一日", "某某县财政局项目支出绩效目标")
    )
    assert dated > 0.5
    assert printed == 0.0


@pytest.mark.parametrize("text", ["第2页，共12页", "第 3 页", "Page 1 of 3"])
def test_a_page_number_is_print_whatever_mark_stands_upon_it(text):
    page = upright_page(draw_pen(blank(), 100, 100))
    quad = ((95.0, 90.0), (300.0, 90.0), (300.0, 160.0), (95.0, 160.0))
    shape = measure_line(page.ink.darkness, quad, page.ink.noise)
    assert handwriting_probability(shape, 7.0, LineReading(text, 0.7, (0.7,) * len(text))) == 0.0
