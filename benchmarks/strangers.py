"""Pages that nobody here drew -> how well the structure of their tables is found, beside img2table on the same pages.

    python -m benchmarks.strangers TRUTH_DIR... [--by wear,lang] [--peer] [--out accuracy]
    python -m benchmarks.strangers --reports 40 [--seed 1] [--by skew,dpi] [--peer]
    python -m benchmarks.strangers --without-tables FOLDER [--peer]

Writes OUT/strangers.md: of each folder of truth, and of its pages by what their truth says of the scan, how many cells
are in place and how many tables are perfect, missed, made up, or wrong without a warning. OUT/reports.md: the same of
drawn reports in English, with the adjacency relations of ICDAR 2013's table competition. OUT/without_tables.md: what
was found on pages where nothing is to be found. --pictures DIR draws what was found on each page, and keeps the drawn
reports with their truth in DIR/scans. --pages names the pages that are not perfect. docs/evaluation.md describes the
truth files and the measures.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from benchmarks.drawing.reports import draw_report, kinds_of, save_report
from benchmarks.relations import Agreement, agreement, pooled
from benchmarks.ruled_pages import (
    decoded,
    found_by_peer,
    found_by_product,
    image_of,
    read_true_page,
    truth_files,
    with_contents,
)
from benchmarks.structure_measures import SURE, Counts, FoundPage, TruePage, count_page, total
from benchmarks.trials import run_all, table
from pipeline.elements import DpiSource, Page
from pipeline.errors import DocumentError
from pipeline.intake import PageFailure

PRODUCT, PEER = "signed-forms", "img2table"
SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".pdf")
COUNTED = ("pages", "tables", "structure F1", "perfect", "not found", "extra", "wrong and sure", "calm")
SURE_COLOUR, DOUBTED_COLOUR = (0, 160, 0), (0, 0, 230)
"""Blue, green, red: of cells that are sure, and of those that are not."""


class Job(NamedTuple):
    """A file to look at, or the number of a report to draw; `peer` asks img2table as well."""

    file: Path
    report: tuple[int, int] | None = None
    peer: bool = False
    pictures: Path | None = None


class Found(NamedTuple):
    """What one system found on a page, how it counts, and how far its relations are the true ones."""

    system: str
    page: FoundPage
    counts: Counts
    relations: Agreement


class Outcome(NamedTuple):
    """A page, of which folder and kinds it is, and what each system found on it."""

    truth: TruePage
    folder: str
    found: tuple[Found, ...]


def attempt(job: Job) -> Outcome:
    """Find the tables of a page and count them by its truth; a file that is no truth has no tables."""
    if job.report is not None:
        report = draw_report(*job.report)
        truth = TruePage(job.file.name, report.tables, kinds=kinds_of(report))
        pages: list[Page | PageFailure] = [Page(job.file.name, 1, report.image, report.dpi, DpiSource.FILE)]
        if job.pictures is not None:
            save_report(report, job.pictures / "scans" / job.file.name)
    else:
        truth, pages = _truth_and_pages(job.file)
    finders = {PRODUCT: found_by_product, **({PEER: found_by_peer} if job.peer else {})}
    found = []
    for system, find in finders.items():
        page = with_contents(find(pages), truth.tables)
        agreed = agreement(truth.tables, (own.cells for own in page.tables))
        found.append(Found(system, page, count_page(truth, page), agreed))
    if job.pictures is not None:
        _draw(job.pictures / f"{truth.name}.jpg", pages, found[0].page)
    return Outcome(truth, job.file.parent.name, tuple(found))


def _truth_and_pages(file: Path) -> tuple[TruePage, list[Page | PageFailure]]:
    truth = read_true_page(file) if file.suffix == ".json" else TruePage(file.name, ())
    try:
        return truth, decoded(image_of(file) if file.suffix == ".json" else file)
    except DocumentError as error:
        return truth, [PageFailure(1, error)]


def _draw(file: Path, pages: Sequence[Page | PageFailure], found: FoundPage) -> None:
    """The first page with the outlines of the cells, each with its confidence."""
    first = next((page for page in pages if isinstance(page, Page)), None)
    if first is None:
        return
    picture = first.image.copy()
    width = max(1, round(max(picture.shape) / 800))
    for index, own in enumerate(found.tables):
        for cell in own.cells:
            corners = np.array(cell.polygon, np.float64)
            colour = SURE_COLOUR if cell.confidence >= SURE and not own.doubted else DOUBTED_COLOUR
            cv2.polylines(picture, [np.round(corners).astype(np.int32)], True, colour, width)
        x, y = np.round(np.array(own.cells[0].polygon, np.float64)[0]).astype(int).tolist()
        lowest = min(cell.confidence for cell in own.cells)
        place = (x, max(y - 4 * width, 14 * width))
        cv2.putText(picture, f"{index}: {lowest:.3f}", place, 0, 0.5 * width, (200, 0, 200), width)
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), picture)


# --- reports ----------------------------------------------------------------------------------------------------------


def strangers_markdown(outcomes: Sequence[Outcome], by: Sequence[str] = ()) -> str:
    """How the structure counts: a row for each folder of truth and system, and for each kind of its pages."""
    rows = [
        (name, system, *_counted(parts, says_how_sure=system == PRODUCT))
        for name, group in _groups(outcomes, by)
        for system, parts in _by_system(group)
    ]
    return table(("pages of", "found by", *COUNTED), rows)


def reports_markdown(outcomes: Sequence[Outcome], by: Sequence[str] = ()) -> str:
    """The same, with the relations."""
    rows = []
    for name, group in _groups(outcomes, by):
        for system, parts in _by_system(group):
            agreed = pooled([part.relations for part in parts])
            shares = (f"{share:.3f}" for share in (agreed.precision, agreed.recall, agreed.f1))
            rows.append((name, system, *shares, *_counted(parts, says_how_sure=system == PRODUCT)))
    return table(("pages of", "found by", "relations: precision", "recall", "F1", *COUNTED), rows)


def without_tables_markdown(outcomes: Sequence[Outcome]) -> str:
    """How many grids landed where there is no table, how many of them nobody doubts, and on which pages."""
    rows, named = [], []
    for system, parts in _by_system(outcomes):
        found = [own for part in parts for own in part.page.tables]
        sure = [own for own in found if max(cell.confidence for cell in own.cells) >= SURE]
        pages = sum(bool(part.page.tables) for part in parts)
        rows.append((system, len(parts), pages, len(found), len(sure), sum(not own.doubted for own in found)))
    for outcome in outcomes:
        tables = outcome.found[0].page.tables
        if tables:
            surest = max(cell.confidence for own in tables for cell in own.cells)
            silent = sum(not own.doubted for own in tables)
            told = f"the surest {surest:.3f}, {silent} not doubted"
            named.append(f"- {outcome.truth.name}: {len(tables)} grids, {told}")
    header = ("found by", "pages", "of these with a grid", "grids", f"with a confidence of {SURE:g}", "not doubted")
    return table(header, rows) + "\n" + "\n".join([*named, ""])


def _groups(outcomes: Sequence[Outcome], by: Sequence[str]) -> Iterator[tuple[str, list[Outcome]]]:
    """The pages of each folder, then those of each of its kinds, with a name."""
    for folder, group in itertools.groupby(outcomes, key=lambda one: one.folder):
        own = list(group)
        yield folder, own
        for key in by:
            for kind in sorted({one.truth.kinds[key] for one in own if key in one.truth.kinds}):
                yield f"{folder}, {key} {kind}", [one for one in own if one.truth.kinds.get(key) == kind]


def _by_system(outcomes: Sequence[Outcome]) -> list[tuple[str, list[Found]]]:
    systems = [found.system for found in outcomes[0].found] if outcomes else []
    return [(system, [one.found[index] for one in outcomes]) for index, system in enumerate(systems)]


def _counted(parts: Sequence[Found], *, says_how_sure: bool) -> tuple[object, ...]:
    """The columns `COUNTED`; of a system without confidences those that need them are left out."""
    counts = total(part.counts for part in parts)
    perfect = f"{counts.perfect / counts.tables:.3f}" if counts.tables else ""
    calm = f"{counts.calm / counts.perfect:.3f}" if counts.perfect else ""
    missed = (counts.not_found, counts.extra)
    sure = (counts.sure_grids, calm) if says_how_sure else ("–", "–")
    return counts.pages, counts.tables, f"{counts.structure:.3f}", perfect, *missed, *sure


def imperfect(outcomes: Sequence[Outcome]) -> str:
    """A line for each page on which the product has not found every table perfectly, and nothing else."""
    lines = []
    for outcome in outcomes:
        c = outcome.found[0].counts
        if c.perfect < c.tables or c.extra:
            counted = f"{c.placed} of {c.true} cells in place, {c.landed} landed, {c.extra} tables extra"
            lines.append(f"- {outcome.folder}/{outcome.truth.name}: {counted}{', sure' * bool(c.sure_grids)}\n")
    return "".join(lines)


# --- the command line -------------------------------------------------------------------------------------------------


def main(arguments: Iterable[str] | None = None) -> int:
    """Look at the pages and write the reports; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dir", type=Path, nargs="*")
    parser.add_argument("--by", default="", help="keys of the truth's scan to group by, with commas between")
    parser.add_argument("--reports", type=int, default=0, help="draw so many reports, and look at them")
    parser.add_argument("--seed", type=int, default=1, help="of the drawn reports")
    parser.add_argument("--without-tables", type=Path, help="a folder of pages that have no table")
    parser.add_argument("--peer", action="store_true", help="ask img2table as well")
    parser.add_argument("--pages", action="store_true", help="name each page that is not perfect")
    parser.add_argument("--pictures", type=Path, help="draw what was found into this folder")
    parser.add_argument("--out", type=Path, default=Path("accuracy"))
    options = parser.parse_args(None if arguments is None else list(arguments))
    by = [key for key in options.by.split(",") if key]
    files = {
        "strangers": [file for folder in options.truth_dir for file in truth_files(folder)],
        "reports": [Path("reports", f"report-{options.seed}-{number:03d}") for number in range(options.reports)],
        "without_tables": _images(options.without_tables),
    }
    if not any(files.values()):
        print("Name folders that hold truth, or pages without tables, or a number of reports.", file=sys.stderr)
        return 2
    for name, chosen in files.items():
        drawn = [(options.seed, number) if name == "reports" else None for number in range(len(chosen))]
        jobs = [Job(file, own, options.peer, options.pictures) for file, own in zip(chosen, drawn, strict=True)]
        if jobs:
            _report(name, run_all(attempt, jobs), by, options)
    return 0


def _images(folder: Path | None) -> list[Path]:
    files = sorted(folder.iterdir()) if folder else []
    return [path for path in files if path.suffix.lower() in SUFFIXES]


def _report(name: str, outcomes: Sequence[Outcome], by: Sequence[str], options: argparse.Namespace) -> None:
    if name == "without_tables":
        text = without_tables_markdown(outcomes)
    else:
        text = strangers_markdown(outcomes, by) if name == "strangers" else reports_markdown(outcomes, by)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / f"{name}.md").write_text(text, encoding="utf-8")
    print(text)
    if options.pages and name != "without_tables":
        print(imperfect(outcomes))


if __name__ == "__main__":
    sys.exit(main())
