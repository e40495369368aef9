"""Landed tables and ground truth -> measures: structure, text, records, signatures, and what confidence is worth."""

from __future__ import annotations

from pipeline.evaluate.evaluating import evaluate
from pipeline.evaluate.landed import LandedCell, LandedPage, Place
from pipeline.evaluate.measures import Counts, Measures, measure, total
from pipeline.evaluate.reliability import Bin
from pipeline.evaluate.report import as_json, as_markdown
from pipeline.evaluate.results import Evaluation, Group, PageEvaluation, worst_pages
from pipeline.evaluate.scoring import normalise, score_page
from pipeline.evaluate.truth import TruthPage, read_truth

__all__ = [
    "Bin",
    "Counts",
    "Evaluation",
    "Group",
    "LandedCell",
    "LandedPage",
    "Measures",
    "PageEvaluation",
    "Place",
    "TruthPage",
    "as_json",
    "as_markdown",
    "evaluate",
    "measure",
    "normalise",
    "read_truth",
    "score_page",
    "total",
    "worst_pages",
]
