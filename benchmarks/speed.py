"""Truth -> how fast the pipeline is, beside its peers and beside its recogniser alone, and what each read.

    python -m benchmarks.speed TRUTH_DIR ... [--out benchmarks/results] [--pages N]

Writes OUT/speed.parquet, a row for each page and system, and OUT/speed.md. Each page is read by one system after the
other before the next page's turn comes, so that a busy moment of the machine meets all of them; then again by two
processes of each system, some pages at a time. Every process has one thread. A PDF's pages are made images beforehand.
docs/performance.md says what the tables mean.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import cv2
import pyarrow as pa
from pyarrow import parquet

from benchmarks.accuracy import page_files
from benchmarks.drawing.specimens import spread
from benchmarks.speed_report import Sample, as_markdown, in_short
from benchmarks.systems import SYSTEMS, Answer
from pipeline.elements import Page
from pipeline.evaluate import read_truth
from pipeline.intake import open_document
from pipeline.settings import IntakeSettings

ROOT = Path(__file__).resolve().parent.parent
WARM_UP = 1
"""Pages that each process reads before anything counts: libraries put off work until they are first used."""
BLOCK = 6
"""Pages that the two processes of a system read before it is the next system's turn."""


class Specimen(NamedTuple):
    """A page's image file and its truth file."""

    page: Path
    truth: Path


class Process:
    """A system in a process of its own, with one thread; a context that ends it."""

    def __init__(self, system: str, log: Path) -> None:
        self._command = [sys.executable, str(ROOT / "benchmarks" / "systems.py"), system]
        self._log = log

    def __enter__(self) -> Self:
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"), "1")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | one,
                text=True,
            )
        self._hear()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def read(self, specimen: Specimen) -> Answer:
        """Have a page read."""
        stream = self._process.stdin
        assert stream is not None
        stream.write(json.dumps({"page": str(specimen.page), "truth": str(specimen.truth)}) + "\n")
        stream.flush()
        return Answer(**json.loads(self._hear()))

    def _hear(self) -> str:
        stream = self._process.stdout
        assert stream is not None
        line = stream.readline()
        if not line:
            raise RuntimeError(f"{self._command[-1]} ended; {self._log} says why")
        return line


def specimens(truth_dir: Path, scratch: Path) -> list[Specimen]:
    """The pages of a folder that have truth, a PDF's as PNG files in `scratch`."""
    found: list[Specimen] = []
    for file in page_files(truth_dir):
        if file.suffix.lower() != ".pdf":
            found.append(Specimen(file, file.with_suffix(".json")))
            continue
        with open_document(file, IntakeSettings()) as document:
            for page in document.pages():
                truth = truth_dir / f"page-{page.page_number:02d}.json"
                if isinstance(page, Page) and truth.exists():
                    image = scratch / f"{truth_dir.name}-{truth.stem}.png"
                    cv2.imwrite(str(image), page.image)
                    found.append(Specimen(image, truth))
    return found


def one_by_one(pages: Sequence[Specimen], systems: Sequence[str], log: Path) -> Iterator[Sample]:
    """Every page read by each system in turn; who is first changes from page to page."""
    with ExitStack() as stack:
        processes = {name: stack.enter_context(Process(name, log)) for name in systems}
        for process in processes.values():
            for page in pages[:WARM_UP]:
                process.read(page)
        for index, page in enumerate(pages):
            first = index % len(systems)
            for name in (*systems[first:], *systems[:first]):
                yield Sample.of(name, 1, page.truth.stem, processes[name].read(page), read_truth(page.truth))
            print(f"page {index + 1} of {len(pages)}", file=sys.stderr)


def side_by_side(pages: Sequence[Specimen], systems: Sequence[str], workers: int, log: Path) -> dict[str, float]:
    """Pages per minute of each system with so many processes."""
    seconds = dict.fromkeys(systems, 0.0)
    with ExitStack() as stack:
        pools = {name: [stack.enter_context(Process(name, log)) for _ in range(workers)] for name in systems}
        for pool in pools.values():
            _read_all(pages[:WARM_UP] * workers, pool)
        for start in range(0, len(pages), BLOCK):
            for name, pool in pools.items():
                seconds[name] += _read_all(pages[start : start + BLOCK], pool)
    return {name: 60 * len(pages) / spent for name, spent in seconds.items()}


def _read_all(pages: Sequence[Specimen], pool: Sequence[Process]) -> float:
    """Seconds until the processes of a pool, side by side, have read all pages."""
    waiting: queue.SimpleQueue[Specimen] = queue.SimpleQueue()
    for page in pages:
        waiting.put(page)

    def work(process: Process) -> None:
        while True:
            try:
                page = waiting.get_nowait()
            except queue.Empty:
                return
            process.read(page)

    threads = [threading.Thread(target=work, args=(process,)) for process in pool]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - started


def machine() -> str:
    """What was measured on, and when."""
    model = next((line.split(":")[1].strip() for line in _cpu_info() if line.startswith("model name")), "")
    today = datetime.datetime.now(datetime.UTC).date()
    return f"{model or platform.processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, {today}"


def _cpu_info() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def main(arguments: Iterable[str] | None = None) -> None:
    """Time the systems and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dirs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--pages", type=int, default=36, help="at most so many, spread over all folders")
    parser.add_argument("--workers", type=int, default=2, help="processes side by side; 1 leaves that part out")
    parser.add_argument("--only", choices=SYSTEMS, nargs="+", default=list(SYSTEMS), help="these systems alone")
    options = parser.parse_args(None if arguments is None else list(arguments))
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="speed-") as scratch:
        log = Path(scratch) / "systems.log"
        found = [page for folder in options.truth_dirs for page in specimens(folder, Path(scratch))]
        pages = spread(found, options.pages)
        samples = list(one_by_one(pages, options.only, log))
        _write(options.out, samples, {}, options.workers)  # what there is, should the rest be cut off
        rates = side_by_side(pages, options.only, options.workers, log) if options.workers > 1 else {}
    print(_write(options.out, samples, rates, options.workers))


def _write(out: Path, samples: Sequence[Sample], rates: Mapping[str, float], workers: int) -> str:
    """Write both files; returns the report."""
    parquet.write_table(pa.Table.from_pylist([sample.as_row() for sample in samples]), out / "speed.parquet")
    report = as_markdown(samples, rates, workers, machine())
    (out / "speed.md").write_text(report, encoding="utf-8")
    (out / "speed-in-short.md").write_text(in_short(samples, rates, workers, machine()), encoding="utf-8")
    return report


if __name__ == "__main__":
    main()
