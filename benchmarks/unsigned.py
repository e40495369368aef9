"""Truth -> is a signature found where there is one, and never where there is none: on pages with marks in the margins.

    python -m benchmarks.unsigned TRUTH_DIR [--out accuracy] [--pages N] [--pictures DIR]

Writes OUT/unsigned.md. From each page two are made with the same marks of one kind: one as it is signed, and one whose
signature is painted over with the paper around it. Only the stages that find signatures are run, on the page's own
grids; no cell is read. Pages of --pictures show what was found and should not have been, or the other way round.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from benchmarks.drawing.distortions import Image
from benchmarks.drawing.marks import KINDS, marked
from benchmarks.drawing.stamps import font_file
from benchmarks.drawing.unsigned_pages import Signed, read_signed, shared, signed_pages
from benchmarks.trials import engines, run_all, table, wilson
from pipeline.elements import SignatureStatus
from pipeline.imaging import bounding_box
from pipeline.ink import separate_ink
from pipeline.pen import with_regions
from pipeline.settings import Settings
from pipeline.signatures import PageView, SignaturePage, find_signatures, read_margins, read_regions

PAGES = 518
FIRST_SEED = 71_000
"""Marks are drawn from this seed on: the rules were made on pages with others."""
SAME_PLACE = 0.3
"""A signature is found if its box and the true one have this share of what both cover in common."""


class Outcome(NamedTuple):
    """What was found on a page with marks: signed as it is, and with its signature painted over.

    `false` and `unsure` tell of the unsigned page, `found` and `extra` (signatures elsewhere) of the signed one.
    """

    page: str
    kind: str
    false: bool
    unsure: bool
    found: bool
    extra: int


def attempt(job: tuple[Path, Sequence[tuple[str, int]], Path | None]) -> list[Outcome]:
    """Try a page with marks of several (kind, seed)."""
    page, kinds, pictures = job
    signed = read_signed(page)
    if signed is None:
        return []
    outcomes = []
    for kind, seed in kinds:
        bare = signatures_on(signed, marked(signed.erased, kind, signed.room, seed))
        image = marked(signed.upright.image, kind, signed.room, seed)
        with_it = signatures_on(signed, image)
        places = [bounding_box(one.polygon) for one in with_it.signatures]
        found = [shared(signed.place, place) >= SAME_PLACE for place in places]
        unsure = bare.status is SignatureStatus.UNSURE
        outcome = Outcome(page.stem, kind, bool(bare.signatures), unsure, any(found), len(found) - min(1, sum(found)))
        outcomes.append(outcome)
        if pictures is not None:
            _draw(pictures / f"{page.stem}-{kind.replace(' ', '-')}-{seed}", signed, outcome, (bare, with_it, image))
    return outcomes


def jobs_for(
    truth_dir: Path, pages: int, pictures: Path | None
) -> list[tuple[Path, list[tuple[str, int]], Path | None]]:
    """Every signed page that can be made unsigned, with its share of the kinds of marks, in turn."""
    able = signed_pages(truth_dir)
    jobs: list[tuple[Path, list[tuple[str, int]], Path | None]] = [(page, [], pictures) for page in able]
    for number in range(FIRST_SEED, FIRST_SEED + pages if able else 0):
        jobs[number % len(able)][1].append((list(KINDS)[number % len(KINDS)], number))
    return jobs


def as_markdown(outcomes: Sequence[Outcome]) -> str:
    """The counts by kind of mark, and a sentence on what they prove."""
    rows: list[Sequence[object]] = []
    for kind in [*KINDS, None]:
        own = [o for o in outcomes if kind in (o.kind, None)]
        if own:
            counts = [sum(o.false for o in own), sum(o.unsure for o in own), sum(o.found for o in own)]
            rows.append((kind or "all", len(own), *counts, sum(o.extra for o in own)))
    header = ("marks", "pages", "signed though unsigned", "unsure", "signature found", "beside it, signed as well")
    false, found, of = rows[-1][2], rows[-1][4], len(outcomes)
    print_source = "a font of the machine and of the pages' cells" if font_file() else "the pages' cells"
    summary = (
        f"\nOf {of} pages made unsigned {false} count as signed ({_interval(int(str(false)), of)}); of the same pages "
        f"signed, with the same marks, the signature is found on {found} ({_interval(int(str(found)), of)}). The print "
        f"among the marks is that of {print_source}.\n"
    )
    return table(header, rows) + summary


def _interval(hits: int, of: int) -> str:
    low, high = wilson(hits, of)
    return f"{hits / max(of, 1):.1%}, Wilson interval {low:.1%}-{high:.1%}"


def signatures_on(signed: Signed, image: Image) -> SignaturePage:
    """What is found on an image of a signed page, with the grids of that page."""
    page = replace(signed.upright.page, image=image)
    upright = replace(signed.upright, page=page, image=image, ink=separate_ink(image))
    margins = read_margins(upright, signed.grids, engines())
    finder = engines().signature_finder
    heat = with_regions(finder.find(upright.image)) if finder else None
    found = find_signatures(PageView(upright, margins, heat=heat), engines(), Settings())
    polygons = [signature.polygon for signature in found.signatures]
    regions = read_regions(upright, heat, polygons, (), engines()) if heat else None
    return found.joined(find_signatures(regions, engines(), Settings())) if regions else found


def _draw(file: Path, signed: Signed, outcome: Outcome, seen: tuple[SignaturePage, SignaturePage, Image]) -> None:
    """A picture of the signed page with what was found on it (red) and on the unsigned one (blue), if that is wrong."""
    bare, with_it, image = seen
    if outcome.found and not (outcome.false or outcome.unsure or outcome.extra):
        return
    picture = image.copy()
    for page, color in ((bare, (255, 0, 0)), (with_it, (0, 0, 255))):
        for one in page.signatures:
            cv2.polylines(picture, [np.rint(np.array(one.polygon)).astype(np.int32)], True, color, 3)
    verdict = f"{'F' * outcome.false}{'U' * outcome.unsure}{'M' * (not outcome.found)}{'E' * bool(outcome.extra)}"
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file.with_name(f"{file.name}-{verdict}.jpg")), picture)


def main(arguments: Iterable[str] | None = None) -> None:
    """Try all pages and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--out", type=Path, default=Path("accuracy"))
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--pictures", type=Path, help="folder for pictures of what went wrong")
    options = parser.parse_args(None if arguments is None else list(arguments))
    jobs = jobs_for(options.truth_dir, options.pages, options.pictures)
    report = as_markdown([outcome for page in run_all(attempt, jobs) for outcome in page])
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "unsigned.md").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
