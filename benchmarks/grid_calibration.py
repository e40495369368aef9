"""Pages of others with truth -> what a cell's grid confidence is worth, and the constants that would fit it best.

    python -m benchmarks.grid_calibration TRUTH_DIR... [--out accuracy]

Writes OUT/grid-calibration.md. A cell is right if its row, column and spans are those of a true cell, after moving the
whole table by a few rows and columns where a heading is missing. Every table counts alike, however many cells it has.
What is fitted is fitted to four fifths of the pages and tried on the others, five times over, so that a page never
vouches for itself. The constants are those of pipeline/grid/cell_confidence.py.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.trials import engines, run_all, table
from pipeline.elements import Axis, Page
from pipeline.evaluate.reliability import Observation, reliability
from pipeline.grid.cell_confidence import BASE_HAZARD, BORDER_ODDS, Hazards
from pipeline.grid.grids import JudgedTable, judge_tables
from pipeline.grid.tiling import Borders, Span, drawn_around
from pipeline.intake import open_document
from pipeline.page import settle_orientation
from pipeline.settings import Settings

Place = tuple[int, int, int, int]
"""Row, column and spans of a cell."""
Values = NDArray[np.float64]

SHIFTS = (15, 3)
"""Rows and columns by which a table may be moved together before its cells are compared."""
FOLDS = 5
PULL = 0.5
"""How much, in pages, is believed beforehand in a weight of 1: kinds of doubt that few pages have stay near it."""
STEPS, RATE = 4000, 0.02
SMALLEST = 1e-6
RIDGE = 1e-3
SURE = 0.9


@dataclass(frozen=True, slots=True)
class Sample:
    """A landed table beside its truth: `right` (cells,), `hazards` (cells, kinds), and borders as (score, drawn)."""

    page: str
    perfect: bool
    right: NDArray[np.bool_]
    hazards: Values
    borders: dict[Axis, Values]

    @property
    def confidences(self) -> Values:
        """(cells,) as they land."""
        return np.exp(-BASE_HAZARD - self.hazards.sum(axis=1))


# --- pages and truth --------------------------------------------------------------------------------------------------


def truths(folders: Iterable[Path]) -> list[tuple[Path, Path]]:
    """Image and truth of each page; truth without an image of its name is passed over."""
    found = []
    for truth in (path for folder in folders for path in sorted(folder.glob("*.json"))):
        tree = json.loads(truth.read_text(encoding="utf-8"))
        if isinstance(tree, dict) and ("tables" in tree or "cells" in tree):
            beside = sorted(path for path in truth.parent.glob(f"{truth.stem}.*") if path.suffix != ".json")
            found += [(path, truth) for path in beside[:1]]
    return found


def attempt(job: tuple[Path, Path]) -> list[Sample]:
    """The tables of a page, judged."""
    path, truth = job
    settings = Settings()
    with open_document(path, settings.intake) as document:
        page = next(iter(document.pages()))
    if not isinstance(page, Page):
        return []
    dewarped = settle_orientation(page, engines(), settings).layout.dewarped
    tree = json.loads(truth.read_text(encoding="utf-8"))
    versions = [tree.get("tables") or [tree], *tree.get("alternatives", ())]
    tables = judge_tables(dewarped, settings.grid).tables
    name = f"{truth.parent.name}/{truth.stem}"
    judged = [samples(name, tables, [_places(true) for true in version]) for version in versions]
    return max(judged, key=lambda own: sum(int(sample.right.sum()) for sample in own), default=[])


def _places(true: dict[str, Any]) -> set[Place]:
    """The cells of a true table, of which names may be short and spans of 1 left out."""
    return {
        (
            c.get("row", c.get("r")),
            c.get("col", c.get("c")),
            c.get("row_span", c.get("rs", 1)),
            c.get("col_span", c.get("cs", 1)),
        )
        for c in true["cells"]
    }


def samples(page: str, tables: Sequence[JudgedTable], truth: Sequence[set[Place]]) -> list[Sample]:
    """Each landed table beside the true one that fits it best, of which each is taken once, best fits first."""
    landed = [{tuple(span) for span in one.tiling.spans} for one in tables]
    fits = sorted(
        ((*best_shift(true, own), j, i) for j, own in enumerate(landed) for i, true in enumerate(truth)), reverse=True
    )
    matched: dict[int, tuple[set[Place], bool]] = {}
    taken: set[int] = set()
    for placed, rows, cols, j, i in fits:
        if placed and j not in matched and i not in taken:
            moved = {(row + rows, col + cols, height, width) for row, col, height, width in truth[i]}
            matched[j] = moved, (rows, cols) == (0, 0)
            taken.add(i)
    return [_sample(page, one, *matched.get(j, (set(), False))) for j, one in enumerate(tables)]


def best_shift(true: set[Place], landed: set[Place]) -> tuple[int, int, int]:
    """How many true cells are landed if the true table is moved by some rows and columns, and by how many.

    Example:
        >>> best_shift({(0, 0, 1, 1), (1, 0, 1, 2)}, {(2, 0, 1, 1), (3, 0, 1, 2)})
        (2, 2, 0)
    """
    by_spans: dict[tuple[int, int], list[Place]] = {}
    for place in landed:
        by_spans.setdefault(place[2:], []).append(place)
    votes: dict[tuple[int, int], int] = {(0, 0): 0}
    for row, col, height, width in true:
        for other in by_spans.get((height, width), ()):
            shift = other[0] - row, other[1] - col
            if abs(shift[0]) <= SHIFTS[0] and abs(shift[1]) <= SHIFTS[1]:
                votes[shift] = votes.get(shift, 0) + 1
    (rows, cols), placed = max(votes.items(), key=lambda vote: (vote[1], -abs(vote[0][0]) - abs(vote[0][1])))
    return placed, rows, cols


def _sample(page: str, one: JudgedTable, truth: set[Place], unmoved: bool) -> Sample:
    right = np.array([tuple(span) in truth for span in one.tiling.spans])
    perfect = bool(right.all()) and len(truth) == len(right)
    hazards = np.stack(list(one.hazards), axis=1)
    return Sample(page, perfect, right, hazards, _borders(one, truth) if unmoved else {})


def _borders(one: JudgedTable, truth: set[Place]) -> dict[Axis, Values]:
    """Score and truth, 0 or 1, of each inner border, where the true table has as many rows and columns."""
    rows, cols = len(one.area.rows) - 1, len(one.area.cols) - 1
    if not truth or (max(r + h for r, _, h, _ in truth), max(c + w for _, c, _, w in truth)) != (rows, cols):
        return {}
    drawn: Borders[np.bool_] = drawn_around([Span(*place) for place in sorted(truth)], rows, cols)
    inner = {
        Axis.HORIZONTAL: (one.area.horizontal[1:-1], drawn.horizontal[1:-1]),
        Axis.VERTICAL: (one.area.vertical[:, 1:-1], drawn.vertical[:, 1:-1]),
    }
    return {axis: np.stack([scores.ravel(), there.ravel()], axis=1) for axis, (scores, there) in inner.items()}


# --- fits -------------------------------------------------------------------------------------------------------------


def fit_border_odds(samples: Sequence[Sample], axis: Axis) -> tuple[float, float]:
    """The score at which a border is as likely there as not, and the slope of its log odds, by Newton's method."""
    own = [sample.borders[axis] for sample in samples if axis in sample.borders and len(sample.borders[axis])]
    scores, drawn = np.concatenate(own).T
    weights = np.concatenate([np.full(len(one), 1 / len(one)) for one in own])
    design = np.stack([np.ones_like(scores), scores], axis=1)
    coefficients = np.zeros(2)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-design @ coefficients))
        slope = design.T @ (weights * (drawn - chance)) - RIDGE * coefficients
        curvature = (design * (weights * chance * (1 - chance))[:, None]).T @ design + RIDGE * np.eye(2)
        coefficients = coefficients + np.linalg.solve(curvature, slope)
    return float(-coefficients[0] / coefficients[1]), float(coefficients[1])


def fit_weights(samples: Sequence[Sample]) -> Values:
    """What the hazards of each kind, and at last the base hazard, should be multiplied by, by gradient descent."""
    hazards, right, weights = _pooled(samples)
    logs, momentum = np.zeros(hazards.shape[1]), np.zeros(hazards.shape[1])
    for _ in range(STEPS):
        factors = np.exp(logs)
        total = np.maximum(hazards @ factors, SMALLEST)
        slope_of_total = np.where(right, 1.0, -1.0 / np.expm1(total)) * weights
        slope = (slope_of_total @ hazards) * factors + 2 * PULL * logs
        momentum = 0.9 * momentum - RATE * slope / max(1.0, len(samples) / 10)
        logs = np.clip(logs + momentum, -3.0, 3.0)
    return np.exp(logs)


def log_loss(samples: Sequence[Sample], weights: Values) -> float:
    """Mean over tables of the mean negative log probability of what was so."""
    hazards, right, shares = _pooled(samples)
    total = np.maximum(hazards @ weights, SMALLEST)
    return float((shares * np.where(right, total, -np.log(-np.expm1(-total)))).sum() / len(samples))


def _pooled(samples: Sequence[Sample]) -> tuple[Values, NDArray[np.bool_], Values]:
    """Hazards with the base hazard (cells, kinds + 1), which cells are right, and weights: tables count alike."""
    hazards = np.concatenate([sample.hazards for sample in samples])
    with_base = np.hstack([hazards, np.full((len(hazards), 1), BASE_HAZARD)])
    weights = np.concatenate([np.full(len(sample.right), 1 / len(sample.right)) for sample in samples])
    return with_base, np.concatenate([sample.right for sample in samples]), weights


def folds(samples: Sequence[Sample]) -> list[tuple[list[Sample], list[Sample]]]:
    """Samples to fit to and to try, by pages."""
    pages = sorted({sample.page for sample in samples})
    fold_of = {page: index % FOLDS for index, page in enumerate(pages)}
    return [
        ([s for s in samples if fold_of[s.page] != fold], [s for s in samples if fold_of[s.page] == fold])
        for fold in range(FOLDS)
    ]


# --- report -----------------------------------------------------------------------------------------------------------


def as_markdown(samples: Sequence[Sample]) -> str:
    """Reliability by cells, what it means for tables, and the constants that would fit best."""
    return "\n".join([_reliability(samples), _tables(samples), _weights(samples), _odds(samples)])


def _reliability(samples: Sequence[Sample]) -> str:
    seen = (
        Observation(confidence, bool(right))
        for sample in samples
        for confidence, right in zip(sample.confidences.tolist(), sample.right, strict=True)
    )
    result = reliability(seen)
    rows = [
        (f"{b.low:g}-{b.high:g}", b.count, f"{b.mean_confidence:.3f}", f"{b.right:.3f}")
        for b in result.bins
        if b.mean_confidence is not None and b.right is not None
    ]
    return table(("confidence of a cell", "cells", "mean", "right"), rows)


def _tables(samples: Sequence[Sample]) -> str:
    rows = []
    for name, own in itertools.groupby(samples, key=lambda sample: sample.page.split("/")[0]):
        tables = list(own)
        perfect = [sample for sample in tables if sample.perfect]
        calm = sum(bool(sample.confidences.min() >= SURE) for sample in perfect)
        rows.append((name, len(tables), len(perfect), calm, len(silent(tables))))
    return table(("pages", "tables", "perfect", f"of these all cells >= {SURE:g}", f"others all >= {SURE:g}"), rows)


def silent(samples: Sequence[Sample]) -> list[str]:
    """The pages of tables that are wrong and have no cell in doubt."""
    return [sample.page for sample in samples if not sample.perfect and sample.confidences.min() >= SURE]


def _weights(samples: Sequence[Sample]) -> str:
    kinds = (*Hazards._fields, "base")
    whole, as_built = fit_weights(samples), np.ones(len(kinds))
    parted = [(fit_weights(fitted), tried) for fitted, tried in folds(samples)]
    rows = [
        (kind, f"{whole[i]:.2f}", f"{min(w[i] for w, _ in parted):.2f}-{max(w[i] for w, _ in parted):.2f}")
        for i, kind in enumerate(kinds)
    ]
    fitted = float(np.mean([log_loss(tried, weights) for weights, tried in parted]))
    loss = f"\nLog loss of tables not fitted to: {fitted:.4f}; as built: {log_loss(samples, as_built):.4f}.\n"
    return table(("hazard", "best factor", "over folds"), rows) + loss


def _odds(samples: Sequence[Sample]) -> str:
    rows = []
    for axis, built in BORDER_ODDS.items():
        even, slope = fit_border_odds(samples, axis)
        parted = [fit_border_odds(fitted, axis)[0] for fitted, _ in folds(samples)]
        rows.append((axis.value, f"{even:.2f}", f"{min(parted):.2f}-{max(parted):.2f}", f"{slope:.0f}", *built))
    return table(("borders", "even at", "over folds", "slope", "even at, as built", "slope, as built"), rows)


def main() -> None:
    """Calibrate on the folders that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth", type=Path, nargs="+", help="folders of images with truth beside them")
    parser.add_argument("--out", type=Path, default=Path("accuracy"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    samples = [sample for own in run_all(attempt, truths(options.truth)) for sample in own]
    report = as_markdown(samples)
    (options.out / "grid-calibration.md").write_text(report, encoding="utf-8")
    print(report)
    print("wrong, and no cell in doubt:", ", ".join(silent(samples)) or "none")


if __name__ == "__main__":
    main()
