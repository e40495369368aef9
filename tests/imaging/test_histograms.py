"""Quantiles by counting levels are those that NumPy finds by sorting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pipeline.imaging.histograms import Histogram, quantile

images = arrays.arrays(np.uint8, arrays.array_shapes(min_dims=1, max_dims=3, max_side=12))


@given(images, st.floats(0, 1))
def test_it_is_numpys_quantile(image, share):
    assert quantile(image, share) == pytest.approx(float(np.quantile(image, share)), abs=1e-6)


@given(images)
def test_half_of_it_is_the_median(image):
    assert quantile(image, 0.5) == float(np.median(image))


def test_every_other_row_of_an_image_will_do():
    image = np.arange(200, dtype=np.uint8).reshape(10, 20)
    assert quantile(image[::2], 1.0) == 179


def test_nothing_has_no_quantile():
    with pytest.raises(ValueError, match="without pixels"):
        quantile(np.zeros((0, 4), np.uint8), 0.5)


@given(images, st.floats(0, 1), st.integers(0, 255))
def test_pixels_below_the_least_level_do_not_count(image, share, least):
    counted = image[image >= least]
    if counted.size:
        assert Histogram.of(image).quantile(share, least) == pytest.approx(float(np.quantile(counted, share)), abs=1e-6)
    else:
        with pytest.raises(ValueError, match=f"level of {least}"):
            Histogram.of(image).quantile(share, least)
