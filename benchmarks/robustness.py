"""Truth -> how far the grids hold: pages made worse step by step, until their tables are lost, and whether they say so.

    python benchmarks/robustness.py TRUTH_DIR [--out accuracy] [--pages N]

Writes OUT/robustness.md: for each distortion and strength, the share of pages whose structure is exactly right, of
those that are right and not flagged, and of those that are wrong and not flagged (which must stay at none); and how
often grids of each confidence were right over all pages tried. Only geometry is tried: no text is read.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import distortions
from distortions import Distortion, Image

from pipeline.deskew import deskew
from pipeline.elements import DpiSource, Page
from pipeline.grid import build_grids
from pipeline.rectify import rectify
from pipeline.second_opinion import reconsider
from pipeline.settings import GridSettings

A4_LONG_SIDE_IN = 11.69
FLAGGED_BELOW = GridSettings().review_confidence
SWEEPS: dict[str, tuple[Distortion, str, tuple[float, ...]]] = {
    "as it is": (distortions.rescaled, "", (1.0,)),
    "skew": (distortions.skewed, "°", (-15, -12.5, -10, -7.5, -5, -2.5, 2.5, 5, 7.5, 10, 12.5, 15)),
    "resolution": (distortions.rescaled, "×", (0.6, 0.75, 1.5, 2.0)),
    "JPEG quality": (distortions.compressed, "", (30,)),
    "curl": (distortions.curled, " mm", (2, 4, 6, 10)),
    "perspective": (distortions.tilted, "", (0.02, 0.04, 0.06)),
    "fold": (distortions.folded, " mm", (0.5, 1, 2, 3)),
    "spine shadow": (distortions.spine_shadowed, "", (0.4, 0.7)),
    "dashed ruling": (distortions.dashed, "", (0.2, 0.35, 0.5)),
    "copied seal": (distortions.gray_sealed, "", (0.3, 0.5, 0.8)),
    "toner lost": (distortions.faded, "", (0.3, 0.5, 0.7, 0.85)),
}
BINS = (0.0, 0.5, 0.9, 0.97, 1.0)

Structure = frozenset[tuple[int, int, int, int]]


class Trial(NamedTuple):
    """A page to try: its file, the sweep and the strength."""

    page: Path
    sweep: str
    strength: float


class Outcome(NamedTuple):
    """Whether the structure was exactly right, and the confidence it was given; 0.0 where no grid was found."""

    trial: Trial
    right: bool
    confidence: float

    @property
    def flagged(self) -> bool:
        """Whether a person is told to look."""
        return self.confidence < FLAGGED_BELOW


def attempt(trial: Trial) -> Outcome:
    """Distort a page, build its grid and compare it with the truth beside the page."""
    cv2.setNumThreads(1)
    truth = json.loads(trial.page.with_suffix(".json").read_text(encoding="utf-8"))
    image = _upright(trial.page, truth)
    dpi = max(image.shape[:2]) / A4_LONG_SIDE_IN
    distort, _, _ = SWEEPS[trial.sweep]
    worse = np.ascontiguousarray(distort(image, trial.strength))
    if distort is distortions.rescaled:
        dpi *= trial.strength
    flat = rectify(deskew(Page("", 1, worse, dpi, DpiSource.FILE), None))
    found = build_grids(flat, GridSettings())
    wanted = frozenset((c["row"], c["col"], c["row_span"], c["col_span"]) for c in truth["cells"])
    got = [frozenset((c.row, c.col, c.row_span, c.col_span) for c in grid.cells) for grid in found.grids]
    confidences = [opinion.grid.confidence for opinion in reconsider(flat, found.grids)]
    confidence = min(confidences, default=0.0) if not found.refused else 0.0
    return Outcome(trial, got == [wanted], confidence)


def as_markdown(outcomes: Sequence[Outcome]) -> str:
    """The two tables of the report."""
    by_strength: dict[tuple[str, float], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_strength[outcome.trial.sweep, outcome.trial.strength].append(outcome)
    lines = [
        "| distortion | strength | pages | right | right, not flagged | wrong, not flagged |",
        "|---|---|---|---|---|---|",
    ]
    for (sweep, strength), own in by_strength.items():
        right, clear = sum(o.right for o in own), sum(o.right and not o.flagged for o in own)
        silent = sum(not o.right and not o.flagged for o in own)
        lines.append(f"| {sweep} | {strength:g}{SWEEPS[sweep][1]} | {len(own)} | {right} | {clear} | {silent} |")
    lines += ["", "| confidence | grids | right |", "|---|---|---|"]
    for low, high in itertools.pairwise(BINS):
        own = [o for o in outcomes if low <= o.confidence < high or (high == BINS[-1] and o.confidence == high)]
        share = f"{sum(o.right for o in own) / len(own):.3f}" if own else ""
        lines.append(f"| {low:g}-{high:g} | {len(own)} | {share} |")
    return "\n".join(lines) + "\n"


def _upright(page: Path, truth: dict[str, dict[str, int]]) -> Image:
    image = cv2.imread(str(page), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    turns = truth.get("scan", {}).get("rotated_quarter_turns_ccw", 0)
    return np.ascontiguousarray(np.rot90(np.asarray(image, np.uint8), -turns))


def _pages(truth_dir: Path, count: int) -> list[Path]:
    """At most so many pages, spread evenly over the folder."""
    pages = sorted(path for path in truth_dir.glob("*.jpg") if path.with_suffix(".json").exists())
    step = max(1, len(pages) // count)
    return pages[::step][:count]


def main(arguments: Iterable[str] | None = None) -> None:
    """Run the sweeps and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--out", type=Path, default=Path("accuracy"))
    parser.add_argument("--pages", type=int, default=12)
    options = parser.parse_args(None if arguments is None else list(arguments))
    pages = _pages(options.truth_dir, options.pages)
    trials = [Trial(page, sweep, s) for sweep, (_, _, strengths) in SWEEPS.items() for s in strengths for page in pages]
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        outcomes = pool.map(attempt, trials, chunksize=4)
    options.out.mkdir(parents=True, exist_ok=True)
    report = options.out / "robustness.md"
    report.write_text(as_markdown(outcomes), encoding="utf-8")
    print(report.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
