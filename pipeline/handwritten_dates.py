"""A recogniser's log probabilities -> the date that explains them best, of all dates there are.

Read plainly, a handwritten 3.30 is as often 330 or 3.3O; compared with the 366 days of a year, written as people write
them, the right one nearly always wins, and how far it is ahead says how sure that is.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from pipeline.ctc import (
    Label,
    LogProbabilities,
    Scores,
    best_path_score,
    class_index,
    encode,
    forward_scores,
    merge_classes,
    suffix_scores,
)
from pipeline.values import LEAP_YEAR

POINT = "."
POINTS_MISREAD = "。·，、•,・"
"""What recognisers make of a point between two numbers."""
YEAR = re.compile(rf"((?:(?:19|20)\d\d|\d\d))[{re.escape(POINT + POINTS_MISREAD)}年/-]$")
CENTURY = 2000
"""Of years written with two digits."""
LIKELY_MARK = 0.05
"""月 is in a date if the recogniser gives it this probability anywhere."""
SAME_START = 1.0
"""Starts of a date that explain the line equally well, within this many nats, have only blank paper between them."""
LOST_POINT_FACTOR = 0.6
"""A date whose point the recogniser would rather not see is less sure by this factor: 111 is 1.11 and 11.1."""


class DateViews(NamedTuple):
    """What the recogniser makes of a line that ends with a date, and of crops of that date, as log probabilities.

    `year` is the year that the line has before month and day, as written, or "".
    """

    line: LogProbabilities
    crops: Sequence[LogProbabilities]
    year: str = ""


class DateReading(NamedTuple):
    """A date as written, how sure it is (0-1), and what it says; `year` is None where none is written.

    `likeness` compares it with the best readings of any kind, in nats per character: 0 is as good. `point_lost` says
    that the recogniser would rather read it without its point.
    """

    text: str
    confidence: float
    month: int
    day: int
    year: int | None
    likeness: float
    point_lost: bool


class DateStart(NamedTuple):
    """Between which shares of a line's width a date begins, and its likeness to one.

    `likeness` compares the date with the best reading of any kind, in nats per character: 0 is as good.
    A recogniser sees a character somewhere on it: `after` is where it saw the last one before the date, `before` where
    it saw the date's first. `year` is the year as written before month and day, "" where there is none.
    """

    after: float
    before: float
    likeness: float
    year: str = ""


class _Candidate(NamedTuple):
    text: str
    month: int
    day: int
    year: int | None


def find_date_start(log_probabilities: LogProbabilities, alphabet: Sequence[str]) -> DateStart:
    """Where the date begins, if the line ends with one: before it anything may stand.

    Args:
        log_probabilities: (time steps, classes) of a line that holds a name, a date, or both.
        alphabet: the character of each class; class 0 is the blank.
    """
    steps = _points_merged(log_probabilities, alphabet)
    labels, kept = _labels(_days(_has_month_mark(steps, alphabet)), alphabet)
    totals = _ending_scores(steps, labels)
    best = int(totals.max(axis=1).argmax())
    alike = np.flatnonzero(totals.max(axis=1) >= totals[best].max() - SAME_START)
    length = len(kept[int(totals[best].argmax())].text)
    after, before, year = int(alike[0]), int(alike[-1]), ""
    seen = _characters(steps, alphabet)
    before_date = [(character, step) for character, step in seen if step < before]
    written = YEAR.search("".join(character for character, _ in before_date))
    if written:
        year = written[1]
        after = before_date[written.start() - 1][1] + 1 if written.start() else 0
        before = before_date[written.start()][1]
    share = 1.0 / max(len(steps), 1)
    return DateStart(after * share, before * share, float(totals[best].max()) / length, year)


def read_date(views: DateViews, alphabet: Sequence[str]) -> DateReading | None:
    """The date that several views of it show; None when the alphabet cannot spell one.

    Args:
        views: the line that ends with the date, and crops of the date alone.
        alphabet: the character of each class; class 0 is the blank.
    """
    line, *crops = (_points_merged(steps, alphabet) for steps in (views.line, *views.crops))
    marked = any(_has_month_mark(steps, alphabet) for steps in (line, *crops))
    labels, kept = _labels(_days(marked, views.year), alphabet)
    if not kept:
        return None
    scores = _view_scores(line, crops, labels)
    best = int(scores.argmax())
    found = kept[best]
    same_day = np.array([(day.month, day.day) == (found.month, found.day) for day in kept])
    chances = np.exp(scores - scores[best])
    confidence = float(chances[same_day].sum() / chances.sum())
    pointless, _ = _labels([found._replace(text=found.text.replace(POINT, ""))], alphabet)
    point_lost = POINT in found.text and bool(_view_scores(line, crops, pointless)[0] > scores[best])
    return DateReading(
        text=found.text,
        confidence=confidence * (LOST_POINT_FACTOR if point_lost else 1.0),
        month=found.month,
        day=found.day,
        year=found.year,
        likeness=float(scores[best]) / len(found.text),
        point_lost=point_lost,
    )


def _characters(steps: LogProbabilities, alphabet: Sequence[str]) -> list[tuple[str, int]]:
    """The characters of the best reading, and the step at which each was first seen."""
    best = steps.argmax(axis=1)
    firsts = np.flatnonzero(np.diff(best, prepend=0))
    return [(alphabet[int(best[step])], int(step)) for step in firsts if best[step]]


def _view_scores(line: LogProbabilities, crops: Sequence[LogProbabilities], labels: Sequence[Label]) -> Scores:
    """Each label's score, averaged over the views: how far it is behind each view's best reading of any kind."""
    views = [_ending_scores(line, labels).max(axis=0)]
    views += [forward_scores(steps, labels) - best_path_score(steps) for steps in crops]
    mean: Scores = np.mean(views, axis=0)
    return mean


def _ending_scores(steps: LogProbabilities, labels: Sequence[Label]) -> Scores:
    """How far behind its best reading of any kind a line is if a label begins at a step; (steps + 1, labels)."""
    anything = np.concatenate([[0.0], np.cumsum(steps.max(axis=1), dtype=np.float64)])
    behind: Scores = anything[:, None] + suffix_scores(steps, labels) - anything[-1]
    return behind


def _points_merged(log_probabilities: LogProbabilities, alphabet: Sequence[str]) -> LogProbabilities:
    index = class_index(tuple(alphabet))
    if POINT not in index:
        return log_probabilities
    return merge_classes(log_probabilities, index[POINT], [index[c] for c in POINTS_MISREAD if c in index])


def _has_month_mark(steps: LogProbabilities, alphabet: Sequence[str]) -> bool:
    mark = class_index(tuple(alphabet)).get("月")
    return mark is not None and len(steps) > 0 and float(steps[:, mark].max()) > np.log(LIKELY_MARK)


@cache
def _days(with_characters: bool, year: str = "") -> tuple[_Candidate, ...]:
    """Every day of a year, as written with points and, where asked for, with 月 and 日."""
    number = (int(year) if len(year) == 4 else CENTURY + int(year)) if year else None
    candidates = []
    for month in range(1, 13):
        for day in range(1, calendar.monthrange(number or LEAP_YEAR, month)[1] + 1):
            forms = [f"{year}.{month}.{day}" if year else f"{month}.{day}"]
            if with_characters:
                forms.append(f"{year}年{month}月{day}日" if year else f"{month}月{day}日")
            candidates += [_Candidate(form, month, day, number) for form in forms]
    return tuple(candidates)


def _labels(candidates: Sequence[_Candidate], alphabet: Sequence[str]) -> tuple[list[Label], list[_Candidate]]:
    """The candidates that the alphabet can spell, as class indices."""
    index = class_index(tuple(alphabet))
    pairs = [(label, c) for c in candidates if (label := encode(c.text, index)) is not None]
    return [label for label, _ in pairs], [candidate for _, candidate in pairs]
