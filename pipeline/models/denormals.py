"""Weights so near zero that processors handle them apart, taken off a network.

Training with weight decay leaves channels that are never used with weights of 1e-38 and less. Floats below the smallest
normal number (denormals) take processors up to a hundred times as long as others, and sums of them are such numbers,
too: a tenth of a detector's weights can take two thirds of its time.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

SMALLEST_NORMAL = float(np.finfo(np.float32).tiny)


def clear_denormals(model: onnx.ModelProto) -> int:
    """Make weights of a network that are below the smallest normal float zero; what it gives stays the same.

    Returns:
        How many there were.
    """
    cleared = 0
    for weight in model.graph.initializer:
        if weight.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(weight)
        denormal = (values != 0) & (np.abs(values) < SMALLEST_NORMAL)
        if denormal.any():
            weight.CopyFrom(numpy_helper.from_array(np.where(denormal, np.float32(0), values), weight.name))
            cleared += int(denormal.sum())
    return cleared
