"""Truth -> what each part of the reading adds: every page is read as built, and again with one part taken out.

    python -m benchmarks.ablation TRUTH_DIR [--out accuracy] [--pages N]

Writes OUT/ablation.md, with the measures of docs/evaluation.md by condition. A part is taken out by putting a plain
substitute in its place (substitutes.py); nothing in the pipeline knows of this. Signatures are left out, as
no part here is about them. Pages of the condition "worn" are others', distorted as in robustness.py.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import cv2
import numpy as np

from benchmarks.drawing.distortions import Image
from benchmarks.drawing.specimens import A4_LONG_SIDE_IN, mixed, pages_by_condition, read_specimen, spread
from benchmarks.robustness import worn
from benchmarks.substitutes import PARTS, RememberingDetector, RememberingRecogniser
from benchmarks.trials import engines, run_all, table
from pipeline.elements import DpiSource, FindingRule, Page, PageReading
from pipeline.evaluate import Counts, LandedCell, LandedPage, Measures, Place, measure, read_truth, score_page, total
from pipeline.page import read as page
from pipeline.settings import Settings, SignatureSettings

AS_BUILT = "as built"
WORN = (("short dashes", 0.35), ("long dashes", 0.2), ("copied seal", 0.5), ("toner flaked off", 0.35))
"""Distortions at which grids are still found, but not easily: what repairs and second opinions are for."""
WORN_PAGES = 2
"""Pages tried with each of these: the condition "worn"."""
FLAGS = {
    FindingRule.ORIENTATION_UNSURE,
    FindingRule.SKEW_DISAGREES,
    FindingRule.GRID_DOUBTFUL,
    FindingRule.GRID_DISPUTED,
    FindingRule.NO_TABLE,
}
"""Findings that make a person look at the table as a whole."""


# --- reading ----------------------------------------------------------------------------------------------------------


class Score(NamedTuple):
    """A page read with a part taken out (or as built): its counts, and whether its table is right and flagged."""

    condition: str
    part: str
    counts: Counts
    right: bool
    flagged: bool
    doubted: tuple[tuple[bool, bool], ...]
    """For each text in its place: (whether it is right, whether it asks for review)."""


class Job(NamedTuple):
    """A page to read, under which condition, and what is done to it before (None: nothing)."""

    page: Path
    condition: str
    wear: tuple[str, float] | None = None


def jobs(truth_dir: Path, count: int) -> list[Job]:
    """So many pages of each condition, and some that are worn on purpose."""
    chosen = [Job(p, name) for name, own in pages_by_condition(truth_dir).items() for p in spread(own, count)]
    return chosen + [Job(p, "worn", wear) for wear in WORN for p in mixed(truth_dir, WORN_PAGES)]


def attempt(job: Job) -> list[Score]:
    """Read a page as built, and with each part taken out."""
    loaded = engines()
    tools = replace(
        loaded, recogniser=RememberingRecogniser(loaded.recogniser), detector=RememberingDetector(loaded.detector)
    )
    settings = Settings(signature=SignatureSettings(enabled=False))
    image = _image(job)
    scan = Page("", 1, image, max(image.shape[:2]) / A4_LONG_SIDE_IN, DpiSource.FILE)
    scores = []
    for part, substitutes in {AS_BUILT: (), **PARTS}.items():
        with ExitStack() as stack:
            for substitute in substitutes:
                stack.enter_context(mock.patch.object(*substitute))
            scores.append(_score(job, part, page.read_page(scan, tools, settings), settings))
    return scores


def _image(job: Job) -> Image:
    if job.wear is not None:
        return worn(read_specimen(job.page), *job.wear)
    return np.asarray(cv2.imread(str(job.page), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION), np.uint8)


def _score(job: Job, part: str, reading: PageReading, settings: Settings) -> Score:
    truth = read_truth(job.page.with_suffix(".json"))
    cells = tuple(
        LandedCell(
            table_index=read.grid.table_index,
            place=Place(own.cell.row, own.cell.col, own.cell.row_span, own.cell.col_span),
            text=own.text,
            text_corrected=None,
            confidence=own.confidence,
            grid_confidence=own.cell.confidence,
            polygon=own.cell.polygon,
        )
        for read in reading.tables
        for own in read.cells
    )
    score = score_page(truth, LandedPage(cells=cells))
    return Score(
        condition=job.condition,
        part=part,
        counts=score.counts,
        right=score.counts.tables_perfect == 1,
        flagged=not reading.tables or any(finding.rule in FLAGS for finding in reading.findings),
        doubted=tuple(
            (seen.right, seen.confidence is None or seen.confidence < settings.ocr.review_confidence)
            for seen in score.cell_confidences
        ),
    )


# --- reporting --------------------------------------------------------------------------------------------------------

Shown = Callable[[Sequence[Score]], str]


def _measured(name: str) -> Shown:
    def shown(own: Sequence[Score]) -> str:
        measures: Measures = measure(total(score.counts for score in own))
        value = getattr(measures, name)
        return "–" if value is None else f"{value:.3f}"

    return shown


def _flags(own: Sequence[Score]) -> str:
    clear = sum(score.right and not score.flagged for score in own)
    silent = sum(not score.right and not score.flagged for score in own)
    return f"{clear} / {silent}"


def _reviews(own: Sequence[Score]) -> str:
    texts = [text for score in own for text in score.doubted]
    wrong = [asks for right, asks in texts if not right]
    return f"{sum(wrong)} of {len(wrong)}, {sum(asks for _, asks in texts)}"


TABLES: dict[str, Shown] = {
    "Structure F1": _measured("structure_f1"),
    "Exact F1 of the text as read": _measured("read_f1"),
    "Pages right and not flagged / wrong and not flagged": _flags,
    "Wrong texts that ask for review, and all texts that do": _reviews,
}


def as_markdown(scores: Sequence[Score]) -> str:
    """A table for each measure; parts without which it stays the same are named below it."""
    conditions = list(dict.fromkeys(score.condition for score in scores))
    by_group = {
        (part, condition): [s for s in scores if (s.part, s.condition) == (part, condition)]
        for part in (AS_BUILT, *PARTS)
        for condition in conditions
    }
    pages = [str(len(by_group[AS_BUILT, condition])) for condition in conditions]
    sections = []
    for title, shown in TABLES.items():
        rows = {p: [shown(by_group[p, c]) for c in conditions] for p in (AS_BUILT, *PARTS)}
        changed = [(f"without: {p}", *row) for p, row in rows.items() if p != AS_BUILT and row != rows[AS_BUILT]]
        same = [p for p, row in rows.items() if p != AS_BUILT and row == rows[AS_BUILT]]
        header = (title, *conditions)
        text = table(header, [("pages", *pages), (AS_BUILT, *rows[AS_BUILT]), *changed])
        sections.append(text + (f"\nThe same without: {'; '.join(same)}.\n" if same else ""))
    return "\n".join(sections)


def main(arguments: Iterable[str] | None = None) -> None:
    """Read the pages with every part taken out, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--out", type=Path, default=Path("accuracy"))
    parser.add_argument("--pages", type=int, default=3, help="of each condition (default: 3)")
    options = parser.parse_args(None if arguments is None else list(arguments))
    report = as_markdown([s for scores in run_all(attempt, jobs(options.truth_dir, options.pages)) for s in scores])
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "ablation.md").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
