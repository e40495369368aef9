"""The ink of a cell -> whether it is one mark, such as √, × or 〃, and which: by its shape, without reading."""

from __future__ import annotations

from pipeline.marks.classifying import NO_MARK, MarkModel, mark_probabilities, standardised
from pipeline.marks.finding import find_mark_ink, may_hold_mark
from pipeline.marks.shapes import SHAPE_MARGIN, SHAPE_SCALE, Vector, measure_shape, shape_names

__all__ = [
    "NO_MARK",
    "SHAPE_MARGIN",
    "SHAPE_SCALE",
    "MarkModel",
    "Vector",
    "find_mark_ink",
    "mark_probabilities",
    "may_hold_mark",
    "measure_shape",
    "shape_names",
    "standardised",
]
