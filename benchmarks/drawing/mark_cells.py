"""Cells that hold one mark, or what looks like one: drawn in many fonts and by an unsteady pen, worn as scans are.

Each cell is darkness, (height, width) uint8, 0 paper to 255 ink, with the height of the page's text in pixels.
"""

from __future__ import annotations

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

from benchmarks.drawing.distortions import Image
from benchmarks.drawing.stamps import Random

Stroke = Sequence[tuple[float, float]]

PRINTED = {
    "—": ("—", "—", "–", "―", "-", "－", "—", "──"),
    "---": ("---", "---", "--", "- -", "- - -", "－－－", "----"),
    "/": ("/", "/", "／"),
    "\\": ("\\", "＼"),
    "〃": ("〃", "〃", "〃", "″", '"', "”", "＂"),
    "×": ("×", "×", "✕", "✗", "✘", "⨯", "╳", "✖"),
    "√": ("√", "√", "✓", "✔"),
    "□": ("□", "□", "☐", "▢", "❏", "◻"),
    "☑": ("☑", "☑", "☒", "⊠", "☑"),
    "○": ("○", "◯", "〇", "⚪"),
    "●": ("●", "•", "⚫"),
    "◎": ("◎", "⊙", "☉"),
    "☆": ("☆", "✩"),
    "★": ("★", "✭"),
    "…": ("…", "……", "...", "⋯", "……"),
}
"""What marks are printed as."""
SINGLE = (
    "0123456789" * 3 + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    "一一一一一二三四五六七八八九十小小口口口日日田回目曰囗个人人入大元万无有是否男女年月日次户份本天工上上下中卜丨丿乂义丫丁了"
    "川丶亅亡己巳山西四由甲申旧白百自目且凸凹吕品古台合同向回因团国图园固面车干千土士王主玉三丰手毛牛午"
    "％%℃°±+=＝~≈<>≥≤^*#。、，,.:;'|!?·()（）[]①②③ⅠⅡⅢⅣⅤⅥ△▲◇◆▽■¥$&@"
)
SEVERAL = (
    *(
        "10",
        "11",
        "11",
        "11",
        "12",
        "17",
        "71",
        "77",
        "111",
        "II",
        "ll",
        "IV",
        "VI",
        "XI",
        "XX",
        "mm",
        "kg",
        "m²",
        "一一",
    ),
    *(
        "N/A",
        "OK",
        "No",
        "V1",
        "1/2",
        "11",
        "1.",
        "1)",
        "(1",
        "一、",
        "7.",
        "-1",
        "-7",
        "=1",
        "3-",
        "人",
        "二十",
        "十一",
    ),
    *("1", "1", "1", "l", "I", "I", "x", "X", "X", "V", "v", "o", "O", "0", "0", "Y", "y", "T", "7", "7", "J"),
)
"""What is no mark, and may look like one."""
LATIN_SAMPLE, CHINESE_SAMPLE = "Quantity Limit Remarks 1234.56", "项目预算金额合计年度单位名称备注1234.56"
"""Print of which the page's text height is taken."""


class DrawnCell(NamedTuple):
    """A cell, what it shows ("" for no mark), the height of the page's text in pixels, and of which font it is."""

    darkness: Image
    mark: str
    text_height: float
    font: str


class Face(NamedTuple):
    """A font file, the face in it, and the height of its text as a share of its size."""

    path: Path
    index: int
    height: float


def faces(folder: Path) -> list[Face]:
    """The fonts of a folder and those below it that have Latin or Chinese letters, in order of name."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".ttf", ".ttc", ".otf"}):
        font = ImageFont.truetype(str(path), 64)
        sample = CHINESE_SAMPLE if _has(font, "预") else LATIN_SAMPLE
        if _has(font, "R") or _has(font, "预"):
            found.append(Face(path, 0, _text_height(font, sample) / 64))
    return found


def draw_cells(face: Face, count: int, seed: int) -> list[DrawnCell]:
    """Cells of a font, half of them marks of all kinds in turn, half other things."""
    random = np.random.default_rng(seed)
    font = ImageFont.truetype(str(face.path), 64)
    kinds = list(PRINTED)
    cells = []
    for index in range(count):
        mark = kinds[(index // 2) % len(kinds)] if index % 2 else ""
        height = float(np.exp(random.uniform(math.log(8), math.log(34))))
        drawn = _draw(face, font, mark, height, random)
        if drawn is not None:
            measured = height * math.exp(random.normal(0, 0.08))
            cells.append(DrawnCell(_worn(drawn, height, random), mark, measured, face.path.stem))
    return cells


# --- what is drawn ----------------------------------------------------------------------------------------------------


def _draw(face: Face, font: ImageFont.FreeTypeFont, mark: str, height: float, random: Random) -> Image | None:
    """Darkness of a cell with a mark or with something else, unworn; None where the font lacks it."""
    by_pen = {"": 0.12, "√": 0.5, "×": 0.4, "/": 0.3, "○": 0.4, "□": 0.5, "☑": 0.7, "—": 0.2, "〃": 0.3, "\\": 0.5}
    if random.random() < by_pen.get(mark, 0.0):
        return _by_pen(mark, height, random)
    texts = PRINTED[mark] if mark else (list(SINGLE) if random.random() < 0.6 else SEVERAL)
    text = str(texts[random.integers(len(texts))])
    if not all(_has(font, letter) for letter in text):
        return None
    sized = ImageFont.truetype(str(face.path), max(6, round(height / face.height)))
    left, top, right, bottom = sized.getbbox(text)
    margin = round(height)
    if right <= left or bottom <= top:
        return None
    picture = Picture.new("L", (round(right - left) + 2 * margin, round(bottom - top) + 2 * margin), 0)
    ImageDraw.Draw(picture).text((margin - left, margin - top), text, font=sized, fill=255)
    return np.asarray(picture, np.uint8)


def _by_pen(mark: str, height: float, random: Random) -> Image:
    """A mark of an unsteady pen, or a drawn box; for no mark dust, hairs and scratches."""
    if mark == "":
        return _dust(height, random)
    size = height * random.uniform(0.6, 1.3)
    side = round(1.7 * height * 2)
    canvas = np.zeros((side, side), np.uint8)
    thick = max(1.0, height * random.uniform(0.05, 0.14))
    place = (side - size) / 2
    if mark in "□☑":
        _box(canvas, place, size, max(1, round(thick * 0.8)), random)
        size, place = size * 0.9, place + 0.05 * size + random.normal(0, 0.05 * size)
        mark = "" if mark == "□" else str(random.choice(["√", "√", "×", "■", "√"]))
    for stroke in _strokes(mark, random):
        _pen(canvas, np.array(stroke) * size + place, thick, random)
    return canvas


def _strokes(mark: str, random: Random) -> list[Stroke]:
    """The strokes of a mark on a square of side 1, each a little off."""
    start, turn = random.uniform(0, 6.3), np.linspace(0, random.uniform(6.0, 6.9), 24)
    wide = random.uniform(0.7, 1.0)
    ring = [(0.5 + 0.5 * wide * math.cos(a), 0.5 + 0.5 * math.sin(a)) for a in turn + start]
    lean, low = random.uniform(0.1, 0.45), random.uniform(0.25, 0.5)
    knee = random.uniform(0.25, 0.4)
    strokes: dict[str, list[Stroke]] = {
        "√": [[(0, random.uniform(0.45, 0.65)), (knee, 1), (1, random.uniform(0, 0.2))]],
        "×": [[(0, 0), (1, 1)], [(1, 0), (0, 1)]],
        "/": [[(0.5 + lean, 0), (0.5 - lean, 1)]],
        "\\": [[(0.5 - lean, 0), (0.5 + lean, 1)]],
        "○": [ring],
        "—": [[(0, 0.5), (1, 0.5)]],
        "〃": [[(0.4, 0), (0.4 - low / 2, low)], [(0.75, 0), (0.75 - low / 2, low)]],
        "■": [[(0.25, y), (0.75, y)] for y in np.linspace(0.25, 0.75, 8)],
    }
    return [[(x + random.normal(0, 0.04), y + random.normal(0, 0.04)) for x, y in s] for s in strokes.get(mark, [])]


def _box(canvas: Image, place: float, size: float, thick: int, random: Random) -> None:
    wide = size * random.uniform(0.9, 1.1)
    corners = [(round(place), round(place)), (round(place + wide), round(place + size))]
    cv2.rectangle(canvas, *corners, 255, thick)


def _pen(canvas: Image, points: NDArray[np.float64], thick: float, random: Random) -> None:
    """A stroke through points, smoothed, its thickness changing a little."""
    along = np.linspace(0, len(points) - 1, 40)
    smooth = np.column_stack([np.interp(along, range(len(points)), axis) for axis in points.T])
    smooth += cv2.GaussianBlur(random.normal(0, 0.4, smooth.shape), (1, 15), 5) * thick
    for a, b in itertools.pairwise(smooth):
        ends = [tuple(np.rint(point * 16).astype(int).tolist()) for point in (a, b)]
        cv2.line(canvas, *ends, 255, max(1, round(thick * random.uniform(0.85, 1.2))), cv2.LINE_AA, 4)


def _dust(height: float, random: Random) -> Image:
    """One to four specks, or a hair, or a scratch, or a smudge."""
    side = round(3 * height)
    canvas = np.zeros((side, side), np.uint8)
    middle = np.array([side, side]) / 2
    kind = random.integers(4)
    if kind == 0:
        for _ in range(random.integers(1, 5)):
            at = np.rint(middle + random.normal(0, 0.4 * height, 2)).astype(int)
            axes = np.maximum(1, np.rint(height * random.uniform(0.04, 0.22, 2))).astype(int)
            cv2.ellipse(canvas, at.tolist(), axes.tolist(), random.uniform(0, 180), 0, 360, 255, -1)
    elif kind == 1:
        points = middle + np.cumsum(random.normal(0, 0.25 * height, (5, 2)), axis=0)
        _pen(canvas, points, height * random.uniform(0.03, 0.07), random)
    elif kind == 2:
        ends = middle + random.normal(0, 0.4 * height, (2, 2))
        _pen(canvas, ends, height * random.uniform(0.02, 0.05), random)
    else:
        blot = random.normal(0, 1, (side, side)).astype(np.float32)
        blot = cv2.GaussianBlur(blot, (0, 0), height * random.uniform(0.08, 0.2))
        y, x = np.indices(blot.shape)
        near = np.exp(-((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / (2 * (0.4 * height) ** 2))
        canvas = np.asarray(np.clip(blot / blot.std() * near * 120 - 60, 0, 255), np.uint8)
    return canvas


# --- wear -------------------------------------------------------------------------------------------------------------


def _worn(darkness: Image, height: float, random: Random) -> Image:
    """A cell as some scanner gives it: leaning, thick or thin, soft, faded, grainy, compressed, or black and white."""
    page = cv2.copyMakeBorder(darkness, 8, 8, 8, 8, cv2.BORDER_CONSTANT, value=0)
    rows, columns = page.shape
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), float(np.clip(random.normal(0, 0.7), -2, 2)), 1.0)
    turn[:, 2] += random.uniform(-0.5, 0.5, 2)
    page = cv2.warpAffine(page, turn, (columns, rows), flags=cv2.INTER_LINEAR)
    soft = page.astype(np.float32)
    if height > 12 and random.random() < 0.3:
        kernel = np.ones((2, 2), np.uint8)
        soft = (cv2.dilate if random.random() < 0.5 or height < 18 else cv2.erode)(soft, kernel)
    soft = cv2.GaussianBlur(soft, (0, 0), random.uniform(0.2, 0.3 + 0.03 * height))
    if random.random() < 0.15:  # toner that did not hold
        torn = cv2.GaussianBlur(random.normal(0, 1, soft.shape).astype(np.float32), (0, 0), random.uniform(0.5, 1.5))
        soft *= np.clip(1.0 + 1.2 * torn / torn.std() * random.uniform(0, 0.5), 0, 1)
    if random.random() < 0.2:
        torn = random.normal(0, 40, soft.shape).astype(np.float32)
        return np.asarray(
            np.where(soft + cv2.GaussianBlur(torn, (0, 0), 0.6) > random.uniform(80, 150), 255, 0), np.uint8
        )
    soft *= random.uniform(0.35, 1.0)
    grainy = soft + random.normal(0, random.uniform(0.5, 7.0), soft.shape)
    gray = np.asarray(np.clip(255 - grainy, 0, 255), np.uint8)
    quality = int(random.integers(35, 95))
    _, encoded = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(255 - cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), np.uint8)


# --- fonts ------------------------------------------------------------------------------------------------------------


def _has(font: ImageFont.FreeTypeFont, letter: str) -> bool:
    """Whether a font has a letter of its own, and not the box that stands for what it lacks."""
    mask, missing = (bytes(font.getmask(one)) for one in (letter, "\uffff"))
    return letter in " " or (any(mask) and mask != missing)


def _text_height(font: ImageFont.FreeTypeFont, sample: str) -> float:
    """The height in pixels of most letters of a sample."""
    heights = [font.getbbox(letter)[3] - font.getbbox(letter)[1] for letter in sample if letter not in " ."]
    return float(np.quantile(heights, 0.6))
