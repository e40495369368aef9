"""A seal copied in gray is found by its ring, and removed where nothing is darker."""

import cv2
import numpy as np
import pytest
from drawing import PX_PER_MM, drawn_form, inked, noisy, sheet, stamp_mask, turned

from pipeline.elements import BBox
from pipeline.ink.copied_seals import CopiedSeal, find_copied_seal, remove_copied_seal
from pipeline.ink.separation import separate_ink

HEIGHT, WIDTH = 1240, 1754  # A4 across, at the drawn pages' resolution
CENTER, RADIUS = (700, 500), round(19 * PX_PER_MM)


def page():
    """A filled-in form on a whole sheet."""
    image = sheet(HEIGHT, WIDTH)
    image[200:1000, 200:1380] = drawn_form()
    return image


def copied(image, tone=130, center=CENTER, radius=RADIUS):
    return inked(image, stamp_mask(image.shape, center, radius), (tone, tone, tone))[:, :, 0]


def darkness(image):
    return separate_ink(image).darkness


@pytest.mark.parametrize("radius_mm", [16, 19, 22])
@pytest.mark.parametrize("center", [(700, 500), (300, 900), (1400, 250)])
def test_a_copied_seal_is_found_with_its_size_and_tone(center, radius_mm):
    seal = find_copied_seal(darkness(copied(page(), center=center, radius=round(radius_mm * PX_PER_MM))))
    assert np.hypot(seal.x - center[0], seal.y - center[1]) < 1.5 * PX_PER_MM
    assert seal.radius / PX_PER_MM == pytest.approx(radius_mm, abs=1.5)
    assert seal.tone == pytest.approx(255 - 130, abs=15)


@pytest.mark.parametrize("center", [(700, 500), (300, 900), (1400, 250)])
def test_near_a_box_the_same_seal_is_found_and_far_from_it_none(center):
    stamped, (x, y) = darkness(copied(page(), center=center)), center
    near = BBox(x + 0.9 * RADIUS, y - 20.0, x + 2.0 * RADIUS, y + 20.0)
    assert find_copied_seal(stamped, near) == find_copied_seal(stamped)
    assert find_copied_seal(stamped, BBox(WIDTH - x - 20.0, HEIGHT - 60.0, WIDTH - x + 20.0, HEIGHT - 20.0)) is None


@pytest.mark.parametrize(
    "image",
    [
        sheet(HEIGHT, WIDTH),
        page(),
        noisy(page(), specks=300),
        turned(page(), 4).image,
        cv2.resize(page(), None, fx=2, fy=2),
    ],
    ids=["blank", "form", "dust", "askew", "300 dpi"],
)
def test_a_page_without_a_seal_has_none(image):
    assert find_copied_seal(darkness(image)) is None


@pytest.mark.parametrize("radius_mm", [4, 60])
def test_circles_that_are_no_seals_size_are_none(radius_mm):
    image = cv2.circle(page(), CENTER, round(radius_mm * PX_PER_MM), (120,), 6)
    assert find_copied_seal(darkness(image)) is None


@pytest.mark.parametrize("size", [(1, 1), (9, 300), (300, 9)])
def test_small_images_have_none(size):
    assert find_copied_seal(np.zeros(size, np.uint8)) is None


def test_lifting_takes_the_seal_and_leaves_the_text_and_all_that_is_outside():
    before, stamped = darkness(page()), darkness(copied(page()))
    removed = remove_copied_seal(stamped, find_copied_seal(stamped))
    ring = stamp_mask(before.shape, CENTER, RADIUS)
    assert np.median(removed[ring & (before < 10)]) == 0
    assert np.median(removed[ring & (before > 180)]) > 150
    outside = np.hypot(*(np.indices(before.shape) - np.array(CENTER[::-1])[:, None, None])) > 1.1 * RADIUS
    np.testing.assert_array_equal(removed[outside], stamped[outside])


@pytest.mark.parametrize(
    ("box", "touched"),
    [
        ((90, 90, 110, 110), True),
        ((145, 95, 180, 105), True),
        ((160, 95, 180, 105), False),
        ((140, 140, 180, 180), False),
    ],
)
def test_a_box_is_touched_where_any_of_it_lies_within_the_seal(box, touched):
    assert CopiedSeal(100, 100, 50, 120).touches(BBox(*box)) is touched


def test_the_darkness_is_not_changed():
    stamped = darkness(copied(page()))
    before = stamped.copy()
    remove_copied_seal(stamped, find_copied_seal(stamped))
    np.testing.assert_array_equal(stamped, before)
