"""Pages -> the pages with seals, rubber stamps and print on them."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from benchmarks.drawing.distortions import A4_LONG_SIDE_MM, Image

FONT_NAMES = ("NotoSerifCJK-Regular.ttc", "NotoSansCJK-Regular.ttc", "wqy-microhei.ttc", "DroidSansFallbackFull.ttf")
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
STAMPED = ("2023.3.30", "2022年11月5日", "收 文", "2023-04-12", "已审核", "NO 000173", "作 废", "存 档")


Mask = NDArray[np.float32]
Points = NDArray[np.float64]
Random = np.random.Generator
BLACK, GRAY, BLUE, RED, SEAL, STAMP_BLUE = (
    (45, 42, 40),
    (120, 120, 120),
    (140, 70, 45),
    (50, 40, 190),
    (60, 50, 205),
    (170, 80, 60),
)
COARSE = 4
"""What is soft is drawn on a page so many times smaller."""


class Room(NamedTuple):
    """Where marks may be drawn, at one pixel a millimetre, (height, width) bool: beside all print, or upon it too.

    `cells` are boxes of printed cells of the page, left, top, right, bottom in pixels, whose print may be copied.
    """

    margins: NDArray[np.bool_]
    anywhere: NDArray[np.bool_]
    cells: tuple[tuple[int, int, int, int], ...]


def px_per_mm(page: Image) -> float:
    """Pixels to a millimetre of a sheet of A4."""
    return max(page.shape[:2]) / A4_LONG_SIDE_MM


def red_seals(page: Image, room: Room, random: Random) -> Image:
    """One or two red seals, round, oval or square, upon print or beside it."""
    return _sealed(page, room, random, SEAL)


def blue_seals(page: Image, room: Room, random: Random) -> Image:
    """The same in blue."""
    return _sealed(page, room, random, STAMP_BLUE)


def gray_seals(page: Image, room: Room, random: Random) -> Image:
    """The same, photocopied."""
    return _sealed(page, room, random, GRAY)


def rubber_stamps(page: Image, room: Room, random: Random) -> Image:
    """Dates, numbers and words of rubber stamps, some in a box, in red, blue or black, a little slanted."""
    for left, top in room_for(room.margins, (44, 13), random, int(random.integers(1, 3))):
        page = _stamped(page, (left + 2, top + 3), random)
    return page


@functools.cache
def font_file() -> Path | None:
    """A font of this machine that has Chinese characters, or None."""
    files = {path.name: path for folder in FONT_FOLDERS if folder.is_dir() for path in sorted(folder.rglob("*.tt[cf]"))}
    return next((files[name] for name in FONT_NAMES if name in files), None)


def blank(page: Image) -> Image:
    """An empty mask (height, width) for a page."""
    return np.zeros(page.shape[:2], np.uint8)


def inked(page: Image, mask: Image, ink: Sequence[int], strength: float) -> Image:
    """The page with transparent ink (blue, green, red) where a mask (0-255) is, a little soft at its edges."""
    soft = cv2.GaussianBlur(mask, (0, 0), 0.06 * px_per_mm(page)).astype(np.float32)[..., None] / 255 * strength
    return np.asarray(page * (1 - soft * (1 - np.array(ink, np.float32) / 255)), np.uint8)


def _sealed(page: Image, room: Room, random: Random, ink: Sequence[int]) -> Image:
    for _ in range(random.integers(1, 3)):
        radius = random.uniform(10, 21)
        side = 2 * math.ceil(radius) + 4
        free = room.margins if random.random() < 0.5 else room.anywhere
        for left, top in room_for(free, (side, side), random, 1) or room_for(room.anywhere, (side, side), random, 1):
            mask = _seal(page, (left + side / 2, top + side / 2), radius, random)
            page = inked(page, mask, ink, random.uniform(0.6, 0.95))
    return page


def _seal(page: Image, center: tuple[float, float], radius: float, random: Random) -> Image:
    mask = blank(page)
    draw_seal(mask, (center[0] * px_per_mm(page), center[1] * px_per_mm(page)), radius, random)
    return mask


def draw_seal(mask: Image, center: tuple[float, float], radius: float, random: Random) -> None:
    """Draw a rim, characters within it and, in round ones, a star, unevenly inked, in place.

    Args:
        mask: (height, width) of a sheet of A4.
        center: in pixels.
        radius: in millimetres.
        random: chooses ring, oval or box, and all else.
    """
    scale = max(mask.shape) / A4_LONG_SIDE_MM
    middle = np.array(center)
    thick, turn = max(1, round(radius / 17 * scale)), random.uniform(-0.4, 0.4)
    shape = random.choice(["ring", "oval", "box"])
    at = tuple(np.rint(middle).astype(int).tolist())
    reach = np.array([radius, radius * (0.65 if shape == "oval" else 1.0)])
    if shape == "box":
        reach = np.array([radius, radius]) * random.choice([0.6, 0.8])
        corners = cv2.boxPoints((tuple(middle.tolist()), tuple((2 * reach * scale).tolist()), math.degrees(turn)))
        cv2.polylines(mask, [np.rint(corners).astype(np.int32)], True, 255, thick)
        places = [(x, y) for x in (-0.45, 0.45) for y in (-0.45, 0.45)]
        for x, y in places:
            _character(mask, middle + scale * reach * (x, y), 0.8 * reach[0], turn, random)
    else:
        cv2.ellipse(
            mask, at, tuple(np.rint(reach * scale).astype(int).tolist()), math.degrees(turn), 0, 360, 255, thick
        )
        for angle in turn + np.linspace(-2.1, 2.1, 10):
            place = middle + scale * 0.74 * reach * (math.sin(angle), -math.cos(angle))
            _character(mask, place, 0.27 * reach[1], angle, random)
        star = [
            middle + scale * reach.min() * share * np.array([math.sin(a), -math.cos(a)])
            for share, a in zip(itertools.cycle([0.33, 0.13]), turn + np.arange(10) * math.pi / 5, strict=False)
        ]
        cv2.fillPoly(mask, [np.rint(star).astype(np.int32)], 255)
    coarse = mask.shape[0] // COARSE, mask.shape[1] // COARSE
    wear = cv2.resize(grain(coarse, 0.5 * scale / COARSE, random), mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
    mask[:] = mask * np.clip(0.85 + 0.35 * wear, 0.2, 1)


def grain(shape: tuple[int, int], sigma: float, random: Random) -> Mask:
    """Smooth noise of standard deviation 1 (height, width), its patches about so many pixels."""
    noise = cv2.GaussianBlur(random.standard_normal(shape).astype(np.float32), (0, 0), max(sigma, 0.3))
    return np.asarray(noise / noise.std(), np.float32)


def _character(mask: Image, place: Points, size_mm: float, turn: float, random: Random) -> None:
    """Strokes in a square, as many, long and slanted as a Chinese character's."""
    scale = max(mask.shape) / A4_LONG_SIDE_MM
    for slant, count, length in ((0.0, 3, 0.45), (math.pi / 2, 2, 0.45), (0.6, 1, 0.3), (-0.6, 1, 0.3)):
        for _ in range(count):
            along = np.array([math.cos(turn + slant), math.sin(turn + slant)])
            middle = place + scale * size_mm * random.uniform(-0.4, 0.4, 2)
            reach = scale * size_mm * length * random.uniform(0.5, 1) * along
            ends = (np.rint(end).astype(int).tolist() for end in (middle - reach, middle + reach))
            cv2.line(mask, *ends, 255, max(1, round(0.1 * size_mm * scale)), cv2.LINE_AA)


def _stamped(page: Image, place: tuple[float, float], random: Random) -> Image:
    """A line of print of a rubber stamp in transparent ink, slanted, with or without a box around it."""
    mask, scale = blank(page), px_per_mm(page)
    text, size_mm = STAMPED[random.integers(len(STAMPED))], random.uniform(4, 6.5)
    ink = (SEAL, STAMP_BLUE, GRAY, BLACK)[random.integers(4)]
    right = print_line(mask, text, place, size_mm) if font_file() else _digits(mask, text, place, size_mm)
    left, top = (np.array(place) - 1.2) * scale
    bottom = (place[1] + size_mm + 1.2) * scale
    if random.random() < 0.5:
        box = tuple(map(int, (left, top))), (int(right + 1.2 * scale), int(bottom))
        cv2.rectangle(mask, *box, 255, max(1, round(0.4 * scale)))
    turn = cv2.getRotationMatrix2D(((left + right) / 2, (top + bottom) / 2), random.normal(0, 4), 1.0)
    slanted = cv2.warpAffine(mask, turn, mask.shape[::-1])
    return inked(page, np.asarray(slanted, np.uint8), ink, random.uniform(0.6, 0.95))


def print_line(mask: Image, text: str, place: tuple[float, float], size_mm: float) -> int:
    """Draw text with the machine's font, in place; returns its right end in pixels."""
    scale = max(mask.shape) / A4_LONG_SIDE_MM
    font = ImageFont.truetype(str(font_file()), round(size_mm * scale))
    layer = Picture.fromarray(mask)
    at = place[0] * scale, place[1] * scale - 0.15 * size_mm * scale
    ImageDraw.Draw(layer).text(at, text, fill=255, font=font)
    mask[:] = np.asarray(layer)
    return int(at[0] + font.getlength(text))


def _digits(mask: Image, text: str, place: tuple[float, float], size_mm: float) -> int:
    """Draw the digits of a text as a numbering stamp has them, in place; returns their right end in pixels."""
    scale = max(mask.shape) / A4_LONG_SIDE_MM
    text = "".join(c for c in text if c.isascii()) or "0173"
    height, thick = size_mm * scale / 30, max(1, round(0.6 * scale))
    at = int(place[0] * scale), int((place[1] + size_mm) * scale)
    cv2.putText(mask, text, at, cv2.FONT_HERSHEY_DUPLEX, height, 255, thick, cv2.LINE_AA)
    return at[0] + cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, height, thick)[0][0]


def room_for(free: NDArray[np.bool_], size: tuple[int, int], random: Random, count: int) -> list[tuple[int, int]]:
    """Up to so many places, left and top in millimetres, where a box of a size in millimetres is free; none overlap."""
    left_free, places = free.astype(np.uint8), []
    for _ in range(count):
        kernel = np.ones((size[1], size[0]), np.uint8)
        fits = cv2.erode(left_free, kernel, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT, borderValue=0)
        at = np.argwhere(fits > 0)
        if not len(at):
            break
        top, left = (int(n) for n in at[random.integers(len(at))])
        places.append((left, top))
        left_free[top : top + size[1], left : left + size[0]] = 0
    return places
