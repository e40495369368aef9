"""Truth -> whether a page of a large run costs what a page of a small one costs.

    python -m benchmarks.growth TRUTH_DIR ... [--counts 120 600] [--workers N] [--out benchmarks/results]

Digitises copies of the JPEG pages that differ in their bytes, so that each is read, by the installed command; once for
each count. Writes OUT/growth.md: CPU seconds a page, of all processes, starting included, and the largest process's
peak memory.
"""

from __future__ import annotations

import argparse
import os
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.speed import ROOT, machine
from benchmarks.trials import table

JPEG_START = b"\xff\xd8"
COMMENT = b"\xff\xfe"


class Run(NamedTuple):
    """A run over so many pages: seconds on the clock and of the CPU, and the largest process's memory in MiB."""

    pages: int
    wall_s: float
    cpu_s: float
    peak_mb: float


def with_comment(jpeg: bytes, comment: str) -> bytes:
    """The same picture in other bytes.

    Raises:
        ValueError: when the bytes are no JPEG file.
    """
    if not jpeg.startswith(JPEG_START):
        raise ValueError("not a JPEG file")
    text = comment.encode()
    return JPEG_START + COMMENT + struct.pack(">H", len(text) + 2) + text + jpeg[len(JPEG_START) :]


def fill(folder: Path, pages: Sequence[Path], count: int) -> None:
    """Write so many files, no two the same, into a new folder."""
    folder.mkdir()
    for number in range(count):
        page = pages[number % len(pages)]
        (folder / f"{number:04d}-{page.name}").write_bytes(with_comment(page.read_bytes(), f"copy {number}"))


def timed_run(folder: Path, out: Path, count: int, workers: int) -> Run:
    """Digitise a folder in a process of its own."""
    command = [str(Path(sys.executable).parent / "signed-forms"), "digitise", str(folder), "--out", str(out)]
    started = time.monotonic()
    process = subprocess.Popen([*command, "--workers", str(workers)], stdout=subprocess.DEVNULL)
    _, status, spent = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        raise RuntimeError(f"digitise ended with status {os.waitstatus_to_exitcode(status)}")
    wall = time.monotonic() - started
    return Run(count, wall, spent.ru_utime + spent.ru_stime, spent.ru_maxrss / 1024)


def as_markdown(runs: Sequence[Run], workers: int) -> str:
    """The runs, each beside the first."""
    header = ("pages", "CPU s a page", "of the first run's", "pages a minute", "peak MiB of a process")
    first = runs[0].cpu_s / runs[0].pages
    rows = [
        (
            run.pages,
            f"{run.cpu_s / run.pages:.3f}",
            f"{run.cpu_s / run.pages / first:.3f}",
            f"{60 * run.pages / run.wall_s:.1f}",
            f"{run.peak_mb:.0f}",
        )
        for run in runs
    ]
    return f"{workers} workers; {machine()}.\n\n{table(header, rows)}"


def main(arguments: Iterable[str] | None = None) -> None:
    """Make the runs and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dirs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--counts", type=int, nargs="+", default=[120, 600])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(None if arguments is None else list(arguments))
    pages = [page for folder in options.truth_dirs for page in sorted(folder.glob("*.jpg"))]
    if not pages:
        parser.error("these folders hold no JPEG page (*.jpg)")
    runs = []
    for count in options.counts:
        with tempfile.TemporaryDirectory(prefix="growth-") as scratch:
            folder = Path(scratch) / "scans"
            fill(folder, pages, count)
            runs.append(timed_run(folder, Path(scratch) / "out", count, options.workers))
    options.out.mkdir(parents=True, exist_ok=True)
    report = as_markdown(runs, options.workers)
    (options.out / "growth.md").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
