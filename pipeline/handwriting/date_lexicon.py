"""A recogniser's alphabet -> its lexicon of dates: the symbols that they are written with, and every day spelled.

Of the recogniser's thousands of classes the symbols of dates are some forty, each with all classes that count as it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import BLANK, Label, LabelTree, class_index, encode, from_their_ends
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
    YearSpelling,
    days,
    years,
)

NOT_IN_NAME = 4.0
"""What stands before a date is a name: digits, letters and marks there cost so many nats for each step at which they
are seen."""
NUMERAL_IN_NAME = 1.5
"""Points, which specks are read as, and numerals, which some names have, cost fewer nats a step before a date."""
CHINESE = re.compile(r"[\u3400-\u9fff]")
"""A Chinese character, of which names consist."""

Alphabet: TypeAlias = tuple[str, ...]
"""The character of each class of a recogniser; class 0 is the CTC blank."""


class Labels(NamedTuple):
    """Spellings, and the same as labels of the lexicon's columns.

    `priors` are theirs, (spellings,); `dates` number what is written, so that spellings of one date have one number.
    """

    spellings: tuple[Spelling, ...]
    tree: LabelTree
    priors: NDArray[np.float64]
    dates: NDArray[np.intp]


class YearLabels(NamedTuple):
    """Years before month and day, and the same as labels of the lexicon's columns; `priors` are theirs, (years,)."""

    spellings: tuple[YearSpelling, ...]
    tree: LabelTree
    priors: NDArray[np.float64]


class SymbolClasses(NamedTuple):
    """Classes of the blank and of each symbol that the alphabet has, one symbol's after the other's.

    `weights` are natural logarithms, `starts` where each symbol's begin.
    """

    classes: list[int]
    weights: NDArray[np.float64]
    starts: list[int]


@dataclass(frozen=True, slots=True, eq=False)
class DateLexicon:
    """The dates that can be spelled in an alphabet.

    `columns` are the symbols' places among those of the lexicon, the blank's being 0; `members` are their classes.
    `name_costs` are nats of each class where a name is expected, (classes,). `days` are the labels of every day of a
    year, `years` those of every year, by script.
    """

    alphabet: Alphabet
    columns: Mapping[str, int]
    members: SymbolClasses
    name_costs: NDArray[np.float32]
    days: Mapping[Script, Labels]
    years: Mapping[Script, YearLabels]

    def labels(self, spellings: Iterable[Spelling]) -> Labels:
        """Those of the spellings that the alphabet has all symbols of."""
        return _labels(spellings, self.columns)

    def label(self, spelling: Spelling) -> Label:
        """One of the spellings of `days`, as a label."""
        return tuple(map(self.columns.__getitem__, spelling.symbols))


@lru_cache(maxsize=1)  # one recogniser reads all pages of a worker, and building this takes a tenth of a second
def lexicon_for(alphabet: Alphabet) -> DateLexicon:
    """The lexicon of dates in an alphabet.

    Args:
        alphabet: the character of each class; class 0 is the blank.
    """
    index = class_index(alphabet)
    own = [symbol for symbol, characters in SYMBOLS.items() if any(c in index for c in characters)]
    columns = {symbol: column for column, symbol in enumerate(own, start=1)}
    spelled = {script: _labels(days(script), columns) for script in Script}
    return DateLexicon(
        alphabet=alphabet,
        columns=columns,
        members=_symbol_classes(own, index),
        name_costs=_name_costs(alphabet, index),
        days=spelled,
        years={script: _year_labels(years(script), columns) for script in Script},
    )


def _labels(spellings: Iterable[Spelling], columns: Mapping[str, int]) -> Labels:
    spelled = [(spelling, encode(spelling.symbols, columns)) for spelling in spellings]
    whole = [(spelling, label) for spelling, label in spelled if label is not None]
    own = tuple(spelling for spelling, _ in whole)
    return Labels(
        spellings=own,
        tree=from_their_ends([label for _, label in whole]),
        priors=np.array([spelling.prior for spelling in own], np.float64),
        dates=np.array([_date_number(spelling) for spelling in own], np.intp),
    )


def _year_labels(spellings: Iterable[YearSpelling], columns: Mapping[str, int]) -> YearLabels:
    spelled = [(spelling, encode(spelling.symbols, columns)) for spelling in spellings]
    whole = [(spelling, label) for spelling, label in spelled if label is not None]
    own = tuple(spelling for spelling, _ in whole)
    tree = from_their_ends([label for _, label in whole])
    return YearLabels(own, tree, np.array([spelling.prior for spelling in own], np.float64))


def _date_number(spelling: Spelling) -> int:
    """A number of the year, month and day that are written, 0 for what is not, or cannot be."""
    return (spelling.year or 0) * 10_000 + (spelling.month or 0) * 100 + (spelling.day or 0)


def _symbol_classes(symbols: Sequence[str], index: Mapping[str, int]) -> SymbolClasses:
    own: list[dict[int, float]] = [{BLANK: 0.0}]
    for symbol in symbols:
        counted = dict.fromkeys(LOOKALIKES.get(symbol, ""), LOOKS_LIKE)
        if symbol == POINT:
            counted |= dict.fromkeys("".join(SEPARATORS.values()), LIKE_POINT)
        counted |= dict.fromkeys(SYMBOLS[symbol], 0.0)
        own.append({index[c]: weight for c, weight in counted.items() if c in index})
    starts = [0, *itertools.accumulate(len(classes) for classes in own[:-1])]
    weights = np.array([weight for classes in own for weight in classes.values()], np.float64)
    return SymbolClasses([cls for classes in own for cls in classes], weights, starts)


def _name_costs(alphabet: Alphabet, index: Mapping[str, int]) -> NDArray[np.float32]:
    cost = np.array([0.0 if CHINESE.match(character) else NOT_IN_NAME for character in alphabet], np.float32)
    cost[[index[c] for c in f"{NUMERALS}{SYMBOLS[POINT]}" if c in index]] = NUMERAL_IN_NAME
    cost[BLANK] = 0.0
    return cost
