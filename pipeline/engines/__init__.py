"""Crops of lines -> text with confidence and CTC posteriors: what recognises, behind protocols."""

from __future__ import annotations

from pipeline.engines.ctc_scores import (
    BLANK,
    CharacterPosterior,
    LabelTree,
    LogProbabilities,
    Scores,
    best_characters,
    best_path_score,
    class_index,
    encode,
    forward_scores,
    from_their_ends,
    suffix_scores,
)
from pipeline.engines.paddle import load_engines
from pipeline.engines.protocols import DetectedLine, Detector, Engines, LineReading, Orienter, Recogniser

__all__ = [
    "BLANK",
    "CharacterPosterior",
    "DetectedLine",
    "Detector",
    "Engines",
    "LabelTree",
    "LineReading",
    "LogProbabilities",
    "Orienter",
    "Recogniser",
    "Scores",
    "best_characters",
    "best_path_score",
    "class_index",
    "encode",
    "forward_scores",
    "from_their_ends",
    "load_engines",
    "suffix_scores",
]
