"""Signed margins with truth: names and dates by many hands, written onto the paper of real scans.

    python -m benchmarks.signed_margins --out DIR [--truth DIR] [--pens DIR] [--count N] [--seed N]

Writes DIR/NNNN.png, the margin above or below a page's table with one signature, and DIR/NNNN.json, its truth. The
paper is that of the pages of --truth, their own signatures painted over, or blank paper. Names are in script fonts, or
in the pens of a folder whose labels.csv has the columns file, writer and name; dates are in script fonts. The same
arguments draw the same margins.
"""

from __future__ import annotations

import argparse
import calendar
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.random import Generator

from benchmarks.drawing import handwriting
from benchmarks.drawing.distortions import Image
from benchmarks.drawing.handwriting import EM, INK, Hand, Pen, Strokes
from benchmarks.drawing.specimens import A4_LONG_SIDE_IN

FONTS = Path(__file__).resolve().parent / "data" / "fonts"
NAME_FONTS = ("ma-shan-zheng", "zhi-mang-xing", "long-cang", "liu-jian-mao-cao")
DIGIT_FONTS = (*NAME_FONTS, "caveat", "kalam", "bad-script", "gaegu", "indie-flower", "nothing-you-could-do")
ROSTER = """
王建国 李秀英 张志强 刘文静 陈海红 杨丽华 赵国平 黄正明 周桂兰 吴志军 徐涛 孙海霞 胡军 朱文才 高明 林红梅 何才让
郭芳 马成才 罗玉莲 梁伟 宋启瑞 郑超 谢丽娟 韩磊 唐扎西 冯刚 于洋 董国花 萧强 程敏 曹海生 袁勇 邓静 许艳 傅杰 沈浩然
曾莲花 彭玉生 吕超
"""
"""The names that are written in script fonts; the fonts of data/fonts hold no other characters."""
YEARS = range(2012, 2028)
DIGITS = "〇一二三四五六七八九"

SAME_FONT = 0.3
"""Share of the names in script fonts whose date is in the same font; only those fonts have 年, 月 and 日."""
LAYOUTS = ("beside", "beside", "beside", "touching", "below")
"""Of five signatures three have the date beside the name; one in five touches, one has two lines."""
LETTER_MM = (8.0, 13.0)
"""Size of a name's characters: those of pens on forms are 8 to 14 mm wide."""
DATE_SHARE = (0.6, 1.0)
"""Size of a date's characters beside the name's."""
INKS = ((38, 34, 32), (82, 48, 38), (140, 66, 42), (96, 92, 90))
"""Black, blue-black and blue ink and pencil, BGR."""
MIN_MARGIN_MM = 20.0
EDGE_MM = 3.0
MAX_INK_SHARE = 0.002
"""A place with more ink than this is not free."""
INK_CONTRAST = 40
PLACES = 200
BLANK_MM = (120.0, 40.0)
BLANK_DPI = 200.0
BILEVEL_SHARE = 0.97


class Written(NamedTuple):
    """The truth of a margin. `date` is as written, `year` None where none is; polygons are in the image's pixels."""

    name: str
    date: str
    form: str
    year: int | None
    month: int
    day: int
    layout: str
    kind: str
    writer: str
    name_polygon: list[list[int]]
    date_polygon: list[list[int]]


class Margin(NamedTuple):
    """A margin as it was scanned, (height, width, 3), and what stands in it."""

    image: Image
    dpi: float
    truth: Written


class Order(NamedTuple):
    """What to draw: the index-th margin of a seed, on a page's paper (None for blank), in a pen (None for a font)."""

    seed: int
    index: int
    page: Path | None
    pen: Pen | None


class _Paper(NamedTuple):
    image: Image
    dpi: float


def in_chinese(number: int) -> str:
    """A number below 100 in Chinese: 31 is 三十一."""
    tens, ones = divmod(number, 10)
    return (("" if tens == 1 else DIGITS[tens]) + "十" if tens else "") + (DIGITS[ones] if ones else "")


def year_in_chinese(year: int) -> str:
    """A year digit by digit: 2023 is 二〇二三."""
    return "".join(DIGITS[int(digit)] for digit in str(year))


FORMS: dict[str, Callable[[int, int, int], str]] = {
    "3.30": lambda _, month, day: f"{month}.{day}",
    "3.30.": lambda _, month, day: f"{month}.{day}.",
    "3月30日": lambda _, month, day: f"{month}月{day}日",
    "2023.3.30": lambda year, month, day: f"{year}.{month}.{day}",
    "23.3.30": lambda year, month, day: f"{year % 100}.{month}.{day}",
    "2023年3月30日": lambda year, month, day: f"{year}年{month}月{day}日",
    "三月三十日": lambda _, month, day: f"{in_chinese(month)}月{in_chinese(day)}日",
    "二〇二三年三月三十日": lambda y, m, d: f"{year_in_chinese(y)}年{in_chinese(m)}月{in_chinese(d)}日",
    "330": lambda _, month, day: f"{month}{day}",
}
WITH_YEAR = ("2023.3.30", "23.3.30", "2023年3月30日", "二〇二三年三月三十日")
LOST_POINT = "330"


def orders(count: int, seed: int, pages: Iterable[Path], pens: Iterable[Pen]) -> list[Order]:
    """Margins in all forms of dates alike, half of them in pen where there are pens, pages and pens in turn."""
    papers, hands = [*pages] or [None], [*pens]
    rng = np.random.default_rng(seed)
    rng.shuffle(papers)  # type: ignore[arg-type]
    rng.shuffle(hands)  # type: ignore[arg-type]
    drawn = []
    for index in range(count):
        lap = index // len(FORMS)
        pen = hands[index // 2 % len(hands)] if hands and lap % 2 else None
        drawn.append(Order(seed, index, papers[index % len(papers)], pen))
    return drawn


def draw(order: Order) -> Margin:
    """Draw a margin; the same order is always drawn alike."""
    rng = np.random.default_rng([order.seed, order.index])
    form = list(FORMS)[order.index % len(FORMS)]
    year, month = int(rng.choice(YEARS)), int(rng.integers(1, 13))
    day = int(rng.integers(1, calendar.monthrange(year, month)[1] + 1))
    date = FORMS[form](year, month, day)
    hand = handwriting.some_hand(rng)
    font = FONTS / f"{rng.choice(NAME_FONTS)}.woff2"
    name = order.pen.name if order.pen else str(rng.choice(ROSTER.split()))
    first = handwriting.write_in_pen(order.pen, rng) if order.pen else handwriting.write(name, font, hand, rng)
    digits = (
        font if any(c in date for c in "月年") or rng.random() < 0.3 else FONTS / f"{rng.choice(DIGIT_FONTS)}.woff2"
    )
    second = handwriting.write(date, digits, hand, rng)
    layout = str(rng.choice(LAYOUTS))
    paper = _paper(order.page, rng)
    image, corners = _sign(paper, first, second, (layout, hand), rng)
    name_polygon, date_polygon = corners
    truth = Written(
        name=name,
        date=date,
        form=form,
        year=year if form in WITH_YEAR else None,
        month=month,
        day=day,
        layout=layout,
        kind="pen" if order.pen else "font",
        writer=order.pen.writer if order.pen else font.stem,
        name_polygon=name_polygon,
        date_polygon=date_polygon,
    )
    return Margin(image, paper.dpi, truth)


# --- paper ------------------------------------------------------------------------------------------------------------


def _paper(page: Path | None, rng: Generator) -> _Paper:
    """The margin above a page's table, or below it, its own signature painted over; else blank paper."""
    if page is None:
        return _blank(rng)
    truth = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    image = np.asarray(cv2.imread(str(page), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION), np.uint8)
    image = np.ascontiguousarray(np.rot90(image, -(truth.get("scan") or {}).get("rotated_quarter_turns_ccw", 0)))
    dpi = max(image.shape[:2]) / A4_LONG_SIDE_IN
    corners = np.array([point for cell in truth["cells"] for point in cell["polygon"]])
    for part in ("name_polygon", "date_polygon"):
        if truth.get("signature") and truth["signature"].get(part):
            _paint_over(image, np.array(truth["signature"][part]), round(EDGE_MM / 25.4 * dpi))
    top, bottom = int(corners[:, 1].min()), int(corners[:, 1].max())
    gap = round(1.5 / 25.4 * dpi)
    margins = [image[: max(0, top - gap)], image[bottom + gap :]]
    tall = [margin for margin in margins if margin.shape[0] >= MIN_MARGIN_MM / 25.4 * dpi]
    if not tall:
        return _blank(rng)
    return _Paper(np.ascontiguousarray(tall[0] if rng.random() < 0.7 else tall[-1]), dpi)


def _blank(rng: Generator) -> _Paper:
    """Paper without print: its shade, the scanner's noise and uneven light."""
    width, height = (round(mm / 25.4 * BLANK_DPI) for mm in BLANK_MM)
    shade = rng.uniform(205, 250) + np.linspace(0, rng.uniform(-12, 12), width)[None, :, None]
    noisy = shade + rng.normal(0, rng.uniform(1, 5), (height, width, 1)) + np.zeros((1, 1, 3))
    return _Paper(np.asarray(np.clip(noisy, 0, 255), np.uint8), BLANK_DPI)


def _paint_over(image: Image, corners: Any, margin: int) -> None:
    """Replace the ink within a box by the paper around it, with that paper's grain; in place."""
    left, top = np.maximum(corners.min(axis=0).astype(int) - margin, 0)
    right, bottom = corners.max(axis=0).astype(int) + margin
    box = image[top:bottom, left:right]
    paper = cv2.medianBlur(cv2.dilate(box, np.ones((9, 9), np.uint8)), 31)
    ink = (paper.astype(int) - box).max(axis=2) > INK_CONTRAST / 2
    inked = cv2.dilate(ink.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    bare = box[~inked].astype(int) - paper[~inked]
    grain = bare[np.arange(np.count_nonzero(inked)) * 7 % max(1, len(bare))] if len(bare) else 0
    box[inked] = np.clip(paper[inked] + grain, 0, 255)


# --- ink on it --------------------------------------------------------------------------------------------------------


def _sign(
    paper: _Paper, name: Strokes, date: Strokes, manner: tuple[str, Hand], rng: Generator
) -> tuple[Image, tuple[list[list[int]], list[list[int]]]]:
    """The paper with name and date written on a free place of it, and the polygons of both."""
    letter = rng.uniform(*LETTER_MM) / 25.4 * paper.dpi
    height_in_ems = name.shape[0] / EM if name.shape[0] < 1.6 * EM else 1.0
    for shrink in (1.0, 0.8):
        scale = shrink * letter * height_in_ems / name.shape[0]
        first = handwriting.sized(name, scale)
        second = handwriting.sized(date, shrink * letter / EM * rng.uniform(*DATE_SHARE))
        (ax, ay), (bx, by), strokes = _arranged(first, second, manner[0], rng)
        place = _free_place(paper, strokes.shape, rng)
        if place is not None:
            break
    else:
        return _sign(_blank(rng)._replace(dpi=paper.dpi), name, date, manner, rng)
    x, y = place
    image = _inked(paper.image, strokes, place, rng)
    return image, (_box(x + ax, y + ay, first), _box(x + bx, y + by, second))


def _arranged(
    name: Strokes, date: Strokes, layout: str, rng: Generator
) -> tuple[tuple[int, int], tuple[int, int], Strokes]:
    letter = name.shape[0]
    if layout == "below":
        across, down = rng.uniform(-0.1, 0.5) * name.shape[1], letter * (1 + rng.uniform(0.08, 0.5))
        return handwriting.placed(name, date, (round(across), round(down)))
    drop = round(rng.uniform(0.2, 0.9) * (letter - date.shape[0]) + rng.normal(0, 0.06) * letter)
    gap = round(rng.uniform(0.12, 0.9) * letter)
    if layout == "touching":
        gap = next((g for g in range(gap, -letter // 3, -1) if _overlap(name, date, g, drop)), -letter // 3)
    return handwriting.placed(name, date, (name.shape[1] + gap, drop))


def _overlap(name: Strokes, date: Strokes, gap: int, drop: int) -> bool:
    """Whether ink of both meets."""
    _, _, both = handwriting.placed(name > INK, date > INK, (name.shape[1] + gap, drop))
    return bool(np.count_nonzero(both) < np.count_nonzero(name > INK) + np.count_nonzero(date > INK))


def _free_place(paper: _Paper, size: tuple[int, int], rng: Generator) -> tuple[int, int] | None:
    """The top left corner (x, y) of a box of this size on bare paper; None where there is none."""
    gray = cv2.cvtColor(paper.image, cv2.COLOR_BGR2GRAY)
    light = cv2.resize(cv2.medianBlur(cv2.resize(gray, None, fx=0.125, fy=0.125), 31), gray.shape[::-1])
    sums = cv2.integral((light.astype(int) - gray > INK_CONTRAST).astype(np.uint8))
    edge = round(EDGE_MM / 25.4 * paper.dpi)
    height, width = size[0] + 2 * edge, size[1] + 2 * edge
    if height > gray.shape[0] or width > gray.shape[1]:
        return None
    for _ in range(PLACES):
        x = int(rng.integers(0, gray.shape[1] - width + 1))
        y = int(rng.integers(0, gray.shape[0] - height + 1))
        ink = sums[y + height, x + width] - sums[y, x + width] - sums[y + height, x] + sums[y, x]
        if ink <= MAX_INK_SHARE * width * height:
            return x + edge, y + edge
    return None


def _inked(paper: Image, strokes: Strokes, place: tuple[int, int], rng: Generator) -> Image:
    """The strokes in ink on the paper, blurred, grained and compressed as by a scanner."""
    x, y = place
    cover = np.zeros(paper.shape[:2], np.float32)
    cover[y : y + strokes.shape[0], x : x + strokes.shape[1]] = strokes
    bilevel = np.mean((paper < 25) | (paper > 230)) > BILEVEL_SHARE and len(np.unique(paper)) < 128
    faded = 1.0 if bilevel else rng.uniform(0.6, 1.0)
    cover = cv2.GaussianBlur(cover, (0, 0), rng.uniform(0.5, 1.4)) * faded
    cover = np.clip(cover * (1 + rng.normal(0, 0.08, cover.shape)), 0, 1)[..., None]
    ink = np.array(INKS[0 if bilevel else int(rng.integers(len(INKS)))])
    image = np.asarray(np.clip(paper * (1 - cover) + ink * cover, 0, 255), np.uint8)
    if bilevel:
        black = image.mean(axis=2, keepdims=True) < 128
        return np.asarray(np.where(black, 0, 255) + np.zeros((1, 1, 3)), np.uint8)
    quality = int(rng.integers(45, 93))
    _, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def _box(x: int, y: int, strokes: Strokes) -> list[list[int]]:
    height, width = strokes.shape
    return [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]


def main(arguments: Iterable[str] | None = None) -> None:
    """Draw margins into a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--truth", type=Path, help="pages whose paper is written on; blank paper without it")
    parser.add_argument("--pens", type=Path, help="names in pen, with labels.csv; script fonts alone without it")
    parser.add_argument("--count", type=int, default=360)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(None if arguments is None else list(arguments))
    pens = handwriting.read_pens(options.pens) if options.pens else ()
    options.out.mkdir(parents=True, exist_ok=True)
    for order in orders(options.count, options.seed, pages_of(options.truth), pens):
        margin = draw(order)
        file = options.out / f"{order.index:04d}.png"
        cv2.imwrite(str(file), margin.image)
        file.with_suffix(".json").write_text(json.dumps(margin.truth._asdict(), ensure_ascii=False), encoding="utf-8")


def pages_of(truth_dir: Path | None) -> list[Path]:
    """The JPEG pages of a folder whose truth tells where their cells are."""
    pages = sorted(truth_dir.glob("*.jpg")) if truth_dir else []
    return [page for page in pages if page.with_suffix(".json").exists()]


if __name__ == "__main__":
    main()
