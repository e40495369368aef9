"""A line of handwriting -> its date and its name, by what the recogniser saw and by the shape of the strokes."""

from __future__ import annotations

from pipeline.handwriting.date_findings import SURE_DATE, report_dates
from pipeline.handwriting.date_lexicon import DateLexicon, lexicon_for
from pipeline.handwriting.dates import DateReading, DateStart, DateViews, find_date_start, read_date
from pipeline.handwriting.name_evidence import keep_posteriors, likenesses, pooled
from pipeline.handwriting.name_matching import NameMatch, match_names, name_probabilities
from pipeline.handwriting.writer_similarity import Strokes, describe_writing, same_writer, unlikeness

__all__ = [
    "SURE_DATE",
    "DateLexicon",
    "DateReading",
    "DateStart",
    "DateViews",
    "NameMatch",
    "Strokes",
    "describe_writing",
    "find_date_start",
    "keep_posteriors",
    "lexicon_for",
    "likenesses",
    "match_names",
    "name_probabilities",
    "pooled",
    "read_date",
    "report_dates",
    "same_writer",
    "unlikeness",
]
