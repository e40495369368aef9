"""Fit the model that tells marks by their shape, and say how far it can be believed.

    python -m benchmarks.mark_shapes FONTS_DIR [--pages TRUTH_DIR]... [--tables accuracy] [--write]

Marks and what looks like them are drawn in the fonts of a folder, such as those of Debian's packages fonts-noto-cjk,
fonts-arphic-*, fonts-wqy-*, fonts-cwtex-*, fonts-ipafont, fonts-nanum, fonts-lxgw-wenkai, fonts-freefont-ttf and
fonts-liberation. Cells of pages with truth are added. The tables are of folds: no family of fonts and no page is judged
by a model that was fitted on it. With `--write` the model is fitted on all of them, and put where it ships.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

import pipeline.marks
from benchmarks.drawing.distortions import Image
from benchmarks.drawing.mark_cells import PRINTED, DrawnCell, draw_cells, faces
from benchmarks.ruled_pages import decoded, image_of, read_true_page, truth_files
from benchmarks.trials import engines, table
from pipeline.elements import BBox, Page
from pipeline.imaging import bounding_box
from pipeline.marks import (
    NO_MARK,
    SHAPE_MARGIN,
    SHAPE_SCALE,
    MarkModel,
    find_mark_ink,
    mark_probabilities,
    measure_shape,
    shape_names,
    standardised,
)
from pipeline.page import settle_orientation
from pipeline.reading import measured_cells
from pipeline.settings import Settings

CELLS_PER_FONT = 120
FOLDS = 5
FAMILY_LETTERS = 5
"""Font files whose names begin with the same letters, so many, are of one family."""
KINDS = (NO_MARK, *PRINTED)
SAME = {"–": "—", "-": "—", "✓": "√", "✗": "×", "☒": "☑", "--": "---"}
"""Marks that truth may write otherwise."""
NO_MARK_WEIGHT = 1.5
"""What is no mark counts so many times: to take a numeral for a mark is worse than the other way round."""
PAGE_WEIGHT = 2.0
"""A cell of a page counts so many times a drawn one: its wear is not of our making."""
SHRINKAGE, STEPS, RATE = 1e-4, 500, 0.05
"""Of the fit: the penalty on squared weights, and of its gradient steps (Kingma and Ba, 2015) number and size."""
BINS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)
DIGITS = 4
"""Weights are written with so many digits."""
DRAWN_NOISE = 6.0


class Shape(NamedTuple):
    """The measures of one cell's ink, what it truly is, and the font or the page that it is of."""

    measures: NDArray[np.float64]
    kind: str
    source: str
    drawn: bool


def main() -> None:
    """Print the tables; write the model if so told."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fonts", type=Path)
    parser.add_argument("--pages", type=Path, action="append", default=[])
    parser.add_argument("--tables", type=Path, help="folder for mark-shapes.md, of which benchmarks.refresh takes it")
    parser.add_argument("--write", action="store_true", help="fit on all cells, and put the model where it ships")
    options = parser.parse_args()
    shapes = drawn_shapes(options.fonts)
    for folder in options.pages:
        shapes += page_shapes(folder)
    judged = judge_by_folds(shapes)
    report = f"{reliability(shapes, judged)}\n{by_kind(shapes, judged)}"
    print(report)
    if options.tables:
        (options.tables / "mark-shapes.md").write_text(report, encoding="utf-8")
    if options.write:
        path = Path(pipeline.marks.__file__).with_name("model.json")
        path.write_text(as_json(fit(shapes)), encoding="utf-8")


def drawn_shapes(fonts: Path) -> list[Shape]:
    """Drawn cells of all fonts, those whose ink may be a mark's."""
    cells = itertools.chain.from_iterable(
        draw_cells(face, CELLS_PER_FONT, seed) for seed, face in enumerate(faces(fonts))
    )
    found = ((cell, _measures_of(cell)) for cell in cells)
    return [Shape(measures, cell.mark, cell.font, True) for cell, measures in found if measures is not None]


def page_shapes(folder: Path) -> list[Shape]:
    """The cells of pages with truth whose ink may be a mark's."""
    shapes = []
    for path in truth_files(folder):
        true = [cell for cells in read_true_page(path).tables for cell in cells if cell.polygon]
        pages = [page for page in decoded(image_of(path)) if isinstance(page, Page)]
        if len(pages) != 1 or not true:
            continue
        boxes = [bounding_box(cell.polygon) for cell in true]
        layout = settle_orientation(pages[0], engines(), Settings()).layout
        for cell, measures in measured_cells(layout):
            own = bounding_box(cell.polygon)
            best = max(range(len(true)), key=lambda index: _overlap(boxes[index], own))
            if _overlap(boxes[best], own) > 0.5:
                text = SAME.get(true[best].text, true[best].text)
                shapes.append(Shape(measures, text if text in KINDS else NO_MARK, path.stem, False))
    return shapes


def fit(shapes: Sequence[Shape]) -> MarkModel:
    """The model that fits shapes best: multinomial logistic regression, with weights kept small."""
    values = np.array([shape.measures for shape in shapes])
    means, spreads = values.mean(axis=0), values.std(axis=0) + 1e-6
    blank = MarkModel(KINDS, means, spreads, np.zeros((values.shape[1], len(KINDS))), np.zeros(len(KINDS)))
    x = np.column_stack([standardised(values, blank), np.ones(len(values))])
    truth = np.eye(len(KINDS))[[KINDS.index(shape.kind) for shape in shapes]]
    weight = np.array(
        [(NO_MARK_WEIGHT if s.kind == NO_MARK else 1.0) * (1.0 if s.drawn else PAGE_WEIGHT) for s in shapes]
    )
    weight /= len(shapes)
    found = np.zeros((x.shape[1], len(KINDS)))
    first, second = np.zeros_like(found), np.zeros_like(found)
    for step in range(1, STEPS + 1):
        scores = x @ found
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        gradient = x.T @ ((shares - truth) * weight[:, None]) + SHRINKAGE * found
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        rate = RATE * (1.0 if step < 0.6 * STEPS else 0.2)
        found = found - rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return blank._replace(weights=found[:-1], biases=found[-1])


def judge_by_folds(shapes: Sequence[Shape]) -> list[dict[str, float]]:
    """The probabilities of each shape's kinds, by a model that saw neither its family of fonts nor its page."""
    groups = [shape.source[:FAMILY_LETTERS] if shape.drawn else shape.source for shape in shapes]
    order = {group: index % FOLDS for index, group in enumerate(sorted(set(groups)))}
    judged: list[dict[str, float]] = [{} for _ in shapes]
    for fold in range(FOLDS):
        model = fit([shape for shape, group in zip(shapes, groups, strict=True) if order[group] != fold])
        for index, (shape, group) in enumerate(zip(shapes, groups, strict=True)):
            if order[group] == fold:
                judged[index] = mark_probabilities(shape.measures, model)
    return judged


def reliability(shapes: Sequence[Shape], judged: Sequence[dict[str, float]]) -> str:
    """How often what is taken for a mark is that mark, by its probability, as a Markdown table."""
    rows = []
    for low, high in itertools.pairwise(BINS):
        row: list[object] = [f"{low:g}–{high:g}"]
        for drawn in (True, False):
            taken = [
                (shape, *_likeliest(own)) for shape, own in zip(shapes, judged, strict=True) if shape.drawn is drawn
            ]
            own = [shape.kind == kind for shape, kind, p in taken if kind != NO_MARK and low <= p < high + (high == 1)]
            row += [len(own), f"{sum(own) / len(own):.3f}" if own else ""]
        rows.append(row)
    return table(("probability of the mark", "drawn", "right", "on pages", "right"), rows)


def by_kind(shapes: Sequence[Shape], judged: Sequence[dict[str, float]]) -> str:
    """Of each mark how many were told at all, and as what the others were taken."""
    rows = []
    for kind in KINDS:
        own = [_likeliest(p)[0] for shape, p in zip(shapes, judged, strict=True) if shape.kind == kind]
        wrong = Counter(taken or "no mark" for taken in own if taken != kind)
        others = ", ".join(f"{name} {count}" for name, count in wrong.most_common(3))
        rows.append((kind or "no mark", len(own), f"{own.count(kind) / max(1, len(own)):.3f}", others))
    return table(("what it is", "cells", "told", "others, taken for"), rows)


def as_json(model: MarkModel) -> str:
    """The model as a file that people can read: each measure by its name."""
    measures = ",\n".join(
        f"  {json.dumps(name)}: "
        + json.dumps({"mean": _short(mean), "spread": _short(spread), "weights": [_short(w) for w in weights]})
        for name, mean, spread, weights in zip(shape_names(), model.means, model.spreads, model.weights, strict=True)
    )
    kinds, biases = (json.dumps(own, ensure_ascii=False) for own in (model.kinds, [_short(b) for b in model.biases]))
    return f'{{"kinds": {kinds},\n "biases": {biases},\n "measures": {{\n{measures}\n }}}}\n'


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _likeliest(probabilities: dict[str, float]) -> tuple[str, float]:
    kind = max(probabilities, key=probabilities.__getitem__)
    return kind, probabilities[kind]


def _measures_of(cell: DrawnCell) -> NDArray[np.float64] | None:
    """The measures of a drawn cell's ink, found and cut as those of pages are."""
    smooth = cv2.GaussianBlur(cell.darkness, (3, 3), 0)
    noise = float(np.clip(np.median(smooth) / 0.674, 1.0, DRAWN_NOISE))
    box = find_mark_ink(np.asarray(smooth, np.uint8), noise, cell.text_height, 1)
    if box is None:
        return None
    margin = SHAPE_MARGIN / SHAPE_SCALE * cell.text_height
    around = BBox(box.left - margin, box.top - margin, box.right + margin, box.bottom + margin)
    return measure_shape(_cut(cell.darkness, around, SHAPE_SCALE / cell.text_height))


def _cut(darkness: Image, box: BBox, scale: float) -> Image:
    width, height = max(1, round(box.width * scale)), max(1, round(box.height * scale))
    across = (box.left + (np.arange(width) + 0.5) / scale - 0.5).astype(np.float32)
    down = (box.top + (np.arange(height) + 0.5) / scale - 0.5).astype(np.float32)
    cut = cv2.remap(darkness, *np.meshgrid(across, down), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.uint8)


def _overlap(a: BBox, b: BBox) -> float:
    """Intersection over union."""
    wide, high = min(a.right, b.right) - max(a.left, b.left), min(a.bottom, b.bottom) - max(a.top, b.top)
    both = max(0.0, wide) * max(0.0, high)
    return both / max(a.area + b.area - both, 1e-9)


if __name__ == "__main__":
    main()
