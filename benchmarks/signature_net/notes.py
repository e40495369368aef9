"""Script fonts -> handwriting on windows that signs nothing: words, dates, numbers, lines of a letter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from benchmarks.signature_net.pens import paste, some_ink
from pipeline.elements import Image

FONTS = {".ttf", ".otf", ".woff2"}
ENGLISH = """
the of and to in is you that it he was for on are as with his they I at be this have from or one had by word but not
what all were we when your can said there use an each which she do how their if will up other about out many then them
these so some her would make like him into time has look two more write go see number no way could people my than first
water been call who oil its now find long down day did get come made may part over new sound take only little work know
place year live me back give most very after thing our just name good sentence man think say great where help through
much before line right too mean old any same tell boy follow came want show also around form three small set put end
does another well large must big even such because turn here why ask went men read need land different home us move try
kind hand picture again change off play spell air away animal house point page letter mother answer found study still
learn should America world
"""
FRENCH = """
bon pour accord lu et approuve fait a Paris le septembre la societe de monsieur madame acceptation des fonctions
president pouvoir mention manuscrite certifie conforme
"""
RUSSIAN = """
договор Москва улица дом квартира паспорт выдан год рождения Иван Петров Сергей село земельный участок кадастровый номер
руб сумма дата подпись согласен оплачено
"""
LATIN_LETTER, CYRILLIC_LETTER, NO_LETTER = "a", "ж", "\uffff"
"""A font that draws the first two as it draws the last has no such letters."""


class ScriptFont(NamedTuple):
    """A font's file, and whether it has Latin and Cyrillic letters: it has one of them at least."""

    file: Path
    latin: bool
    cyrillic: bool


def read_fonts(folder: Path) -> tuple[ScriptFont, ...]:
    """The fonts of a folder.

    Raises:
        ValueError: when the folder has none with Latin or Cyrillic letters.
    """
    files = [file for file in sorted(folder.iterdir()) if file.suffix.lower() in FONTS]
    fonts = [ScriptFont(file, _has(file, LATIN_LETTER), _has(file, CYRILLIC_LETTER)) for file in files]
    fonts = [font for font in fonts if font.latin or font.cyrillic]
    if not fonts:
        raise ValueError(f"{folder} has no font with Latin or Cyrillic letters")
    return tuple(fonts)


def put_note(image: Image, fonts: Sequence[ScriptFont], rng: Generator) -> None:
    """Write one to ten lines in a script font on an image, in place, some underlined, some a little turned."""
    height, width = image.shape[:2]
    script = fonts[rng.integers(len(fonts))]
    font = ImageFont.truetype(str(script.file), int(rng.integers(14, 37)))
    left, top = int(rng.integers(-20, width - 119)), int(rng.integers(-10, height - 19))
    layer = Picture.new("L", (width, height), 0)
    _write_lines(layer, script, font, (left, top), rng)
    note = np.array(layer)
    if rng.random() < 0.5:
        turn = cv2.getRotationMatrix2D((left, top), rng.uniform(-4, 4), 1.0)
        note = cv2.warpAffine(note, turn, (width, height))
    if rng.random() < 0.5:
        note = cv2.erode(note, np.ones((2, 2), np.uint8))
    paste(image, np.asarray(note, np.uint8), (0, 0), some_ink(rng, 0.6))


def _write_lines(
    layer: Picture.Image,
    script: ScriptFont,
    font: ImageFont.FreeTypeFont,
    place: tuple[int, int],
    rng: Generator,
) -> None:
    """Write lines on a layer, in place, one below the other: few of them begin anywhere, many along a margin."""
    draw, count = ImageDraw.Draw(layer), int(rng.choice([1, 1, 2, 3, 6, 10]))
    pitch = rng.uniform(1.1, 2.2) * font.size
    cyrillic = script.cyrillic and (not script.latin or rng.random() < 0.5)
    for line in range(count):
        along_margin = count > 2 or rng.random() < 0.5
        x = place[0] + rng.integers(0, 13) if along_margin else rng.integers(0, layer.width - 79)
        y = place[1] + line * pitch
        draw.text((x, y), _phrase(rng, cyrillic=cyrillic), fill=255, font=font)
        if rng.random() < 0.25:
            base = y + 1.15 * font.size
            draw.line((x, base, x + rng.integers(60, 261), base), fill=150)


def _phrase(rng: Generator, *, cyrillic: bool) -> str:
    """Some words, or a date or number."""
    if cyrillic:
        return " ".join(rng.choice(RUSSIAN.split(), rng.integers(1, 7)))
    if rng.random() < 0.3:
        return _number(rng)
    words = (FRENCH if rng.random() < 0.25 else ENGLISH).split()
    text = " ".join(rng.choice(words, rng.integers(1, 9)))
    return text.capitalize() if rng.random() < 0.5 else text


def _number(rng: Generator) -> str:
    """A date or a number as people note them."""
    day, month, year = rng.integers(1, 32), rng.integers(1, 13), rng.integers(1950, 2027)
    ways = (
        f"{day}/{month}/{year}",
        f"{day}.{month}.{year}",
        f"No {rng.integers(1, 100_000)}",
        f"{rng.integers(100, 1000)}-{rng.integers(100, 1000)}-{rng.integers(1000, 10_000)}",
        f"{rng.integers(1, 1_000_000)}",
        f"le {min(day, 30)} juin {year}",
    )
    return ways[rng.integers(len(ways))]


def _has(file: Path, letter: str) -> bool:
    """Whether a font has a letter: what it lacks it draws as it draws what is no letter."""
    font = ImageFont.truetype(str(file), 30)
    return bytes(font.getmask(letter)) != bytes(font.getmask(NO_LETTER))
