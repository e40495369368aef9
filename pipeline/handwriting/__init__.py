"""A line of handwriting -> that it is one, its date and its name, by the shape of its strokes and by what was read."""

from __future__ import annotations

from pipeline.handwriting.date_findings import SURE_DATE, report_dates
from pipeline.handwriting.date_lexicon import DateLexicon, lexicon_for
from pipeline.handwriting.dates import DateReading, DateStart, DateViews, find_date_start, read_date
from pipeline.handwriting.line_ink import LineInk, measure_lines
from pipeline.handwriting.name_decoding import LONGEST, decode_names
from pipeline.handwriting.name_evidence import keep_posteriors, likenesses, pooled
from pipeline.handwriting.name_matching import NameMatch, match_names, name_probabilities
from pipeline.handwriting.name_prior import is_surname
from pipeline.handwriting.pen_or_print import ReadInk, own_odds, shared_odds
from pipeline.handwriting.writer_similarity import Strokes, describe_writing, same_writer, unlikeness

__all__ = [
    "LONGEST",
    "SURE_DATE",
    "DateLexicon",
    "DateReading",
    "DateStart",
    "DateViews",
    "LineInk",
    "NameMatch",
    "ReadInk",
    "Strokes",
    "decode_names",
    "describe_writing",
    "find_date_start",
    "is_surname",
    "keep_posteriors",
    "lexicon_for",
    "likenesses",
    "match_names",
    "measure_lines",
    "name_probabilities",
    "own_odds",
    "pooled",
    "read_date",
    "report_dates",
    "same_writer",
    "shared_odds",
    "unlikeness",
]
