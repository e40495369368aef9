"""A page -> the quarter turns that make its text upright, or those among which only reading can tell.

The orienter is asked of the page as a whole. Where it is not sure, or saw only the middle of a long page, two more
things are: which way rows of print run, which tells a page on its side from an upright one in any script; and what the
orienter says of parts of the page. They must agree.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Axis, Image
from pipeline.engines import Orienter, Turn
from pipeline.imaging import as_image, averaged, find_print, middle_sheet

SURE_TURN = 0.9
"""Orienters this sure were right on every page of a trial with 228 turned ones, and on 200 sheets of other scripts;
below, one in eight was not."""
ORIENTER_LONG_SIDE = 1200
"""The orienter is shown a page of about so many pixels: it works at 256, and a large page only costs time."""
LONG_ASPECT = 2.0
"""Of pages longer than this for their width the orienter, which looks at a square, misses half or more: of some it was
sure of a wrong turn. Sheets are at most 1.42 times as long as wide."""
ROWS_LONG_SIDE = 900
"""The direction of rows is told on an image of so many pixels: print of 3 mm is 8 pixels large there."""
JOINED_SHARE = 0.45
"""Print closer to the next than this share of its size is joined: characters of a row are, rows are further apart."""
LARGE_PRINT = 3
"""What is so many times as large as print is a title's, a picture or a piece of ruling."""
SURE_ROWS = 1.5
"""Print, joined along its rows, is so many times as long as when joined across them. On 91 pages of any script, make
and condition it was 1.8 to 29 times."""
POSSIBLE_TURNS = {Axis.HORIZONTAL: (0, 2), Axis.VERTICAL: (1, 3)}
"""The quarter turns that may make a page upright whose rows run so."""
ALL_TURNS = (0, 1, 2, 3)
"""The quarter turns of a page of which nothing is known."""
PART_SHARE = 0.6
"""A part of a page is a square with this share of its shorter side: large enough for some text, which the orienter sees
twice as large as on the whole page."""
PARTS = 3
"""Parts along a side of the page; they overlap."""
PARTS_OF_LONG = 5
"""Parts along the longer side of a page longer than `LONG_ASPECT`."""
UNSURE_PART = 0.5
"""A part of which the orienter is less sure than this has no vote: it is blank, or a picture."""
ENOUGH_VOTES = 2.5
"""The right turn has the votes of so many parts of which the orienter is entirely sure, the whole page among them."""
VOTE_LEAD = 3.0
"""The right turn has so many times the votes of each other one. In a trial with 93 pages of any script, turned each
way, no turn with twice the votes was wrong."""


class FoundTurn(NamedTuple):
    """How a page is to be turned.

    `turn` is what is to be done, with the orienter's confidence in the page as a whole. `open_turns` are the quarter
    turns that may have to follow it, 0 among them; none where it is sure.
    """

    turn: Turn
    open_turns: tuple[int, ...] = ()


def find_turn(image: Image, orienter: Orienter) -> FoundTurn:
    """The quarter turns that make a page upright.

    Args:
        image: (height, width, 3) BGR.
        orienter: asked of the page, and of its parts where needed.
    """
    return turn_of(shown_to_orienter(image), orienter)


def shown_to_orienter(image: Image) -> Image:
    """What of a page the orienter is shown: all of it, or the middle of a strip, smaller where it is large."""
    return reduced(middle_sheet(image), ORIENTER_LONG_SIDE)


def turn_of(page: Image, orienter: Orienter) -> FoundTurn:
    """The same, of what the orienter is shown of the page."""
    turn = orienter.orient(page)
    is_sure = turn.confidence >= SURE_TURN
    if is_sure and max(page.shape[:2]) <= LONG_ASPECT * min(page.shape[:2]):
        return FoundTurn(turn)
    rows = row_direction(page)
    possible = POSSIBLE_TURNS[rows] if rows else ALL_TURNS
    if is_sure and turn.quarter_turns in possible:
        return FoundTurn(turn)
    if rows is None:
        return FoundTurn(Turn(0, turn.confidence), ALL_TURNS)
    votes = _votes(turn, _parts(page), possible, orienter)
    best, second = np.argsort(votes)[[-1, -2]].tolist()
    if best in possible and votes[best] >= max(ENOUGH_VOTES, VOTE_LEAD * votes[second]):
        return FoundTurn(Turn(best, turn.confidence))
    likeliest = max(possible, key=lambda quarter_turns: votes[quarter_turns])
    return FoundTurn(Turn(likeliest if rows is Axis.VERTICAL else 0, turn.confidence), (0, 2))


def row_direction(image: Image) -> Axis | None:
    """Which way the rows of print run; None where there is too little of it, or it runs either way.

    Print is joined to what is near it, across and down: of the two it becomes longer along its rows.

    Args:
        image: (height, width, 3) BGR, upright or turned by quarter turns.
    """
    gray = as_image(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
    scale = ROWS_LONG_SIDE / max(gray.shape)
    if scale < 1:
        size = [max(1, round(side * scale)) for side in gray.shape[::-1]]
        method = cv2.INTER_LINEAR if scale > 0.5 else cv2.INTER_AREA  # three times as slow
        gray = as_image(cv2.resize(gray, size, interpolation=method))
    marks = find_print(gray)
    if marks.size is None:
        return None
    sides = marks.boxes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    is_print = as_image(marks.is_print & (sides <= LARGE_PRINT * marks.size)).take(marks.labels)
    gap = max(2, round(JOINED_SHARE * marks.size))
    across = _joined_length(is_print, (1, gap + 1), cv2.CC_STAT_WIDTH)
    down = _joined_length(is_print, (gap + 1, 1), cv2.CC_STAT_HEIGHT)
    if across >= SURE_ROWS * down:
        return Axis.HORIZONTAL
    return Axis.VERTICAL if down >= SURE_ROWS * across else None


def reduced(image: Image, long_side: int) -> Image:
    """An image still so many pixels long, an integer number of times smaller."""
    times = max(image.shape[:2]) // long_side
    return averaged(image, times) if times > 1 else image


def _joined_length(is_print: Image, gap: tuple[int, int], side: int) -> float:
    """How long print is that is joined over gaps of (height, width): the mean, by ink, of that side of its pieces."""
    joined = cv2.morphologyEx(is_print, cv2.MORPH_CLOSE, np.ones(gap, np.uint8))
    pieces = cv2.connectedComponentsWithStatsWithAlgorithm(joined, 8, cv2.CV_32S, cv2.CCL_GRANA)[2][1:]
    return float(np.average(pieces[:, side], weights=pieces[:, cv2.CC_STAT_AREA]))


def _parts(page: Image) -> list[Image]:
    """Square parts of a page, evenly over it."""
    height, width = page.shape[:2]
    side = max(1, int(min(height, width) * PART_SHARE))
    down, across = (
        np.linspace(0, length - side, PARTS_OF_LONG if length > LONG_ASPECT * other else PARTS).astype(int)
        for length, other in ((height, width), (width, height))
    )
    return [page[top : top + side, left : left + side] for top in down for left in across]


def _votes(turn: Turn, parts: list[Image], possible: tuple[int, ...], orienter: Orienter) -> NDArray[np.float64]:
    """The votes (4,) for each of the quarter turns; no more parts are looked at than decide for a possible one."""
    votes = _vote(turn)
    for left, part in zip(reversed(range(len(parts))), parts, strict=True):
        votes += _vote(orienter.orient(part))
        best, second = np.argsort(votes)[[-1, -2]].tolist()
        if best in possible and votes[best] >= max(ENOUGH_VOTES, VOTE_LEAD * (votes[second] + left)):
            break
    return votes


def _vote(turn: Turn) -> NDArray[np.float64]:
    """The vote (4,) for a turn: 0 where it is unsure, 1 where it is as sure as can be."""
    vote = np.zeros(len(ALL_TURNS))
    vote[turn.quarter_turns] = max(0.0, turn.confidence - UNSURE_PART) / (1 - UNSURE_PART)
    return vote
