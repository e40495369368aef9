"""Pages made worse on purpose: each function takes a page and a strength, and returns a worse page.

Only what paper, light, software and scanners do. Every function is deterministic; images are (height, width, 3) uint8
BGR of A4 sheets. Lengths are in millimetres on the sheet.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Line = NDArray[np.float64]
"""(n, 2) points of a ruling line on the page, x then y, from one end to the other."""
Distortion = Callable[[Image, float], Image]
RulingDistortion = Callable[[Image, float, Sequence[Line]], Image]

A4_LONG_SIDE_MM = 297.0
WAVE_BOW = 0.777
"""How far the wave of a curl, of amplitude 1, departs from straight over 84 % of the page, from dip to crest, halfway
down the page: what a table's lines there suffer."""
FOLD_REACH_MM = 25.0
"""Paper that was folded lifts off the glass over this far on both sides of the crease; the steeper, the darker."""
SEAL_RADIUS_MM = 21.0
STAR_RADIUS_MM = 7.0
SEAL_RING_MM = 1.2
"""Of the seals of Chinese offices; an outline of characters stands between star and ring."""
TONER_TINT = 40
"""Difference between colour channels from which ink is seal or pen, not toner."""
SHORT_DASH_MM, LONG_DASH_MM = 1.0, 2.5
"""Word processors draw dashes of 6 to 16 times the line's thickness, and leave a quarter to a half for gaps."""
SNAP_MM = 1.2
"""A ruling line lies within this distance of the truth's corners joined by straight pieces."""
BAND_MM = 0.4
"""Half the width that is cleared in a gap: a thick line, its blur and its JPEG ringing."""


# --- poses ------------------------------------------------------------------------------------------------------------


def skewed(page: Image, degrees: float) -> Image:
    """The page turned counter-clockwise on a larger sheet."""
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    size = math.ceil(width * cos + height * sin), math.ceil(height * cos + width * sin)
    turn[:, 2] += np.array(size) / 2 - np.array([width, height]) / 2
    return np.asarray(cv2.warpAffine(page, turn, size, flags=cv2.INTER_CUBIC, borderValue=_paper_color(page)), np.uint8)


def turned(page: Image, quarter_turns: float) -> Image:
    """The page turned counter-clockwise by whole quarter turns."""
    return np.ascontiguousarray(np.rot90(page, int(quarter_turns)))


def rescaled(page: Image, share: float) -> Image:
    """The page at another resolution."""
    method = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(page, None, fx=share, fy=share, interpolation=method), np.uint8)


def compressed(page: Image, quality: float) -> Image:
    """The page after JPEG at a quality of 1-100."""
    _, encoded = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


# --- paper that does not lie flat, and light --------------------------------------------------------------------------


def curled(page: Image, mm: float) -> Image:
    """A page that does not lie flat: lines of a table in its middle depart from straight by this much, end to end."""
    x, y = _grid(page)
    bow = mm * _px_per_mm(page) / WAVE_BOW
    height, width = page.shape[:2]
    wave = np.sin(math.pi * x / width * 1.3 + 0.4) * (0.6 + 0.4 * y / height)
    return _remapped(page, x + bow * 0.3 * np.sin(math.pi * y / height), y + bow * wave)


def tilted(page: Image, share: float) -> Image:
    """The page seen aslant: two corners drawn in by a share of its width and height."""
    height, width = page.shape[:2]
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    aslant = flat + np.array(
        [[share * width, share * height], [-share * width / 2, 0], [0, -share * height / 2], [0, 0]], np.float32
    )
    matrix = cv2.getPerspectiveTransform(flat, aslant)
    return np.asarray(cv2.warpPerspective(page, matrix, (width, height), borderValue=_paper_color(page)), np.uint8)


def folded(page: Image, mm: float) -> Image:
    """A crease down the page: seen aslant, lines rise by this much towards it, and one of its sides is in the shade."""
    x, y = _grid(page)
    beyond = (x - page.shape[1] * 0.55) / _px_per_mm(page)
    bent = _remapped(page, x, y + mm * _px_per_mm(page) * np.exp(-np.abs(beyond) / FOLD_REACH_MM))
    shade = 1 - min(0.35, 0.12 * mm) * np.exp(-np.abs(beyond) / np.where(beyond > 0, 6, 0.5))
    return np.asarray(bent * shade[..., None], np.uint8)


def spine_shadowed(page: Image, depth: float) -> Image:
    """A shadow along the left side that takes this share of the light, as in a bound volume."""
    x, _ = _grid(page)
    shade = 1 - depth * np.exp(-x / (page.shape[1] * 0.12))
    return np.asarray(page * shade[..., None], np.uint8)


# --- ink that is lost, or too much ------------------------------------------------------------------------------------


def faded(page: Image, loss: float) -> Image:
    """Toner paler in patches: it loses up to this share of its darkness; the paper's grain stays as it is."""
    x, y = _grid(page)
    height, width = page.shape[:2]
    patches = 0.5 + 0.5 * np.sin(7 * x / width + 3 * y / height) * np.cos(5 * y / height - 4 * x / width)
    return _without_toner(page, loss * patches)


def flaked(page: Image, share: float) -> Image:
    """Toner come off in flakes of a few tenths of a millimetre: this share of it is gone, all over the page."""
    grain = np.random.default_rng(1).standard_normal(page.shape[:2]).astype(np.float32)
    grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 0.12 * _px_per_mm(page)), np.float32)
    gone = (grain < np.quantile(grain[::5, ::5], share)).astype(np.float32)
    return _without_toner(page, np.asarray(cv2.GaussianBlur(gone, (3, 3), 0), np.float32))


def gray_sealed(page: Image, darkness: float) -> Image:
    """A photocopied seal over the table: ring, star and characters in a gray of this darkness, 0-1, unevenly inked."""
    scale = _px_per_mm(page)
    height, width = page.shape[:2]
    random = np.random.default_rng(7)
    stamp = np.zeros((height, width), np.uint8)
    center = np.array([width * 0.62, height * 0.5])
    cv2.circle(stamp, center.astype(int).tolist(), round(SEAL_RADIUS_MM * scale), 255, round(SEAL_RING_MM * scale))
    radii = itertools.cycle([STAR_RADIUS_MM, STAR_RADIUS_MM * 0.38])
    star = [center + r * scale * _direction(k * math.pi / 5) for k, r in zip(range(10), radii, strict=False)]
    cv2.fillPoly(stamp, [np.rint(star).astype(np.int32)], 255)
    for angle in np.linspace(-2.2, 2.2, 11):
        _draw_character(stamp, center + 15.5 * scale * _direction(angle), angle, random)
    inking = cv2.GaussianBlur(random.standard_normal((height, width)).astype(np.float32), (0, 0), 0.25 * scale)
    even = 0.88 + 0.12 * np.tanh(inking / max(float(inking.std()), 1e-6))
    soft = cv2.GaussianBlur(stamp, (0, 0), 0.08 * scale) / 255.0
    return np.asarray(page * (1 - darkness * soft * even)[..., None], np.uint8)


# --- ruling as other software draws it --------------------------------------------------------------------------------


def short_dashed(page: Image, gap_share: float, ruling: Sequence[Line]) -> Image:
    """Ruling lines in dashes of 1 mm, the gaps this share of them."""
    return _broken(page, ruling, SHORT_DASH_MM, SHORT_DASH_MM * gap_share / (1 - gap_share))


def long_dashed(page: Image, gap_share: float, ruling: Sequence[Line]) -> Image:
    """Ruling lines in dashes of 2.5 mm, the gaps this share of them."""
    return _broken(page, ruling, LONG_DASH_MM, LONG_DASH_MM * gap_share / (1 - gap_share))


def dotted(page: Image, pitch_mm: float, ruling: Sequence[Line]) -> Image:
    """Ruling lines in dots, this far from one to the next, as long as the gaps between them."""
    return _broken(page, ruling, pitch_mm / 2, pitch_mm / 2)


def _broken(page: Image, ruling: Sequence[Line], dash_mm: float, gap_mm: float) -> Image:
    """Ruling lines with gaps; each begins with a dash, and what crosses it keeps its ink there."""
    scale = _px_per_mm(page)
    gaps, dashes = np.zeros(page.shape[:2], np.uint8), np.zeros(page.shape[:2], np.uint8)
    light = _brightest(page)
    for line in ruling:
        middle, normal = _snapped(light, line)
        phase = np.arange(len(middle)) % ((dash_mm + gap_mm) * scale) / scale
        _fill_runs(gaps, (middle, normal * BAND_MM * scale), phase >= dash_mm)
        _fill_runs(dashes, (middle, normal * BAND_MM * scale / 2), phase < dash_mm)
    paper = _local_paper(page)
    paper_light = paper.max(axis=2)
    seal = (_tint(page) >= TONER_TINT) & (light > 0.6 * paper_light)  # it is not the software's to break
    toner = (light < paper_light - 20) & ~seal
    cleared = (gaps > 0) & (dashes == 0) & (np.asarray(cv2.dilate(toner.astype(np.uint8), np.ones((3, 3)))) > 0)
    result = page.copy()
    grain = np.random.default_rng(3).normal(0, _grain(page, paper), (int(cleared.sum()), 1))
    result[cleared] = np.clip(paper[cleared] + grain, 0, 255)
    return result


def _snapped(light: Image, line: Line) -> tuple[Line, Line]:
    """A line's points, one a pixel, moved across it to where the ink is; and the unit normals there."""
    scale = _px_per_mm(light)
    steps = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.arange(0.0, steps[-1])
    points = np.column_stack([np.interp(at, steps, line[:, axis]) for axis in (0, 1)])
    chord = (line[-1] - line[0]) / np.linalg.norm(line[-1] - line[0])
    normal = np.array([-chord[1], chord[0]])
    offsets = np.arange(-SNAP_MM * scale, SNAP_MM * scale + 0.25, 0.5)
    across = (points[:, None] + offsets[None, :, None] * normal).astype(np.float32)
    strip = cv2.remap(light, across[..., 0], across[..., 1], cv2.INTER_LINEAR, borderValue=255)
    along = max(3, round(5 * scale))
    mean = cv2.blur(strip.astype(np.float32), (3, along), borderType=cv2.BORDER_REPLICATE)
    best = offsets[mean.argmin(axis=1)].astype(np.float32)
    smooth = cv2.blur(best[:, None], (1, along), borderType=cv2.BORDER_REPLICATE)
    return points + smooth * normal, np.broadcast_to(normal, points.shape)


def _fill_runs(mask: Image, band: tuple[Line, Line], chosen: NDArray[np.bool_]) -> None:
    """Fill the band (points, half widths) into a mask along each run of chosen points, with square ends."""
    points, half = band
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen.astype(np.int8), [0]])))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        run = slice(begin, end)
        quad = np.concatenate([points[run] + half[run], (points[run] - half[run])[::-1]])
        cv2.fillPoly(mask, [np.rint(quad).astype(np.int32)], 255)


# --- parts ------------------------------------------------------------------------------------------------------------


def _without_toner(page: Image, loss: NDArray[np.float32]) -> Image:
    """Toner made paler by a share (height, width); paper, seals and their grain are left alone."""
    paper = _local_paper(page)
    missing = cv2.GaussianBlur((paper - page)[..., 1], (3, 3), 0)
    grain = _grain(page, paper)
    share = np.clip((missing - 2 * grain) / (2 * grain + 8), 0, 1)
    share = np.where(_tint(page) >= TONER_TINT, 0, share) * loss
    return np.asarray(np.clip(page + share[..., None] * (paper - page), 0, 255), np.uint8)


def _draw_character(stamp: Image, place: NDArray[np.float64], angle: float, random: np.random.Generator) -> None:
    """Strokes in a square of 5 mm that stands on a seal's rim, as many, long and slanted as a Chinese character's."""
    scale = _px_per_mm(stamp)
    for slant, count, length in ((math.pi / 2, 4, 1.9), (0.0, 2, 2.0), (0.6, 1, 1.3), (-0.6, 1, 1.3)):
        for _ in range(count):
            along = _direction(angle + slant + random.normal(0, 0.06))
            middle = place + scale * random.uniform(-1.6, 1.6, 2)
            reach = scale * length * random.uniform(0.4, 1) * along
            ends = (np.rint(end).astype(int).tolist() for end in (middle - reach, middle + reach))
            cv2.line(stamp, *ends, 255, max(1, round(0.4 * scale)), cv2.LINE_AA)


def _direction(angle: float) -> NDArray[np.float64]:
    """The unit vector at an angle clockwise from straight up."""
    return np.array([math.sin(angle), -math.cos(angle)])


def _remapped(page: Image, x: NDArray[np.float32], y: NDArray[np.float32]) -> Image:
    moved = cv2.remap(page, x.astype(np.float32), y.astype(np.float32), cv2.INTER_CUBIC, borderValue=_paper_color(page))
    return np.asarray(moved, np.uint8)


def _grid(page: Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    height, width = page.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return x, y


def _px_per_mm(page: Image) -> float:
    return max(page.shape[:2]) / A4_LONG_SIDE_MM


def _brightest(page: Image) -> Image:
    """The brightest channel of each pixel: under red seals, that of the paper."""
    return np.asarray(cv2.max(cv2.max(page[..., 0], page[..., 1]), page[..., 2]), np.uint8)


def _tint(page: Image) -> Image:
    """How far each pixel is from gray: the difference between its channels."""
    return np.asarray(cv2.subtract(_brightest(page), cv2.bitwise_not(_brightest(cv2.bitwise_not(page)))), np.uint8)


def _local_paper(page: Image) -> NDArray[np.float32]:
    """The paper's color around each pixel, ink left out: the median over a few millimetres."""
    scale = 4
    small = cv2.resize(page, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA)
    side = 2 * round(2.5 * _px_per_mm(page) / scale) + 1
    bright = cv2.dilate(cv2.medianBlur(small, 3), np.ones((3, 3)))
    paper = cv2.medianBlur(bright, side)
    return np.asarray(cv2.resize(paper, page.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _grain(page: Image, paper: NDArray[np.float32]) -> float:
    """Standard deviation of bare paper; at least 1."""
    rest = (page[::3, ::3] - paper[::3, ::3])[..., 1]
    return max(1.0, 1.4826 * float(np.median(np.abs(rest - np.median(rest)))))


def _paper_color(page: Image) -> tuple[int, int, int]:
    b, g, r = (int(np.median(page[::7, ::7, c])) for c in range(3))
    return b, g, r
