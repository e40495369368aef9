"""The recogniser's graph, made to take lines of any height.

PP-OCR's recogniser is trained on lines 48 pixels high and its file allows no other, yet nothing in it needs that
height: its convolutions take any, and only the pooling that makes one row of the last few counts on three of them.
With the mean of all rows in its place, a line can be read lower where that is clear enough, for less work.
"""

from __future__ import annotations

import onnx
from onnx import helper

ROWS_AXIS = 2
"""Of (batch, channels, rows, columns)."""
ROW = "_row"
"""Ends the name of the value between the two poolings."""
NEWER_OPERATORS = 18
"""From this version of ONNX's operators on, ReduceMean takes its axes in another way."""


def with_dynamic_height(model: onnx.ModelProto) -> bool:
    """Let a recogniser's only input have any height; at its own one it reads what it read before.

    Returns:
        False, with nothing changed, where its height is free already, where it has not exactly one average pooling of
        all rows without padding, or where its operators are newer than is known here.
    """
    rows = model.graph.input[0].type.tensor_type.shape.dim[ROWS_AXIS]
    pools = [index for index, node in enumerate(model.graph.node) if node.op_type == "AveragePool"]
    if takes_any_height(model) or len(pools) != 1 or model.opset_import[0].version >= NEWER_OPERATORS:
        return False
    (index,) = pools
    pool = model.graph.node[index]
    how = {attribute.name: helper.get_attribute_value(attribute) for attribute in pool.attribute}
    (high, wide), (step_down, step_across) = how["kernel_shape"], how.get("strides", (1, 1))
    if high != step_down or high != _rows(model, pool.input[0]) or any(how.get("pads", ())):
        return False
    row = pool.output[0] + ROW
    nodes = list(model.graph.node)
    nodes[index : index + 1] = [
        helper.make_node("ReduceMean", [pool.input[0]], [row], axes=[ROWS_AXIS], keepdims=1),
        helper.make_node("AveragePool", [row], [pool.output[0]], kernel_shape=[1, wide], strides=[1, step_across]),
    ]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    rows.dim_param = "height"
    del model.graph.value_info[:]  # sizes worked out for the one height
    return True


def takes_any_height(model: onnx.ModelProto) -> bool:
    """Whether the height of a recogniser's only input is free."""
    return not model.graph.input[0].type.tensor_type.shape.dim[ROWS_AXIS].dim_value


def _rows(model: onnx.ModelProto, name: str) -> int:
    """How many rows a value of the graph has; 0 where the file does not say."""
    values = [value for value in (*model.graph.input, *model.graph.value_info) if value.name == name]
    return int(values[0].type.tensor_type.shape.dim[ROWS_AXIS].dim_value) if values else 0
