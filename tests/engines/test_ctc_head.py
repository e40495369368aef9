"""Time steps that are surely blank are not scored; the others are, line by line, whatever is scored with them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.ctc_head import ROWS, CtcHead

FEATURES = 3


def softmax(features):
    return np.exp(features) / np.exp(features).sum(axis=1, keepdims=True)


@given(st.lists(st.integers(0, 2 * ROWS), max_size=6), st.integers(0, 99))
def test_steps_below_the_sure_score_of_the_blank_are_scored_line_by_line(lengths, seed):
    rng = np.random.default_rng(seed)
    lines = [np.float32(rng.normal(size=(length, FEATURES))) for length in lengths]
    head = CtcHead(softmax, np.float32([1, 0, 0]), 0.5, 1.0)
    answers = list(head.unsure_steps(lines))
    assert len(answers) == len(lines)
    for line, (probabilities, unsure) in zip(lines, answers, strict=True):
        np.testing.assert_array_equal(unsure, line[:, 0] + np.float32(0.5) < 1.0)
        np.testing.assert_allclose(probabilities, softmax(line[unsure]), rtol=1e-6)


def test_lines_are_scored_together_up_to_a_limit():
    asked = []
    head = CtcHead(lambda features: asked.append(len(features)) or features, np.float32([1, 0, 0]), 0.0, 1.0)
    list(head.unsure_steps(np.zeros((ROWS - 1, FEATURES), np.float32) for _ in range(7)))
    assert asked == [2 * ROWS - 2] * 3 + [ROWS - 1]
