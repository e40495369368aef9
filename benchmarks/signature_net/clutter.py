"""Windows of pages -> the same with seals, small marks of a pen and pictures on them, which are no signatures."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.random import Generator

from benchmarks.signature_net.pages import SignedPage
from benchmarks.signature_net.pens import Ink, Strokes, paste, some_ink
from pipeline.elements import Image

SEAL_COLOURS = ((40, 40, 200), (60, 60, 220), (180, 60, 40), (150, 40, 110), (60, 60, 60))
"""Two reds, blue, violet, and black as on copies: blue, green, red."""
STAMPED = ("PAID", "RECEIVED", "COPY", "12 JAN 2014", "No. 4421")
NOTED = ("12/5", "2016", "No 14", "A-7", "08.11.1999", "77", "3, 4")
SCRIPTS = (cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX)


def put_seal(image: Image, rng: Generator) -> None:
    """Put a round, oval or square seal, turned a little, on an image, in place."""
    side = int(rng.integers(70, 151))
    seal, middle = np.zeros((side, side), np.uint8), side // 2
    thickness = int(rng.integers(1, 4))
    if rng.random() < 0.6:
        reach = int((middle - 4) * rng.choice([1, 1, 0.7]))
        cv2.ellipse(seal, (middle, middle), (middle - 4, reach), 0, 0, 360, 255, thickness, cv2.LINE_AA)
    else:
        cv2.rectangle(seal, (4, middle // 2), (side - 4, side - middle // 2), 255, thickness)
    _letters_around(seal, int(rng.integers(6, 17)), rng)
    if rng.random() < 0.6:
        _star(seal)
    else:
        text = STAMPED[rng.integers(len(STAMPED))]
        cv2.putText(seal, text, (8, middle), cv2.FONT_HERSHEY_SIMPLEX, side / 160, 255, 1, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((middle, middle), rng.uniform(-30, 30), 1.0)
    place = int(rng.integers(-20, image.shape[1] - 39)), int(rng.integers(-20, image.shape[0] - 39))
    ink = Ink(SEAL_COLOURS[rng.integers(len(SEAL_COLOURS))], rng.uniform(0.4, 1.0))
    paste(image, np.asarray(cv2.warpAffine(seal, turn, (side, side)), np.uint8), place, ink)


def _letters_around(seal: Strokes, count: int, rng: Generator) -> None:
    """Draw letters of three strokes each along the rim of a seal, in place."""
    middle = seal.shape[0] // 2
    for angle in np.arange(count) * 2 * math.pi / count:
        center = middle + 0.72 * middle * np.array([math.cos(angle), math.sin(angle)])
        for _ in range(3):
            start, end = (center.astype(int) + rng.integers(-6, 7, (2, 2))).tolist()
            cv2.line(seal, start, end, 255, 1, cv2.LINE_AA)


def _star(seal: Strokes) -> None:
    """Draw a star of five points in the middle of a seal, in place."""
    middle = seal.shape[0] // 2
    angles, reach = np.arange(10) * math.pi / 5, 0.25 * middle * np.tile([1.0, 0.4], 5)
    corners = middle + np.stack([reach * np.sin(angles), -reach * np.cos(angles)], axis=1)
    cv2.fillPoly(seal, [corners.astype(np.int32)], (255,))


def put_marks(image: Image, rng: Generator) -> None:
    """Put one to four ticks, circles, strokes, crosses or numbers in pen on an image, in place."""
    height, width = image.shape[:2]
    marks = np.zeros((height, width), np.uint8)
    for _ in range(rng.integers(1, 5)):
        place = int(rng.integers(10, width - 9)), int(rng.integers(10, height - 9))
        kind = rng.choice(5, p=(0.25, 0.2, 0.15, 0.15, 0.25))
        (_tick, _circle, _stroke, _cross, _number)[kind](marks, place, int(rng.choice([1, 1, 2])), rng)
    paste(image, marks, (0, 0), some_ink(rng, 0.5))


def _tick(marks: Strokes, place: tuple[int, int], thickness: int, rng: Generator) -> None:
    x, y = place
    corners = np.array([[x, y], [x + 6, y + 9], [x + rng.integers(14, 25), y - 14]], np.int32)
    cv2.polylines(marks, [corners], False, 255, thickness, cv2.LINE_AA)


def _circle(marks: Strokes, place: tuple[int, int], thickness: int, rng: Generator) -> None:
    reach = int(rng.integers(10, 61)), int(rng.integers(8, 26))
    turn, start = rng.uniform(-15, 15), int(rng.integers(0, 41))
    cv2.ellipse(marks, place, reach, turn, start, 360, 255, thickness, cv2.LINE_AA)


def _stroke(marks: Strokes, place: tuple[int, int], thickness: int, rng: Generator) -> None:
    end = place[0] + int(rng.integers(40, 301)), place[1] + int(rng.integers(-6, 7))
    cv2.line(marks, place, end, 255, thickness, cv2.LINE_AA)


def _cross(marks: Strokes, place: tuple[int, int], thickness: int, _: Generator) -> None:
    x, y = place
    cv2.line(marks, (x, y), (x + 12, y + 12), 255, thickness, cv2.LINE_AA)
    cv2.line(marks, (x, y + 12), (x + 12, y), 255, thickness, cv2.LINE_AA)


def _number(marks: Strokes, place: tuple[int, int], thickness: int, rng: Generator) -> None:
    text, script = NOTED[rng.integers(len(NOTED))], SCRIPTS[rng.integers(len(SCRIPTS))]
    cv2.putText(marks, text, place, script, rng.uniform(0.4, 0.9), 255, thickness, cv2.LINE_AA)


def put_picture(image: Image, pages: Sequence[SignedPage], rng: Generator) -> None:
    """Put a piece of an unsigned page, made small and some of them oval, on an image, in place: as logos are there."""
    page = pages[rng.integers(len(pages))].image
    side = int(rng.integers(60, 301))
    top, left = (int(rng.integers(0, max(1, whole - side + 1))) for whole in page.shape[:2])
    piece = page[top : top + side, left : left + side]
    scale = rng.integers(40, 121) / max(piece.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    piece = np.asarray(cv2.resize(piece, None, fx=scale, fy=scale, interpolation=method), np.uint8)
    height, width = piece.shape[:2]
    if rng.random() < 0.5:
        oval = np.zeros((height, width), np.uint8)
        cv2.ellipse(oval, (width // 2, height // 2), (width // 2, height // 2), 0, 0, 360, 255, -1)
        piece = np.where(oval[..., None] > 0, piece, 255).astype(np.uint8)
    x, y = int(rng.integers(0, image.shape[1] - width + 1)), int(rng.integers(0, image.shape[0] - height + 1))
    under = image[y : y + height, x : x + width]
    np.minimum(under, piece, out=under)
