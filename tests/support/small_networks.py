"""Small networks with the parts of PP-OCR's, for models that are placed and prepared within a test."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper, numpy_helper

CHANNELS, CHARACTERS = 96, "甲乙丙"
CLASSES = len(CHARACTERS) + 2
DICTIONARY = f"PostProcess: {{name: CTCLabelDecode, character_dict: {CHARACTERS}}}\n"


def recogniser(seed=7, height=48, tail=("MatMul", "Add", "Softmax")):
    """A recogniser of five classes on lines of one height: (1, 3, 48, width) to (1, width / 16, 5)."""
    rng = np.random.default_rng(seed)
    constants = {
        "around": rng.normal(size=(CHANNELS, 3, 16, 8)) / 9,
        "mix": rng.normal(size=(CHANNELS, CHANNELS, 1, 1)) / 9,
        "bias": rng.normal(size=(1, CHANNELS, 1, 1)),
        "MatMul": rng.normal(size=(CHANNELS, CLASSES)) / 3,
        "Add": rng.normal(size=CLASSES),
    }
    nodes = [
        helper.make_node("Conv", ["x", "around"], ["seen"], kernel_shape=[16, 8], strides=[16, 8]),
        helper.make_node("Conv", ["seen", "mix"], ["mixed"], kernel_shape=[1, 1]),
        helper.make_node("Add", ["mixed", "bias"], ["biased"]),
        helper.make_node("AveragePool", ["biased"], ["row"], kernel_shape=[3, 2], strides=[3, 2]),
        helper.make_node("Squeeze", ["row"], ["line"], axes=[2]),
        helper.make_node("Transpose", ["line"], ["steps"], perm=[0, 2, 1]),
    ]
    value = "steps"
    for operator in tail:
        inputs = [value, operator] if operator in constants else [value]
        value = f"after {operator}"
        nodes.append(helper.make_node(operator, inputs, [value], **({"axis": 2} if operator == "Softmax" else {})))
    return _model(nodes, constants, [1, 3, height, "width"], (value, [1, "steps", CLASSES]), rows=("biased", 3))


def detector(seed=7):
    """A network of one convolution, with a weight that is nearly nothing."""
    weights = np.random.default_rng(seed).normal(size=(1, 3, 3, 3))
    weights[0, 0, 0, 0] = 1e-39
    node = helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])
    return _model([node], {"w": weights}, [1, 3, "height", "width"], ("y", [1, 1, "height", "width"]))


def _model(nodes, constants, shape, output, rows=None):
    used = {name for node in nodes for name in node.input}
    inside = [helper.make_tensor_value_info(rows[0], TensorProto.FLOAT, [1, CHANNELS, rows[1], "w"])] if rows else []
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(output[0], TensorProto.FLOAT, output[1])],
        [numpy_helper.from_array(np.float32(value), name) for name, value in constants.items() if name in used],
        value_info=inside,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)])
    model.ir_version = 7
    return model


def place(folder, name, network, config="{}\n"):
    """Put a network and its configuration into a folder of models."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "inference.onnx").write_bytes(network.SerializeToString())
    (folder / name / "inference.yml").write_text(config, encoding="utf-8")
