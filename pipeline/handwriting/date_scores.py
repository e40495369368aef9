"""A recogniser's views of one date -> how well each way to write each date explains them.

A view is reduced to the symbols of dates first. A spelling's score is its CTC forward score (Graves et al., 2006),
measured against the best reading of any kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import (
    BLANK,
    LogProbabilities,
    Scores,
    best_characters,
    suffix_scores,
)
from pipeline.handwriting.date_lexicon import DateLexicon, Labels
from pipeline.handwriting.date_spellings import (
    NUMERALS,
    POINT,
    SEPARATORS,
    SYMBOLS,
    Script,
    Spelling,
    dated,
    impossible,
    years,
)

LIKELY_MARK = 0.04
"""年, 月 or 日 is in a date if the recogniser gives it this probability anywhere."""
LEFT_OVER = 3.0
"""In a crop of the date alone nothing stands before it: what does, costs so many nats a step."""
MOST_AGAINST = 8.0
"""A view counts against a spelling by so many nats in full."""
BEYOND = 0.05
"""Of what a view has against a spelling beyond `MOST_AGAINST` this share counts."""
SWALLOWED = -1.5
"""The natural logarithm of how often a first 1 close to the name is seen as a part of it."""
DAYS_TO_TRY = 3
"""Years are first tried with so many of the likeliest days."""
YEARS_TO_TRY = 4
"""So many of the likeliest years are tried with all likely days, as not every day is tried with every year."""
DAYS_TO_KEEP = 8
"""So many of the likeliest days are tried with the likeliest years."""
READ_AS = {
    character: symbol
    for symbol, characters in (*SYMBOLS.items(), *SEPARATORS.items())
    if symbol not in NUMERALS
    for character in characters
}
"""The digit, mark or separator that each character stands for in a date that is written with digits."""

Day: TypeAlias = tuple[Script, int | None, int | None]
"""A script, a month and a day; None where they are no day of a year."""


class View(NamedTuple):
    """What a recogniser saw, all natural logarithms.

    `symbols` are the probabilities of the blank and of each symbol that the alphabet has, (steps, 1 + symbols);
    `before` is the best score of what may stand before a date that begins at a step, (steps + 1,); `anything` the best
    score of any text at all. `read` is what it ends with, as far as dates are written so: digits, marks, separators.
    """

    symbols: LogProbabilities
    before: Scores
    anything: float
    read: str


class Scored(NamedTuple):
    """Spellings, and how far each view's score of each is behind its best reading of any kind, (views, spellings)."""

    spellings: tuple[Spelling, ...]
    behind: Scores

    @property
    def totals(self) -> Scores:
        """(spellings,) natural logarithms: the views' mean and the prior.

        One view alone, in which digits run into each other, hardly ever rules a date out.
        """
        priors = np.array([spelling.prior for spelling in self.spellings])
        bounded = np.maximum(self.behind, -MOST_AGAINST) + BEYOND * np.minimum(self.behind + MOST_AGAINST, 0.0)
        totals: Scores = bounded.mean(axis=0) + priors
        return totals


def see_line(log_probabilities: LogProbabilities, lexicon: DateLexicon) -> View:
    """A line that ends with a date; before it there may be a name."""
    return _see(log_probabilities, lexicon, lexicon.name_costs)


def see_crop(log_probabilities: LogProbabilities, lexicon: DateLexicon) -> View:
    """A crop that shows a date, and little else."""
    cost = np.full(len(lexicon.alphabet), LEFT_OVER, np.float32)
    cost[BLANK] = 0.0
    return _see(log_probabilities, lexicon, cost)


def score_dates(views: Sequence[View], lexicon: DateLexicon) -> Scored:
    """Score every day of a year in every form, the likeliest of them with the likeliest years too.

    Where marks such as 月 are not seen by any view, dates with marks are not tried. What a view reads as a date that
    cannot be is tried too, so that it is not taken for the nearest that can. No spellings come back where the alphabet
    cannot spell any.
    """
    marked = any(_has_marks(view, lexicon) for view in views)
    scripts = tuple(Script) if marked else (Script.POINTS,)
    plain = _joined([_scored(views, lexicon.days[script]) for script in scripts])
    likely = _likeliest_days(plain)
    tried = [dated(year, best) for best, *_ in likely[:DAYS_TO_TRY] for year in years(best.script)]
    first = _scored(views, lexicon.labels(spelling for spelling in tried if spelling is not None))
    starts = (first.spellings[i].start for i in np.argsort(-first.totals, kind="stable"))
    kept = set(list(dict.fromkeys(starts))[:YEARS_TO_TRY])
    kept_years = {script: [year for year in years(script) if year.symbols in kept] for script in scripts}
    with_years = (dated(year, end) for ends in likely for end in ends for year in kept_years[end.script])
    none = {impossible(with_points(view.read)) for view in views}
    others = lexicon.labels(spelling for spelling in (*with_years, *none) if spelling is not None)
    return _joined([plain, _scored(views, others)])


def _likeliest_days(scored: Scored) -> list[list[Spelling]]:
    """The likeliest days, of each its spellings, the likeliest first."""
    by_day: dict[Day, list[Spelling]] = {}
    for i in np.argsort(-scored.totals, kind="stable").tolist():
        spelling = scored.spellings[i]
        day = spelling.script, spelling.month, spelling.day
        if day in by_day or len(by_day) < DAYS_TO_KEEP:
            by_day.setdefault(day, []).append(spelling)
    return list(by_day.values())


def with_swallowed(scored: Scored) -> Scored:
    """The same where the date is close to a name: views that see 2.26 speak for 12.26, too, only less."""
    column = {spelling.symbols: i for i, spelling in enumerate(scored.spellings)}
    behind = scored.behind.copy()
    for i, spelling in enumerate(scored.spellings):
        rest = column.get(spelling.symbols[1:]) if spelling.symbols.startswith("1") else None
        if rest is not None:
            behind[:, i] = np.maximum(behind[:, i], scored.behind[:, rest] + SWALLOWED)
    return Scored(scored.spellings, behind)


def with_points(text: str) -> str:
    """A date as read, with points in place of other separators."""
    return re.sub("[-/]", POINT, text)


def separator_of(views: Iterable[View]) -> str:
    """What most views see between the numbers of a date."""
    seen = [character for view in views for character in view.read if character in (POINT, *SEPARATORS)]
    return max((POINT, *SEPARATORS), key=seen.count)


def score_starts(view: View, spelling: Spelling, lexicon: DateLexicon) -> Scores:
    """How far a view is behind its best reading if a spelling begins at a step, (steps + 1,)."""
    starts: Scores = _ending_scores(view, lexicon.labels([spelling]))[:, 0]
    return starts


def _scored(views: Sequence[View], labels: Labels) -> Scored:
    behind = [_ending_scores(view, labels).max(axis=0) for view in views]
    return Scored(labels.spellings, np.array(behind).reshape(len(views), len(labels.spellings)))


def _joined(parts: Sequence[Scored]) -> Scored:
    spellings = tuple(spelling for part in parts for spelling in part.spellings)
    return Scored(spellings, np.concatenate([part.behind for part in parts], axis=1))


def _ending_scores(view: View, labels: Labels) -> Scores:
    """How far behind its best reading a view is if a label begins at a step and ends it, (steps + 1, labels)."""
    behind = suffix_scores(view.symbols, labels.tree)
    behind += view.before[:, None]
    behind -= view.anything
    return behind


def _has_marks(view: View, lexicon: DateLexicon) -> bool:
    marks = [lexicon.columns[mark] for mark in "年月日" if mark in lexicon.columns]
    return bool(marks) and len(view.symbols) > 0 and float(view.symbols[:, marks].max()) > np.log(LIKELY_MARK)


def _see(steps: LogProbabilities, lexicon: DateLexicon, cost: NDArray[np.float32]) -> View:
    """Reduce what was seen to the symbols of dates, and to what may be before them, which costs something."""
    members = lexicon.members
    summed = np.add.reduceat(np.exp(steps[:, members.classes] + members.weights), members.starts, axis=1)
    symbols = np.log(np.maximum(summed, np.finfo(np.float32).tiny)).astype(np.float32)
    best = steps.max(axis=1, initial=-np.inf).sum(dtype=np.float64)
    left = np.array([(step - cost).max() for step in steps], np.float32)  # step by step, as that stays in the cache
    before = np.cumsum(left, dtype=np.float64)
    text = "".join(READ_AS.get(seen.text, " ") for seen in best_characters(steps, lexicon.alphabet))
    return View(symbols, np.concatenate([[0.0], before]), float(best), text.rpartition(" ")[2])
