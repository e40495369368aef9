"""A seed -> a scanned report in English with ruled tables, and the truth about them: in the manner of ICDAR 2013's.

The pages of that competition are statistics of governments, in English: headings that span columns, stubs that span
rows, many blank cells and single marks, several tables on a page, some of them amid text. Here they are drawn, a little
skewed, at 100 to 300 dpi, with the noise of an office scanner. All is of one seed, and the font comes with Pillow.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageDraw

from benchmarks.drawing.distortions import Image, compressed
from benchmarks.drawing.report_tables import DRAWN_DPI, LINE_SPACING, Sheet, choose_ruling, draw_table, to_px
from benchmarks.drawing.report_texts import WORDS, sentence
from benchmarks.structure_measures import Cells, PlacedCell

PAPER_MM = (210, 297)
RESOLUTIONS = (100, 150, 200, 250, 300)
MOST_SKEW_DEG = (0.2, 0.7, 2.0)
"""A third of the pages each lies straight, as by a feeder, or is skewed by up to this much."""
MARGIN_MM = 18
MIN_TABLE_MM = 40
"""A table is not begun in less room than this."""
FONT_MM = (2.3, 3.6)
"""Print of 6.5 to 10 points."""
MOST_TABLES = 5


class Report(NamedTuple):
    """A scanned page of a report, and its tables with their cells' corners in its pixels."""

    image: Image
    dpi: float
    skew_deg: float
    tables: tuple[Cells, ...]


def kinds_of(report: Report) -> dict[str, str]:
    """What to group pages by: resolution, and the bound that the skew is within."""
    most = next(bound for bound in MOST_SKEW_DEG if abs(report.skew_deg) <= bound)
    return {"dpi": f"{report.dpi:.0f}", "skew": f"to {most}°"}


def save_report(report: Report, file: Path) -> None:
    """Write the page as FILE.png, and its truth beside it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    image = f"{file.name}.png"
    PilImage.fromarray(report.image[..., ::-1]).save(file.with_name(image), dpi=(report.dpi, report.dpi))
    tables = [{"cells": [_truth_of(cell) for cell in cells]} for cells in report.tables]
    truth = {"image": image, "tables": tables, "scan": kinds_of(report)}
    file.with_name(f"{file.name}.json").write_text(json.dumps(truth), encoding="utf-8")


def _truth_of(cell: PlacedCell) -> dict[str, object]:
    names = ("row", "col", "row_span", "col_span")
    return {**dict(zip(names, cell.place, strict=True)), "text": cell.text, "polygon": cell.polygon}


def draw_report(seed: int, number: int) -> Report:
    """One page of a series; the same seed and number give the same page."""
    dice = random.Random(f"report {seed} {number}")
    across = dice.random() < 0.25
    width, height = (round(to_px(side)) for side in (PAPER_MM[::-1] if across else PAPER_MM))
    canvas = PilImage.new("L", (width, height), 255)
    sheet = Sheet(canvas, ImageDraw.Draw(canvas), to_px(dice.uniform(*FONT_MM)), choose_ruling(dice), dice)
    tables = _fill(sheet)
    return _scanned(np.asarray(canvas, np.uint8), tables, dice)


def _fill(sheet: Sheet) -> list[Cells]:
    """Headline, text and tables from the top of the sheet to its end; at least one table."""
    dice, tables, margin = sheet.dice, list[Cells](), to_px(MARGIN_MM)
    left, right, bottom = margin, sheet.canvas.width - margin, sheet.canvas.height - margin
    y = _write_headline(sheet, (left, margin, right))
    amid_text, gap = dice.random() < 0.7, dice.uniform(0.6, 3.0)
    while bottom - y > to_px(MIN_TABLE_MM) and len(tables) < MOST_TABLES:
        if amid_text:
            y = _write_paragraph(sheet, (left, y, right), dice.randint(1, 5))
        sheet.draw.text((left, y), f"Table {len(tables) + 1}. {sentence(dice, 6)}", fill=0, font=sheet.font())
        y += LINE_SPACING * sheet.line_px
        added = [draw_table(sheet, (begin, y, end, bottom)) for begin, end in _places(dice, left, right)]
        tables += added
        y = max(corner[1] for cells in added for cell in cells for corner in cell.polygon) + gap * sheet.line_px
    if amid_text and bottom - y > 5 * sheet.line_px:
        _write_paragraph(sheet, (left, y, right), 3)
    return tables


def _places(dice: random.Random, left: float, right: float) -> list[tuple[float, float]]:
    """From where to where the next tables reach: one across the page or most of it, or two side by side."""
    if dice.random() < 0.15:
        width = 0.46 * (right - left)
        return [(left, left + width), (right - width, right)]
    return [(left, left + dice.uniform(0.5, 1.0) * (right - left))]


def _write_headline(sheet: Sheet, place: tuple[float, float, float]) -> float:
    """The report's name, on some pages above a rule across the page; returns where it ends."""
    left, y, right = place
    sheet.draw.text((left, y), sentence(sheet.dice, 5).title(), fill=0, font=sheet.font(LINE_SPACING))
    y += 1.8 * sheet.line_px
    if sheet.dice.random() < 0.3:
        sheet.draw.line((left, y, right, y), fill=0, width=sheet.ruling.thickness)
    return y + sheet.line_px


def _write_paragraph(sheet: Sheet, place: tuple[float, float, float], lines: int) -> float:
    """Lines of text across the page; returns where they end."""
    left, y, right = place
    font = sheet.font()
    for _ in range(lines):
        words = [sheet.dice.choice(WORDS)]
        while font.getlength(" ".join(words)) < 0.9 * (right - left):
            words.append(sheet.dice.choice(WORDS))
        sheet.draw.text((left, y), " ".join(words), fill=0, font=font)
        y += sheet.line_px
    return y + sheet.line_px


def _scanned(page: NDArray[np.uint8], tables: Sequence[Cells], dice: random.Random) -> Report:
    """The page on the glass of a scanner: turned a little, at the scanner's resolution, with its noise."""
    dpi, most = dice.choice(RESOLUTIONS), dice.choice(MOST_SKEW_DEG)
    skew, scale = dice.uniform(-most, most), dpi / DRAWN_DPI
    height, width = page.shape
    turn = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0), np.float64)
    turned = cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255,))
    small = cv2.resize(turned, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink, paper = dice.randint(20, 70), dice.randint(235, 252)
    noise = np.random.default_rng(dice.getrandbits(32)).normal(0.0, dice.uniform(1.0, 5.0), small.shape)
    grey = np.clip(ink + (paper - ink) * (small / 255.0) + noise, 0, 255).astype(np.uint8)
    image = compressed(np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8), dice.randint(60, 92))
    moved = tuple(tuple(_moved(cell, turn, scale) for cell in cells) for cells in tables)
    return Report(image, float(dpi), skew, moved)


def _moved(cell: PlacedCell, turn: NDArray[np.float64], scale: float) -> PlacedCell:
    corners = (np.array(cell.polygon) @ turn[:, :2].T + turn[:, 2]) * scale
    return cell._replace(polygon=tuple((float(x), float(y)) for x, y in corners))
