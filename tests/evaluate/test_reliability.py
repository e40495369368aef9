"""Reliability: confidences beside what came true."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluate.reliability import Bin, Observation, reliability

OBSERVATIONS = st.lists(st.tuples(st.none() | st.floats(0, 1), st.booleans()))


def test_the_calibration_error_weighs_each_bin_by_its_count():
    seen = [Observation(0.9, True), Observation(0.92, True), Observation(0.94, False), Observation(0.2, False)]
    table = reliability(seen)
    assert [b for b in table.bins if b.count] == [
        Bin(0.0, 0.5, 1, 0.2, 0.0),
        Bin(0.9, 0.95, 3, pytest.approx(0.92), pytest.approx(2 / 3)),
    ]
    assert table.ece == pytest.approx((3 * (0.92 - 2 / 3) + 0.2) / 4)


def test_certainty_falls_into_the_last_bin():
    assert reliability([Observation(1.0, True)]).bins[-1] == Bin(0.999, 1.0, 1, 1.0, 1.0)


def test_without_observations_there_is_no_calibration_error():
    assert reliability([]).ece is None


def test_an_unknown_confidence_is_counted_apart():
    assert reliability([Observation(None, True)]).unknown == 1
    assert reliability([Observation(None, True)]).ece is None


@pytest.mark.parametrize("confidence", [-1, 95, float("nan")])
def test_a_confidence_outside_0_to_1_is_refused(confidence):
    with pytest.raises(ValueError, match="a confidence is 0-1"):
        reliability([Observation(confidence, True)])


@given(OBSERVATIONS)
def test_every_observation_is_counted_once(pairs):
    table = reliability([Observation(*pair) for pair in pairs])
    assert sum(b.count for b in table.bins) + table.unknown == len(pairs)
