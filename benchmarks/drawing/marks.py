"""What gathers in the margins of scanned forms and is no signature: a function for each kind of mark.

Each takes a page, where it may draw, and a random generator, and returns the page with some marks of its kind. Lengths
are in millimetres on a sheet of A4; images are (height, width, 3) uint8 BGR.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import cv2
import numpy as np

from benchmarks.drawing.distortions import Image
from benchmarks.drawing.stamps import (
    BLACK,
    BLUE,
    COARSE,
    GRAY,
    RED,
    Points,
    Random,
    Room,
    blank,
    blue_seals,
    font_file,
    grain,
    gray_seals,
    inked,
    print_line,
    px_per_mm,
    red_seals,
    room_for,
    rubber_stamps,
)

PENS = (BLACK, BLUE, RED)
NOTES = (
    *("第1页共3页", "第 2 页，共 12 页", "- 3 -", "—5—", "7", "Page 1 of 3", "附件2", "公开08表", "预算10表"),
    *("填报单位（盖章）：", "单位负责人：          填表人：", "打印日期：2023-03-30", "2023年3月30日", "单位：万元"),
    *("填表日期：2022年11月5日", "注：本表一式三份", "http://www.example.gov.cn", "联系电话：0970-8672210"),
)
SMUDGE_DARKNESS = (10.0, 60.0)


Marking = Callable[[Image, Room, Random], Image]


# --- marks ------------------------------------------------------------------------------------------------------------


def specks(page: Image, room: Room, random: Random) -> Image:
    """Dust and toner, all over the page, some of it in clouds."""
    mask, scale = blank(page), px_per_mm(page)
    height, width = page.shape[:2]
    at = random.uniform((0, 0), (width, height), (random.integers(150, 400), 2))
    cloud = random.normal(random.uniform((0, 0), (width, height)), 9 * scale, (random.integers(20, 60), 2))
    for x, y in np.vstack([at, cloud]):
        cv2.circle(mask, (int(x), int(y)), max(1, round(scale * random.uniform(0.05, 0.35))), 255, -1)
    return inked(page, mask, BLACK, 0.9)


def smudges(page: Image, room: Room, random: Random) -> Image:
    """Fingerprints, wiped toner and stains: soft blots, some drawn out in a direction."""
    scale, (height, width) = px_per_mm(page) / COARSE, (side // COARSE for side in page.shape[:2])
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    shade = np.zeros((height, width), np.float32)
    for left, top in room_for(room.margins, (14, 10), random, int(random.integers(2, 5))):
        turn, long, short = random.uniform(0, math.pi), random.uniform(2, 8) * scale, random.uniform(0.8, 2.5) * scale
        dx, dy = x - (left + 7) * scale, y - (top + 5) * scale
        along, across = dx * math.cos(turn) + dy * math.sin(turn), dy * math.cos(turn) - dx * math.sin(turn)
        component = np.exp(-((along / long) ** 2) - (across / short) ** 2)
        component *= np.clip(0.6 + 0.8 * random.uniform(0, 1) * grain((height, width), 0.4 * scale, random), 0, 1.5)
        shade += component * random.uniform(*SMUDGE_DARKNESS)
    shade = cv2.resize(shade, page.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(page - shade[..., None], 0, 255), np.uint8)


def ticks(page: Image, room: Room, random: Random) -> Image:
    """Ticks, crosses, circles and brackets of a pen."""
    shapes = (
        ([(0, 0.5), (0.3, 1), (1, 0)],),
        ([(0, 0), (1, 1)], [(1, 0), (0, 1)]),
        ([(0.5 + 0.5 * math.sin(a), 0.5 - 0.5 * math.cos(a)) for a in np.linspace(0, 6.4, 20)],),
        ([(0.4, 0), (0.1, 0.1), (0.2, 0.5), (0, 0.55), (0.2, 0.6), (0.1, 0.9), (0.4, 1)],),
        ([(0, 0.6), (0.25, 1), (0.6, 0.2)], [(0.5, 0.5), (0.75, 0.9), (1, 0)]),
    )
    for left, top in room_for(room.margins, (9, 9), random, int(random.integers(1, 5))):
        size = random.uniform(3, 9)
        for stroke in shapes[random.integers(len(shapes))]:
            page = _written(page, np.array(stroke) * size + (left, top), random)
    return page


def strokes(page: Image, room: Room, random: Random) -> Image:
    """Short strokes of a pen: slips, underlines, waves, one to three together."""
    for left, top in room_for(room.margins, (18, 8), random, int(random.integers(1, 5))):
        for _ in range(random.integers(1, 4)):
            long, turn = random.uniform(2, 16), random.normal(0, 0.4)
            along = np.linspace(0, 1, 12)
            wave = random.uniform(0, 1) * np.sin(along * random.uniform(2, 15))
            points = np.column_stack([along * long, long * along * math.sin(turn) / 2 + wave])
            page = _written(page, np.add(points, (left, top + random.uniform(1, 7))), random)
    return page


def holes(page: Image, room: Room, random: Random) -> Image:
    """Punched holes, two or four along a side: dark where the lid was open, else a shadow at their rim."""
    mask, scale = blank(page), px_per_mm(page)
    height, width = page.shape[:2]
    radius, inset = random.uniform(2.4, 3.2) * scale, random.uniform(8, 13) * scale
    dark = random.random() < 0.6
    for along in (-40, 40) if random.random() < 0.7 else (-120, -40, 40, 120):
        upright = random.random() < 0.5 or abs(along) > 100
        middle = (inset, height / 2 + along * scale) if upright else (width / 2 + along * scale, inset)
        center = int(middle[0]), int(middle[1])
        cv2.circle(mask, center, round(radius), 255, -1 if dark else max(1, round(0.3 * scale)))
    return inked(page, mask, BLACK if dark else GRAY, random.uniform(0.6, 1.0))


def staples(page: Image, room: Room, random: Random) -> Image:
    """Staples, paper clips and the holes of staples that were drawn, at the corners, with their shadows."""
    mask, scale = blank(page), px_per_mm(page)
    for left, top in room_for(room.margins, (16, 16), random, int(random.integers(1, 4))):
        turn, long = random.uniform(0, math.pi), random.uniform(8, 13) * scale
        start = np.array([left + 2, top + 2]) * scale
        end = start + long * np.array([abs(math.cos(turn)), abs(math.sin(turn))])
        ends = [tuple(map(int, point)) for point in (start, end)]
        if random.random() < 0.6:
            cv2.line(mask, *ends, 255, max(1, round(random.uniform(0.4, 0.8) * scale)), cv2.LINE_AA)
            shifted = [(x + round(0.5 * scale), y + round(0.5 * scale)) for x, y in ends]
            cv2.line(mask, *shifted, 120, max(1, round(0.8 * scale)), cv2.LINE_AA)
        else:
            for center in ends:
                cv2.circle(mask, center, round(random.uniform(0.4, 0.9) * scale), 230, -1)
    return inked(page, mask, BLACK, 0.8)


def ruled_margins(page: Image, room: Room, random: Random) -> Image:
    """Rules along the sides: solid, double, dashed, dotted, such as binding lines and frames."""
    mask, scale = blank(page), px_per_mm(page)
    height, width = page.shape[:2]
    for side in random.choice(4, random.integers(1, 4), replace=False):
        inset, thick = random.uniform(4, 16) * scale, max(1, round(random.uniform(0.2, 0.7) * scale))
        across = height if side % 2 else width
        place = inset if side < 2 else across - inset
        length = width if side % 2 else height
        dash, gap = ((length, 1.0), (3 * scale, 2 * scale), (0.7 * scale, 1.5 * scale))[random.integers(3)]
        for begin in np.arange(random.uniform(2, 20) * scale, length - 10 * scale, dash + gap):
            ends = ((begin, place), (min(begin + dash, length - 10 * scale), place))
            points = [(int(a), int(b)) if side % 2 else (int(b), int(a)) for a, b in ends]
            cv2.line(mask, *points, 255, thick, cv2.LINE_AA)
    return inked(page, mask, (BLACK, GRAY, RED)[random.integers(3)], 0.9)


def page_edges(page: Image, room: Room, random: Random) -> Image:
    """What lies beyond the sheet: dark bands along sides, aslant, dark corners, and shadows that fade into the page."""
    scale, (height, width) = px_per_mm(page), page.shape[:2]
    mask = blank(page)
    for side in random.choice(4, random.integers(1, 4), replace=False):
        near, far = sorted(random.uniform(0, 6, 2) * scale)
        band = np.array([(0, 0), (0, near), (max(width, height), far), (max(width, height), 0)], np.int32)
        piece = np.zeros((max(width, height),) * 2, np.uint8)
        cv2.fillPoly(piece, [band], (255,))
        mask = np.maximum(mask, np.rot90(piece, side)[_corner(side, height, width)])
    if random.random() < 0.4:
        corner = np.array([(0, 0), (random.uniform(5, 25) * scale, 0), (0, random.uniform(5, 25) * scale)], np.int32)
        cv2.fillPoly(mask, [corner], (255,))
    worse = inked(page, mask, (BLACK, GRAY)[random.integers(2)], random.uniform(0.5, 1.0))
    x = np.arange(width, dtype=np.float32) / scale
    shade = 1 - random.uniform(0.1, 0.5) * np.exp(-x / random.uniform(2, 8))
    return np.asarray(worse * shade[None, :, None], np.uint8)


def printed_notes(page: Image, room: Room, random: Random) -> Image:
    """Page numbers, notes and headings in print; where the machine has no font for them, print of the page's cells."""
    for left, top in room_for(room.margins, (50, 7), random, int(random.integers(1, 4))):
        if font_file() is None or random.random() < 0.3:
            page = _copied_print(page, room, (left, top), random)
        else:
            mask = blank(page)
            text = NOTES[random.integers(len(NOTES))]
            print_line(mask, text, (left, top + 1), random.uniform(3.0, 4.8))
            page = inked(page, mask, BLACK, 0.95)
    return page


def several(page: Image, room: Room, random: Random) -> Image:
    """Three of the other kinds on one page."""
    for index in random.choice(len(KINDS) - 1, 3, replace=False):
        page = list(KINDS.values())[index](page, room, random)
    return page


KINDS: dict[str, Marking] = {
    **{"specks": specks, "smudges": smudges, "ticks and circles": ticks, "short strokes": strokes},
    **{"red seals": red_seals, "blue seals": blue_seals, "copied seals": gray_seals, "rubber stamps": rubber_stamps},
    **{"punched holes": holes, "staples": staples, "ruled margins": ruled_margins, "page edges": page_edges},
    **{"printed notes": printed_notes, "three of these": several},
}


def marked(page: Image, kind: str, room: Room, seed: int) -> Image:
    """The page with marks of a kind, as the same scanner would give it: gray pages stay gray, faxes black and white."""
    worse = KINDS[kind](page, room, np.random.default_rng(seed))
    if not (cv2.absdiff(page[..., 0], page[..., 2]) > 0).any():
        worse = cv2.cvtColor(cv2.cvtColor(worse, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if np.mean((page > 40) & (page < 215)) < 0.02 and np.median(page) >= 250:
        worse = np.where(worse < 128, 0, 255)
    _, encoded = cv2.imencode(".jpg", np.asarray(worse, np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 80])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


# --- parts ------------------------------------------------------------------------------------------------------------


def _corner(side: int, height: int, width: int) -> tuple[slice, slice]:
    """The part of a square of the page's long side that has its turned upper left edge."""
    rows = slice(0, height) if side in (0, 1) else slice(-height, None)
    columns = slice(0, width) if side in (0, 1) else slice(-width, None)
    return rows, columns


def _written(page: Image, points: Points, random: Random) -> Image:
    """A stroke through points in millimetres, with a pen of some ink and width."""
    mask, scale = blank(page), px_per_mm(page)
    smooth = np.column_stack([np.interp(np.linspace(0, len(points) - 1, 60), range(len(points)), c) for c in points.T])
    smooth += cv2.GaussianBlur(random.normal(0, 0.5, smooth.shape), (1, 25), 8)
    width = random.uniform(0.35, 0.9)
    ends = [tuple(np.rint(point * scale).astype(int).tolist()) for point in smooth]
    for start, end in itertools.pairwise(ends):
        cv2.line(mask, start, end, 255, max(1, round(width * scale * random.uniform(0.8, 1.2))), cv2.LINE_AA)
    return inked(page, mask, PENS[random.integers(len(PENS))], 0.95)


def _copied_print(page: Image, room: Room, place: tuple[int, int], random: Random) -> Image:
    """Print of one of the page's cells once more, beside the table."""
    if not room.cells:
        return page
    scale = px_per_mm(page)
    left, top, right, bottom = room.cells[random.integers(len(room.cells))]
    inset = round(0.8 * scale)
    piece = page[top + inset : bottom - inset, left + inset : right - inset][: round(7 * scale), : round(50 * scale)]
    copied = page.copy()
    to = copied[round(place[1] * scale) :, round(place[0] * scale) :][: piece.shape[0], : piece.shape[1]]
    paper = np.median(piece.reshape(-1, 3), axis=0)
    to[:] = np.clip(
        to.astype(int) + np.minimum(0, piece[: to.shape[0], : to.shape[1]].astype(int) - paper + 12), 0, 255
    )
    return copied
