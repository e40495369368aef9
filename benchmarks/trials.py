"""One page, one try: what became of its grid, and whether a person is told to look.

Shared by the benchmarks that make pages worse on purpose. Trials run side by side in processes of one thread each.
"""

from __future__ import annotations

import functools
import itertools
import math
import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar, cast

import cv2
import numpy as np

from benchmarks.drawing.distortions import Image
from benchmarks.drawing.specimens import Structure
from pipeline.dewarp import AGREED_DEG, measure_slant
from pipeline.elements import DpiSource, Page
from pipeline.engines import Engines, LineReading, load_engines
from pipeline.grid import cross_check
from pipeline.page import settle_orientation
from pipeline.settings import ModelSettings, Settings

Z95 = 1.96
"""Standard deviations on both sides of the mean within which 95 of 100 cases lie."""
BINS = (0.0, 0.5, 0.9, 0.97, 1.0)


class ReadsNothing:
    """A recogniser to which all lines are blank."""

    def read(self, crops: Sequence[Image], **_how: bool) -> list[LineReading]:
        """A reading without text for each crop."""
        return [LineReading("", 0.0, ()) for _ in crops]


NO_ENGINES = Engines(recogniser=cast(Any, ReadsNothing()), detector=cast(Any, None), orienter=None, digests=())
"""For pages that are known to be upright: without an orienter nothing is asked, and pale print proves nothing."""

Job = TypeVar("Job")
Result = TypeVar("Result")


class Verdict(NamedTuple):
    """What became of a page.

    `right` says whether its cells and its way up were exactly right, `structure_f1` how many of its cells were; the
    `confidence` is the grid's, 0.0 where none was found. `flagged` says whether a person is told to look, by one of the
    findings `grid_doubtful`, `grid_disputed`, `skew_disagrees` and `orientation_unsure`.
    """

    right: bool
    structure_f1: float
    confidence: float
    flagged: bool

    @property
    def clear(self) -> bool:
        """Right, and nobody is bothered."""
        return self.right and not self.flagged

    @property
    def silent(self) -> bool:
        """Wrong, and nobody is told."""
        return not self.right and not self.flagged


def judge(image: Image, dpi: float, structure: Structure, engines: Engines = NO_ENGINES, turns: int = 0) -> Verdict:
    """Build the grid of an image and compare it with the truth.

    Args:
        image: (height, width, 3) as a file would hold it.
        dpi: that the file would state.
        structure: of the page.
        engines: tell which way up the page is.
        turns: counter-clockwise quarter turns that the image has suffered.
    """
    settings = Settings()
    page = Page("", 1, np.ascontiguousarray(image), dpi, DpiSource.FILE)
    settled = settle_orientation(page, engines, settings)
    found = [frozenset((c.row, c.col, c.row_span, c.col_span) for c in grid.cells) for grid in settled.layout.grids]
    right = found == [structure] and (settled.layout.upright.quarter_turns + turns) % 4 == 0
    grids = [checked.grid for checked in cross_check(settled.layout.dewarped, settled.layout.grids)]
    confidence = min((grid.confidence for grid in grids), default=0.0)
    leaning = abs(measure_slant(settled.layout.dewarped, grids) or 0.0) > AGREED_DEG
    flagged = confidence < settings.grid.review_confidence or leaning or not settled.sure
    return Verdict(right, _structure_f1(structure, found), confidence, flagged)


def _structure_f1(structure: Structure, found: Sequence[Structure]) -> float:
    """Cells in place in the table that has most of them; those of other tables count as wrong."""
    placed = max((len(structure & cells) for cells in found), default=0)
    return 2 * placed / (len(structure) + sum(map(len, found)))


@functools.cache
def engines() -> Engines:
    """The engines of this process, loaded once."""
    return load_engines(ModelSettings())


def run_all(attempt: Callable[[Job], Result], jobs: Sequence[Job]) -> list[Result]:
    """Do the jobs, as many at a time as there are cores; results are in the jobs' order."""
    os.environ["OMP_NUM_THREADS"] = "1"  # the processes inherit it
    with multiprocessing.get_context("spawn").Pool(os.cpu_count(), cv2.setNumThreads, (1,)) as pool:
        return pool.map(attempt, jobs, chunksize=2)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; every column but the first is aligned to the right."""
    align = ["---", *("---:" for _ in header[1:])]
    return "".join(f"| {' | '.join(map(str, row))} |\n" for row in [header, align, *rows])


def reliability(verdicts: Sequence[Verdict]) -> str:
    """How often grids of each confidence were right, as a Markdown table."""
    rows = []
    for low, high in itertools.pairwise(BINS):
        own = [v for v in verdicts if low <= v.confidence < high or (high == BINS[-1] and v.confidence == high)]
        share = f"{sum(v.right for v in own) / len(own):.3f}" if own else ""
        rows.append((f"{low:g}–{high:g}", len(own), share))
    sure = [v for v in verdicts if v.confidence >= BINS[-3]]
    right = [v for v in verdicts if v.right]
    summary = (
        f"\nOf {len(sure)} grids with a confidence of 0.9 or more, {sum(v.right for v in sure)} are right;"
        f" of {len(right)} right ones, {sum(v.confidence >= BINS[-3] for v in right)} reach 0.9.\n"
    )
    return table(("confidence", "grids", "right"), rows) + summary


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927): what so many trials prove.

    Example:
        >>> [round(bound, 3) for bound in wilson(0, 200)]
        [0.0, 0.019]
    """
    if of == 0:
        return 0.0, 1.0
    share, z2 = hits / of, Z95**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    reach = Z95 * math.sqrt(share * (1 - share) / of + z2 / (4 * of**2)) / (1 + z2 / of)
    return max(0.0, middle - reach), min(1.0, middle + reach)
