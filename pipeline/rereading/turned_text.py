"""Cells whose text stands in columns -> their texts, read the way they run: stacked, or turned either way.

A recogniser that learnt from vertical text reads characters that lie on their side as well, so that the rows of a
turned heading may be read as its characters, surely, in the wrong order. Each column is therefore read as if it were
turned either way, and with its characters side by side. Only the right way is a whole line that is read surely;
stacked characters are read side by side, and turned counter-clockwise, too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from pipeline.elements import Image
from pipeline.engines import LineReading, Recogniser
from pipeline.recognition import CheckedReading, Padding, calibrated, first_cut, read_checked
from pipeline.rereading.column_cuts import CutSource, Running, cut_column
from pipeline.rereading.columns import Column, ColumnBlock

SURE = 0.9
"""A reading counts as sure where each of its characters has this confidence, as the recognition cascade has it."""
LEAD = 1.0
"""Where both ways of a turn are read surely, or neither, one must have a character more, each counted by how sure it
is."""
ALIKE = 0.5
"""Two readings of one column say the same, a few characters apart, from this similarity on."""
APART = 0.4
"""Upright characters speak for one way where their similarity to it is so much more than to the other."""
DISSENT = 0.8
"""Another view of stacked characters speaks against the first from this confidence on; below, it is a poor view."""
INCOMPLETE = 0.7
"""Characters side by side without the ink between them are no surer than this: punctuation is missing."""
UNTOLD = 0.5
"""No text is surer than this where the way it runs, or the order of its columns, cannot be told."""


class ReadColumns(NamedTuple):
    """A cell's columns in reading order, the reading of each, and how they run.

    `sure` is False where another way to run, or another order, is as probable.
    """

    columns: tuple[Column, ...]
    readings: tuple[CheckedReading, ...]
    running: Running
    sure: bool


class ColumnReader(NamedTuple):
    """What columns are cut from, and who reads them."""

    source: CutSource
    recogniser: Recogniser

    def cut(self, column: Column, running: Running, padding: Padding) -> Image:
        """A column as a line."""
        return cut_column(self.source, column, running, padding)

    def look(self, columns: Sequence[Column], running: Running) -> list[LineReading]:
        """Cheap readings of columns that may run so."""
        padding = first_cut(self.recogniser)
        return self.recogniser.read([self.cut(column, running, padding) for column in columns], reduced=True)

    def check(self, columns: Sequence[Column], running: Running, known: Sequence[LineReading]) -> list[CheckedReading]:
        """Checked readings of columns that run so, by the recognition cascade.

        Args:
            columns: to read.
            running: how their text runs.
            known: what `look` saw in them.
        """
        return read_checked(
            len(columns),
            lambda index, padding: self.cut(columns[index], running, padding),
            self.recogniser,
            known=dict(enumerate(known)),
        )


def read_columns(block: ColumnBlock, reader: ColumnReader) -> ReadColumns | None:
    """Read the columns of a cell the way they run; None where they read well in no way, so that they may be no text."""
    columns = block.columns
    seen = {running: reader.look(columns, running) for running in Running}
    running = which_way(seen[Running.STACKED], seen[Running.DOWN], seen[Running.UP])
    if running is None:
        return None
    way, sure = running
    if way is Running.UP:
        return ReadColumns(columns, tuple(reader.check(columns, way, seen[way])), way, sure)
    down = reader.check(columns, Running.DOWN, seen[Running.DOWN])
    if way is Running.DOWN:
        return ReadColumns(columns[::-1], tuple(down[::-1]), way, sure)
    stacked = reader.check(columns, way, seen[way])
    views = zip(columns, stacked, down, strict=True)
    both = [either(one if column.whole else _incomplete(one), other) for column, one, other in views]
    leftmost_first, order_known = column_order(columns)
    step = 1 if leftmost_first else -1
    return ReadColumns(columns[::step], tuple(both[::step]), way, sure and order_known)


def which_way(
    stacked: Sequence[LineReading], down: Sequence[LineReading], up: Sequence[LineReading]
) -> tuple[Running, bool] | None:
    """How the columns of a cell run, and whether that is sure; None where they read well in no way.

    Args:
        stacked: readings of the columns' characters side by side, from the top.
        down: of the columns turned counter-clockwise, as a line that was turned clockwise is read.
        up: of the columns turned clockwise.
    """
    upright = _alike(stacked, down)
    mirrored = _alike([reading._replace(text=reading.text[::-1]) for reading in stacked], up)
    top_down = Running.STACKED if _are_stacked(stacked, down, upright) else Running.DOWN
    down_sure, up_sure = _least_sure(down) >= SURE, _least_sure(up) >= SURE
    if down_sure != up_sure:
        way, support, against = (Running.UP, mirrored, upright) if up_sure else (top_down, upright, mirrored)
        return way, support >= against or _least_sure(stacked) < SURE
    lead = _characters(down) - _characters(up)
    if abs(upright - mirrored) >= APART and max(upright, mirrored) >= ALIKE:
        way, against = (top_down, -lead) if upright > mirrored else (Running.UP, lead)
        return way, against < LEAD
    if max(_characters(down), _characters(up)) < LEAD:
        return (Running.STACKED, False) if _least_sure(stacked) >= SURE else None
    way = top_down if lead >= 0 else Running.UP
    return way, down_sure and (abs(lead) >= LEAD or _texts(down) == _texts(up))


def either(stacked: CheckedReading, down: CheckedReading) -> CheckedReading:
    """One reading of stacked characters from two views of them, side by side and turned.

    Example:
        >>> either(CheckedReading("单位", 0.99, ()), CheckedReading("單位", 0.5, ())).confidence
        0.99
    """
    one, two = stacked.confidence or 0.0, down.confidence or 0.0
    if _plain(stacked.text) == _plain(down.text):
        return stacked if one >= two else stacked._replace(confidence=down.confidence)
    kept, other = (stacked, down) if one >= two else (down, stacked)
    if not kept.text or (other.confidence or 0.0) < DISSENT:
        return kept
    doubted = min(kept.confidence or 0.0, calibrated(SURE, 1))
    return kept._replace(confidence=doubted, alternatives=tuple({*kept.alternatives, other.text} - {kept.text}))


def _incomplete(stacked: CheckedReading) -> CheckedReading:
    """A reading of characters side by side that lacks what stands between them: the other view is more."""
    return stacked._replace(confidence=min(stacked.confidence or 0.0, INCOMPLETE))


def column_order(columns: Sequence[Column]) -> tuple[bool, bool]:
    """Whether stacked columns are read from the left, and whether that is sure.

    Vertical text runs from right to left. A last column may be short, and no other is: where the left one is longest
    and the right one short, it is read from the left, as few write; where all are as long, nothing tells.
    """
    if len(columns) == 1:
        return True, True
    lengths = [len(column.characters) for column in columns]
    if lengths[0] < lengths[-1] and len(set(lengths[1:])) == 1:
        return False, True
    return lengths[-1] < lengths[0] and len(set(lengths[:-1])) == 1, False


def _are_stacked(stacked: Sequence[LineReading], down: Sequence[LineReading], alike: float) -> bool:
    """Whether columns that are read from the top have upright characters: these read well side by side."""
    return alike >= ALIKE or _least_sure(stacked) >= SURE > _least_sure(down)


def _alike(readings: Sequence[LineReading], others: Sequence[LineReading]) -> float:
    """How similar the texts of two readings of the same columns are, 0-1."""
    return SequenceMatcher(None, _texts(readings), _texts(others), autojunk=False).ratio()


def _texts(readings: Sequence[LineReading]) -> str:
    return "\n".join(_plain(reading.text) for reading in readings)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _least_sure(readings: Sequence[LineReading]) -> float:
    return min(min(reading.char_confidences, default=0.0) for reading in readings)


def _characters(readings: Sequence[LineReading]) -> float:
    """How many characters were read, each counting from -1, surely wrong, to 1, surely right."""
    return sum(2 * confidence - 1 for reading in readings for confidence in reading.char_confidences)
