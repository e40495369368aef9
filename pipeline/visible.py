"""Texts of others, such as files' names, as a person may be shown them: on one line, and with no hold on a terminal."""

from __future__ import annotations

import unicodedata

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of what is not seen but obeyed: control codes, marks that turn the direction of writing or have
no width, halves of characters, ends of lines and paragraphs."""
NO_CHARACTERS = frozenset("\ufffe\uffff")
"""These are no characters in any script, and XML has no place for them."""


def visible(text: str) -> str:
    r"""A text in which everything is seen: what is not has its code in its place.

    >>> print(visible("a\nb\x1b[2J\u202e"))
    a\nb\x1b[2J\u202e
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_code(char) if _is_unseen(char) else char for char in text)


def visible_lines(text: str) -> str:
    """A text of our own lines, in each of which everything is seen."""
    return "\n".join(map(visible, text.split("\n")))


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in UNSEEN or char in NO_CHARACTERS


def _code(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
