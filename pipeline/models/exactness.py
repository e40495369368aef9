"""Whether a processor multiplies int8 matrices exactly: the largest products there are, summed.

Some without instructions for it (VNNI on x86) sum two products into 16 bits, cut off at 32,767, where two may be
64,770: such must compute in floats.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ROWS, INPUTS, OUTPUTS = 4, 64, 32
LARGEST_WEIGHT, LARGEST_VALUE = 127, 255
"""Of int8 weights, and of activations in 8 bits without a sign."""


def probe_values() -> NDArray[np.float32]:
    """What the probe multiplies, (rows, inputs); the least and the largest of 0 to 255 make its scale 1."""
    return np.full((ROWS, INPUTS), LARGEST_VALUE, dtype=np.float32)


def are_exact(products: NDArray[np.float32]) -> bool:
    """Whether the probe gave, (rows, outputs), what it must."""
    return products.shape == (ROWS, OUTPUTS) and bool((products == LARGEST_VALUE * LARGEST_WEIGHT * INPUTS).all())
