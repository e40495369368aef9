"""No decimal point is lost: a number never lands without its point unless a finding names its cell.

Pages of decimals are drawn here in two typefaces, several sizes and resolutions, worn as scanners wear them, and read
by the real engines. Dust right above a point may make a colon of it: what lands is then no number, and no other number.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import pytest
from drawing import INK, PAPER, Table, noisy, rule, scanned
from PIL import Image, ImageDraw, ImageFont

from pipeline.engines.paddle import load_engines
from pipeline.page.read import read_page
from pipeline.settings.settings import Settings

pytestmark = pytest.mark.slow

ROWS, COLS = 12, 5
CELL_MM = (30.0, 9.0)
MARGIN_MM = 20.0
READ_AS_PRINTED = 0.9
"""Share of the numbers that are read exactly, so that what is tested is the reading of numbers."""


class Worn(NamedTuple):
    """How a page is printed and scanned; `kept` is the share of darkness that its ink kept."""

    dpi: float = 200.0
    digit_mm: float = 2.8
    face: str = "sans"
    grain: float = 2.0
    specks: int = 0
    kept: float = 1.0
    blur: float = 0.0
    fax: bool = False


CONDITIONS = {
    "plain": Worn(),
    "drawn": Worn(face="strokes"),
    "small": Worn(digit_mm=1.9),
    "large": Worn(digit_mm=4.2, face="strokes"),
    "coarse": Worn(dpi=130, grain=4),
    "fine": Worn(dpi=300, face="strokes", grain=6),
    "dusty": Worn(specks=400),
    "faded": Worn(kept=0.3, grain=4),
    "blurred": Worn(blur=1.3, grain=3),
    "fax": Worn(fax=True, grain=20, specks=200),
    "small and faded": Worn(digit_mm=2.0, kept=0.4, dpi=170, grain=4, face="strokes"),
}


@pytest.fixture(scope="module")
def engines():
    return load_engines(Settings().models, threads=1)


def decimals(seed, count=ROWS * COLS):
    """Numbers with one to four digits before the point and one to three after it, some of them per cent."""
    rng = np.random.default_rng(seed)
    whole = [str(rng.integers(0, 10 ** int(digits))) for digits in rng.integers(1, 5, count)]
    parts = ["".join(map(str, rng.integers(0, 10, digits))) for digits in rng.integers(1, 4, count)]
    return [
        f"{a}.{b}{'%' if percent < 0.3 else ''}" for a, b, percent in zip(whole, parts, rng.random(count), strict=True)
    ]


def page_of(numbers, worn):
    """A gray page, (height, width), with one number in each cell of a ruled table."""
    per_mm = worn.dpi / 25.4
    width, height = ((MARGIN_MM * 2 + n * size) * per_mm for n, size in zip((COLS, ROWS), CELL_MM, strict=True))
    cols, rows = (
        tuple(round((MARGIN_MM + i * size) * per_mm) for i in range(n + 1))
        for n, size in zip((COLS, ROWS), CELL_MM, strict=True)
    )
    image = np.full((round(height), round(width)), PAPER, np.uint8)
    rule(image, Table(rows, cols, thickness=max(1, round(0.3 * per_mm))))
    write = print_digits if worn.face == "sans" else draw_digits
    for index, number in enumerate(numbers):
        row, col = divmod(index, COLS)
        middle = (cols[col] + cols[col + 1]) // 2, (rows[row] + rows[row + 1]) // 2
        image = write(image, number, middle, worn.digit_mm * per_mm)
    return wear(image, worn)


def print_digits(image, text, middle, height):
    """Pillow's own typeface; its digits are 0.7 of its size high."""
    canvas = Image.fromarray(image)
    font = ImageFont.load_default(size=height / 0.7)
    ImageDraw.Draw(canvas).text(middle, text, fill=INK, font=font, anchor="mm")
    return np.array(canvas)


def draw_digits(image, text, middle, height):
    """OpenCV's typeface of pen strokes; its digits are 21 units high."""
    scale, thickness = height / 21, max(1, round(height / 10))
    (width, tall), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, scale, thickness)
    corner = (middle[0] - width // 2, middle[1] + tall // 2)
    return cv2.putText(image, text, corner, cv2.FONT_HERSHEY_DUPLEX, scale, INK, thickness, cv2.LINE_AA)


def wear(image, worn):
    image = (PAPER - (PAPER - image.astype(np.float64)) * worn.kept).astype(np.uint8)
    image = cv2.GaussianBlur(image, (0, 0), worn.blur) if worn.blur else image
    image = noisy(image, deviation=worn.grain, specks=worn.specks, seed=7)
    return np.where(image > (PAPER + INK) / 2, 255, 0).astype(np.uint8) if worn.fax else image


@pytest.mark.parametrize("name", CONDITIONS)
def test_no_number_lands_without_its_point_unless_a_finding_names_its_cell(engines, name):
    worn = CONDITIONS[name]
    numbers = decimals(seed=list(CONDITIONS).index(name))
    reading = read_page(scanned(page_of(numbers, worn), dpi=worn.dpi), engines, Settings())
    (table,) = reading.tables
    assert (table.grid.n_rows, table.grid.n_cols) == (ROWS, COLS)
    named = {(finding.row, finding.col) for finding in reading.findings}
    landed = [(cell.cell.row, cell.cell.col, cell.text or "") for cell in table.cells]
    lost = [
        (number, text)
        for (row, col, text), number in zip(landed, numbers, strict=True)
        if number.replace(".", "").strip("%") in text and (row, col) not in named
    ]
    assert lost == []
    exact = sum(text == number for (_, _, text), number in zip(landed, numbers, strict=True))
    assert exact >= READ_AS_PRINTED * len(numbers)
