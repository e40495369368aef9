"""Seals are told from writing, print and ruling by their rim."""

import cv2
import numpy as np
import pytest
from drawing import drawn_form, print_text, sheet, stamp_mask
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.imaging.geometry import bounding_box
from pipeline.ink.coloured_seals import find_seals

SHAPE = (640, 450)


def mask_of(*parts):
    return np.any(parts, axis=0).astype(np.uint8)


def covered(outlines, shape=SHAPE):
    """True within the outlines."""
    return cv2.fillPoly(np.zeros(shape, np.uint8), list(outlines), (1,)) > 0


def pen(at, size=60):
    """A few loose strokes."""
    strokes = np.array([(0, 0), (0.9, 0.2), (0.1, 1), (1, 0.8), (0.5, 0.1), (0.4, 1.1), (1.6, 0.3), (1.3, 1)]) * size
    mask = np.zeros(SHAPE, np.uint8)
    cv2.polylines(mask, [np.rint(strokes + at).astype(np.int32)], False, (1,), 2)
    return mask > 0


@pytest.mark.parametrize("rim", ["ring", "oval", "box"])
@pytest.mark.parametrize("radius", [26, 40, 62])
def test_a_seal_is_found_with_all_its_ink(rim, radius):
    stamped = stamp_mask(SHAPE, (200, 300), radius, rim)
    (outline,) = find_seals(mask_of(stamped))
    assert covered([outline])[stamped].mean() > 0.98
    assert covered([outline]).sum() < 1.4 * (2 * radius) ** 2


@settings(max_examples=15)
@given(st.integers(60, 390), st.integers(60, 580), st.integers(25, 60))
def test_a_ring_is_found_wherever_it_is_even_where_it_runs_off_a_side(x, y, radius):
    stamped = stamp_mask(SHAPE, (x, y), radius)
    (outline,) = find_seals(mask_of(stamped))
    assert covered([outline])[stamped].mean() > 0.97


def test_a_ring_that_a_signature_crosses_is_found_without_the_signature():
    stamped, written = stamp_mask(SHAPE, (200, 300), 50), pen((230, 320), size=80)
    (outline,) = find_seals(mask_of(stamped, written))
    assert covered([outline])[stamped].mean() > 0.97
    assert covered([outline])[written & ~stamped].mean() < 0.5


def test_a_ring_broken_by_text_is_found():
    stamped = stamp_mask(SHAPE, (200, 300), 50)
    for top in range(240, 360, 24):
        stamped[top : top + 8, 130:200] = False
    (outline,) = find_seals(mask_of(stamped))
    assert covered([outline])[stamped].mean() > 0.97


def test_two_seals_are_two():
    stamps = [stamp_mask(SHAPE, (120, 150), 40), stamp_mask(SHAPE, (300, 450), 50, "box")]
    outlines = find_seals(mask_of(*stamps))
    assert len(outlines) == 2
    assert all(covered(outlines)[stamp].mean() > 0.97 for stamp in stamps)


def test_characters_that_reach_beyond_a_box_do_not_hide_it():
    stamped = stamp_mask(SHAPE, (200, 300), 50, "box").astype(np.uint8)
    for y in (290, 310):
        cv2.line(stamped, (230, y), (275, y + 8), (1,), 3)
        cv2.line(stamped, (130, y), (170, y - 8), (1,), 3)
    (outline,) = find_seals(stamped)
    assert bounding_box(outline.tolist())[::2] == pytest.approx((150, 250), abs=8)


@pytest.mark.parametrize("rims", [("ring", "box"), ("oval", "oval"), ("oval", "ring")])
def test_two_seals_upon_each_other_are_both_found(rims):
    stamps = [stamp_mask(SHAPE, at, 44, rim) for at, rim in zip(((150, 300), (215, 330)), rims, strict=True)]
    outlines = find_seals(mask_of(*stamps))
    assert all(max(covered([outline])[stamp].mean() for outline in outlines) > 0.8 for stamp in stamps)


def test_a_seal_close_to_a_table_is_found():
    stamped = stamp_mask(SHAPE, (200, 100), 40, "box")
    table = np.zeros(SHAPE, np.uint8)
    for y in range(132, 520, 60):
        cv2.line(table, (20, y), (430, y), (1,), 1)
    table[132:493, [20, 200, 430]] = 1
    (outline,) = find_seals(mask_of(stamped, table))
    assert covered([outline])[stamped].mean() > 0.97


def test_only_seals_that_reach_into_the_places_given_are_looked_for():
    stamps = [stamp_mask(SHAPE, (120, 150), 40), stamp_mask(SHAPE, (300, 450), 50, "box")]
    places = np.zeros(SHAPE, bool)
    places[440:460, 290:400] = True
    (outline,) = find_seals(mask_of(*stamps), places)
    assert covered([outline])[stamps[1]].mean() > 0.97


@pytest.mark.parametrize(
    "ink",
    [
        np.zeros(SHAPE, bool),
        pen((100, 200)),
        pen((100, 200), size=150),
        print_text(sheet(*SHAPE), 40, 100, 12, size=30)[:640, :450] < 128,
        cv2.resize(drawn_form(), (450, 305)) < 128,
        cv2.putText(np.zeros(SHAPE, np.uint8), "OOOO", (30, 300), 0, 3.0, 1, 7) > 0,
    ],
    ids=["nothing", "pen", "large pen", "print", "a whole form", "large letters"],
)
def test_ink_without_a_rim_around_it_is_no_seal(ink):
    assert find_seals(mask_of(ink)) == ()


@pytest.mark.parametrize("radius", [6, 200])
def test_what_is_far_smaller_or_larger_than_seals_is_none(radius):
    ring = cv2.circle(np.zeros(SHAPE, np.uint8), (220, 320), radius, (1,), 2)
    assert find_seals(ring) == ()


def test_the_mask_is_not_changed():
    mask = mask_of(stamp_mask(SHAPE, (200, 300), 50))
    before = mask.copy()
    find_seals(mask)
    np.testing.assert_array_equal(mask, before)
