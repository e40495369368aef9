"""What the probe of a processor asks, and which answers are right."""

import numpy as np
import pytest

from pipeline.models.exactness import OUTPUTS, ROWS, are_exact, probe_values

WANTED = np.full((ROWS, OUTPUTS), 64 * 255 * 127, np.float32)


def test_the_probe_multiplies_the_largest_values():
    assert set(probe_values().ravel()) == {255}


@pytest.mark.parametrize(
    ("products", "exact"),
    [
        (WANTED, True),
        (np.full((ROWS, OUTPUTS), 32 * 32_767, np.float32), False),
        (WANTED - np.eye(ROWS, OUTPUTS, dtype=np.float32), False),
        (WANTED[:1], False),
    ],
    ids=["exact", "cut off at 16 bits", "a little less", "too few"],
)
def test_only_exact_products_are_right(products, exact):
    assert are_exact(products) is exact
