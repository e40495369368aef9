"""Texts of cells, labels of a form -> how alike they are: a slip of the recogniser costs no label."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.process import cdist

from pipeline.elements import TableReading
from pipeline.forms.profile_parts import Relation
from pipeline.forms.profiles import Profile
from pipeline.text import KNOWN_TEXTS, half_width

MIN_SIMILARITY = 0.66
"""One character in three may be wrong, or one in four with room to spare, as slips of the recogniser are no more.
绩效指标 and 时效指标, which are as like, stay apart by their places."""

MIN_SIMILARITY_SHORT = 0.5
"""One character of two may be wrong, as where 合计 is read as 台计."""

SHORT_LABEL = 2
"""A label of so many letters counts as short: one slip is half of it."""


class _Forms(NamedTuple):
    """The letters and digits of a text, and those before its first bracket."""

    whole: str
    start: str


@lru_cache(KNOWN_TEXTS)
def similarity(text: str | None, label: str) -> float:
    """How alike a cell's text and a label are, 0-1; 0 below what a slip of the recogniser explains.

    What a label says in brackets, such as its unit, may be missing.

    >>> similarity("金额 (万元)", "金额")
    1.0
    """
    return float(_alike([_forms(text)], [_forms(label)])[0, 0])


def before_colon(text: str | None) -> str:
    """What a cell says before its first colon: its label, where label and value share the cell."""
    return half_width(text or "").split(":")[0]


def label_likeness(table: TableReading, profile: Profile) -> NDArray[np.float64]:
    """The similarity of each of a profile's labels with each cell of a table, (labels, cells), 0-1."""
    labels = [_forms(label) for label in profile.labels]
    alike = _alike([_forms(reading.text) for reading in table.cells], labels)
    of_starts = {entry.label for entry in profile.fields if entry.relation is Relation.SAME_CELL}
    if of_starts:
        rows = [row for row, label in enumerate(profile.labels) if label in of_starts]
        starts = [_forms(before_colon(reading.text)) for reading in table.cells]
        alike[rows] = _alike(starts, [labels[row] for row in rows])
    return alike


@lru_cache(KNOWN_TEXTS)
def _forms(text: str | None) -> _Forms:
    """The forms in which a text is compared."""
    plain = half_width(text or "")
    return _Forms(_letters(plain), _letters(plain.split("(")[0]))


def _letters(plain: str) -> str:
    return "".join(character for character in plain if character.isalnum())


def _alike(texts: Sequence[_Forms], labels: Sequence[_Forms]) -> NDArray[np.float64]:
    """The likeness of each label with each text by the forms of both that are most alike, (labels, texts), 0-1."""
    forms = [[form for pair in pairs for form in pair] for pairs in (labels, texts)]
    ratios = cdist(*forms, scorer=fuzz.ratio, dtype=np.float64)
    ratios[:, [not form for form in forms[1]]] = 0.0  # two texts that say nothing are not alike
    likest = ratios.reshape(len(labels), 2, len(texts), 2).max(axis=(1, 3)) / 100
    least = [MIN_SIMILARITY_SHORT if len(start) <= SHORT_LABEL else MIN_SIMILARITY for _, start in labels]
    likest[likest < np.array(least)[:, None]] = 0.0
    return cast(NDArray[np.float64], likest)
