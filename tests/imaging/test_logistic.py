"""Log odds as probabilities: for one number and for many, near and far."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.imaging.logistic import sigmoid

everything = st.floats(allow_nan=False)


@given(st.floats(1e-6, 1 - 1e-6))
def test_it_undoes_the_logarithm_of_odds(probability):
    assert sigmoid(math.log(probability / (1 - probability))) == pytest.approx(probability)


@given(everything)
def test_it_is_a_probability_of_whatever_it_is_asked_and_the_rest_is_of_the_opposite(log_odds):
    assert 0 <= sigmoid(log_odds) <= 1
    assert sigmoid(log_odds) + sigmoid(-log_odds) == pytest.approx(1)


@given(st.lists(everything))
def test_many_are_as_one_by_one(log_odds):
    with np.errstate(all="raise", under="ignore"):
        together = sigmoid(np.array(log_odds, np.float64))
    assert together.tolist() == pytest.approx([sigmoid(one) for one in log_odds])
