"""Pages of any form with truth -> what the confidence of a cell's text is worth on them, and what is wrong and sure.

    python -m benchmarks.text_confidence [NAME=]TRUTH_DIR... [--out accuracy]

Writes OUT/text-confidence.md: for each folder, by the confidence that texts of cells in place land with, how many there
are and how many are exactly right; then each text that is wrong or lost without a word. A folder goes by its own name,
or by NAME. docs/evaluation.md describes truth files.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import ruled_pages
from benchmarks.stranger_ablation import named_folder
from benchmarks.stranger_texts import JudgedText, judge_texts, read_texts
from benchmarks.trials import engines, run_all, table
from pipeline.elements import Page
from pipeline.evaluate.reliability import Observation, reliability


class Job(NamedTuple):
    """A truth file, and the name that its folder goes by."""

    truth: Path
    folder: str


class Judged(NamedTuple):
    """The texts of a page."""

    folder: str
    page: str
    texts: tuple[JudgedText, ...]


def attempt(job: Job) -> Judged:
    """Read the pages of a truth file, and judge their texts."""
    pages = [page for page in ruled_pages.scanned(job.truth) if isinstance(page, Page)]
    readings = [read_texts(page, engines()) for page in pages]
    return Judged(job.folder, job.truth.stem, tuple(judge_texts(ruled_pages.read_true_page(job.truth), readings)))


def as_markdown(judged: Sequence[Judged]) -> str:
    """The reliability table, a pair of columns for each folder, and the texts that are wrong without a word."""
    folders = list(dict.fromkeys(page.folder for page in judged))
    found = [
        reliability(
            Observation(text.confidence, text.exact) for page in judged if page.folder == folder for text in page.texts
        )
        for folder in folders
    ]
    header = ("confidence", *(title for folder in folders for title in (folder, "right")))
    rows = []
    for bins in zip(*(one.bins for one in found), strict=True):
        shares = ("" if one.right is None else f"{one.right:.4f}" for one in bins)
        counted = [value for one, share in zip(bins, shares, strict=True) for value in (one.count, share)]
        rows.append((f"{bins[0].low:g}–{bins[0].high:g}", *counted))
    silent = [
        (page.folder, page.page, _shown(text.true), _shown(text.landed), f"{text.confidence:.3f}")
        for page in judged
        for text in page.texts
        if not text.exact and not text.told
    ]
    wrong = table(("wrong without a word", "page", "true", "landed", "confidence"), silent)
    return table(header, rows) + "\n" + (wrong if silent else "None is wrong without a word.\n")


def _shown(text: str) -> str:
    """A text as a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ") or "(blank)"


def main(arguments: Iterable[str] | None = None) -> None:
    """Read the pages, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth", nargs="+", help="folders of truth, each with a name before it if it has another")
    parser.add_argument("--out", type=Path, default=Path("accuracy"))
    options = parser.parse_args(None if arguments is None else list(arguments))
    folders = [named_folder(text) for text in options.truth]
    jobs = [Job(truth, name) for name, folder in folders for truth in ruled_pages.truth_files(folder)]
    report = as_markdown(run_all(attempt, jobs))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "text-confidence.md").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
