"""Handwriting in the margins is a signature with its evidence, and print, specks and seals are none."""

import dataclasses
import datetime

import cv2
import numpy as np
import pytest
from drawing import inked, stamp_mask
from margin_pages import (
    TITLE,
    blank,
    draw_pen,
    draw_print,
    draw_table,
    rule_engines,
    table_grid,
    upright_page,
)

from pipeline.elements import LineKind, SignatureStatus
from pipeline.imaging.geometry import bounding_box
from pipeline.settings.settings import LandingSettings, Settings, SignatureSettings
from pipeline.signatures.detection import find_signatures
from pipeline.signatures.margin_kinds import PageView
from pipeline.signatures.margin_lines import read_margins


def form():
    return draw_print(draw_table(blank()), 300, 200)


def signatures_of(image, settings=None, **texts):
    page, engines = upright_page(image), rule_engines(**texts)
    margins = read_margins(page, [table_grid()], engines)
    return find_signatures(PageView(page, margins), engines, settings or Settings())


@pytest.mark.parametrize(
    ("left", "top"), [(900, 60), (80, 60), (700, 780)], ids=["top right corner", "top left corner", "below the table"]
)
def test_a_signature_is_found_where_it_stands(left, top):
    found = signatures_of(draw_pen(form(), left, top))
    (signature,) = found.signatures
    assert found.status is SignatureStatus.SIGNED
    assert (signature.name, signature.name_read, signature.name_source) == (None, "张三丰", "read")
    assert (signature.date_text, signature.month, signature.day, signature.date) == ("3.30", 3, 30, None)
    box = bounding_box(signature.polygon)
    assert (box.left, box.top, box.right, box.bottom) == pytest.approx((left, top - 4, left + 187, top + 54), abs=6)


@pytest.mark.parametrize(
    ("names", "name", "source"), [("张三丰\n某县", "张三丰", "roster"), ("某三丰\n某县", None, "read")]
)
def test_a_name_of_the_roster_is_the_signatures_only_if_it_is_sure(tmp_path, names, name, source):
    (tmp_path / "roster.csv").write_text(f"name\n{names}\n", encoding="utf-8")
    settings = Settings(signature=SignatureSettings(roster=tmp_path / "roster.csv"))
    (signature,) = signatures_of(draw_pen(form(), 900, 60), settings, short="张三丰").signatures
    assert (signature.name, signature.name_read, signature.name_source) == (name, "张三丰", source)
    assert sorted(candidate.name for candidate in signature.candidates) == sorted(names.split())
    assert signature.name_confidence == signature.candidates[0].score


def test_the_lines_of_a_signature_are_marked_and_no_line_is_lost():
    found = signatures_of(draw_pen(form(), 900, 60))
    assert [(line.kind, line.text) for line in found.lines] == [
        (LineKind.SIGNATURE, "张三丰3.30"),
        (LineKind.TITLE, TITLE),
    ]


def test_an_unsigned_form_has_no_signature():
    found = signatures_of(form())
    assert (found.signatures, found.status, found.findings) == ((), SignatureStatus.UNSIGNED, ())


def test_specks_a_seal_and_a_page_edge_do_not_sign():
    image = form()
    rng = np.random.default_rng(0)
    for x, y in zip(rng.integers(20, 1220, 80), rng.integers(10, 280, 80), strict=True):
        cv2.circle(image, (int(x), int(y)), 1, (40, 40, 40), -1)
    cv2.circle(image, (1000, 150), 70, (50, 40, 210), 6)
    image[:, :9] = 20
    found = signatures_of(image)
    assert (found.signatures, found.status) == ((), SignatureStatus.UNSIGNED)


def test_blue_ink_signs_as_well_as_black():
    (signature,) = signatures_of(draw_pen(form(), 900, 60, color=(150, 80, 50))).signatures
    assert signature.name_read == "张三丰"


def test_a_written_year_gives_the_whole_date():
    (signature,) = signatures_of(draw_pen(form(), 900, 60), short="张三2023.3.30").signatures
    assert (signature.name_read, signature.date_text) == ("张三", "2023.3.30")
    assert (signature.date, signature.year_source) == (datetime.date(2023, 3, 30), "written")


def test_a_date_without_its_point_raises_a_finding():
    found = signatures_of(draw_pen(form(), 900, 60), short="张三丰330")
    (signature,) = found.signatures
    assert signature.date_text == "3.30"
    assert signature.date_confidence <= 0.6
    (finding,) = found.findings
    assert (finding.rule, finding.page_number, finding.found) == ("signature_date_doubtful", 3, "3.30")


def test_an_even_date_below_the_name_belongs_to_it():
    image = draw_pen(form(), 900, 60)
    image[56:130, 1025:1120] = 235  # the name alone
    page = upright_page(image)
    (name,) = (line for line in read_margins(page, [table_grid()], rule_engines()) if line.text_line.text != TITLE)
    below = tuple((x, y + 65.0) for x, y in name.quad)
    text_line = dataclasses.replace(name.text_line, text="2023.3.30")
    date = dataclasses.replace(name, text_line=text_line, quad=below, handwriting=0.02)
    other = dataclasses.replace(date, text_line=dataclasses.replace(text_line, text="2023年度"))
    for line, belongs in ((date, True), (other, False)):
        found = find_signatures(PageView(page, (name, line)), rule_engines(), Settings())
        assert (found.lines[1].kind is LineKind.SIGNATURE) is belongs


def test_handwriting_below_the_wanted_confidence_leaves_the_page_unsure():
    settings = Settings(signature=SignatureSettings(min_confidence=0.9999))
    found = signatures_of(draw_pen(form(), 900, 60), settings)
    assert (found.signatures, found.status) == ((), SignatureStatus.UNSURE)
    assert [finding.rule for finding in found.findings] == ["signature_unsure"]


def test_signatures_can_be_left_alone():
    found = signatures_of(draw_pen(form(), 900, 60), Settings(signature=SignatureSettings(enabled=False)))
    assert found.signatures == ()
    assert LineKind.SIGNATURE not in {line.kind for line in found.lines}


def test_the_crop_is_the_scans_own_pixels_unless_it_is_not_wanted():
    image = draw_pen(form(), 900, 60)
    (signature,) = signatures_of(image).signatures
    crop = cv2.imdecode(np.frombuffer(signature.crop_png, np.uint8), cv2.IMREAD_COLOR)
    left, top = (int(np.floor(edge - 2 / 25.4 * 106)) for edge in bounding_box(signature.polygon)[:2])
    assert (crop == image[top : top + crop.shape[0], left : left + crop.shape[1]]).all()
    (without,) = signatures_of(image, Settings(landing=LandingSettings(signature_crops=False))).signatures
    assert without == dataclasses.replace(signature, crop_png=None)


def test_two_hands_far_apart_are_two_signatures():
    found = signatures_of(draw_pen(draw_pen(form(), 900, 60), 80, 60))
    assert len(found.signatures) == 2


def test_people_who_sign_one_below_the_other_are_two_signatures():
    found = signatures_of(draw_pen(draw_pen(form(), 900, 40), 905, 110))
    tops = [round(bounding_box(own.polygon).top) for own in found.signatures]
    assert tops == pytest.approx([36, 106], abs=8)


def test_people_who_sign_beside_each_other_are_two_signatures():
    found = signatures_of(draw_pen(draw_pen(form(), 700, 60), 960, 60))
    lefts = sorted(round(bounding_box(own.polygon).left) for own in found.signatures)
    assert lefts == pytest.approx([700, 960], abs=8)


def test_ticks_do_not_sign():
    image = form()
    for x in (800, 1000):
        cv2.polylines(image, [np.array([(x, 100), (x + 14, 130), (x + 46, 70)])], False, (40, 40, 40), 3)
    found = signatures_of(image)
    assert (found.signatures, found.status) == ((), SignatureStatus.UNSIGNED)


def test_what_was_found_twice_lands_once_and_leaves_nothing_unsure():
    signed = signatures_of(draw_pen(form(), 900, 60))
    elsewhere = signatures_of(draw_pen(form(), 80, 60))
    unsure = signatures_of(draw_pen(form(), 900, 60), Settings(signature=SignatureSettings(min_confidence=0.9999)))
    assert signed.joined(signed).signatures == signed.signatures
    assert signed.joined(elsewhere).signatures == (*signed.signatures, *elsewhere.signatures)
    joined = unsure.joined(signed)
    assert (joined.status, joined.findings) == (SignatureStatus.SIGNED, signed.findings)
    assert unsure.joined(unsure).findings == unsure.findings


def gray_seal(image, center=(980, 100), radius=75):
    return inked(image, stamp_mask(image.shape[:2], center, radius), (130, 130, 130))


def test_a_signature_over_a_copied_seal_is_found_without_the_seal():
    found = signatures_of(draw_pen(gray_seal(form()), 880, 75))
    (signature,) = found.signatures
    assert signature.name_read == "张三丰"
    box = bounding_box(signature.polygon)
    assert (box.left, box.top, box.right, box.bottom) == pytest.approx((880, 71, 1070, 130), abs=12)
    assert [line.kind for line in found.lines].count(LineKind.SIGNATURE) >= 1


def test_a_copied_seal_with_specks_and_strokes_beside_it_does_not_sign():
    image = gray_seal(form())
    for x, y in ((890, 60), (880, 150), (1070, 150)):
        cv2.circle(image, (x, y), 2, (40, 40, 40), -1)
    for y in (50, 66):
        cv2.line(image, (1064, y), (1120, y + 8), (40, 40, 40), 5)
    found = signatures_of(image, short="张三丰")
    assert (found.signatures, found.status) == ((), SignatureStatus.UNSIGNED)
    assert LineKind.SEAL in [line.kind for line in found.lines]
