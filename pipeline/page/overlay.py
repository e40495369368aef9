"""What was read, drawn on the scan: grids, spans, each cell's confidence, signatures and other lines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image, LineKind, Page, PageReading, Polygon
from pipeline.files import Folder, make_folder, open_folder, output_errors
from pipeline.imaging import as_image, compose, map_polygon, quarter_turn_matrix, scale_matrix

Colour = tuple[int, int, int]
"""Blue, green and red, 0-255."""
Pixels = NDArray[np.int32]
"""(n, 2) points of a picture, x then y."""

FONT = cv2.FONT_HERSHEY_SIMPLEX
"""The font of confidences."""
LONG_SIDE = 2000
"""A picture's longer side has at most so many pixels."""
SURE, DOUBTFUL, WRONG = (60, 150, 60), (0, 150, 230), (40, 40, 220)
"""Green, orange and red, in BGR, as confidence falls."""
SPAN = (190, 110, 30)
"""Blue, in BGR, for the borders of spanning cells."""
LINE_COLOURS: dict[LineKind, Colour] = {
    LineKind.TITLE: (180, 60, 160),
    LineKind.NOTE: (150, 130, 40),
    LineKind.SEAL: (60, 60, 230),
    LineKind.OTHER: (130, 130, 130),
}
"""BGR colours of the lines outside the tables, by their kind."""
SIGNATURE = (220, 60, 20)
"""A darker blue, in BGR, for the outlines of signatures."""
DOUBTFUL_BELOW, WRONG_BELOW = 0.9, 0.6
"""Confidences below which cells are orange, and red."""
TINT = 0.16
"""Cells are tinted with so much of their colour, so that what is written stays readable."""


def draw_page(page: Page, reading: PageReading, file: Path) -> None:
    """Draw a reading on its page and write it as an image; the folder is made where it is missing.

    Cells are tinted by confidence (green, orange below 0.9, red below 0.6), spanning cells have a blue border, and
    signatures, titles and other lines their own colours. The picture is upright; the page itself is not changed.
    """
    turns = reading.quarter_turns
    canvas = as_image(np.ascontiguousarray(np.rot90(page.image, turns)))
    fit = min(1.0, LONG_SIDE / max(canvas.shape[:2]))
    size = [max(1, round(side * fit)) for side in canvas.shape[1::-1]]
    canvas = as_image(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA))
    turn = quarter_turn_matrix(turns, *page.image.shape[1::-1])
    shown = compose(scale_matrix(*page.scale), compose(turn, scale_matrix(fit)))

    def place(polygon: Polygon) -> Pixels:
        placed: Pixels = np.rint(np.array(map_polygon(shown, polygon))).astype(np.int32)
        return placed

    cells = [cell for table in reading.tables for cell in table.cells]
    tinted = canvas.copy()
    for cell in cells:
        cv2.fillPoly(tinted, [place(cell.cell.polygon)], confidence_colour(cell.confidence))
    canvas = as_image(cv2.addWeighted(tinted, TINT, canvas, 1 - TINT, 0))
    for cell in cells:
        spanning = cell.cell.row_span * cell.cell.col_span > 1
        cv2.polylines(canvas, [place(cell.cell.polygon)], True, SPAN if spanning else SURE, 3 if spanning else 1)
        if cell.confidence is not None and cell.text:
            (left, top), colour = place(cell.cell.polygon)[0].tolist(), confidence_colour(cell.confidence)
            cv2.putText(canvas, f"{cell.confidence:.2f}", (left + 4, top + 14), FONT, 0.4, colour, 1, cv2.LINE_AA)
    for line in reading.lines:
        if line.kind in LINE_COLOURS:
            cv2.polylines(canvas, [place(line.polygon)], True, LINE_COLOURS[line.kind], 2)
    for signature in reading.signatures:
        cv2.polylines(canvas, [place(signature.polygon)], True, SIGNATURE, 4)
    with picture_folder(file.parent) as folder:
        write_picture(canvas, folder, file.name)


def confidence_colour(confidence: float | None) -> Colour:
    """Green, orange below 0.9, red below 0.6 or where nothing was read."""
    if confidence is None or confidence < WRONG_BELOW:
        return WRONG
    return DOUBTFUL if confidence < DOUBTFUL_BELOW else SURE


@contextmanager
def picture_folder(path: Path) -> Iterator[Folder]:
    """Hold the folder open that pictures go to; it is made where it is missing.

    Raises:
        OutputUnwritable: when it cannot be made or opened, or a picture in it cannot be written.
    """
    with output_errors(path):
        make_folder(path)
        with open_folder(path) as folder:
            yield folder


def write_picture(canvas: Image, folder: Folder, name: str) -> None:
    """Write an image whole or not at all, for its owner alone.

    Raises:
        OSError: when it cannot be encoded or written.
    """
    ok, encoded = cv2.imencode(PurePath(name).suffix, canvas, [cv2.IMWRITE_JPEG_QUALITY, 85])
    if not ok:
        raise OSError(f"cannot encode {folder.path / name}")
    folder.put(name, encoded.tobytes(), draft=f".{name}.{os.getpid()}")
