"""Crops of lines -> text with confidence and CTC posteriors: what recognises, behind protocols."""

from __future__ import annotations

from pipeline.engines.ctc_scores import (
    BLANK,
    Label,
    LabelTree,
    LogProbabilities,
    Scores,
    best_path_score,
    class_index,
    encode,
    forward_scores,
    from_their_ends,
    prefix_scores,
    suffix_scores,
    with_beginnings,
)
from pipeline.engines.greedy_decoding import CharacterPosterior, best_characters
from pipeline.engines.paddle import load_engines
from pipeline.engines.protocols import (
    DetectedLine,
    Detector,
    Engines,
    LineReading,
    Orienter,
    Recogniser,
    ReducedHeight,
    Seen,
    SignatureFinder,
    SignatureHeat,
    Turn,
)

__all__ = [
    "BLANK",
    "CharacterPosterior",
    "DetectedLine",
    "Detector",
    "Engines",
    "Label",
    "LabelTree",
    "LineReading",
    "LogProbabilities",
    "Orienter",
    "Recogniser",
    "ReducedHeight",
    "Scores",
    "Seen",
    "SignatureFinder",
    "SignatureHeat",
    "Turn",
    "best_characters",
    "best_path_score",
    "class_index",
    "encode",
    "forward_scores",
    "from_their_ends",
    "load_engines",
    "prefix_scores",
    "suffix_scores",
    "with_beginnings",
]
