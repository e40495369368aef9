"""Names and dates in pen, pages -> the pages with signatures in every kind of place."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from benchmarks.drawing.distortions import Image
from benchmarks.drawing.specimens import read_specimen
from benchmarks.drawing.stamps import GRAY, SEAL, draw_seal, inked, print_line, px_per_mm
from benchmarks.drawing.unsigned_pages import Box, Signed, ink_around, signed_pages
from pipeline.imaging import bounding_box
from pipeline.ink import separate_ink

INK = (60, 45, 40)
NAME_MM, DATE_MM = (8.0, 13.0), (5.0, 8.0)
"""Heights of names and dates in pen ..."""
CELL_NAME_MM, CELL_DATE_MM = (6.0, 9.0), (4.0, 6.0)
"""... and where they have to fit into a cell."""
GAP_MM = 3.0
FORM_DPI = 200.0
PRINT_MM = 3.7
ROW_MM = 14.0
Random = np.random.Generator


class Pens(NamedTuple):
    """Names and dates to sign with: their ink (height, width), 0-255, tight around it."""

    names: list[Image]
    dates: list[Image]


class How(NamedTuple):
    """How a signature is written: the gap before its date in millimetres, and its size as a share of the usual."""

    gap: float = GAP_MM
    share: float = 1.0


USUAL, SMALL, TOUCHING = How(), How(share=0.8), How(gap=-0.8)


class Placed(NamedTuple):
    """A page, and the boxes of the signatures on it; with `cells`, the (row, col) of each."""

    page: Image
    boxes: tuple[Box, ...]
    cells: tuple[tuple[int, int], ...] = ()


def alone(signed: Signed, pens: Pens, random: Random) -> Placed:
    """Name and date beside each other, above the title."""
    return _signed_at(signed, pens, random, _corner(signed, random))


def over_title(signed: Signed, pens: Pens, random: Random) -> Placed:
    """Across the title, from anywhere along it."""
    left, top, right, bottom = signed.title
    return _signed_at(signed, pens, random, (random.uniform(left, right - (right - left) / 3), (top + bottom) / 2))


def over_red_seal(signed: Signed, pens: Pens, random: Random) -> Placed:
    """Upon a red seal."""
    return _over_seal(signed, pens, random, SEAL)


def over_gray_seal(signed: Signed, pens: Pens, random: Random) -> Placed:
    """Upon a seal that was copied in gray."""
    return _over_seal(signed, pens, random, GRAY)


def two_beside(signed: Signed, pens: Pens, random: Random) -> Placed:
    """Two people beside each other, 15-30 mm apart."""
    place = _corner(signed, random, left=0.1)
    first = _signed_at(signed, pens, random, place, SMALL)
    scale = px_per_mm(signed.erased)
    beside = first.boxes[0][2] + random.uniform(15, 30) * scale, place[1]
    return _again(first, _signed_at(signed._replace(erased=first.page), pens, random, beside, SMALL))


def two_above(signed: Signed, pens: Pens, random: Random) -> Placed:
    """Two people one above the other, below the table or at the foot of the page, 3-8 mm apart."""
    scale, height = px_per_mm(signed.erased), signed.erased.shape[0]
    top = min(signed.table[3] + 12 * scale, height - 48 * scale)
    place = random.uniform(0.15, 0.5) * signed.erased.shape[1], top + 8 * scale
    first = _signed_at(signed, pens, random, place, SMALL)
    gap = first.boxes[0][3] + random.uniform(3, 8) * scale
    page = signed._replace(erased=first.page)
    second = _signed_at(page, pens, random, (place[0] + random.uniform(-6, 6) * scale, gap + 6 * scale), SMALL)
    return _again(first, second)


def at_ruling(signed: Signed, pens: Pens, random: Random) -> Placed:
    """Standing upon the table's upper ruling, and reaching into it by a tenth or two."""
    left, top, right, _ = signed.table
    scale = px_per_mm(signed.erased)
    place = random.uniform(left, max(left + 1, right - 60 * scale)), top - random.uniform(3, 5) * scale
    return _signed_at(signed, pens, random, place)


def at_page_edge(signed: Signed, pens: Pens, random: Random) -> Placed:
    """At the page's upper or right edge, cut by it a little."""
    scale, width = px_per_mm(signed.erased), signed.erased.shape[1]
    if random.random() < 0.5:
        return _signed_at(signed, pens, random, (random.uniform(0.1, 0.6) * width, 4 * scale))
    probe = _signed_at(signed, pens, random, (width * 0.3, 15 * scale))
    long = probe.boxes[0][2] - probe.boxes[0][0]
    return _signed_at(signed, pens, random, (width - 0.95 * long, 12 * scale))


def touching(signed: Signed, pens: Pens, random: Random) -> Placed:
    """Name and date touching each other."""
    return _signed_at(signed, pens, random, _corner(signed, random), TOUCHING)


def on_two_lines(signed: Signed, pens: Pens, random: Random) -> Placed:
    """The date below the name, 1-4 mm apart: one signature."""
    scale = px_per_mm(signed.erased)
    place = _corner(signed, random)
    name, date = _hand(pens, random)
    top = place[1] - 6 * scale
    page, above = lay(signed.erased, name, (place[0], top), 9 * scale)
    below = above[0] + random.uniform(0, 15) * scale, above[3] + random.uniform(1, 4) * scale
    page, under = lay(page, date, below, random.uniform(*DATE_MM) * scale)
    return Placed(page, (_hull((above, under)),))


ON_PAGES: dict[str, Callable[[Signed, Pens, Random], Placed]] = {
    **{"alone in a corner": alone, "over the title": over_title, "over a red seal": over_red_seal},
    **{
        "over a copied seal": over_gray_seal,
        "two beside each other": two_beside,
        "two, one above the other": two_above,
    },
    **{"touching the table's ruling": at_ruling, "at the page's edge": at_page_edge},
    **{"name and date touching": touching, "date below the name": on_two_lines},
}


def beside_label(pens: Pens, random: Random) -> Placed:
    """In the empty cell to the right of its label, name and date."""
    form = _form([["负责人签字", "", "联系电话", "0970-8672210"], ["填表人", "王建国", "审核人", ""]], random)
    return _in_cells(form, [(0, 1, 0.05), (1, 3, 0.05)], pens, random)


def in_label(pens: Pens, random: Random) -> Placed:
    """In the cell of the label, behind its colon."""
    form = _form([["单位负责人（签字）：", "经办人："], ["审核意见", "同意"]], random)
    return _in_cells(form, [(0, 0, 0.45), (0, 1, 0.25)], pens, random)


def in_column(pens: Pens, random: Random) -> Placed:
    """In a column 签名, a name in some of its rows."""
    rows = [["序号", "姓名", "单位", "签名"]]
    rows += [[str(i), name, "县财政局", ""] for i, name in enumerate(("王建国", "李秀英", "马成才"), 1)]
    chosen = sorted(random.choice([1, 2, 3], 2, replace=False).tolist())
    return _in_cells(_form(rows, random), [(row, 3, 0.1) for row in chosen], pens, random, dated=False)


def typed_only(pens: Pens, random: Random) -> Placed:
    """Names that are typed: nobody signed."""
    form = _form(
        [["负责人签字", "马成才", "日期", "2023年3月30日"], ["填表人：王建国", "", "审核人", "李秀英"]], random
    )
    return form[0]


def empty(pens: Pens, random: Random) -> Placed:
    """Nothing at all, in some with a tick or a seal: nobody signed."""
    placed, places = _form([["负责人签字", "", "日期", "年  月  日"], ["填表人", "", "审核人：", ""]], random)
    if random.random() < 0.5:
        left, top, right, bottom = places[0, 1]
        mask = np.zeros(placed.page.shape[:2], np.uint8)
        draw_seal(mask, ((left + right) / 2, (top + bottom) / 2), random.uniform(8, 16), random)
        placed = placed._replace(page=inked(placed.page, mask, SEAL, 0.9))
    return placed


def dated_apart(pens: Pens, random: Random) -> Placed:
    """In the cell beside its label, the date in a cell of its own."""
    form = _form([["负责人签字", "", "日期", ""], ["经办人", "", "签字日期：", ""]], random)
    named, scale = _in_cells(form, [(0, 1, 0.05), (1, 1, 0.05)], pens, random, dated=False), FORM_DPI / 25.4
    page, boxes = named.page, []
    for row, name in enumerate(named.boxes):
        left, top, _, bottom = form[1][row, 3]
        place = left + random.uniform(2, 8) * scale, (top + bottom) / 2 - 2.5 * scale
        page, date = lay(page, _hand(pens, random)[1], place, 5 * scale)
        boxes.append(_hull((name, date)))
    return named._replace(page=page, boxes=tuple(boxes))


IN_CELLS: dict[str, Callable[[Pens, Random], Placed]] = {
    **{"in the cell beside its label": beside_label, "in the cell of its label": in_label},
    **{"in rows below 签名": in_column, "with the date in another cell": dated_apart},
    **{"cells with typed names": typed_only, "empty cells, some with a seal": empty},
}


@functools.cache
def cut_pens(truth_dir: Path, pens_dir: Path | None) -> Pens:
    """Names and dates of a folder's signed pages, and names of a folder of pictures."""
    pens = Pens([], [])
    for page in signed_pages(truth_dir):
        truth = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
        image = read_specimen(page).image
        darkness = separate_ink(image).darkness
        keys = [(key, pens.names if key == "name_polygon" else pens.dates) for key in ("name_polygon", "date_polygon")]
        keys = [(key, kept) for key, kept in keys if truth["signature"].get(key)]
        boxes = ink_around(image, [bounding_box(truth["signature"][key]) for key, _ in keys])
        for (_, kept), box in zip(keys, boxes, strict=True):
            kept.append(_ink(darkness, box))
    for picture in sorted(pens_dir.glob("*.png")) if pens_dir else ():
        image = cv2.copyMakeBorder(cv2.imread(str(picture)), 8, 8, 8, 8, cv2.BORDER_REPLICATE)
        pens.names.append(_ink(separate_ink(np.asarray(image, np.uint8)).darkness, (0, 0, *image.shape[1::-1])))
    return pens


def _ink(darkness: Image, box: Sequence[float]) -> Image:
    left, top, right, bottom = (round(side) for side in box)
    ink = darkness[max(0, top) : bottom, max(0, left) : right].astype(np.float32)
    ink = np.clip(1.25 * ink / max(float(np.percentile(ink, 97)), 1.0) - 0.25, 0, 1)
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0.5), np.flatnonzero(ink.max(axis=0) > 0.5)
    return np.asarray(255 * ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], np.uint8)


def _hand(pens: Pens, random: Random) -> tuple[Image, Image]:
    return pens.names[random.integers(len(pens.names))], pens.dates[random.integers(len(pens.dates))]


def lay(page: Image, ink: Image, place: tuple[float, float], height: float) -> tuple[Image, Box]:
    """The page with ink at a place (left, top) at a height in pixels, and the box of what is on the page of it."""
    scale = height / ink.shape[0]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    ink = np.asarray(cv2.resize(ink, None, fx=scale, fy=scale, interpolation=method), np.uint8)
    mask = np.zeros(page.shape[:2], np.uint8)
    left, top = round(place[0]), round(place[1])
    from_top, from_left = max(0, -top), max(0, -left)
    target = mask[top + from_top :, left + from_left :][: ink.shape[0] - from_top, : ink.shape[1] - from_left]
    target[:] = ink[from_top:, from_left:][: target.shape[0], : target.shape[1]]
    box = max(0, left), max(0, top), min(page.shape[1], left + ink.shape[1]), min(page.shape[0], top + ink.shape[0])
    return inked(page, mask, INK, 0.92), tuple(map(float, box))  # type: ignore[return-value]


def _signed_at(signed: Signed, pens: Pens, random: Random, place: tuple[float, float], how: How = USUAL) -> Placed:
    """Name and date, the name's left end and middle at a place."""
    scale = px_per_mm(signed.erased)
    name, date = _hand(pens, random)
    height = random.uniform(*NAME_MM) * scale * how.share
    page, first = lay(signed.erased, name, (place[0], place[1] - height / 2), height)
    low = random.uniform(*DATE_MM) * scale * how.share
    page, second = lay(page, date, (first[2] + how.gap * scale, place[1] - random.uniform(0.3, 0.6) * low), low)
    return Placed(page, (_hull((first, second)),))


def _corner(signed: Signed, random: Random, left: float = 0.45) -> tuple[float, float]:
    scale, width = px_per_mm(signed.erased), signed.erased.shape[1]
    upper = min(signed.title[1], signed.table[1])
    return width * random.uniform(left, left + 0.1), max(8 * scale, upper - random.uniform(9, 12) * scale)


def _over_seal(signed: Signed, pens: Pens, random: Random, ink: Sequence[int]) -> Placed:
    scale = px_per_mm(signed.erased)
    x, y = _corner(signed, random)
    y = signed.table[3] + 26 * scale if signed.table[3] + 48 * scale < signed.erased.shape[0] else max(y, 22 * scale)
    mask = np.zeros(signed.erased.shape[:2], np.uint8)
    draw_seal(mask, (x + random.uniform(5, 40) * scale, y), random.uniform(14, 21), random)
    page = inked(signed.erased, mask, ink, random.uniform(0.6, 0.9))
    return _signed_at(signed._replace(erased=page), pens, random, (x, y))


def _again(first: Placed, second: Placed) -> Placed:
    return Placed(second.page, (*first.boxes, *second.boxes))


def _hull(boxes: Sequence[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _form(rows: Sequence[Sequence[str]], random: Random) -> tuple[Placed, dict[tuple[int, int], Box]]:
    """A ruled form with a title, a few rows of its own and these at its foot; and the cells' boxes, by row and column.

    Rows count from the first of these; `Placed.cells` has them as they are on the page.
    """
    scale = FORM_DPI / 25.4
    page = np.full((round(297 * scale), round(210 * scale), 3), 246, np.uint8)
    mask = np.zeros(page.shape[:2], np.uint8)
    print_line(mask, "项目资金支付审批表", (70, 22), 6.0)
    places: dict[tuple[int, int], Box] = {}
    own = [
        ["项目名称", "农村公路养护工程"],
        ["金额（万元）", f"{random.uniform(1, 900):.2f}"],
        ["事由", "按合同支付进度款"],
    ]
    top = 40.0
    for number, texts in enumerate([*own, *rows], start=-len(own)):
        height = ROW_MM if number >= 0 else 10.0
        edges = np.linspace(20, 190, len(texts) + 1)
        for col, text in enumerate(texts):
            corners = [
                (round(x * scale), round(y * scale)) for x, y in ((edges[col], top), (edges[col + 1], top + height))
            ]
            cv2.rectangle(mask, *corners, 255, 2)
            print_line(mask, text, (edges[col] + 2, top + height / 2 - PRINT_MM / 2), PRINT_MM)
            places[number, col] = tuple(float(side) for corner in corners for side in corner)  # type: ignore[assignment]
        top += height
    page = inked(page, mask, (40, 40, 40), 0.95)
    grain = random.normal(0, 3, page.shape[:2])[..., None]
    return Placed(np.asarray(np.clip(page + grain, 0, 255), np.uint8), ()), places


def _in_cells(
    form: tuple[Placed, dict[tuple[int, int], Box]],
    cells: Sequence[tuple[int, int, float]],
    pens: Pens,
    random: Random,
    *,
    dated: bool = True,
) -> Placed:
    """Names, some with dates, written into cells from a share of their width on."""
    (placed, places), scale = form, FORM_DPI / 25.4
    page, boxes = placed.page, []
    for row, col, share in cells:
        left, top, right, bottom = places[row, col]
        name, date = _hand(pens, random)
        room = right - left - share * (right - left) - 2 * scale
        long = random.uniform(*CELL_NAME_MM) * scale
        with_date = dated and random.random() < 0.5
        width = name.shape[1] / name.shape[0] * long + with_date * (
            2 * scale + date.shape[1] / date.shape[0] * 5 * scale
        )
        fit = min(1.0, room / width)
        start = left + share * (right - left), (top + bottom) / 2 - fit * long / 2
        page, box = lay(page, name, start, fit * long)
        own = [box]
        if with_date:
            page, box = lay(page, date, (box[2] + 2 * scale, (top + bottom) / 2 - 2.5 * scale), fit * 5 * scale)
            own.append(box)
        boxes.append(_hull(own))
    return Placed(page, tuple(boxes), tuple((row + 3, col) for row, col, _ in cells))
