"""What gathers in the margins of scanned forms and is no signature: a function for each kind of mark.

Each takes a page, where it may draw, and a random generator, and returns the page with some marks of its kind. Lengths
are in millimetres on a sheet of A4; images are (height, width, 3) uint8 BGR.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from benchmarks.drawing.distortions import A4_LONG_SIDE_MM, Image

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
PENS = (BLACK, BLUE, RED)
FONT_NAMES = ("NotoSerifCJK-Regular.ttc", "NotoSansCJK-Regular.ttc", "wqy-microhei.ttc", "DroidSansFallbackFull.ttf")
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
NOTES = (
    *("第1页共3页", "第 2 页，共 12 页", "- 3 -", "—5—", "7", "Page 1 of 3", "附件2", "公开08表", "预算10表"),
    *("填报单位（盖章）：", "单位负责人：          填表人：", "打印日期：2023-03-30", "2023年3月30日", "单位：万元"),
    *("填表日期：2022年11月5日", "注：本表一式三份", "http://www.example.gov.cn", "联系电话：0970-8672210"),
)
STAMPED = ("2023.3.30", "2022年11月5日", "收 文", "2023-04-12", "已审核", "NO 000173", "作 废", "存 档")
SMUDGE_DARKNESS = (10.0, 60.0)
COARSE = 4
"""What is soft is drawn on a page so many times smaller."""


class Room(NamedTuple):
    """Where marks may be drawn, at one pixel a millimetre, (height, width) bool: beside all print, or upon it too.

    `cells` are boxes of printed cells of the page, left, top, right, bottom in pixels, whose print may be copied.
    """

    margins: NDArray[np.bool_]
    anywhere: NDArray[np.bool_]
    cells: tuple[tuple[int, int, int, int], ...]


Marking = Callable[[Image, Room, Random], Image]


def px_per_mm(page: Image) -> float:
    """Pixels to a millimetre of a sheet of A4."""
    return max(page.shape[:2]) / A4_LONG_SIDE_MM


# --- marks ------------------------------------------------------------------------------------------------------------


def specks(page: Image, room: Room, random: Random) -> Image:
    """Dust and toner, all over the page, some of it in clouds."""
    mask, scale = _blank(page), px_per_mm(page)
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
        component *= np.clip(0.6 + 0.8 * random.uniform(0, 1) * _grain((height, width), 0.4 * scale, random), 0, 1.5)
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


def holes(page: Image, room: Room, random: Random) -> Image:
    """Punched holes, two or four along a side: dark where the lid was open, else a shadow at their rim."""
    mask, scale = _blank(page), px_per_mm(page)
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
    mask, scale = _blank(page), px_per_mm(page)
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
    mask, scale = _blank(page), px_per_mm(page)
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
    mask = _blank(page)
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
            mask = _blank(page)
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


@functools.cache
def font_file() -> Path | None:
    """A font of this machine that has Chinese characters, or None."""
    files = {path.name: path for folder in FONT_FOLDERS if folder.is_dir() for path in sorted(folder.rglob("*.tt[cf]"))}
    return next((files[name] for name in FONT_NAMES if name in files), None)


def _blank(page: Image) -> Image:
    return np.zeros(page.shape[:2], np.uint8)


def _corner(side: int, height: int, width: int) -> tuple[slice, slice]:
    """The part of a square of the page's long side that has its turned upper left edge."""
    rows = slice(0, height) if side in (0, 1) else slice(-height, None)
    columns = slice(0, width) if side in (0, 1) else slice(-width, None)
    return rows, columns


def inked(page: Image, mask: Image, ink: Sequence[int], strength: float) -> Image:
    """The page with transparent ink (blue, green, red) where a mask (0-255) is, a little soft at its edges."""
    soft = cv2.GaussianBlur(mask, (0, 0), 0.06 * px_per_mm(page)).astype(np.float32)[..., None] / 255 * strength
    return np.asarray(page * (1 - soft * (1 - np.array(ink, np.float32) / 255)), np.uint8)


def _written(page: Image, points: Points, random: Random) -> Image:
    """A stroke through points in millimetres, with a pen of some ink and width."""
    mask, scale = _blank(page), px_per_mm(page)
    smooth = np.column_stack([np.interp(np.linspace(0, len(points) - 1, 60), range(len(points)), c) for c in points.T])
    smooth += cv2.GaussianBlur(random.normal(0, 0.5, smooth.shape), (1, 25), 8)
    width = random.uniform(0.35, 0.9)
    ends = [tuple(np.rint(point * scale).astype(int).tolist()) for point in smooth]
    for start, end in itertools.pairwise(ends):
        cv2.line(mask, start, end, 255, max(1, round(width * scale * random.uniform(0.8, 1.2))), cv2.LINE_AA)
    return inked(page, mask, PENS[random.integers(len(PENS))], 0.95)


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
    mask = _blank(page)
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
    wear = cv2.resize(_grain(coarse, 0.5 * scale / COARSE, random), mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
    mask[:] = mask * np.clip(0.85 + 0.35 * wear, 0.2, 1)


def _grain(shape: tuple[int, int], sigma: float, random: Random) -> Mask:
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
    mask, scale = _blank(page), px_per_mm(page)
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
