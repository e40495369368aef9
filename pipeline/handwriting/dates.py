"""A recogniser's log probabilities -> the date that explains them best, of all dates there are.

Read plainly, a handwritten 3.30 is as often 330 or 3.3O; compared with every day of a year, written as people write
them, the right one nearly always wins, and how far it is ahead says how sure that is.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Candidate
from pipeline.engines import LogProbabilities
from pipeline.handwriting.date_lexicon import DateLexicon
from pipeline.handwriting.date_scores import (
    Scored,
    score_dates,
    score_starts,
    see_crop,
    see_line,
    separator_of,
    with_swallowed,
)
from pipeline.handwriting.date_spellings import POINT, Spelling

SAME_START = 1.0
"""Starts of a date that account for the line equally well, within this many nats, have only blank paper between
them."""
NOTHING = -4.0
"""What accounts for the views worse than by this many nats per character is as probably no date of any kind."""
TEMPERATURE = 0.7
"""Dates share their probability by their nats divided by this: the mean of bounded views moves less than one view."""
FLAW_FACTOR = 0.6
"""A date whose point the recogniser would rather not see is less sure by this factor, as 111 is 1.11 and 11.1; and so
is one that cannot be as it is written."""
LIKELY = 0.02
"""Other dates at least this probable are named."""


class DateViews(NamedTuple):
    """Log probabilities: what the recogniser makes of lines that end with a date, and of crops of it alone."""

    lines: Sequence[LogProbabilities]
    crops: Sequence[LogProbabilities]
    close: bool = False
    """Whether hardly anything is between the date and the name before it."""


class DateReading(NamedTuple):
    """A date as written, how sure it is (0-1), and what it says.

    `year` is None where none is written, `month` and `day` where what is written is no day of a year. `likeness`
    compares it with the best readings of any kind, in nats per character: 0 is as good. `point_lost` says that the
    recogniser would rather read it without its point, `possible` that it can be as it is written, year and all.
    `others` are other dates that it may be, the likeliest first.
    """

    text: str
    confidence: float
    month: int | None
    day: int | None
    year: int | None
    likeness: float
    point_lost: bool
    possible: bool = True
    others: tuple[Candidate, ...] = ()

    @property
    def full_date(self) -> datetime.date | None:
        """The day in its year; None where one of them is not written, or cannot be."""
        if not (self.year and self.month and self.day):
            return None
        return datetime.date(self.year, self.month, self.day)


class DateStart(NamedTuple):
    """Between which shares of a line's width a date begins, and its likeness to one.

    `likeness` compares the date with the best reading of any kind, in nats per character: 0 is as good.
    A recogniser sees a character somewhere on it: `after` is where it saw the last one before the date, `before` where
    it saw the date's first.
    """

    after: float
    before: float
    likeness: float


def find_date_start(log_probabilities: LogProbabilities, lexicon: DateLexicon) -> DateStart:
    """Where the date begins, if the line ends with one: before it anything may stand that may be a name.

    Args:
        log_probabilities: (time steps, classes) of a line that holds a name, a date, or both.
        lexicon: of the recogniser's alphabet.
    """
    line = see_line(log_probabilities, lexicon)
    scored = score_dates([line], lexicon)
    if not scored.spellings:
        return DateStart(0.0, 0.0, -np.inf)
    best = scored.spellings[int(scored.totals.argmax())]
    starts = score_starts(line, best, lexicon)
    alike = np.flatnonzero(starts >= starts.max() - SAME_START)
    share = 1.0 / max(len(log_probabilities), 1)
    return DateStart(float(alike[0]) * share, float(alike[-1]) * share, _likeness(scored, best))


def read_date(views: DateViews, lexicon: DateLexicon) -> DateReading | None:
    """The date that several views of it show; None when the alphabet cannot spell one.

    Args:
        views: cuts that end with the date, such as its line, and crops of the date alone.
        lexicon: of the recogniser's alphabet.
    """
    seen = [*(see_line(line, lexicon) for line in views.lines), *(see_crop(crop, lexicon) for crop in views.crops)]
    scored = score_dates(seen, lexicon)
    if not scored.spellings:
        return None
    scored = with_swallowed(scored) if views.close else scored
    best = int(scored.totals.argmax())
    found, date = scored.spellings[best], int(scored.dates[best])
    by_date = _by_date(scored)
    confidence, _ = by_date.pop(date)
    separator = separator_of(seen)
    return DateReading(
        text=found.text.replace(POINT, separator),
        confidence=confidence * (FLAW_FACTOR if found.point_lost or not found.possible else 1.0),
        month=found.month,
        day=found.day,
        year=found.year,
        likeness=_likeness(scored, found),
        point_lost=found.point_lost,
        possible=found.possible,
        others=tuple(
            Candidate(text.replace(POINT, separator), chance) for chance, text in by_date.values() if chance >= LIKELY
        ),
    )


def _chances(scored: Scored) -> NDArray[np.float64]:
    """The probability of each spelling, shared with the others and with what is no date at all."""
    totals = scored.totals
    nothing = NOTHING * len(scored.spellings[int(totals.argmax())].text)
    top = max(float(totals.max()), nothing)
    chances = np.exp((totals - top) / TEMPERATURE)
    shared: NDArray[np.float64] = chances / (chances.sum() + np.exp((nothing - top) / TEMPERATURE))
    return shared


def _by_date(scored: Scored) -> dict[int, tuple[float, str]]:
    """The summed probability of each date, by its number, and its likeliest text, the likeliest date first."""
    chances = _chances(scored)
    order = np.argsort(-chances, kind="stable")
    dates, firsts, which = np.unique(scored.dates[order], return_index=True, return_inverse=True)
    summed = np.bincount(which, weights=chances[order])
    return {
        int(dates[i]): (float(summed[i]), scored.spellings[order[firsts[i]]].text)
        for i in np.lexsort((firsts, -summed)).tolist()
    }


def _likeness(scored: Scored, found: Spelling) -> float:
    """How well the views explain the date with all its points, in nats per character."""
    whole = [i for i, one in enumerate(scored.spellings) if one.text == found.text and not one.point_lost]
    return float(scored.behind[:, whole].mean(axis=0).max()) / len(found.text)
