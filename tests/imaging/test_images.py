"""Images made smaller: each pixel is the mean of whole ones."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawing import sheet, upright

from pipeline.imaging.images import averaged, averaged_across, averaged_page


@pytest.mark.parametrize("times", range(2, 12))
def test_a_narrowed_image_has_the_means_that_opencv_has(times):
    sums = np.arange(255 * times + 1)[:, None]
    every_sum = np.asarray(sums // times + (np.arange(times) < sums % times), np.uint8)
    drawn = np.random.default_rng(times).integers(0, 256, (40, 10 * times + 1)).astype(np.uint8)

    for image in (every_sum, drawn):
        size = image.shape[1] // times, image.shape[0]
        expected = cv2.resize(image[:, : size[0] * times], size, interpolation=cv2.INTER_AREA)
        np.testing.assert_array_equal(averaged_across(image, times), expected)


def test_an_image_narrower_than_that_becomes_one_column():
    assert averaged_across(np.full((5, 3), 7, np.uint8), 4).shape == (5, 1)


def test_a_page_is_averaged_once_and_anew_where_it_shows_something_else():
    page = upright(sheet())
    other = replace(page, image=page.image // 2)

    small = averaged_page(page, 3)

    np.testing.assert_array_equal(small, averaged(page.image, 3))
    assert averaged_page(page, 3) is small
    np.testing.assert_array_equal(averaged_page(other, 3), averaged(other.image, 3))
