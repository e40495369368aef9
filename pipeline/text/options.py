"""The text of a cell with boxes -> its options: each label with whether its box is ticked."""

from __future__ import annotations

import re
from typing import NamedTuple

BOXES = {"□": False, "☐": False, "☑": True, "☒": True, "■": True}
"""The signs of boxes, and whether they are ticked."""
_OPTION = re.compile(f"([{''.join(BOXES)}])([^{''.join(BOXES)}]*)")
_AROUND = " \t\n\u3000、,，;；/"
"""What parts options and is no part of their labels."""


class Option(NamedTuple):
    """A label, "" for a box without any, and whether its box is ticked; None where that cannot be told."""

    label: str
    checked: bool | None


def read_options(text: str | None) -> tuple[Option, ...] | None:
    """The options of a text, in their order; None where it has no boxes. Boxes stand before their labels, or all after.

    Example:
        >>> read_options("☑新购 □更新")
        (Option(label='新购', checked=True), Option(label='更新', checked=False))
    """
    boxes = _OPTION.findall(text or "")
    if not text or not boxes:
        return None
    labels = [label.strip(_AROUND) for _, label in boxes]
    before = text[: text.index(boxes[0][0])].strip(_AROUND)
    if before and not labels[-1]:
        labels = [before, *labels[:-1]]
    return tuple(Option(label, BOXES[sign]) for (sign, _), label in zip(boxes, labels, strict=True))
