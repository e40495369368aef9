"""The recogniser's pointwise convolutions in int8: weights of 8 bits, and activations of 8 bits scaled line by line.

More than half of the recogniser's work are 1 x 1 convolutions, which mix a time step's channels: products of matrices,
which processors multiply two to three times as fast in bytes as in floats. Weights are scaled for each of a layer's
outputs, activations for each line by what it spans (dynamic quantisation), so nothing is calibrated on samples and a
line's reading does not depend on others. The last layer, which scores the steps of many lines at once, has one scale
for all activations instead (static quantisation). All else stays in floats: the convolutions that look around, the
gates and the attention. The weights are those of the file, rounded. (Jacob et al., Quantization and Training of Neural
Networks for Efficient Integer-Arithmetic-Only Inference, CVPR 2018.)

Between such layers the channels come last, as matrices want them; what works on single values, such as an activation
or a sum, is done in that order too, and only what looks around gets its channels first again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from pipeline.models.exactness import INPUTS, LARGEST_WEIGHT, OUTPUTS

MIN_CHANNELS = 96
"""Layers with fewer channels, in or out, gain nothing."""
CHANNELS_LAST, CHANNELS_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)
"""Of (batch, channels, rows, columns), and back."""
SINGLE_VALUES = frozenset({"Add", "Mul", "Div", "Erf", "Identity"})
"""Operators that look at each value alone: those of the activation, and the sum around a layer."""
GATES = frozenset({"Conv", "Add", "Relu", "HardSigmoid", "Identity"})
"""Operators that make a gate of each channel's mean."""
DOMAIN = "com.microsoft"
"""ONNX Runtime's own operators."""
LAST = "_last"
"""Ends the name of a value with its channels last."""


class _Pointwise(NamedTuple):
    """A 1 x 1 convolution and the addition of its bias: `weights` (in, out), `bias` (out,)."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    output: str


def quantise(model: onnx.ModelProto) -> int:
    """Compute a recogniser's pointwise convolutions in int8, for ONNX Runtime.

    Returns:
        How many there are: 1 x 1 convolutions with a bias, of `MIN_CHANNELS` or more in and out, but for gates.
    """
    graph = _Graph(model)
    for node in list(model.graph.node):
        graph.take(node)
    for output in model.graph.output:
        graph.channels_first(output.name)
    if graph.rewritten:
        graph.put_back()
    return graph.rewritten


def quantised_head(head: onnx.ModelProto, features: Sequence[float]) -> onnx.ModelProto:
    """The last layer, as `blank_pruning.split_off_head` gives it, with int8 weights and activations of 8 bits.

    Args:
        head: the layer in floats; it stays as it is.
        features: the least and the largest activation; what is beyond them is cut off.
    """
    matrix, bias = (numpy_helper.to_array(initializer) for initializer in head.graph.initializer)
    weights, scales = _rounded(matrix)
    low, high = features
    step = (high - low) / 255
    constants = {
        "weights": weights,
        "scales": scales,
        "bias": bias,
        "step": np.float32(step),
        "zero": np.uint8(round(-low / step)),
    }
    nodes = [
        helper.make_node("QuantizeLinear", ["features", "step", "zero"], ["rounded"]),
        helper.make_node(
            "MatMulIntegerToFloat",
            ["rounded", "weights", "step", "scales", "zero", "", "bias"],
            ["scores"],
            domain=DOMAIN,
        ),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
    arrays = [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "head", head.graph.input, head.graph.output, arrays)
    return _model(graph)


def exactness_probe() -> onnx.ModelProto:
    """A product of int8 matrices that asks what `exactness.py` describes, from (rows, inputs) to (rows, outputs)."""
    weights = np.full((INPUTS, OUTPUTS), LARGEST_WEIGHT, dtype=np.int8)
    layer = [
        numpy_helper.from_array(array, name)
        for name, array in (("w", weights), ("scale", np.ones(OUTPUTS, np.float32)))
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", None]) for name in ("x", "y")]
    product = helper.make_node("DynamicQuantizeMatMul", ["x", "w", "scale"], ["y"], domain=DOMAIN)
    return _model(helper.make_graph([product], "probe", ends[:1], ends[1:], layer))


class _Graph:
    """A graph that is rewritten node by node, in its order."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.rewritten = 0
        self._model = model
        self._weights = {weight.name: weight for weight in model.graph.initializer}
        self._users: dict[str, list[onnx.NodeProto]] = {}
        for node in model.graph.node:
            for name in node.input:
                self._users.setdefault(name, []).append(node)
        self._nodes: list[onnx.NodeProto] = []
        self._new_weights: list[onnx.TensorProto] = []
        self._first = {*self._weights, *(value.name for value in model.graph.input)}
        self._last: dict[str, str] = {}
        self._gates: set[str] = set()
        self._done: set[str] = set()

    def take(self, node: onnx.NodeProto) -> None:
        """The next node, as it is or in int8."""
        if node.output[0] in self._done:
            return
        if node.op_type == "ReduceMean" or (node.op_type in GATES and node.input[0] in self._gates):
            self._gates.update(node.output)
        layer = self._pointwise(node)
        if layer is not None:
            self._rewrite(node.input[0], layer)
        elif node.op_type in SINGLE_VALUES and self._are_last(node.input):
            self._last[node.output[0]] = node.output[0] + LAST
            names = [self._last.get(name, name) for name in node.input]
            self._nodes.append(helper.make_node(node.op_type, names, [self._last[node.output[0]]]))
        else:
            for name in node.input:
                self.channels_first(name)
            self._nodes.append(node)
            self._first.update(node.output)

    def channels_first(self, name: str) -> None:
        """Have a value as the file has it."""
        if name in self._last and name not in self._first:
            self._nodes.append(helper.make_node("Transpose", [self._last[name]], [name], perm=CHANNELS_FIRST))
            self._first.add(name)

    def put_back(self) -> None:
        """Make these the model's nodes and weights."""
        graph = self._model.graph
        needed = {name for node in self._nodes for name in node.input}
        weights = [weight for weight in (*graph.initializer, *self._new_weights) if weight.name in needed]
        del graph.node[:], graph.initializer[:], graph.value_info[:]
        graph.node.extend(self._nodes)
        graph.initializer.extend(weights)
        if DOMAIN not in {operators.domain for operators in self._model.opset_import}:
            self._model.opset_import.append(helper.make_opsetid(DOMAIN, 1))

    def _pointwise(self, node: onnx.NodeProto) -> _Pointwise | None:
        """A pointwise convolution that begins with this node."""
        adding = self._users.get(node.output[0], [])
        if node.op_type != "Conv" or node.input[0] in self._gates or [n.op_type for n in adding] != ["Add"]:
            return None
        names = [node.input[1], *(name for name in adding[0].input if name != node.output[0])]
        if not all(name in self._weights for name in names):
            return None
        weights, bias = (numpy_helper.to_array(self._weights[name]) for name in names)
        if weights.shape[2:] != (1, 1) or min(weights.shape[:2]) < MIN_CHANNELS or bias.size != len(weights):
            return None
        if not _looks_at_each_place(_how(node)):
            return None
        return _Pointwise(weights[:, :, 0, 0].T, bias.reshape(-1), adding[0].output[0])

    def _rewrite(self, name: str, layer: _Pointwise) -> None:
        """Replace a pointwise convolution by a product in int8."""
        weights, scales = _rounded(layer.weights)
        arrays: dict[str, NDArray[Any]] = {"weights": weights, "scales": scales, "bias": layer.bias}
        names = {part: f"{layer.output}_{part}" for part in arrays}
        self._new_weights += [numpy_helper.from_array(array, names[part]) for part, array in arrays.items()]
        self._last[layer.output] = layer.output + LAST
        inputs = [self._channels_last(name), names["weights"], names["scales"], "", names["bias"]]
        product = helper.make_node("DynamicQuantizeMatMul", inputs, [self._last[layer.output]], domain=DOMAIN)
        self._nodes.append(product)
        self._done.add(layer.output)
        self.rewritten += 1

    def _channels_last(self, name: str) -> str:
        if name not in self._last:
            self._last[name] = name + LAST
            self._nodes.append(helper.make_node("Transpose", [name], [self._last[name]], perm=CHANNELS_LAST))
        return self._last[name]

    def _are_last(self, names: list[str]) -> bool:
        """Whether a node's inputs have their channels last, some only so, but for single numbers."""
        alone = [name in self._weights and int(np.prod(self._weights[name].dims)) == 1 for name in names]
        last = [name in self._last for name in names]
        only = any(name in self._last and name not in self._first for name in names)
        return only and all(a or b for a, b in zip(alone, last, strict=True))


def _rounded(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Weights, (in, out), in int8, and (out,) what each output's are to be multiplied by."""
    scales = np.abs(weights).max(axis=0) / np.float32(LARGEST_WEIGHT)
    scales[scales == 0] = 1
    return np.ascontiguousarray(np.rint(weights / scales).astype(np.int8)), scales.astype(np.float32)


def _model(graph: onnx.GraphProto) -> onnx.ModelProto:
    """A graph with ONNX Runtime's own operators, as a model."""
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(DOMAIN, 1)])
    model.ir_version = 8
    return model


def _how(node: onnx.NodeProto) -> dict[str, Any]:
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


def _looks_at_each_place(how: dict[str, Any]) -> bool:
    """Whether a 1 x 1 convolution has a result for each place of what it sees, and mixes all channels."""
    return how.get("group", 1) == 1 and set(how.get("strides", (1,))) == {1} and not any(how.get("pads", ()))
