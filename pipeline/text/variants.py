"""Traditional and simplified characters: which script a text is in, and its form in the simplified one.

The pairs are those of `variants.txt`, from Unicode's Unihan database.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

PAIRS = "variants.txt"
TRADITIONAL_CODE = "big5"
"""What this code of traditional script lacks is simplified alone: 国 is, 后 and 里 belong to both scripts."""


class ScriptCounts(NamedTuple):
    """How many characters of a text are simplified alone, and how many are traditional."""

    simplified: int
    traditional: int


def count_scripts(text: str) -> ScriptCounts:
    """Count what tells the script of a text.

    Example:
        >>> count_scripts("國务院办公厅")
        ScriptCounts(simplified=3, traditional=1)
    """
    forms, simplified = simplified_forms(), _simplified_alone()
    return ScriptCounts(sum(c in simplified for c in text), sum(c in forms for c in text))


def simplified(text: str) -> str:
    """A text of the same length with the simplified form of each traditional character that has one.

    Example:
        >>> simplified("項目支出")
        '项目支出'
    """
    forms = simplified_forms()
    return "".join(forms.get(character, character) for character in text)


@lru_cache(maxsize=1)
def simplified_forms() -> Mapping[str, str]:
    """The simplified form of each traditional character that has one alone."""
    lines = Path(__file__).with_name(PAIRS).read_text(encoding="utf-8").splitlines()
    pairs = [pair for line in lines if not line.startswith("#") for pair in line.split()]
    return MappingProxyType({pair[0]: pair[1] for pair in pairs})


@lru_cache(maxsize=1)
def _simplified_alone() -> frozenset[str]:
    return frozenset(form for form in simplified_forms().values() if not form.encode(TRADITIONAL_CODE, "ignore"))
