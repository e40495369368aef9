"""Characters -> the same text in normal form: half width, one line."""

from __future__ import annotations

import re
from functools import lru_cache

KNOWN_TEXTS = 4096
"""Texts whose plain forms are remembered, which depend on nothing but the text: a document's are asked for again and
again, and so many take a few MB."""

# Full-width ASCII (！ to ～) and what recognisers make of the same sign. Compatibility normalisation is no help here:
# it also turns ① into 1 and ² into 2, which would change numbers.
_HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
_SIGNS = str.maketrans(
    {
        "≦": "≤",
        "⩽": "≤",
        "〈": "<",
        "≧": "≥",
        "⩾": "≥",
        "〉": ">",
        "﹤": "<",
        "﹥": ">",
        "﹦": "=",
        "％": "%",
        "﹪": "%",
        "∕": "/",
        "⁄": "/",
    }
)
_DIGRAPHS = (("<=", "≤"), ("=<", "≤"), (">=", "≥"), ("=>", "≥"), ("≤=", "≤"), ("≥=", "≥"))
_LINE_BREAKS = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")


@lru_cache(KNOWN_TEXTS)
def half_width(text: str) -> str:
    """The text without white space, with ASCII forms of full-width signs and one form of each comparator.

    >>> half_width("≦ １５ 万元")
    '≤15万元'
    """
    plain = "".join(text.split()).translate(_SIGNS).translate(_HALF_WIDTH)
    for digraph, sign in _DIGRAPHS:
        plain = plain.replace(digraph, sign)
    return plain


@lru_cache(KNOWN_TEXTS)
def one_line(text: str | None) -> str | None:
    """The text without the white space that line breaks left between Chinese characters; None when it is blank.

    >>> one_line("服务对象 满意度指标")
    '服务对象满意度指标'
    """
    return _LINE_BREAKS.sub("", " ".join((text or "").split())) or None


def has_content(text: str | None) -> bool:
    """Whether a cell says something: a letter, a digit or unreadable ink; specks read as marks say nothing."""
    return text is None or any(character.isalnum() for character in text)
