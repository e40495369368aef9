"""The recogniser's last layer, taken off its graph: time steps that are surely blank need no scores of all characters.

A CTC recogniser scores every time step against its whole alphabet, 18,709 characters here, a fifth of its work; yet
between and beside characters, at half of the steps, nothing is read. The blank's own score tells those, for next to
nothing, so that the layer, once apart, is asked of the steps that are left alone.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

BLANK = 0
"""The class of the CTC blank."""
LAST_LAYER = ["MatMul", "Add", "Softmax"]
"""The operators that a graph must end in, `Identity` aside."""

Features: TypeAlias = NDArray[np.float32]
"""What the last layer sees of a line, (time steps, features)."""


class _DenseLayer(NamedTuple):
    """A layer's `matrix`, (features, classes), and `bias`, (classes,); `sees` names the value that it is applied to."""

    matrix: onnx.TensorProto
    bias: onnx.TensorProto
    sees: str


def split_off_head(model: onnx.ModelProto) -> onnx.ModelProto | None:
    """Cut a recogniser's last layer off: the model's output is then what the layer sees, (1, time steps, features).

    Returns:
        The layer as a model of its own, from (time steps, features) to (time steps, classes); None, with nothing
        changed, where the graph does not end in one dense layer and a softmax over its classes.
    """
    layer = _last_layer(model)
    if layer is None:
        return None
    head = _dense_softmax(layer.matrix, layer.bias, model)
    _end_at(model, layer.sees, int(layer.matrix.dims[0]))
    return head


def count_classes(model: onnx.ModelProto) -> int | None:
    """How many classes a recogniser tells apart; None where its graph neither says it nor ends in one dense layer."""
    said = [axis.dim_value for axis in model.graph.output[0].type.tensor_type.shape.dim][-1:]
    if any(said):
        return int(said[0])
    layer = _last_layer(model)
    return None if layer is None else int(layer.matrix.dims[1])


def _last_layer(model: onnx.ModelProto) -> _DenseLayer | None:
    """The dense layer before a softmax that a graph ends in; None where it ends otherwise."""
    makers = {output: node for node in model.graph.node for output in node.output}
    tail: list[onnx.NodeProto] = []
    value = model.graph.output[0].name
    while len(tail) < len(LAST_LAYER) and value in makers:
        if makers[value].op_type != "Identity":
            tail.insert(0, makers[value])
        value = makers[value].input[0]
    weights = {initializer.name: initializer for initializer in model.graph.initializer}
    if [node.op_type for node in tail] != LAST_LAYER or not all(node.input[1] in weights for node in tail[:2]):
        return None
    matrix, bias = (weights[node.input[1]] for node in tail[:2])
    if len(matrix.dims) != 2 or list(bias.dims) != [matrix.dims[1]]:
        return None
    return _DenseLayer(matrix, bias, value)


def blank_of(head: onnx.ModelProto) -> tuple[Features, float]:
    """The blank's weights, (features,), and bias in a layer that was taken off."""
    matrix, bias = (numpy_helper.to_array(initializer) for initializer in head.graph.initializer)
    return np.ascontiguousarray(matrix[:, BLANK]), float(bias[BLANK])


def _dense_softmax(matrix: onnx.TensorProto, bias: onnx.TensorProto, model: onnx.ModelProto) -> onnx.ModelProto:
    features, classes = matrix.dims
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["features", matrix.name, bias.name], ["scores"]),
            helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
        ],
        "head",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["steps", features])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["steps", classes])],
        [matrix, bias],
    )
    head = helper.make_model(graph, opset_imports=model.opset_import)
    head.ir_version = model.ir_version
    return head


def _end_at(model: onnx.ModelProto, value: str, features: int) -> None:
    """Make a value the graph's only output, and drop the nodes and weights that nothing needs then."""
    graph = model.graph
    needed = {value}
    kept: list[onnx.NodeProto] = []
    for node in reversed(graph.node):
        if needed & set(node.output):
            kept.insert(0, node)
            needed |= set(node.input)
    weights = [initializer for initializer in graph.initializer if initializer.name in needed]
    for field, values in ((graph.node, kept), (graph.initializer, weights)):
        del field[:]
        field.extend(values)
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(value, TensorProto.FLOAT, [1, "steps", features]))
