"""Ruled pages drawn in code, whose true lines and cells are known, and what scanners, cameras and stamps do to them.

A drawn page is gray, (height, width) uint8, 150 dpi. Places are pixel centres, as everywhere. What bends a page returns
a `Bent`: the page as scanned, and where each point of the drawn page went.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.elements import Cell, DpiSource, Grid, Page, Upright
from pipeline.grid.tiling import Span
from pipeline.ink.separation import separate_ink

DPI = 150.0
PX_PER_MM = DPI / 25.4
PAPER, INK = 244, 40
PRINT_PX = 19
"""Height of a printed character: 3.2 mm."""
SEAL_INK = (60, 50, 205)
IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)

Points = NDArray[np.float64]


def px(mm: float) -> int:
    """Millimetres as whole pixels of a drawn page."""
    return round(mm * PX_PER_MM)


@dataclass(frozen=True)
class Table:
    """A ruled table: the places of its lines, and the slots that are merged."""

    rows: tuple[int, ...]
    cols: tuple[int, ...]
    merged: tuple[Span, ...] = ()
    thickness: int = 3
    open_sides: frozenset[str] = field(default=frozenset())
    """Borders that are not drawn: left, right."""

    @property
    def spans(self) -> tuple[Span, ...]:
        """The cells, in reading order."""
        covered = {slot for span in self.merged for slot in slots(span)}
        free = np.ndindex(len(self.rows) - 1, len(self.cols) - 1)
        return tuple(sorted([*self.merged, *(Span(r, c, 1, 1) for r, c in free if (r, c) not in covered)]))

    def corners(self, span: Span) -> Points:
        """(4, 2) corners, clockwise from the top-left."""
        left, right = self.cols[span.col], self.cols[span.col + span.col_span]
        top, bottom = self.rows[span.row], self.rows[span.row + span.row_span]
        return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)


def slots(span: Span) -> set[tuple[int, int]]:
    """The (row, col) slots that a span covers."""
    rows, cols = range(span.row, span.row + span.row_span), range(span.col, span.col + span.col_span)
    return {(row, col) for row in rows for col in cols}


def form(thickness: int = 3) -> Table:
    """A form as they are: a header, then levels merged down the left, and a last row merged across."""
    rows = (180, 240, 300, 360, 420, 480, 540, 620)
    cols = (120, 260, 460, 640, 860, 1060)
    merged = (Span(1, 0, 5, 1), Span(1, 1, 3, 1), Span(4, 1, 2, 1), Span(6, 1, 1, 4))
    return Table(rows, cols, merged, thickness)


# --- pages ------------------------------------------------------------------------------------------------------------


def sheet(height: int = 800, width: int = 1180) -> NDArray[np.uint8]:
    """Blank paper."""
    return np.full((height, width), PAPER, np.uint8)


def rule(image, table: Table, ink: int = INK) -> NDArray[np.uint8]:
    """Draw a table's ruling lines, in place; returns the image."""
    below, above = (table.thickness - 1) // 2, table.thickness // 2
    for span in table.spans:
        (left, top), (right, bottom) = table.corners(span)[[0, 2]].astype(int)
        for y in (top, bottom):
            image[y - below : y + above + 1, left - below : right + above + 1] = ink
        for x, side in ((left, "left"), (right, "right")):
            if not (side in table.open_sides and x in (table.cols[0], table.cols[-1])):
                image[top - below : bottom + above + 1, x - below : x + above + 1] = ink
    return image


def rule_dashed(image, table: Table, dash_mm: float, gap_mm: float, ink: int = INK) -> NDArray[np.uint8]:
    """Draw a table's ruling lines as dashes, in place, each line from its own beginning on; returns the image."""
    solid = rule(np.full_like(image, PAPER), table, ink)
    down, across = np.indices(image.shape)
    period, dash = (dash_mm + gap_mm) * PX_PER_MM, dash_mm * PX_PER_MM
    below, above = (table.thickness - 1) // 2, table.thickness // 2
    drawn = np.zeros(image.shape, np.bool_)
    for y in table.rows:
        near = (down >= y - below) & (down <= y + above)
        drawn |= near & ((across - table.cols[0]) % period < dash)
    for x in table.cols:
        near = (across >= x - below) & (across <= x + above)
        drawn |= near & ((down - table.rows[0]) % period < dash)
    inked = drawn & (solid == ink)
    image[inked] = ink
    return image


def framed(image, table: Table, thickness_mm: float) -> NDArray[np.uint8]:
    """Draw a frame around a table, in place, centred on its borders; returns the image."""
    thickness = px(thickness_mm)
    (left, right), (top, bottom) = ((places[0], places[-1]) for places in (table.cols, table.rows))
    before, after = thickness // 2, thickness - thickness // 2
    for y in (top, bottom):
        image[y - before : y + after, left - before : right + after] = INK
    for x in (left, right):
        image[top - before : bottom + after, x - before : x + after] = INK
    return image


def print_text(image, left: int, top: int, letters: int, *, size: int = PRINT_PX, seed: int = 0) -> NDArray[np.uint8]:
    """Draw characters made of horizontal and vertical strokes, in place; returns the image."""
    rng = np.random.default_rng(seed)
    stroke = max(1, size // 9)
    for letter in range(letters):
        x = left + round(letter * size * 1.15)
        for y in top + rng.choice(size - stroke, 3, replace=False):
            image[y : y + stroke, x : x + rng.integers(size // 2, size)] = INK
        for across in rng.choice(size - stroke, 2, replace=False):
            image[top + rng.integers(0, size // 3) : top + size, x + across : x + across + stroke] = INK
    return image


def fill(image, table: Table) -> NDArray[np.uint8]:
    """Print a line of text into every cell, in place; returns the image."""
    for seed, span in enumerate(table.spans):
        (left, top), (right, bottom) = table.corners(span)[[0, 2]].astype(int)
        letters = min(7, int((right - left - 24) / (PRINT_PX * 1.15)))
        print_text(image, left + 12, (top + bottom - PRINT_PX) // 2, letters, seed=seed)
    return image


def drawn_form(thickness: int = 3) -> NDArray[np.uint8]:
    """A sheet with the usual form, filled in."""
    table = form(thickness)
    return fill(rule(sheet(), table), table)


def scanned(image, dpi: float = DPI, **page) -> Page:
    """A drawn image as intake would hand it on."""
    colour = image if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    return Page(
        **({"document_id": "d" * 64, "page_number": 1, "dpi_source": DpiSource.FILE} | page), image=colour, dpi=dpi
    )


def upright(image, skew_deg: float = 0.0) -> Upright:
    """A drawn image that needs no turn."""
    page = scanned(image)
    return Upright(page, page.image, separate_ink(page.image), 0, skew_deg, IDENTITY, None)


# --- what happens to pages --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bent:
    """A page that lost its shape: the image, and where (n, 2) points of the flat one are in it."""

    image: NDArray[np.uint8]
    place: Callable[[Points], Points]


def turned(image, angle_deg: float) -> Bent:
    """The page turned counter-clockwise about its centre, on the same canvas."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle_deg, 1.0)
    image = cv2.warpAffine(image, matrix, (width, height), borderValue=(PAPER,) * 3)
    return Bent(image, lambda points: np.asarray(points) @ matrix[:, :2].T + matrix[:, 2])


def in_perspective(image, share: float) -> Bent:
    """The page seen from below: its upper side is shorter by a share at either end."""
    height, width = image.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    inward = np.array([(share * width, share * height / 2), (-share * width, 0), (0, 0), (0, 0)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, corners + inward)
    image = cv2.warpPerspective(image, matrix, (width, height), borderValue=(PAPER,) * 3)
    return Bent(image, lambda points: cv2.perspectiveTransform(np.asarray(points, np.float64)[None], matrix)[0])


def curled(image, lift_px: float) -> Bent:
    """The page as a sheet that lies on the glass at one side only: its lines sag, and lean a little."""
    height, width = image.shape[:2]

    def dewarped(scan: Points) -> Points:
        across, down = scan[:, 0] / width, scan[:, 1] / height
        sag = lift_px * np.sin(np.pi * across) * (0.4 + 0.6 * down)
        lean = 0.5 * lift_px * np.sin(np.pi * down) * across
        return scan + np.column_stack([lean, sag])

    def place(points: Points) -> Points:
        points = np.asarray(points, np.float64)
        scan = points.copy()
        for _ in range(30):
            scan += points - dewarped(scan)
        return scan

    x, y = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    source = dewarped(np.column_stack([x.ravel(), y.ravel()])).reshape(height, width, 2).astype(np.float32)
    image = cv2.remap(image, source[..., 0], source[..., 1], cv2.INTER_LINEAR, borderValue=(PAPER,) * 3)
    return Bent(image, place)


def sealed(image, center: tuple[int, int], radius: int, width: int = 9) -> NDArray[np.uint8]:
    """The page in colour with a red seal's ring stamped on it: transparent ink, so what is below shows through."""
    colour = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) if image.ndim == 2 else image.copy()
    ring = cv2.circle(np.zeros(image.shape[:2], np.uint8), center, radius, 255, width) > 0
    colour[ring] = (colour[ring].astype(int) * SEAL_INK // 255).astype(np.uint8)
    return colour


def stamp_mask(shape: tuple[int, int], center: tuple[int, int], radius: int, rim: str = "ring") -> NDArray[np.bool_]:
    """Where a seal leaves ink: a rim (ring, oval or box), letters along it, and a star."""
    mask, (x, y), thickness = np.zeros(shape, np.uint8), center, max(2, radius // 18)
    half_height = radius if rim == "ring" else round(0.65 * radius)
    if rim == "box":
        cv2.rectangle(mask, (x - radius, y - half_height), (x + radius, y + half_height), 255, thickness)
    else:
        cv2.ellipse(mask, center, (radius, half_height), 0, 0, 360, 255, thickness)
    for letter, angle in zip("OFFICE NO", np.linspace(0.85, 2.15, 9) * np.pi, strict=True):
        at = (int(x + 0.74 * radius * np.cos(angle)) - radius // 10, int(y + 0.74 * half_height * np.sin(angle)))
        cv2.putText(mask, letter, at, cv2.FONT_HERSHEY_SIMPLEX, radius / 120, 255, max(1, radius // 40))
    angles = -np.pi / 2 + np.arange(10) * np.pi / 5
    reach = np.where(np.arange(10) % 2, 0.1, 0.26) * radius
    star = np.column_stack([x + reach * np.cos(angles), y + reach * np.sin(angles)])
    cv2.fillPoly(mask, [np.rint(star).astype(np.int32)], 255)
    return mask > 0


def inked(image, mask: NDArray[np.bool_], ink: tuple[int, int, int]) -> NDArray[np.uint8]:
    """The page in colour with transparent ink where the mask is: it takes its share of what the paper reflects."""
    colour = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) if image.ndim == 2 else image.copy()
    colour[mask] = (colour[mask].astype(int) * ink // 255).astype(np.uint8)
    return colour


def jpeg(image, quality: int = 75) -> NDArray[np.uint8]:
    """The page as JPEG gives it back, its colours at half resolution."""
    _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(encoded, cv2.IMREAD_COLOR if image.ndim == 3 else cv2.IMREAD_GRAYSCALE)


def noisy(image, deviation: float = 8.0, specks: int = 0, seed: int = 0) -> NDArray[np.uint8]:
    """The page with grain, and with dust of 2-4 pixels."""
    rng = np.random.default_rng(seed)
    grained = image + rng.normal(0, deviation, image.shape)
    for x, y, size in zip(
        rng.integers(0, image.shape[1], specks),
        rng.integers(0, image.shape[0], specks),
        rng.integers(2, 5, specks),
        strict=True,
    ):
        grained[y : y + size, x : x + size] = INK
    return np.clip(grained, 0, 255).astype(np.uint8)


def faded(image, share: float) -> NDArray[np.uint8]:
    """The page with this share of its ink's darkness gone, most of it at the right."""
    left = 1 - share * np.linspace(0.6, 1.0, image.shape[1])
    return (PAPER - (PAPER - image.astype(np.float64)) * left).astype(np.uint8)


# --- tilings ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tiled:
    """Spans that tile rows x cols slots, in reading order."""

    n_rows: int
    n_cols: int
    spans: tuple[Span, ...]

    def grid(self, spans: Iterable[Span] | None = None) -> Grid:
        """A grid of these (or other) spans, on slots of 10 pixels."""
        cells = tuple(Cell(*span, polygon=_square(span)) for span in (self.spans if spans is None else spans))
        return Grid(0, self.n_rows, self.n_cols, cells)

    def cell_borders(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """The walls around the spans: (rows + 1, cols) horizontal ones, (rows, cols + 1) vertical ones."""
        owner = np.zeros((self.n_rows + 2, self.n_cols + 2), int)
        for number, span in enumerate(self.spans, start=1):
            owner[span.row + 1 : span.row + span.row_span + 1, span.col + 1 : span.col + span.col_span + 1] = number
        return np.diff(owner, axis=0)[:, 1:-1] != 0, np.diff(owner, axis=1)[1:-1] != 0


def _square(span: Span):
    left, top = 10.0 * span.col, 10.0 * span.row
    right, bottom = left + 10.0 * span.col_span, top + 10.0 * span.row_span
    return (left, top), (right, top), (right, bottom), (left, bottom)


@st.composite
def tilings(draw, max_side: int = 6) -> Tiled:
    """Any tiling: from the first free slot on, each cell takes as much of what is free as it likes."""
    n_rows, n_cols = draw(st.integers(1, max_side)), draw(st.integers(1, max_side))
    free = np.ones((n_rows, n_cols), bool)
    spans = []
    for row, col in np.ndindex(n_rows, n_cols):
        if not free[row, col]:
            continue
        widest = next((c for c in range(col, n_cols) if not free[row, c]), n_cols) - col
        col_span = draw(st.integers(1, widest))
        row_span = draw(st.integers(1, n_rows - row))
        free[row : row + row_span, col : col + col_span] = False
        spans.append(Span(row, col, row_span, col_span))
    return Tiled(n_rows, n_cols, tuple(spans))
