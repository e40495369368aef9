"""A column of a cell -> its crops for the recogniser: turned either way, or its characters side by side."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import cv2
import numpy as np

from pipeline.dewarp import DewarpedPage
from pipeline.elements import BBox, Image
from pipeline.imaging import as_image, quantile
from pipeline.recognition import Padding
from pipeline.rereading.columns import Column

SIDE = 0.06
"""Paper left on both sides of each character, in shares of the column's width, when they are set side by side."""
PAPER_LEVEL = 0.8
"""This quantile of a crop is paper: even where a dense character fills most of it."""


class Running(StrEnum):
    """How the text of a column runs on the upright page."""

    STACKED = "stacked"
    """Upright characters below each other."""
    DOWN = "down"
    """A line turned clockwise, which is read from top to bottom."""
    UP = "up"
    """A line turned counter-clockwise, which is read from bottom to top."""


class CutSource(NamedTuple):
    """What columns are cut from: the page on which they were found, and its paper.

    `paper` (height, width) is gray, of the upright page, 255 where there is no ink; `height` is that of the lines that
    the recogniser wants, in pixels.
    """

    dewarped: DewarpedPage
    paper: Image
    height: int


def cut_column(source: CutSource, column: Column, running: Running, padding: Padding) -> Image:
    """A column as the recogniser wants a line, if its text runs as said.

    Args:
        source: of the pixels.
        column: of a cell.
        running: how its text runs.
        padding: paper left around its ink, and the cut's softness and scale.

    Returns:
        (scaled height, width, 3) BGR.
    """
    cut = _side_by_side if running is Running.STACKED else _turned
    crop = cut(source._replace(height=round(source.height * padding.scale)), column, padding)
    if running is Running.UP:
        crop = as_image(np.ascontiguousarray(np.rot90(crop, 2)))
    if padding.softness:
        crop = as_image(cv2.GaussianBlur(crop, (0, 0), padding.softness * crop.shape[0]))
    return as_image(cv2.cvtColor(crop, cv2.COLOR_GRAY2BGR))


def _turned(source: CutSource, column: Column, padding: Padding) -> Image:
    """The column turned counter-clockwise, so that it is read from its top."""
    box, height = column.box, source.height
    across, down = padding.across * box.width, padding.down * box.width
    padded = BBox(box.left - down, box.top - across, box.right + down, box.bottom + across)
    cut = source.dewarped.cut(source.paper, padded, max(1, round(height * padded.height / padded.width)))
    turned = as_image(np.ascontiguousarray(np.rot90(cut)))
    return as_image(cv2.resize(turned, (turned.shape[1], height), interpolation=cv2.INTER_LINEAR))


def _side_by_side(source: CutSource, column: Column, padding: Padding) -> Image:
    """The column's characters in a row, each in the middle of the row's height."""
    height = source.height
    boxes = [character.box for character in column.characters]
    width, tallest = column.box.width, max(box.height for box in boxes)
    scale = height / max((1 + 2 * padding.down) * width, (1 + padding.down) * tallest)
    side = SIDE * width
    pieces = [
        source.dewarped.cut(
            source.paper,
            BBox(column.box.left - side, b.top, column.box.right + side, b.bottom),
            max(1, round(b.height * scale)),
        )
        for b in boxes
    ]
    level = max(int(quantile(piece, PAPER_LEVEL)) for piece in pieces)
    margin = np.full((height, max(1, round(padding.across * width * scale))), level, np.uint8)
    row = [margin]
    for piece in pieces:
        above = max(0, height - piece.shape[0]) // 2
        framed = np.full((height, piece.shape[1]), level, np.uint8)
        framed[above : above + piece.shape[0]] = piece[:height]
        row.append(framed)
    return as_image(np.hstack([*row, margin]))
