"""Truth -> CPU seconds of each stage from a decoded page to its grid, with one thread.

    python -m benchmarks.cost TRUTH_DIR [--out accuracy] [--pages N]

Writes OUT/cost.md. The pages are those of about the usual size, an A4 sheet at 212 dpi; each stage counts as the
faster of two runs, as the first pays for what is set up once.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import cv2

from benchmarks.drawing.specimens import Specimen, pages_by_condition, read_specimen, spread
from benchmarks.trials import table
from pipeline.dewarp import deskew, dewarp
from pipeline.elements import DpiSource, Page
from pipeline.grid import build_grids, cross_check
from pipeline.settings import GridSettings

USUAL_PIXELS = 2480 * 1794
SIZE_TOLERANCE = 0.1
STAGES = ("deskew", "rectify (with ruling)", "grid", "these three", "second opinion")

Result = TypeVar("Result")


def stage_seconds(specimen: Specimen) -> tuple[float, ...]:
    """CPU seconds of each of `STAGES` for one page."""
    page = Page("", 1, specimen.image, specimen.dpi, DpiSource.FILE)
    upright, first = _timed(lambda: deskew(page, None))
    dewarped, second = _timed(lambda: dewarp(upright))
    found, third = _timed(lambda: build_grids(dewarped, GridSettings()))
    _, checked = _timed(lambda: cross_check(dewarped, found))
    return first, second, third, first + second + third, checked


def _is_usual(specimen: Specimen) -> bool:
    height, width = specimen.image.shape[:2]
    return abs(height * width / USUAL_PIXELS - 1) <= SIZE_TOLERANCE


def _timed(stage: Callable[[], Result]) -> tuple[Result, float]:
    """A stage's result and the CPU seconds of the faster of two runs."""
    seconds = []
    for _ in range(2):
        started = time.process_time()
        result = stage()
        seconds.append(time.process_time() - started)
    return result, min(seconds)


def as_markdown(costs: list[tuple[float, ...]]) -> str:
    """Median, mean and maximum of each stage; nothing where no page is of the usual size."""
    if not costs:
        return "No page is of the usual size.\n"
    summaries = (statistics.median, statistics.fmean, max)
    columns = list(zip(*costs, strict=True))
    rows = [(name, *(f"{f(own):.3f}" for f in summaries)) for name, own in zip(STAGES, columns, strict=True)]
    return table((f"CPU seconds a page ({len(costs)} pages)", "median", "mean", "most"), rows)


def main(arguments: Iterable[str] | None = None) -> None:
    """Time the stages and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--out", type=Path, default=Path("accuracy"))
    parser.add_argument("--pages", type=int, default=12)
    options = parser.parse_args(None if arguments is None else list(arguments))
    cv2.setNumThreads(1)
    pages = [page for own in pages_by_condition(options.truth_dir).values() for page in own]
    usual = spread([page for page in pages if _is_usual(read_specimen(page))], options.pages)
    report = as_markdown([stage_seconds(read_specimen(page)) for page in usual])
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "cost.md").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
