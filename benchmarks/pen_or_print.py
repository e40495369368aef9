"""Lines of pages with truth -> how well handwriting is told from print, and the weights that fit best.

    python -m benchmarks.pen_or_print FOLDER... [--by-hand FOLDER...] [--out accuracy]

Writes OUT/pen-or-print.md. The pages of each FOLDER are print; those of a folder --by-hand have a truth beside them,
NAME.json with `by_hand`: a list of the rows and columns of the cells that were filled in by hand; null counts for none
of the two. What is fitted is fitted to four fifths of the pages and tried on the others, five times over. The weights
are those of pipeline/handwriting/pen_or_print.py.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.trials import engines, run_all, table
from pipeline.elements import Page
from pipeline.handwriting import ReadInk
from pipeline.handwriting.pen_or_print import measures_of, others_odds
from pipeline.intake import open_document
from pipeline.page import measured_lines, settle_orientation
from pipeline.reading import recognise_cells
from pipeline.settings import Settings

Values = NDArray[np.float64]
FOLDS = 5
STEPS = 60
RIDGE = 1.0
SURE = 0.95
LEGIBLE = 0.6
"""Pages read with less confidence on average say nothing of a hand: nothing on them can be read."""
IMAGES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".pdf"}


class Job(NamedTuple):
    """A file, the name of its set, and whether it has a truth of what is by hand."""

    path: Path
    name: str
    truth: bool


class Sample(NamedTuple):
    """The lines of a page: `by_hand` 1, 0, or nan where unknown."""

    name: str
    lines: list[ReadInk]
    by_hand: Values


def read_job(job: Job) -> list[Sample]:
    """The lines of a file's pages, measured and read."""
    settings = Settings()
    with open_document(job.path, settings.intake) as document:
        return [_sample(job, page, settings) for page in document.pages() if isinstance(page, Page)]


def _sample(job: Job, page: Page, settings: Settings) -> Sample:
    settled = settle_orientation(page, engines(), settings)
    tables = recognise_cells(settled.layout, engines().recogniser, settled.readings)
    cells = [reading.cell for read in tables for reading in read.cells]
    found = measured_lines(settled.layout, tables)
    told: list[list[int]] = json.loads(job.path.with_suffix(".json").read_text())["by_hand"] if job.truth else []
    by_hand = [float([cells[cell].row, cells[cell].col] in told) for cell, _ in found]
    return Sample(job.name, [ink for _, ink in found], np.array(by_hand))


def fit(rows: Values, truth: Values) -> Values:
    """Logistic regression by Newton's method, with a ridge; rows have a last column of ones."""
    weights = np.zeros(rows.shape[1])
    scale = np.append(rows[:, :-1].std(axis=0) + 1e-9, 1.0)
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        ridge = np.append(np.full(len(weights) - 1, RIDGE), 1e-6) * scale**2
        slope = rows.T @ (p - truth) + ridge * weights
        curve = (rows * (p * (1 - p))[:, None]).T @ rows + np.diag(ridge)
        weights = weights - np.linalg.solve(curve, slope)
    return weights


class Model(NamedTuple):
    """Fitted weights of a line's own measures, and of these beside what the lines that look like it say."""

    own: Values
    shared: Values

    def odds(self, sample: Sample) -> tuple[Values, Values]:
        """What each line says, and with its page."""
        own = _with_ones(measures_of(sample.lines)) @ self.own
        return own, _with_ones(np.stack([own, others_odds(sample.lines, own)], axis=1)) @ self.shared


def fit_model(samples: Sequence[Sample]) -> Model:
    """The model that fits pages best."""
    truth = np.concatenate([sample.by_hand for sample in samples])
    own = fit(_with_ones(np.concatenate([measures_of(sample.lines) for sample in samples])), truth)
    half = Model(own, np.zeros(3))
    said = [half.odds(sample)[0] for sample in samples]
    others = [others_odds(sample.lines, odds) for sample, odds in zip(samples, said, strict=True)]
    pairs = np.stack([np.concatenate(said), np.concatenate(others)], axis=1)
    return Model(own, fit(_with_ones(pairs), truth))


def _with_ones(rows: Values) -> Values:
    return np.column_stack([rows, np.ones(len(rows))])


def report(samples: Sequence[Sample], odds: Sequence[Values], model: Model) -> str:
    """What was told and what was not, by set, and the weights."""
    rows = []
    for name in sorted({sample.name for sample in samples}):
        own = [(s, o) for s, o in zip(samples, odds, strict=True) if s.name == name]
        told, truth = (np.concatenate(parts) for parts in ([o > 0 for _, o in own], [s.by_hand for s, _ in own]))
        sure = np.concatenate([np.array([line.confidence >= SURE for line in s.lines]) for s, _ in own])
        pen, printed = truth == 1, truth == 0
        rows.append(
            (name, pen.sum(), (told & pen).sum(), printed.sum(), (told & printed).sum(), (told & printed & sure).sum())
        )
    head = ("pages", "lines by hand", "told", "lines of print", "taken for a hand", "of these read surely")
    weights = ", ".join(f"{weight:.2f}" for weight in model.own[:-1])
    shared = ", ".join(f"{weight:.2f}" for weight in model.shared)
    return table(head, rows) + f"\nBest weights: {weights}; intercept {model.own[-1]:.2f}; shared {shared}.\n"


def main() -> None:
    """Read the pages, fit, try, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--by-hand", nargs="*", type=Path, default=[])
    parser.add_argument("--out", type=Path, default=Path("accuracy"))
    args = parser.parse_args()
    jobs = [
        Job(path, folder.name, truth)
        for folders, truth in ((args.folders, False), (args.by_hand, True))
        for folder in folders
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in IMAGES
    ]
    read = [sample for found in run_all(read_job, jobs) for sample in found if sample.lines]
    samples = [s for s in read if np.mean([line.confidence for line in s.lines]) >= LEGIBLE]
    odds: list[Values] = [np.empty(0)] * len(samples)
    for fold in range(FOLDS):
        model = fit_model([sample for index, sample in enumerate(samples) if index % FOLDS != fold])
        for index in range(fold, len(samples), FOLDS):
            odds[index] = model.odds(samples[index])[1]
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "pen-or-print.md").write_text(report(samples, odds, fit_model(samples)), encoding="utf-8")


if __name__ == "__main__":
    main()
