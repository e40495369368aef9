"""Truth -> are signatures found where they stand otherwise than alone in a corner: over print, at edges, in cells.

    python -m benchmarks.placements TRUTH_DIR [--out accuracy] [--trials N] [--pens DIR] [--pictures DIR]

Writes OUT/placements.md. Names and dates are cut from signed pages (more names from the pictures of --pens, one on
each), and laid as ink on pages whose own signature was painted over, or into the cells of drawn forms, which need a
font with Chinese characters. A trial is right if as many signatures were found as there are, each where it is.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from benchmarks.drawing.distortions import compressed
from benchmarks.drawing.placements import FORM_DPI, IN_CELLS, ON_PAGES, Placed, cut_pens
from benchmarks.drawing.stamps import font_file
from benchmarks.drawing.unsigned_pages import read_signed, shared, signed_pages
from benchmarks.trials import engines, run_all, table, wilson
from benchmarks.unsigned import signatures_on
from pipeline.elements import DpiSource, Page, Polygon
from pipeline.imaging import bounding_box
from pipeline.page import read_page
from pipeline.settings import Settings

TRIALS = 20
SAME_PLACE = 0.3


class Trial(NamedTuple):
    """One page with signatures somewhere: whether each was found where it is, and how many were found besides."""

    case: str
    right: bool
    extra: int


# --- signatures on the pages of the truth -----------------------------------------------------------------------------


# --- signatures in the cells of forms ---------------------------------------------------------------------------------


# --- trials -----------------------------------------------------------------------------------------------------------


def attempt(job: tuple[Path, Path, Path | None, int, Path | None]) -> list[Trial]:
    """Try every placement with one page of the truth, or with a form drawn for it."""
    page, truth_dir, pens_dir, seed, pictures = job
    signed, pens = read_signed(page), cut_pens(truth_dir, pens_dir)
    trials = []
    if signed is not None:
        for number, (case, place) in enumerate(ON_PAGES.items()):
            placed = place(signed, pens, np.random.default_rng((seed, number)))
            placed = placed._replace(page=compressed(placed.page, 80))
            found = [one.polygon for one in signatures_on(signed, placed.page).signatures]
            trials.append(judged(case, placed, found, seed, pictures))
    for number, (case, draw) in enumerate(IN_CELLS.items() if font_file() else ()):
        placed = draw(pens, np.random.default_rng((seed, 100 + number)))
        scan = Page("", 1, compressed(placed.page, 80), FORM_DPI, DpiSource.FILE)
        read = read_page(scan, engines(), Settings())
        trial = judged(case, placed, [one.polygon for one in read.signatures], seed, pictures)
        cells = sorted((one.row, one.col) for one in read.signatures)
        trials.append(trial._replace(right=trial.right and cells == sorted(placed.cells)))
    return trials


def as_markdown(trials: Sequence[Trial]) -> str:
    """Right ones and extra ones of each placement."""
    rows = []
    for case in [*ON_PAGES, *IN_CELLS]:
        own = [trial for trial in trials if trial.case == case]
        right = sum(trial.right for trial in own)
        low, high = wilson(right, len(own))
        if own:
            rows.append((case, len(own), right, f"{low:.2f}-{high:.2f}", sum(trial.extra for trial in own)))
    return table(("signature", "pages", "right", "Wilson interval", "found besides"), rows)


def judged(case: str, placed: Placed, found: Sequence[Polygon], seed: int, pictures: Path | None) -> Trial:
    """Whether what was found on a page is what is there."""
    boxes = [bounding_box(polygon) for polygon in found]
    hit = [max(boxes, key=lambda box: shared(true, box), default=None) for true in placed.boxes]
    good = [box is not None and shared(true, box) >= SAME_PLACE for true, box in zip(placed.boxes, hit, strict=True)]
    right = all(good) and len(found) == len(placed.boxes)
    if pictures is not None and not right:
        picture = placed.page.copy()
        for box in boxes:
            corners = [(int(box[0]), int(box[1])), (int(box[2]), int(box[3]))]
            cv2.rectangle(picture, *corners, (0, 0, 255), 3)
        pictures.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(pictures / f"{case.replace(' ', '-')}-{seed}.jpg"), picture)
    return Trial(case, right, max(0, len(found) - sum(good)))


# --- parts ------------------------------------------------------------------------------------------------------------


def main(arguments: Iterable[str] | None = None) -> None:
    """Try all placements and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--out", type=Path, default=Path("accuracy"))
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--pens", type=Path, help="folder of pictures of names, one on each")
    parser.add_argument("--pictures", type=Path, help="folder for pictures of what went wrong")
    options = parser.parse_args(None if arguments is None else list(arguments))
    pages = signed_pages(options.truth_dir)
    chosen = [pages[i % len(pages)] for i in range(options.trials)] if pages else []
    jobs = [(page, options.truth_dir, options.pens, seed, options.pictures) for seed, page in enumerate(chosen)]
    report = as_markdown([trial for page in run_all(attempt, jobs) for trial in page])
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "placements.md").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
