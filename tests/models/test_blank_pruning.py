"""The last layer of small graphs, and of the recogniser's, taken off and run on its own."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from placed_models import weights_file

from pipeline.models.blank_pruning import blank_of, count_classes, split_off_head

RECOGNISER = "PP-OCRv6_small_rec"
FEATURES, CLASSES = 3, 5


def graph(tail=("MatMul", "Add", "Identity", "Softmax"), weights=None, bias=None):
    """A graph that doubles x, then has a dense layer and a softmax; (1, steps, 3) to (1, steps, 5)."""
    rng = np.random.default_rng(5)
    constants = {
        "MatMul": rng.normal(size=(FEATURES, CLASSES)) if weights is None else weights,
        "Add": rng.normal(size=CLASSES) if bias is None else bias,
    }
    nodes, value = [helper.make_node("Add", ["x", "x"], ["features"])], "features"
    for operator in tail:
        inputs = [value, operator] if operator in constants else [value]
        how = {"axis": 2} if operator == "Softmax" else {}
        value = f"after {operator}"
        nodes.append(helper.make_node(operator, inputs, [value], **how))
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "steps", size])
        for name, size in (("x", FEATURES), (value, CLASSES))
    ]
    initializers = [numpy_helper.from_array(np.float32(constants[name]), name) for name in tail if name in constants]
    model = helper.make_model(
        helper.make_graph(nodes, "tail", ends[:1], ends[1:], initializers), opset_imports=[helper.make_opsetid("", 11)]
    )
    model.ir_version = 7
    return model


def run(model, name, values):
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, {name: np.float32(values)})[0]


def test_a_graph_and_its_last_layer_give_what_the_whole_gave():
    model, values = graph(), np.random.default_rng(4).normal(size=(1, 7, FEATURES))
    whole = run(model, "x", values)
    head = split_off_head(model)
    features = run(model, "x", values)
    np.testing.assert_allclose(features, 2 * values, rtol=1e-6)
    np.testing.assert_allclose(run(head, "features", features[0]), whole[0], rtol=1e-6)
    assert not model.graph.initializer


def test_the_blanks_weights_are_those_of_class_0():
    weights, bias = np.arange(15).reshape(FEATURES, CLASSES), np.arange(7, 12)
    blank, of_blank = blank_of(split_off_head(graph(weights=weights, bias=bias)))
    assert (blank.tolist(), of_blank) == ([0, 5, 10], 7)


@pytest.mark.parametrize(
    "other",
    [
        {"tail": ("MatMul", "Softmax")},
        {"tail": ("MatMul", "Add")},
        {"tail": ("MatMul", "Add", "Relu", "Softmax")},
        {"tail": ("Softmax",)},
        {"bias": np.ones((1, CLASSES))},
        {"weights": np.ones((1, FEATURES, CLASSES))},
    ],
    ids=["no bias", "no softmax", "something between", "no layer", "a bias of two axes", "weights of three axes"],
)
def test_graphs_that_end_otherwise_stay_as_they_are(other):
    model = graph(**other)
    before = model.SerializeToString()
    assert split_off_head(model) is None
    assert model.SerializeToString() == before


def shapeless(model):
    model.graph.output[0].type.tensor_type.ClearField("shape")
    return model


@pytest.mark.parametrize(
    ("model", "classes"),
    [
        (graph(), CLASSES),
        (shapeless(graph()), CLASSES),
        (graph(("MatMul", "Softmax")), CLASSES),
        (shapeless(graph(("MatMul", "Softmax"))), None),
    ],
    ids=["said", "seen in the last layer", "said alone", "not to be seen"],
)
def test_classes_are_counted_as_the_graph_says_or_ends(model, classes):
    assert count_classes(model) == classes


@pytest.mark.slow
def test_the_recogniser_gives_the_same_probabilities_without_its_last_layer():
    model = onnx.load(weights_file(RECOGNISER))
    line = np.float32(np.random.default_rng(4).normal(size=(1, 3, 48, 200)))
    (whole,) = run(model, "x", line)
    head = split_off_head(model)
    (features,) = run(model, "x", line)
    np.testing.assert_allclose(run(head, "features", features), whole, atol=1e-6)
