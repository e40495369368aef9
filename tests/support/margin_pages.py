"""Drawn pages with a title, a table and a signature, and engines that read them by rule, for tests of the margins."""

from __future__ import annotations

import cv2
import numpy as np
from fake_engines import OfTwoHeights

from pipeline.elements import Cell, DpiSource, Grid, Page, Upright
from pipeline.engines.protocols import DetectedLine, Engines, LineReading
from pipeline.ink.separation import separate_ink

WIDTH, HEIGHT, DPI = 1240, 900, 106.0  # A4 across, at the margins' own resolution
TABLE = (100, 300, 1140, 700)
TITLE = "某某县财政局项目支出绩效目标公开表"
ALPHABET = (
    "",
    *"0123456789.。年月日号〇一二四五六七八九十张三丰某县财政局项目支出绩效标公开表备注各位根据实际情况填写廿/-",
)
PEN_SHARES = (0.1, 0.3, 0.5, 0.7, 0.76, 0.8, 0.9)
"""Where `draw_pen` puts the middles of 张三丰3.30, as shares of its width."""


def blank(color=235):
    return np.full((HEIGHT, WIDTH, 3), color, np.uint8)


def draw_table(image):
    left, top, right, bottom = TABLE
    cv2.rectangle(image, (left, top), (right, bottom), (30, 30, 30), 2)
    for x in range(left + 40, right - 60, 60):
        cv2.rectangle(image, (x, top + 40), (x + 14, top + 56), (30, 30, 30), -1)
    return image


def draw_print(image, left, top, letters=17, size=20):
    """Characters as even, full blocks with a white stroke through them."""
    for i in range(letters):
        x = left + i * (size + 4)
        cv2.rectangle(image, (x, top), (x + size - 1, top + size - 1), (30, 30, 30), -1)
        cv2.rectangle(image, (x + 4, top + 4), (x + size - 5, top + size // 2), (235, 235, 235), -1)
    return image


def draw_pen(image, left, top, color=(40, 40, 40)):
    """Three large loose characters and a small date, 190 px long."""
    for i, tall in enumerate((48, 36, 52)):
        x, y = left + i * 42, top + (0, 9, 2)[i]
        cv2.polylines(
            image, [np.array([[x, y], [x + 26, y + 6], [x + 4, y + tall], [x + 30, y + tall - 8]])], False, color, 2
        )
        cv2.line(image, (x + 12, y - 4), (x + 16, y + tall - 4), color, 2)
    for i in range(3):
        x, y = left + 134 + i * 20, top + 22
        cv2.ellipse(image, (x + 6, y + 10), (6, 11), 0, 40, 330, color, 2)
    return image


def upright_page(image):
    page = Page("d" * 64, 3, image, DPI, DpiSource.FILE)
    return Upright(
        page=page,
        image=image,
        ink=separate_ink(image),
        quarter_turns=0,
        skew_deg=0.0,
        to_scan=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0),
        turn_confidence=1.0,
    )


def table_grid():
    left, top, right, bottom = (float(n) for n in TABLE)
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return Grid(0, 1, 1, (Cell(0, 0, 1, 1, corners),))


def spelled(text, steps=60, sure=0.97, shares=None):
    """Log probabilities of a recogniser that reads `text`, its characters evenly along the line or at given shares."""
    shares = shares or [(i + 0.5) / len(text) for i in range(len(text))]
    probabilities = np.full((steps, len(ALPHABET)), (1 - sure) / (len(ALPHABET) - 1), np.float32)
    peaks = {round(share * steps): ALPHABET.index(c) for share, c in zip(shares, text, strict=True)}
    for step in range(steps):
        probabilities[step, peaks.get(step, 0)] = sure
    return np.log(probabilities / probabilities.sum(axis=1, keepdims=True))


class InkDetector:
    """Takes connected ink, grown by half a character, for a line; remembers what it was shown."""

    def __init__(self):
        self.shown = []

    def detect(self, image):
        self.shown.append(image)
        mask = (image[:, :, 0] < 200).astype(np.uint8)
        grown = cv2.dilate(mask, np.ones((9, 25), np.uint8))
        _, _, stats, _ = cv2.connectedComponentsWithStats(grown)
        boxes = sorted((int(y), int(x), int(w), int(h)) for x, y, w, h, _ in stats[1:])
        return [
            DetectedLine(tuple((float(a), float(b)) for a, b in ((x, y), (x + w, y), (x + w, y + h), (x, y + h))), 0.9)
            for y, x, w, h in boxes
        ]


class RuleRecogniser(OfTwoHeights):
    """Reads long lines as print, short ones as a signature, by given texts."""

    alphabet = ALPHABET

    def __init__(self, long=TITLE, short="张三丰3.30"):
        self.long, self.short = long, short

    def text_of(self, crop):
        height, width = crop.shape[:2]
        return self.long if width > 6.5 * height else self.short

    def read(self, crops, *, reduced=False, exact=False):
        texts = [self.text_of(crop) for crop in crops]
        sure = [0.99 if text == self.long else 0.9 for text in texts]
        return [LineReading(text, p, (p,) * len(text)) for text, p in zip(texts, sure, strict=True)]

    def log_probabilities(self, crop):
        text = self.text_of(crop)
        return spelled(text, shares=PEN_SHARES if len(text) == len(PEN_SHARES) else None)


def rule_engines(**texts):
    return Engines(RuleRecogniser(**texts), InkDetector(), None, ())
