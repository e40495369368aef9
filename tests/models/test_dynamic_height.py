"""Small graphs shaped like the recogniser's, run before and after their height was freed."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper
from placed_models import weights_file

from pipeline.models.dynamic_height import takes_any_height, with_dynamic_height

RECOGNISER = "PP-OCRv6_small_rec"


def graph(height=6, opset=11, **pool):
    """Input (1, 1, height, any width), one average pooling of all rows by twos of columns."""
    how = {"kernel_shape": [height or 6, 2], "strides": [height or 6, 2]} | pool
    node = helper.make_node("AveragePool", ["x"], ["y"], **how)
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, rows or "height", f"{name} columns"])
        for name, rows in (("x", height), ("y", 1))
    ]
    model = helper.make_model(
        helper.make_graph([node], "pool", ends[:1], ends[1:]), opset_imports=[helper.make_opsetid("", opset)]
    )
    model.ir_version = 7
    return model


def run(model, values):
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": values})[0]


def test_a_graph_takes_any_height_once_it_is_freed():
    model = graph()
    assert not takes_any_height(model)
    assert with_dynamic_height(model)
    assert takes_any_height(model)


def test_at_its_own_height_a_freed_graph_gives_what_it_gave():
    values = np.random.default_rng(4).random((1, 1, 6, 10), np.float32)
    model = graph()
    before = run(model, values)
    assert with_dynamic_height(model)
    np.testing.assert_allclose(run(model, values), before, rtol=1e-6)


@pytest.mark.parametrize("height", [2, 4, 9])
def test_a_freed_graph_takes_other_heights_and_pools_all_their_rows(height):
    values = np.random.default_rng(4).random((1, 1, height, 10), np.float32)
    model = graph()
    assert with_dynamic_height(model)
    wanted = values.reshape(height, 5, 2).mean(axis=(0, 2))
    np.testing.assert_allclose(run(model, values).ravel(), wanted, rtol=1e-5)


@pytest.mark.parametrize(
    "other",
    [
        {"height": None},
        {"strides": [1, 2]},
        {"kernel_shape": [1, 2], "strides": [1, 2]},
        {"kernel_shape": [3, 2], "strides": [3, 2]},
        {"pads": [1, 0, 1, 0]},
        {"opset": 18},
    ],
    ids=["free already", "rows overlap", "rows not pooled", "two rows left", "padded", "newer operators"],
)
def test_graphs_that_pool_otherwise_stay_as_they_are(other):
    model = graph(**other)
    before = model.SerializeToString()
    assert not with_dynamic_height(model)
    assert model.SerializeToString() == before


def test_a_graph_without_pooling_stays_as_it_is():
    model = graph()
    model.graph.node[0].op_type = "MaxPool"
    before = model.SerializeToString()
    assert not with_dynamic_height(model)
    assert model.SerializeToString() == before


@pytest.mark.slow
def test_the_recognisers_graph_reads_the_same_lines_and_takes_low_ones():
    model = onnx.load(weights_file(RECOGNISER))
    own = onnxruntime.InferenceSession(model.SerializeToString())
    assert with_dynamic_height(model)
    freed = onnxruntime.InferenceSession(model.SerializeToString())
    line = np.random.default_rng(4).random((1, 3, 48, 96), np.float32)
    np.testing.assert_allclose(freed.run(None, {"x": line})[0], own.run(None, {"x": line})[0], atol=1e-4)
    assert freed.run(None, {"x": line[:, :, :32, :64]})[0].shape[1] == 8
