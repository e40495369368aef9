"""Medians and means of planes are those that NumPy gives, to the last digit."""

import numpy as np
import pytest

from pipeline.residual.planes import channel_mean, median, medians


@pytest.mark.parametrize("shape", [(1, 1), (7, 9), (8, 10), (40, 151)])
def test_medians_are_numpys(shape):
    plane = np.random.default_rng(0).normal(0, 9, shape).astype(np.float32)

    assert median(plane) == np.median(plane)
    assert median(plane).dtype == np.float32
    for axis in (0, 1):
        np.testing.assert_array_equal(medians(plane, axis), np.median(plane, axis=axis, keepdims=True))


@pytest.mark.parametrize("channels", [1, 3])
def test_the_mean_of_channels_is_numpys(channels):
    planes = np.random.default_rng(0).normal(0, 9, (30, 40, channels)).astype(np.float32)

    np.testing.assert_array_equal(channel_mean(planes), planes.mean(axis=2))
    assert channel_mean(planes).base is None
