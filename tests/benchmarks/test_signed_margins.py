"""Signed margins are drawn alike each time, in every form, and their truth says what stands where."""

import importlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
handwriting = importlib.import_module("benchmarks.drawing.handwriting")
signed_margins = importlib.import_module("benchmarks.signed_margins")

PAGES = signed_margins.pages_of(ROOT / "tests" / "data" / "pages")
FORMS = list(signed_margins.FORMS)


@pytest.fixture(scope="module")
def margins():
    """One margin of each form, on the paper of real pages and on blank paper in turn."""
    papers = [PAGES[0], None]
    return [signed_margins.draw(signed_margins.Order(5, i, papers[i % 2], None)) for i in range(len(FORMS))]


def ink_in(image, polygon):
    (left, top), _, (right, bottom), _ = polygon
    part = image[top:bottom, left:right].mean(axis=2)
    return float(np.mean(part < np.median(image) - 40))


def test_the_same_order_is_drawn_alike(margins):
    again = signed_margins.draw(signed_margins.Order(5, 0, PAGES[0], None))
    assert again.truth == margins[0].truth
    assert (again.image == margins[0].image).all()


def test_every_form_of_date_has_its_turn(margins):
    assert [margin.truth.form for margin in margins] == FORMS


def test_name_and_date_stand_where_the_truth_says(margins):
    for margin in margins:
        assert ink_in(margin.image, margin.truth.name_polygon) > 0.03
        assert ink_in(margin.image, margin.truth.date_polygon) > 0.03


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("3.30", "3.30"),
        ("3.30.", "3.30."),
        ("3月30日", "3月30日"),
        ("2023.3.30", "2023.3.30"),
        ("23.3.30", "23.3.30"),
        ("2023年3月30日", "2023年3月30日"),
        ("三月三十日", "三月三十日"),
        ("二〇二三年三月三十日", "二〇二三年三月三十日"),
        ("330", "330"),
    ],
)
def test_a_form_is_named_after_the_30th_of_march_2023(form, text):
    assert signed_margins.FORMS[form](2023, 3, 30) == text


def test_pens_write_every_other_lap_of_the_forms(tmp_path):
    pens = [handwriting.Pen(tmp_path / "a.png", "1", "张三")]
    orders = signed_margins.orders(36, 1, PAGES, pens)
    assert [order.pen is not None for order in orders] == [False] * 9 + [True] * 9 + [False] * 9 + [True] * 9


def test_a_pen_is_inked_as_dark_as_print_whatever_its_paper(tmp_path):
    image = np.full((80, 200, 3), 210, np.uint8)
    cv2.line(image, (20, 40), (180, 44), (120, 120, 120), 5)
    cv2.imwrite(str(tmp_path / "a.png"), image)
    (tmp_path / "labels.csv").write_text("file,writer,name\na.png,7,张三\n", encoding="utf-8")
    (pen,) = handwriting.read_pens(tmp_path)
    strokes = handwriting.write_in_pen(pen, np.random.default_rng(1))
    assert (pen.writer, pen.name) == ("7", "张三")
    assert strokes.max() > 0.9
    assert strokes.shape[1] == pytest.approx(165, abs=8)


def test_the_fonts_hold_every_character_that_is_written():
    written = set(signed_margins.ROSTER) - set("\n ") | set("0123456789.一二三四五六七八九十年月日")
    for font in handwriting.script_fonts(signed_margins.FONTS, signed_margins.NAME_FONTS):
        blank = handwriting.write_character("\ufffd", font)
        assert not [c for c in written if np.array_equal(handwriting.write_character(c, font), blank)]


def test_every_font_has_its_licence_beside_it():
    fonts = {file.name.split(".")[0] for file in signed_margins.FONTS.glob("*.woff2")}
    assert fonts == set(signed_margins.DIGIT_FONTS)
    for name in fonts:
        licence = (signed_margins.FONTS / f"{name}.LICENSE.txt").read_text(encoding="utf-8")
        assert "SIL OPEN FONT LICENSE" in licence
        assert "Reserved Font Name" not in licence.splitlines()[0]


def test_the_command_writes_pictures_with_their_truth(tmp_path):
    signed_margins.main(["--out", str(tmp_path), "--count", "2"])
    truths = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(tmp_path.glob("*.json"))]
    assert [truth["form"] for truth in truths] == FORMS[:2]
    assert len(list(tmp_path.glob("*.png"))) == 2
