"""Sheets with stamps on them: seals with text round a rim, boxes of words, in any ink, over print and rules."""

import cv2
import numpy as np
from drawing import inked, scanned

from pipeline.dewarp import deskew

RED, BLUE, VIOLET, GRAY, BLACK = (60, 50, 205), (190, 80, 50), (170, 50, 120), (110, 110, 110), (20, 20, 20)
RIM_TEXT = "DISTRICT FINANCE OFFICE"
STRIP_HEIGHT = 40


def paper(width=1000, height=1400):
    """A bare sheet, about 120 dpi of A4."""
    return np.full((height, width, 3), 250, np.uint8)


def printed(image, words="Print that goes on and on", top=120, bottom=1300, ink=BLACK):
    """Lines of print down a sheet."""
    page = image.copy()
    for y in range(top, bottom, 42):
        cv2.putText(page, words, (90, y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, ink, 2, cv2.LINE_AA)
    return page


def ruled(image, top=300, bottom=1000):
    """A table's rules."""
    page = image.copy()
    for y in range(top, bottom + 1, 50):
        cv2.line(page, (80, y), (920, y), BLACK, 2)
    for x in range(80, 921, 140):
        cv2.line(page, (x, top), (x, bottom), BLACK, 2)
    return page


def text_strip(text, height=STRIP_HEIGHT):
    """A line of letters as a mask, cut to its ink."""
    strip = np.zeros((2 * height, 40 * len(text) + 40), np.uint8)
    cv2.putText(strip, text, (10, 3 * height // 2), cv2.FONT_HERSHEY_SIMPLEX, height / 22, 255, 3, cv2.LINE_AA)
    rows, columns = np.flatnonzero(strip.any(axis=1)), np.flatnonzero(strip.any(axis=0))
    return strip[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def seal_mask(shape, center, radius, *, text=RIM_TEXT, aspect=1.0, star=True):
    """Where a seal leaves ink: a rim, letters clockwise along it over the top, and a star."""
    mask = np.zeros(shape[:2], np.uint8)
    half = radius, round(radius / aspect)
    cv2.ellipse(mask, center, half, 0, 0, 360, 255, max(2, radius // 16))
    if text:
        y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
        across, down = (x - center[0]) / half[0], (y - center[1]) / half[1]
        angle, reach = np.arctan2(across, -down), np.hypot(across, down)
        strip = text_strip(text)
        span = min(4.4, 0.24 * len(text))
        columns = (angle / span + 0.5) * (strip.shape[1] - 1)
        rows = (0.88 - reach) / 0.2 * (strip.shape[0] - 1)
        mask |= cv2.remap(strip, columns, rows, cv2.INTER_LINEAR, borderValue=0)
    if star:
        angles = -np.pi / 2 + np.arange(10) * np.pi / 5
        reach = np.where(np.arange(10) % 2, 0.1, 0.27) * half[1]
        points = np.column_stack([center[0] + reach * np.cos(angles), center[1] + reach * np.sin(angles)])
        cv2.fillPoly(mask, [np.rint(points).astype(np.int32)], 255)
    return mask > 96


def words_mask(shape, center, words, *, turn_deg=0.0, framed=True, size=1.6):
    """Where a stamp of words leaves ink, turned counter-clockwise."""
    mask = np.zeros(shape[:2], np.uint8)
    (width, height), _ = cv2.getTextSize(words, cv2.FONT_HERSHEY_DUPLEX, size, 3)
    left, base = center[0] - width // 2, center[1] + height // 2
    cv2.putText(mask, words, (left, base), cv2.FONT_HERSHEY_DUPLEX, size, 255, 3, cv2.LINE_AA)
    if framed:
        cv2.rectangle(mask, (left - 18, base - height - 18), (left + width + 18, base + 18), 255, 4)
    turn = cv2.getRotationMatrix2D(center, turn_deg, 1.0)
    return cv2.warpAffine(mask, turn, mask.shape[::-1]) > 96


def stamped(image, mask, ink=RED):
    """The sheet with transparent ink on it."""
    return inked(image, mask, ink)


def faxed(image):
    """The sheet in black and white."""
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return cv2.cvtColor(np.where(gray < 170, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)


def upright_of(image):
    """The sheet as the stages have it."""
    return deskew(scanned(image), None)
