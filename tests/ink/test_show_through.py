"""The back of a sheet is offered as pale print where there is some, and goes without the print of the front."""

import cv2
import numpy as np
from drawing import DPI, drawn_form, sheet, upright

from pipeline.ink import find_pale_print, separate_ink, without_pale


def backed(front, tone, back=None):
    """A form with the print of another on its back, mirrored and moved, as dark as a share of it."""
    back = drawn_form() if back is None else back
    shifted = np.roll(back[:, ::-1], (23, 11), (0, 1))
    return np.clip(front - tone * (255.0 - shifted), 0, 255).astype(np.uint8)


def test_a_page_without_pale_ink_has_no_pale_print():
    assert find_pale_print(upright(drawn_form()).ink, DPI) is None
    assert find_pale_print(upright(sheet()).ink, DPI) is None


def test_a_page_that_is_pale_all_over_has_no_paler_print():
    pale = (255 - 0.3 * (255.0 - drawn_form())).astype(np.uint8)

    assert find_pale_print(upright(pale).ink, DPI) is None


def test_pale_rules_without_print_are_no_pale_print():
    page = drawn_form()
    page[::50] = np.minimum(page[::50], 190)

    assert find_pale_print(upright(page).ink, DPI) is None


def test_the_print_of_the_back_is_pale_print_and_goes_while_that_of_the_front_stays():
    front = drawn_form()
    page = upright(backed(front, 0.3))
    pale = find_pale_print(page.ink, DPI)

    assert pale is not None
    cleared = without_pale(page, pale.tone)
    dark = separate_ink(cv2.cvtColor(front, cv2.COLOR_GRAY2BGR)).darkness
    far = cv2.dilate((dark > 10).astype(np.uint8), np.ones((11, 11))) == 0
    assert page.ink.darkness[far].max() > 50
    assert cleared.ink.darkness[far].max() <= 12
    assert cleared.image[far].min() >= 230
    near = cv2.dilate((dark > 200).astype(np.uint8), np.ones((3, 3))) > 0
    np.testing.assert_array_equal(cleared.ink.darkness[near], page.ink.darkness[near])
    np.testing.assert_array_equal(cleared.image[near], page.image[near])
