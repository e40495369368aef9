"""Small graphs with pointwise convolutions, and the recogniser's, computed in int8 and in floats."""

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from placed_models import weights_file

from pipeline.models.blank_pruning import split_off_head
from pipeline.models.dynamic_height import with_dynamic_height
from pipeline.models.exactness import are_exact, probe_values
from pipeline.models.int8 import MIN_CHANNELS, exactness_probe, quantise, quantised_head

RECOGNISER = "PP-OCRv6_small_rec"
C = MIN_CHANNELS


class Drawing:
    """A graph drawn node by node, from "x" of (1, C, rows, columns)."""

    def __init__(self, seed=4):
        self.rng, self.nodes, self.weights = np.random.default_rng(seed), [], []

    def constant(self, name, values):
        self.weights.append(numpy_helper.from_array(np.float32(values), name))
        return name

    def node(self, operator, *inputs, **how):
        output = f"{operator} {len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], **how))
        return output

    def conv(self, value, inputs=C, outputs=C, kernel=(1, 1), bias=True, **how):
        """A convolution and the addition of its bias, whose scale leaves values as large as they were."""
        place = len(self.nodes)
        shape = (outputs, inputs // how.get("group", 1), *kernel)
        weights = self.rng.normal(size=shape) / np.sqrt(inputs * np.prod(kernel))
        value = self.node("Conv", value, self.constant(f"w{place}", weights), kernel_shape=kernel, **how)
        if not bias:
            return value
        return self.node("Add", value, self.constant(f"b{place}", self.rng.normal(size=(1, outputs, 1, 1))))

    def gelu(self, value):
        """As PaddlePaddle writes it."""
        root, one, half = (self.constant(f"{k} {len(self.nodes)}", k) for k in (2**0.5, 1, 0.5))
        inner = self.node("Add", self.node("Erf", self.node("Div", value, root)), one)
        return self.node("Mul", self.node("Mul", value, inner), half)

    def model(self, output, channels=C):
        ends = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, count, "rows", "columns"])
            for name, count in (("x", C), (output, channels))
        ]
        graph = helper.make_graph(self.nodes, "pointwise", ends[:1], ends[1:], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
        model.ir_version = 7
        return model


def run(model, values):
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {session.get_inputs()[0].name: values})[0]


def line(seed=5, rows=3, columns=7):
    return np.random.default_rng(seed).normal(size=(1, C, rows, columns)).astype(np.float32)


def block(drawing, value):
    """Looks around, mixes wider and back, and adds what it saw: the recogniser's most frequent block."""
    seen = drawing.conv(value, kernel=(3, 3), pads=(1, 1, 1, 1), group=C)
    wide = drawing.gelu(drawing.conv(seen, C, 2 * C))
    return drawing.node("Add", seen, drawing.conv(wide, 2 * C, C))


def assert_nearly_equal(ours, floats):
    """Within what rounding to 255 levels of a line's span leaves, twice."""
    assert ours.shape == floats.shape
    assert np.abs(ours - floats).max() < 0.1 * np.abs(floats).max()
    assert np.linalg.norm(ours - floats) < 0.02 * np.linalg.norm(floats)


def operators(model):
    return [node.op_type for node in model.graph.node]


@settings(max_examples=20)
@given(st.integers(0, 999), st.integers(1, 4), st.integers(1, 30))
def test_blocks_of_pointwise_convolutions_give_nearly_what_they_gave(seed, rows, columns):
    drawing = Drawing(seed)
    model = drawing.model(block(drawing, block(drawing, "x")))
    floats = run(model, line(seed, rows, columns))
    assert quantise(model) == 4
    assert_nearly_equal(run(model, line(seed, rows, columns)), floats)


def test_between_the_pointwise_convolutions_of_a_block_channels_stay_last_and_its_sum_too():
    drawing = Drawing()
    model = drawing.model(block(drawing, "x"))
    quantise(model)
    assert operators(model).count("DynamicQuantizeMatMul") == 2
    assert operators(model).count("Transpose") == 2
    assert operators(model).index("Transpose") < operators(model).index("Erf")
    assert operators(model)[-1] == "Transpose"


def test_the_weights_that_were_rounded_are_no_longer_in_the_model():
    drawing = Drawing()
    model = drawing.model(drawing.conv("x"))
    before = len(model.SerializeToString())
    quantise(model)
    assert len(model.SerializeToString()) < before / 2


def test_a_lines_result_does_not_depend_on_lines_before_it():
    drawing = Drawing()
    model = drawing.model(block(drawing, "x"))
    quantise(model)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    first = session.run(None, {"x": line()})[0]
    session.run(None, {"x": 50 * line(6)})
    np.testing.assert_array_equal(session.run(None, {"x": line()})[0], first)


@pytest.mark.parametrize(
    "how",
    [
        {"kernel": (3, 3), "pads": (1, 1, 1, 1)},
        {"group": 2},
        {"strides": (2, 2)},
        {"pads": (1, 1, 1, 1)},
        {"bias": False},
        {"outputs": C - 1},
    ],
    ids=["looks around", "mixes groups", "skips places", "padded", "no bias", "few channels"],
)
def test_other_convolutions_stay_as_they_are(how):
    drawing = Drawing()
    model = drawing.model(drawing.conv("x", **how), how.get("outputs", C))
    before = model.SerializeToString()
    assert quantise(model) == 0
    assert model.SerializeToString() == before


def test_gates_stay_in_floats():
    drawing = Drawing()
    mean = drawing.node("ReduceMean", "x", axes=[2, 3], keepdims=1)
    opened = drawing.node("HardSigmoid", drawing.conv(drawing.node("Relu", drawing.conv(mean))))
    model = drawing.model(drawing.conv(drawing.node("Mul", "x", opened)))
    floats = run(model, line())
    assert quantise(model) == 1
    assert operators(model).count("Conv") == 2
    assert_nearly_equal(run(model, line()), floats)


def test_a_pointwise_result_that_is_wanted_both_ways_is_there_both_ways():
    drawing = Drawing()
    mixed = drawing.conv("x")
    seen = drawing.conv(mixed, kernel=(3, 3), pads=(1, 1, 1, 1), group=C)
    model = drawing.model(drawing.node("Add", drawing.conv(seen), mixed))
    floats = run(model, line())
    assert quantise(model) == 2
    assert_nearly_equal(run(model, line()), floats)


def test_an_output_whose_weights_are_all_zero_is_its_bias():
    drawing = Drawing()
    model = drawing.model(drawing.conv("x"))
    weights = numpy_helper.to_array(model.graph.initializer[0]).copy()
    weights[7] = 0
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(weights, model.graph.initializer[0].name))
    bias = numpy_helper.to_array(model.graph.initializer[1])[0, 7, 0, 0]
    quantise(model)
    assert (run(model, line())[0, 7] == bias).all()


def test_the_probe_asks_for_the_largest_products_there_are():
    model = exactness_probe()
    weights = numpy_helper.to_array(model.graph.initializer[0])
    assert are_exact(np.float32(probe_values().astype(int) @ weights.astype(int)))
    assert weights.max() == 127
    assert run(model, probe_values()).shape == (len(probe_values()), weights.shape[1])


@pytest.mark.slow
def test_the_recognisers_pointwise_convolutions_are_found_and_give_nearly_the_same_features():
    model = onnx.load(weights_file(RECOGNISER))
    with_dynamic_height(model)
    split_off_head(model)
    stripes = np.float32(np.sin(np.arange(200) / 5)).repeat(32).reshape(200, 32).T
    values = np.broadcast_to(stripes, (1, 3, 32, 200)).copy()
    session = onnxruntime.InferenceSession(model.SerializeToString())
    floats = session.run(None, {"x": values})[0]
    assert quantise(model) == 26
    ours = run(model, values)
    assert np.linalg.norm(ours - floats) < 0.15 * np.linalg.norm(floats)


# --- the last layer ---------------------------------------------------------------------------------------------------

INPUTS, CLASSES = 120, 500
SPAN = (-64.0, 96.0)
"""Of the features, as the manifest has it for PP-OCRv6."""


def last_layer(seed=4):
    """A dense layer with a softmax, as it is taken off, whose scores spread as the recogniser's do."""
    rng = np.random.default_rng(seed)
    constants = [
        numpy_helper.from_array(np.float32(array), name)
        for name, array in (("w", rng.normal(size=(INPUTS, CLASSES)) / 20), ("b", rng.normal(size=CLASSES) / 5))
    ]
    nodes = [
        helper.make_node("Gemm", ["features", "w", "b"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["steps", size])
        for name, size in (("features", INPUTS), ("probabilities", CLASSES))
    ]
    graph = helper.make_graph(nodes, "head", ends[:1], ends[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)])
    model.ir_version = 7
    return model


def steps(seed=5, count=40):
    return np.random.default_rng(seed).normal(0, 8, (count, INPUTS)).astype(np.float32)


def constants(head):
    return {initializer.name: numpy_helper.to_array(initializer) for initializer in head.graph.initializer}


def rounded(features):
    """Features as 8 bits can tell them, within `SPAN`."""
    step = (SPAN[1] - SPAN[0]) / 255
    zero = round(-SPAN[0] / step)
    return (np.clip(np.rint(features / np.float32(step)) + zero, 0, 255) - zero) * step


@settings(max_examples=20)
@given(st.integers(0, 999), st.integers(1, 60))
def test_the_last_layer_gives_what_rounded_weights_and_features_give(seed, count):
    head = quantised_head(last_layer(seed), SPAN)
    made = constants(head)
    scores = rounded(steps(seed, count)) @ (made["weights"] * made["scales"].astype(float)) + made["bias"]
    wanted = np.exp(scores - scores.max(axis=1, keepdims=True))
    wanted /= wanted.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(run(head, steps(seed, count)), wanted, atol=1e-4)


@settings(max_examples=20)
@given(st.integers(0, 999), st.integers(1, 60))
def test_no_class_gains_more_on_another_than_rounding_explains(seed, count):
    """Half a step of each feature and of each weight: what that makes of a probability depends on where it stands.

    Near one half a probability moves by a quarter of what its score does: by .1 or more in one of 5,000 steps here.
    """
    features, weights = steps(seed, count).astype(float), constants(last_layer(seed))["w"].astype(float)
    of_features = (SPAN[1] - SPAN[0]) / 255 / 2 * np.abs(weights).sum(axis=0)
    of_weights = np.abs(weights).max(axis=0) / 127 / 2 * np.abs(rounded(features)).sum(axis=1, keepdims=True)
    off = of_features + of_weights + 1e-3  # and a little for sums of floats
    floats, ours = (
        np.log(run(layer, steps(seed, count))) for layer in (last_layer(seed), quantised_head(last_layer(seed), SPAN))
    )
    best = floats.argmax(axis=1, keepdims=True)
    gained = (ours - np.take_along_axis(ours, best, 1)) - (floats - np.take_along_axis(floats, best, 1))
    assert (np.abs(gained) <= off + np.take_along_axis(off, best, 1)).all()


def test_a_steps_probabilities_do_not_depend_on_the_steps_beside_it():
    head = quantised_head(last_layer(), SPAN)
    beside = np.concatenate([steps(), 1000 * steps(6)])
    np.testing.assert_array_equal(run(head, beside)[:40], run(head, steps()))


def test_features_beyond_what_is_known_are_cut_off():
    head = quantised_head(last_layer(), SPAN)
    np.testing.assert_array_equal(run(head, 20 * steps()), run(head, np.clip(20 * steps(), *SPAN)))


@pytest.mark.slow
def test_the_recognisers_last_layer_gives_nearly_the_same_probabilities():
    model = onnx.load(weights_file(RECOGNISER))
    layer = split_off_head(model)
    features = np.random.default_rng(4).normal(0, 8, (30, INPUTS)).astype(np.float32)
    ours, floats = run(quantised_head(layer, SPAN), features), run(layer, features)
    assert ours.shape == floats.shape
    assert np.abs(ours - floats).max() < 0.1
