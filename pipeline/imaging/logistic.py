"""Log odds -> probabilities, the logistic curve that several stages judge evidence by."""

from __future__ import annotations

import math
from typing import overload

import numpy as np
from numpy.typing import NDArray

MOST = 700.0
"""Beyond, floats of 64 bits have no exponential; a probability is nothing long before."""


@overload
def sigmoid(log_odds: float) -> float: ...


@overload
def sigmoid(log_odds: NDArray[np.float64]) -> NDArray[np.float64]: ...


def sigmoid(log_odds: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
    """The probability, 0-1, that has these natural logarithms of odds: 1 / (1 + exp(-x)).

    Example:
        >>> sigmoid(0.0), round(sigmoid(math.log(3)), 6)
        (0.5, 0.75)
    """
    if isinstance(log_odds, np.ndarray):
        probabilities: NDArray[np.float64] = 1 / (1 + np.exp(np.minimum(-log_odds, MOST)))
        return probabilities
    return 1.0 / (1.0 + math.exp(min(-log_odds, MOST)))
