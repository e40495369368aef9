"""Networks with weights below the smallest normal float, before and after these are made zero."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from placed_models import weights_file

from pipeline.models.denormals import SMALLEST_NORMAL, clear_denormals

DETECTOR = "PP-OCRv6_small_det"


def network(*weights):
    """A network that has these weights and adds them to its input."""
    names = [f"w{place}" for place in range(len(weights))]
    nodes = [
        helper.make_node("Add", [before, name], [after])
        for before, name, after in zip(["x", *"abcdef"], names, "abcdef", strict=False)
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("x", nodes[-1].output[0])]
    constants = [numpy_helper.from_array(values, name) for values, name in zip(weights, names, strict=True)]
    return helper.make_model(helper.make_graph(nodes, "sums", ends[:1], ends[1:], constants))


def weights_of(model):
    return [numpy_helper.to_array(weight) for weight in model.graph.initializer]


def test_weights_below_the_smallest_normal_float_become_zero_and_no_others():
    model = network(
        np.float32([1e-39, -1e-40, SMALLEST_NORMAL, -SMALLEST_NORMAL, 0, 1e-30, -2]), np.float32([[1], [2]])
    )
    assert clear_denormals(model) == 2
    first, second = weights_of(model)
    np.testing.assert_array_equal(first, np.float32([0, 0, SMALLEST_NORMAL, -SMALLEST_NORMAL, 0, 1e-30, -2]))
    np.testing.assert_array_equal(second, [[1], [2]])
    assert clear_denormals(model) == 0


def test_weights_that_are_no_floats_stay():
    model = network(np.int64([0, 1]), np.float64([1e-320]))
    before = model.SerializeToString()
    assert clear_denormals(model) == 0
    assert model.SerializeToString() == before


@pytest.mark.slow
def test_the_detector_finds_the_same_without_them():
    model = onnx.load(weights_file(DETECTOR))
    page = np.random.default_rng(4).random((1, 3, 64, 160), np.float32)
    (own,) = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": page})
    assert clear_denormals(model) > 200_000
    (cleared,) = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": page})
    np.testing.assert_array_equal(cleared, own)
