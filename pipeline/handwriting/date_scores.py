"""A recogniser's views of one date -> how well each way to write each date explains them.

A view is reduced to the symbols of dates first: of the recogniser's thousands of classes they are some forty. A
spelling's score is its CTC forward score (`ctc.py`), measured against the best reading of any kind.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import (
    BLANK,
    LabelTree,
    LogProbabilities,
    Scores,
    best_characters,
    class_index,
    encode,
    from_their_ends,
    suffix_scores,
)
from pipeline.handwriting.date_spellings import (
    LIKE_POINT,
    LOOKALIKES,
    LOOKS_LIKE,
    NUMERALS,
    POINT,
    SEPARATORS,
    SYMBOLS,
    Script,
    Spelling,
    dated,
    days,
    impossible,
    years,
)

LIKELY_MARK = 0.04
"""年, 月 or 日 is in a date if the recogniser gives it this probability anywhere."""
NOT_IN_NAME = 4.0
NUMERAL_IN_NAME = 1.5
"""What stands before a date is a name: digits, letters and marks there cost so many nats for each step at which they
are seen; points, which specks are read as, and numerals, which some names have, cost less."""
LEFT_OVER = 3.0
"""In a crop of the date alone nothing stands before it: what does, costs so many nats a step."""
MOST_AGAINST = 8.0
BEYOND = 0.05
"""Nats by which a view counts against a spelling; what is beyond counts by this share."""
SWALLOWED = -1.5
"""Natural logarithm of how often a first 1 close to the name is seen as a part of it."""
DAYS_TO_TRY = 3
YEARS_TO_TRY = 4
DAYS_TO_KEEP = 8
"""Not every day is tried with every year: the likeliest years of the likeliest days are, with all likely days."""
CHINESE = re.compile(r"[\u3400-\u9fff]")
READ_AS = {
    character: symbol
    for symbol, characters in (*SYMBOLS.items(), *SEPARATORS.items())
    if symbol not in NUMERALS
    for character in characters
}
"""The digit, mark or separator that each character stands for in a date that is written with digits."""

Alphabet: TypeAlias = tuple[str, ...]
Day: TypeAlias = tuple[Script, int | None, int | None]


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


class _Labels(NamedTuple):
    """Spellings, and as labels of `View.symbols`."""

    spellings: tuple[Spelling, ...]
    tree: LabelTree


class _Members(NamedTuple):
    """Classes of the blank and of each symbol that the alphabet has, one symbol's after the other's.

    `weights` are natural logarithms, `starts` where each symbol's begin.
    """

    classes: list[int]
    weights: NDArray[np.float64]
    starts: list[int]


@dataclass(frozen=True, slots=True, eq=False)
class _Symbols:
    """The symbols of dates in an alphabet: their columns in `View.symbols`, their classes, and what classes cost.

    `costs` are nats where a name is expected, (classes,). Each alphabet has one, which is told by identity.
    """

    columns: dict[str, int]
    members: _Members
    costs: NDArray[np.float32]


def see_line(log_probabilities: LogProbabilities, alphabet: Alphabet) -> View:
    """A line that ends with a date; before it there may be a name."""
    return _see(log_probabilities, alphabet, _symbols(alphabet).costs)


def see_crop(log_probabilities: LogProbabilities, alphabet: Alphabet) -> View:
    """A crop that shows a date, and little else."""
    cost = np.full(len(alphabet), LEFT_OVER, np.float32)
    cost[BLANK] = 0.0
    return _see(log_probabilities, alphabet, cost)


def score_dates(views: Sequence[View], alphabet: Alphabet) -> Scored:
    """Score every day of a year in every form, the likeliest of them with the likeliest years too.

    Where marks such as 月 are not seen by any view, dates with marks are not tried. What a view reads as a date that
    cannot be is tried too, so that it is not taken for the nearest that can. No spellings come back where the alphabet
    cannot spell any.
    """
    known = _symbols(alphabet)
    marked = any(_has_marks(view, known) for view in views)
    scripts = tuple(Script) if marked else (Script.POINTS,)
    plain = _joined([_scored(views, _day_labels(script, known)) for script in scripts])
    likely = _likeliest_days(plain)
    tried = ((year, best) for best, *_ in likely[:DAYS_TO_TRY] for year in years(best.script))
    first = _scored(views, _labelled((dated(year, best) for year, best in tried), known))
    starts = (first.spellings[i].start for i in np.argsort(-first.totals, kind="stable"))
    kept = set(list(dict.fromkeys(starts))[:YEARS_TO_TRY])
    kept_years = {script: [year for year in years(script) if year.symbols in kept] for script in scripts}
    with_years = (dated(year, end) for ends in likely for end in ends for year in kept_years[end.script])
    none = {impossible(with_points(view.read)) for view in views}
    return _joined([plain, _scored(views, _labelled([*with_years, *none], known))])


def _likeliest_days(scored: Scored) -> list[list[Spelling]]:
    """The likeliest days, of each its spellings, the likeliest first."""
    by_day: dict[Day, list[Spelling]] = {}
    for i in np.argsort(-scored.totals, kind="stable").tolist():
        spelling = scored.spellings[i]
        day = _day(spelling)
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


def score_starts(view: View, spelling: Spelling, alphabet: Alphabet) -> Scores:
    """How far a view is behind its best reading if a spelling begins at a step, (steps + 1,)."""
    starts: Scores = _ending_scores(view, _labelled([spelling], _symbols(alphabet)))[:, 0]
    return starts


def _scored(views: Sequence[View], labelled: _Labels) -> Scored:
    behind = [_ending_scores(view, labelled).max(axis=0) for view in views]
    return Scored(labelled.spellings, np.array(behind).reshape(len(views), len(labelled.spellings)))


def _joined(parts: Sequence[Scored]) -> Scored:
    spellings = tuple(spelling for part in parts for spelling in part.spellings)
    return Scored(spellings, np.concatenate([part.behind for part in parts], axis=1))


def _ending_scores(view: View, labelled: _Labels) -> Scores:
    """How far behind its best reading a view is if a label begins at a step and ends it, (steps + 1, labels)."""
    behind = suffix_scores(view.symbols, labelled.tree)
    behind += view.before[:, None]
    behind -= view.anything
    return behind


def _day(spelling: Spelling) -> Day:
    return spelling.script, spelling.month, spelling.day


def _has_marks(view: View, known: _Symbols) -> bool:
    marks = [known.columns[mark] for mark in "年月日" if mark in known.columns]
    return bool(marks) and len(view.symbols) > 0 and float(view.symbols[:, marks].max()) > np.log(LIKELY_MARK)


def _see(steps: LogProbabilities, alphabet: Alphabet, cost: NDArray[np.float32]) -> View:
    """Reduce what was seen to the symbols of dates, and to what may be before them, which costs something."""
    members = _symbols(alphabet).members
    summed = np.add.reduceat(np.exp(steps[:, members.classes] + members.weights), members.starts, axis=1)
    symbols = np.log(np.maximum(summed, np.finfo(np.float32).tiny)).astype(np.float32)
    best = steps.max(axis=1, initial=-np.inf).sum(dtype=np.float64)
    left = np.array([(step - cost).max() for step in steps], np.float32)  # step by step, as that stays in the cache
    before = np.cumsum(left, dtype=np.float64)
    text = "".join(READ_AS.get(seen.text, " ") for seen in best_characters(steps, alphabet))
    return View(symbols, np.concatenate([[0.0], before]), float(best), text.rpartition(" ")[2])


def _costs_in_name(alphabet: Alphabet, index: dict[str, int]) -> NDArray[np.float32]:
    """What each class costs in nats where a name is expected."""
    cost = np.array([0.0 if CHINESE.match(character) else NOT_IN_NAME for character in alphabet], np.float32)
    cost[[index[c] for c in f"{NUMERALS}{SYMBOLS[POINT]}" if c in index]] = NUMERAL_IN_NAME
    cost[BLANK] = 0.0
    return cost


@lru_cache(maxsize=12)
def _day_labels(script: Script, known: _Symbols) -> _Labels:
    return _labelled(days(script), known)


def _labelled(spellings: Iterable[Spelling | None], known: _Symbols) -> _Labels:
    """The spellings that the alphabet has all symbols of."""
    spelled = [(spelling, encode(spelling.symbols, known.columns)) for spelling in spellings if spelling is not None]
    whole = [(spelling, label) for spelling, label in spelled if label is not None]
    return _Labels(tuple(spelling for spelling, _ in whole), from_their_ends([label for _, label in whole]))


@lru_cache(maxsize=4)
def _symbols(alphabet: Alphabet) -> _Symbols:
    index = class_index(alphabet)
    own = [symbol for symbol, characters in SYMBOLS.items() if any(c in index for c in characters)]
    columns = {symbol: column for column, symbol in enumerate(own, start=1)}
    return _Symbols(columns, _members(own, index), _costs_in_name(alphabet, index))


def _members(symbols: Sequence[str], index: dict[str, int]) -> _Members:
    own: list[dict[int, float]] = [{BLANK: 0.0}]
    for symbol in symbols:
        counted = dict.fromkeys(LOOKALIKES.get(symbol, ""), LOOKS_LIKE)
        if symbol == POINT:
            counted |= dict.fromkeys("".join(SEPARATORS.values()), LIKE_POINT)
        counted |= dict.fromkeys(SYMBOLS[symbol], 0.0)
        own.append({index[c]: weight for c, weight in counted.items() if c in index})
    starts = [0, *itertools.accumulate(len(classes) for classes in own[:-1])]
    weights = np.array([weight for classes in own for weight in classes.values()], np.float64)
    return _Members([cls for classes in own for cls in classes], weights, starts)
