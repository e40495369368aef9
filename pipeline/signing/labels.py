"""A text -> the label that asks for a signature in it: which word, of which kind, and where it begins and ends."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("labels.txt")
"""The labels of all languages."""
HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Characters of scripts that put no spaces between words."""
MOST_HAN_AROUND = 12
"""A line with more characters than these beside a label of such a script is a sentence that mentions it."""
MOST_WORDS_AROUND = 5
"""A line with more words than these beside a label in letters is a sentence: 「Signature of the applicant」 is none."""
BLANK_LEADER = re.compile(r"[\s:：,，;._…·\-—]*$")
"""What may stand behind a label where something is to be written."""


class LabelKind(StrEnum):
    """What a label names: the act of signing, who signs, or the end of a letter."""

    ACT = "act"
    ROLE = "role"
    CLOSING = "closing"


class Label(NamedTuple):
    """A label in a text: the characters from `start` to `stop`, and its kind.

    `asks` says that nothing but what is left blank to be filled in stands behind it.
    """

    kind: LabelKind
    start: int
    stop: int
    asks: bool


class SigningLabels(NamedTuple):
    """All labels by kind, plain as `plain` makes them."""

    patterns: tuple[tuple[LabelKind, re.Pattern[str]], ...]


@cache
def signing_labels(own: tuple[str, ...] = ()) -> SigningLabels:
    """The labels of all languages with one's own, which name the act of signing.

    Args:
        own: labels that forms at hand have besides.
    """
    words: dict[LabelKind, list[str]] = {kind: [] for kind in LabelKind}
    kind = LabelKind.ACT
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            kind = LabelKind(line.strip("[]"))
        elif line and not line.startswith("#"):
            words[kind].append(line)
    words[LabelKind.ACT] += own
    return SigningLabels(tuple((kind, _pattern(listed)) for kind, listed in words.items()))


def find_labels(text: str, labels: SigningLabels) -> tuple[Label, ...]:
    """The labels in a line of print, from its beginning to its end; none where it is a sentence that mentions one.

    Args:
        text: as read.
        labels: from `signing_labels`.
    """
    folded, places = plain(text)
    found = [
        Label(kind, places[match.start()], places[match.end() - 1] + 1, asks=False)
        for kind, pattern in labels.patterns
        for match in pattern.finditer(folded)
    ]
    kept: list[Label] = []
    for label in sorted(found, key=lambda one: (one.start, -one.stop)):
        if not kept or label.start >= kept[-1].stop:
            kept.append(label)
    if not kept or _is_sentence(text, kept):
        return ()
    ends = [*(label.start for label in kept[1:]), len(text)]
    return tuple(
        label._replace(asks=bool(BLANK_LEADER.match(_without_note(text[label.stop : end]))))
        for label, end in zip(kept, ends, strict=True)
    )


def plain(text: str) -> tuple[str, list[int]]:
    """A text without case, accents and the spaces between ideographs, and where each of its characters stood."""
    folded, places = [], []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFKD", character).casefold():
            if not unicodedata.combining(part):
                folded.append("i" if part == "ı" else part)
                places.append(place)
    joined = [
        index
        for index, character in enumerate(folded)
        if not (
            character.isspace()
            and 0 < index < len(folded) - 1
            and HAN.match(folded[index - 1])
            and HAN.match(folded[index + 1])
        )
    ]
    return "".join(folded[index] for index in joined), [places[index] for index in joined]


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Any of some labels, longer ones first; those in letters as whole words."""
    alternatives = []
    for word in sorted({plain(word)[0] for word in words}, key=lambda word: (-len(word), word)):
        spaced = r"\s+".join(map(re.escape, word.split()))
        alternatives.append(spaced if HAN.search(word) else rf"(?<!\w){spaced}(?!\w)")
    return re.compile("|".join(alternatives) or r"(?!)")


def _is_sentence(text: str, labels: Sequence[Label]) -> bool:
    """Whether a text has far more than its labels and what belongs to them."""
    left = "".join(_spared(text, labels))
    words = re.findall(r"[^\W\d_]{2,}", HAN.sub(" ", left))
    return len(HAN.findall(left)) > MOST_HAN_AROUND or len(words) > MOST_WORDS_AROUND


def _spared(text: str, labels: Sequence[Label]) -> Iterator[str]:
    """What of a text is no label."""
    start = 0
    for label in labels:
        yield text[start : label.start]
        start = label.stop
    yield text[start:]


def _without_note(text: str) -> str:
    """What stands behind a label without a note in brackets, such as （签字） or (print name)."""
    return re.sub(r"^\s*[(（\[][^)）\]]*[)）\]]", "", text)
