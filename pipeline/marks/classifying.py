"""The measures of a shape -> which mark it is, by a multinomial logistic model whose weights stand in `model.json`.

`python -m benchmarks.mark_shapes` fitted them, on marks and on letters, numerals and dust that look like them, drawn in
many fonts and worn as scans are, and on cells of whole pages. The file names every measure, with its mean and spread
where it was fitted, and its weight for each mark; "" stands for whatever is no mark.
"""

from __future__ import annotations

import functools
import json
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.marks.shapes import Vector, shape_names

FARTHEST = 4.0
"""Measures count as no further from their mean than so many of their spreads: what no mark had says no more."""
NO_MARK = ""
"""The kind of what is no mark: letters, numerals, dust."""


class MarkModel(NamedTuple):
    """A multinomial logistic model: `weights` (measures, kinds) are for measures less `means`, over `spreads`."""

    kinds: tuple[str, ...]
    means: Vector
    spreads: Vector
    weights: NDArray[np.float64]
    biases: Vector


def mark_probabilities(measures: Vector, model: MarkModel | None = None) -> dict[str, float]:
    """How probable each kind of mark is, "" for none, by a shape alone; together they are 1.

    Args:
        measures: from `measure_shape`.
        model: another than the one that is shipped.
    """
    own = mark_model() if model is None else model
    scores = standardised(measures, own) @ own.weights + own.biases
    shares = np.exp(scores - scores.max())
    return dict(zip(own.kinds, (shares / shares.sum()).tolist(), strict=True))


def standardised(measures: NDArray[np.float64], model: MarkModel) -> NDArray[np.float64]:
    """Measures (..., measures) as the model takes them."""
    return np.clip((measures - model.means) / model.spreads, -FARTHEST, FARTHEST)


@functools.cache
def mark_model() -> MarkModel:
    """The model that is shipped.

    Raises:
        ValueError: when it is not of the measures that shapes have.
    """
    held = json.loads(files("pipeline.marks").joinpath("model.json").read_text(encoding="utf-8"))
    if tuple(held["measures"]) != shape_names():
        raise ValueError("model.json does not have the measures of shapes in their order")
    own = list(held["measures"].values())
    return MarkModel(
        kinds=tuple(held["kinds"]),
        means=np.array([one["mean"] for one in own], np.float64),
        spreads=np.array([one["spread"] for one in own], np.float64),
        weights=np.array([one["weights"] for one in own], np.float64),
        biases=np.array(held["biases"], np.float64),
    )
