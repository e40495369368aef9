"""A recogniser's views of one date -> how well each way to write each date explains them.

A view is reduced to the symbols of dates first. A spelling's score is its CTC forward score (Graves et al., 2006),
measured against the best reading of any kind.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import (
    BLANK,
    LabelTree,
    LogProbabilities,
    Scores,
    best_characters,
    suffix_scores,
    with_beginnings,
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
    has_day,
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
    """Spellings, and how far each view's score of each is behind its best reading of any kind, (views, spellings).

    `priors` and `dates` are the spellings' own, as in `Labels`.
    """

    spellings: tuple[Spelling, ...]
    behind: Scores
    priors: Scores
    dates: NDArray[np.intp]

    @property
    def totals(self) -> Scores:
        """(spellings,) natural logarithms: the views' mean and the prior.

        One view alone, in which digits run into each other, hardly ever rules a date out.
        """
        return _totals(self.behind, self.priors)


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
    parts = [_scored(views, lexicon.days[script]) for script in scripts]
    plain = _joined(parts)
    likely = _likeliest_days(plain, [len(part.spellings) for part in parts])
    kept = _likeliest_years(views, [best for best, *_ in likely[:DAYS_TO_TRY]], lexicon)
    kept_years = {script: [year for year in years(script) if year.symbols in kept] for script in scripts}
    with_years = (dated(year, end) for ends in likely for end in ends for year in kept_years[end.script])
    none = {impossible(with_points(view.read)) for view in views}
    others = lexicon.labels(spelling for spelling in (*with_years, *none) if spelling is not None)
    return _joined([plain, _scored(views, others)])


def _likeliest_days(scored: Scored, sizes: Sequence[int]) -> list[list[Spelling]]:
    """The likeliest days, of each its spellings, the likeliest first; a day is another one in each script.

    Args:
        scored: spellings of days, script by script.
        sizes: how many are of each script.
    """
    order = np.argsort(-scored.totals, kind="stable")
    days = (scored.dates * len(sizes) + np.repeat(np.arange(len(sizes)), sizes))[order]
    _, firsts = np.unique(days, return_index=True)
    kept = days[np.sort(firsts)[:DAYS_TO_KEEP]]
    return [[scored.spellings[i] for i in order[days == day].tolist()] for day in kept.tolist()]


def _likeliest_years(views: Sequence[View], days: Sequence[Spelling], lexicon: DateLexicon) -> set[str]:
    """The symbols of the likeliest years before some days."""
    starts: list[str] = []
    totals: list[Scores] = []
    for script, group in itertools.groupby(days, key=lambda day: day.script):
        own, known = list(group), lexicon.years[script]
        tree = with_beginnings([lexicon.label(day) for day in own], known.tree)
        priors = np.concatenate([known.priors + day.prior for day in own])
        there = np.array([has_day(year.year, day) for day in own for year in known.spellings], np.bool_)
        totals.append(_totals(_behind(views, tree), priors)[there])
        symbols = [year.symbols for year in known.spellings] * len(own)
        starts += itertools.compress(symbols, there.tolist())
    order = np.argsort(-np.concatenate([np.empty(0), *totals]), kind="stable")
    return set(list(dict.fromkeys(starts[i] for i in order.tolist()))[:YEARS_TO_TRY])


def with_swallowed(scored: Scored) -> Scored:
    """The same where the date is close to a name: views that see 2.26 speak for 12.26, too, only less."""
    column = {spelling.symbols: i for i, spelling in enumerate(scored.spellings)}
    behind = scored.behind.copy()
    for i, spelling in enumerate(scored.spellings):
        rest = column.get(spelling.symbols[1:]) if spelling.symbols.startswith("1") else None
        if rest is not None:
            behind[:, i] = np.maximum(behind[:, i], scored.behind[:, rest] + SWALLOWED)
    return scored._replace(behind=behind)


def with_points(text: str) -> str:
    """A date as read, with points in place of other separators."""
    return re.sub("[-/]", POINT, text)


def separator_of(views: Iterable[View]) -> str:
    """What most views see between the numbers of a date."""
    seen = [character for view in views for character in view.read if character in (POINT, *SEPARATORS)]
    return max((POINT, *SEPARATORS), key=seen.count)


def score_starts(view: View, spelling: Spelling, lexicon: DateLexicon) -> Scores:
    """How far a view is behind its best reading if a spelling begins at a step, (steps + 1,)."""
    starts: Scores = _ending_scores(view, lexicon.labels([spelling]).tree)[:, 0]
    return starts


def _scored(views: Sequence[View], labels: Labels) -> Scored:
    return Scored(labels.spellings, _behind(views, labels.tree), labels.priors, labels.dates)


def _behind(views: Sequence[View], labels: LabelTree) -> Scores:
    """How far behind its best reading each view is if it ends with a label, (views, labels)."""
    behind = [_ending_scores(view, labels).max(axis=0) for view in views]
    return np.array(behind).reshape(len(views), len(labels.ends))


def _totals(behind: Scores, priors: Scores) -> Scores:
    bounded = np.maximum(behind, -MOST_AGAINST) + BEYOND * np.minimum(behind + MOST_AGAINST, 0.0)
    totals: Scores = bounded.mean(axis=0) + priors
    return totals


def _joined(parts: Sequence[Scored]) -> Scored:
    return Scored(
        spellings=tuple(itertools.chain.from_iterable(part.spellings for part in parts)),
        behind=np.concatenate([part.behind for part in parts], axis=1),
        priors=np.concatenate([part.priors for part in parts]),
        dates=np.concatenate([part.dates for part in parts]),
    )


def _ending_scores(view: View, labels: LabelTree) -> Scores:
    """How far behind its best reading a view is if a label begins at a step and ends it, (steps + 1, labels)."""
    behind = suffix_scores(view.symbols, labels)
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
    likeliest = steps.argmax(axis=1)
    left = steps[np.arange(len(steps)), likeliest]
    best = left.sum(dtype=np.float64)
    for step in np.flatnonzero(cost[likeliest]).tolist():  # what costs nothing stays the best, as nothing gains
        left[step] = (steps[step] - cost).max()
    before = np.cumsum(left, dtype=np.float64)
    text = "".join(READ_AS.get(seen.text, " ") for seen in best_characters(steps, lexicon.alphabet))
    return View(symbols, np.concatenate([[0.0], before]), float(best), text.rpartition(" ")[2])
