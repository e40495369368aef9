"""A line of handwriting -> its date and its name, by what the recogniser saw and by the shape of the strokes."""

from __future__ import annotations

from pipeline.handwriting.date_findings import SURE_DATE, report_dates
from pipeline.handwriting.dates import DateReading, DateStart, DateViews, find_date_start, read_date
from pipeline.handwriting.name_evidence import keep_seen, likenesses, pooled
from pipeline.handwriting.name_matching import NameMatch, match_names, name_probabilities
from pipeline.handwriting.writer_similarity import Strokes, describe_hand, same_hand, unlikeness

__all__ = [
    "SURE_DATE",
    "DateReading",
    "DateStart",
    "DateViews",
    "NameMatch",
    "Strokes",
    "describe_hand",
    "find_date_start",
    "keep_seen",
    "likenesses",
    "match_names",
    "name_probabilities",
    "pooled",
    "read_date",
    "report_dates",
    "same_hand",
    "unlikeness",
]
