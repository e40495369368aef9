"""landed tables, ground truth -> measures: structure, text, records, signatures, and what the confidences are worth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.evaluate.landed import load_landed
from pipeline.evaluate.measures import Measures, total
from pipeline.evaluate.reliability import reliability
from pipeline.evaluate.report import as_json, as_markdown
from pipeline.evaluate.results import Evaluation, Group, PageEvaluation, worst_pages
from pipeline.evaluate.scoring import score_page
from pipeline.evaluate.truth import load_truth

__all__ = [
    "Evaluation",
    "Group",
    "Measures",
    "PageEvaluation",
    "as_json",
    "as_markdown",
    "evaluate",
    "worst_pages",
]


def evaluate(truth_dir: Path, out: Path) -> Evaluation:
    """Score the tables landed in `out` against a folder of truth files.

    Raises:
        TruthInvalid: when the folder holds no truth, or a file that is not truth.
        TruthAmbiguous: when a truth file fits several landed pages.
        NothingLanded: when `out` has no landed tables.
    """
    truths = load_truth(truth_dir)
    landed = load_landed(out, (truth.name for truth in truths))
    scores = [score_page(truth, landed.by_name.get(truth.name)) for truth in truths]
    pages = tuple(
        PageEvaluation(truth.name, truth.condition, truth.name in landed.by_name, score.counts)
        for truth, score in zip(truths, scores, strict=True)
    )
    return Evaluation(
        groups=_groups(pages),
        pages=pages,
        cells=reliability(seen for score in scores for seen in score.cell_confidences),
        grids=reliability(seen for score in scores for seen in score.grid_confidences),
        missed=tuple(page.name for page in pages if not page.landed),
        ignored=landed.others,
    )


def _groups(pages: Sequence[PageEvaluation]) -> tuple[Group, ...]:
    conditions = sorted({page.condition for page in pages})
    alike = ([page.counts for page in pages if page.condition == condition] for condition in conditions)
    everything = Group("all", total(page.counts for page in pages))
    named = (Group(condition, total(counts)) for condition, counts in zip(conditions, alike, strict=True))
    return everything, *named
