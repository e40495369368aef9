"""The systems that speed.py compares, each in a process of its own: page images in, what was read and its cost out.

    python -m benchmarks.systems SYSTEM [--threads N]

Waits for lines of JSON on standard input, {"page": FILE, "truth": FILE}, and answers each with one, the fields of an
`Answer`. All have the same weights and the same number of threads. What libraries print goes to standard error.
"""

# ruff: noqa: PLC0415 - each process imports only what its system needs, as that counts as its memory
from __future__ import annotations

import argparse
import contextlib
import functools
import itertools
import json
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

Cell: TypeAlias = tuple[int, int, int, int, str]
"""(row, col, row_span, col_span, text)"""


class Reading(NamedTuple):
    """What a system read on a page: all its texts, and the cells of each of its tables."""

    texts: Sequence[str]
    tables: Sequence[Sequence[Cell]] = ()


class Answer(NamedTuple):
    """A reading, and what it cost.

    Seconds on the clock and of the CPU (children's too), each stage's own CPU seconds, and the process's peak memory so
    far, in MiB. (Its decoding child is not counted: what Linux says of one is what its parent had as it was started.)
    """

    texts: Sequence[str]
    tables: Sequence[Sequence[Cell]]
    wall_s: float
    cpu_s: float
    stages: dict[str, float]
    peak_mb: float


Job: TypeAlias = Callable[[], Callable[[], Reading]]
"""Reads a page, and gives a function that tells what was read; only the first is timed."""
System: TypeAlias = Callable[[Path, Path], Job]
"""Prepares to read an image file, with its truth beside it; untimed."""


class StageClock:
    """CPU seconds that functions spend themselves, less those of the watched functions that they call.

    Example:
        clock.watch(pipeline.page.signing, "read_margins", "margins")
    """

    def __init__(self, now: Callable[[], float] = time.process_time) -> None:
        self._now = now
        self._seconds: Counter[str] = Counter()
        self._inner = [0.0]

    def watch(self, owner: Any, name: str, label: str) -> None:
        """Time a function wherever it is called as an attribute of `owner`: a module, a class or an object."""
        function = getattr(owner, name)

        @functools.wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            started = self._now()
            self._inner.append(0.0)
            try:
                return function(*arguments, **named)
            finally:
                spent = self._now() - started
                self._seconds[label] += spent - self._inner.pop()
                self._inner[-1] += spent

        setattr(owner, name, timed)

    def take(self) -> dict[str, float]:
        """What was spent since it was last asked."""
        taken = dict(self._seconds)
        self._seconds.clear()
        return taken


# --- the systems ------------------------------------------------------------------------------------------------------

STAGES = (
    ("pipeline.page.orientation", "deskew", "upright"),
    ("pipeline.page.orientation", "dewarp", "dewarping"),
    ("pipeline.page.orientation", "find_grids", "grid"),
    ("pipeline.page.read", "settle_orientation", "way up"),
    ("pipeline.page.read", "cross_check", "cross-check"),
    ("pipeline.page.read", "recognise_cells", "cells"),
    ("pipeline.page.orientation", "analyse_layout", "finding lines"),
    ("pipeline.reading.line_cuts", "find_copied_seal", "copied seals"),
    ("pipeline.page.signing", "read_margins", "margins"),
    ("pipeline.page.signing", "find_signatures", "signatures"),
    ("pipeline.page.read", "recover_residual_text", "residual ink"),
    ("pipeline.page.read", "measure_slant", "slant"),
    ("pipeline.document", "interpret", "meaning"),
    ("pipeline.document", "correct", "corrections"),
    ("pipeline.document", "validate", "validation"),
    ("flows.batch", "land", "landing"),
)
"""Module, function and label; what the engines spend is counted apart, wherever they are asked."""
ENGINE_STAGES = (
    ("PaddleRecogniser", "read", "recogniser"),
    ("PaddleRecogniser", "log_probabilities", "recogniser"),
    ("PaddleDetector", "detect", "detector"),
    ("PaddleOrienter", "orient", "orienter"),
)


def signed_forms(threads: int, clock: StageClock) -> System:
    """The product's own worker, from the file to the committed tables."""
    from importlib import import_module

    from flows.batch import setup_for
    from flows.plan import AS_USUAL, identify
    from flows.workers.worker import prepare
    from pipeline.engines import paddle
    from pipeline.landing import open_output

    for module, name, label in STAGES:
        clock.watch(import_module(module), name, label)
    for engine, name, label in ENGINE_STAGES:
        clock.watch(getattr(paddle, engine), name, label)
    out = Path(tempfile.mkdtemp(prefix="signed-forms-speed-"))
    identity = identify(AS_USUAL)
    with open_output(out, identity.settings.landing):
        pass
    read = prepare(setup_for(out, AS_USUAL, identity, threads=threads))

    def job(page: Path) -> Callable[[], Reading]:
        outcome = read((str(page),), lambda done, of: None)
        return lambda: _landed_reading(out, str(outcome.document_id))

    return lambda page, truth: functools.partial(job, page)


def _landed_reading(out: Path, document_id: str) -> Reading:
    """What the tables say of a document."""
    from pyarrow import parquet

    from pipeline.landing import document_file

    cells, lines = (
        parquet.read_table(document_file(out, name, document_id)).to_pylist() for name in ("cells", "lines")
    )
    tables: dict[int, list[Cell]] = {}
    for row in cells:
        text = row["text_corrected"] or row["text"] or ""
        place = (row["row"], row["col"], row["row_span"], row["col_span"])
        tables.setdefault(row["table_index"], []).append((*place, text))
    return Reading([line["text"] or "" for line in lines], list(tables.values()))


def img2table(threads: int, clock: StageClock) -> System:
    """img2table, which asks PaddleOCR to read the whole page; its detection of turned pages switched on."""
    from img2table.document import Image
    from img2table.ocr import PaddleOCR

    ocr = PaddleOCR(lang="ch", kw=_paddleocr_settings(threads))

    def job(page: Path) -> Callable[[], Reading]:
        tables = Image(str(page), detect_rotation=True).extract_tables(ocr=ocr)
        return lambda: _table_reading([list(table.content.values()) for table in tables])

    return lambda page, truth: functools.partial(job, page)


def _table_reading(tables: Sequence[Sequence[Sequence[Any]]]) -> Reading:
    """img2table's rows of cells, in which a merged cell is repeated in each slot, with spans."""
    found: list[list[Cell]] = []
    for rows in tables:
        slots: dict[Any, list[tuple[int, int]]] = {}
        for place in ((row, col) for row, cells in enumerate(rows) for col in range(len(cells))):
            slots.setdefault(rows[place[0]][place[1]], []).append(place)
        found.append([])
        for cell, places in slots.items():
            (top, left), (bottom, right) = min(places), max(places)
            found[-1].append((top, left, bottom - top + 1, right - left + 1, cell.value or ""))
    return Reading([cell[4] for cell in itertools.chain(*found)], found)


def paddleocr(threads: int, clock: StageClock) -> System:
    """PaddleOCR's own pipeline on the whole page: lines, no tables."""
    from paddleocr import PaddleOCR

    ocr = PaddleOCR(**_paddleocr_settings(threads))

    def job(page: Path) -> Callable[[], Reading]:
        found = ocr.predict(str(page))
        return lambda: Reading([text for result in found for text in result["rec_texts"]])

    return lambda page, truth: functools.partial(job, page)


def _paddleocr_settings(threads: int) -> dict[str, Any]:
    """PaddleOCR on the product's weights and engine; its own choices otherwise."""
    from pipeline.engines import paddle
    from pipeline.models import Role, place_models
    from pipeline.settings import ModelSettings

    os.environ.update(paddle.OFFLINE)
    placed = {model.role: model for model in place_models(ModelSettings())}
    parts = {
        "text_detection_model": Role.DETECTOR,
        "text_recognition_model": Role.RECOGNISER,
        "doc_orientation_classify_model": Role.ORIENTER,
    }
    named = {f"{part}_name": placed[role].name for part, role in parts.items()}
    return {
        **named,
        **{f"{part}_dir": str(placed[role].folder) for part, role in parts.items()},
        "use_doc_orientation_classify": True,
        "use_doc_unwarping": False,
        "use_textline_orientation": False,
        "engine": "onnxruntime",
        "engine_config": {"intra_op_num_threads": threads, "inter_op_num_threads": 1},
    }


def recogniser(threads: int, clock: StageClock) -> System:
    """ONNX Runtime alone on the reference cut, prepared beforehand: nobody who reads these lines is faster."""
    import cv2
    import numpy as np
    import onnxruntime

    from benchmarks.reference_cut import recogniser_input, reference_lines
    from pipeline.evaluate import read_truth
    from pipeline.models import Role, place_models
    from pipeline.settings import ModelSettings

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    weights = next(model for model in place_models(ModelSettings()) if model.role is Role.RECOGNISER)
    session = onnxruntime.InferenceSession(
        str(weights.folder / "inference.onnx"), options, providers=["CPUExecutionProvider"]
    )
    alphabet = _alphabet(session)

    def prepare(page: Path, truth: Path) -> Job:
        image = np.asarray(cv2.imread(str(page), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION), np.uint8)
        inputs = [recogniser_input(line) for line in reference_lines(image, read_truth(truth))]

        def job() -> Callable[[], Reading]:
            read = [session.run(None, {"x": line})[0][0].argmax(axis=1) for line in inputs]
            return lambda: Reading(["".join(alphabet[k] for k, _ in itertools.groupby(best) if k) for best in read])

        return job

    return prepare


def _alphabet(session: Any) -> list[str]:
    """The character of each class, as the model itself lists them; class 0 is the blank."""
    listed = session.get_modelmeta().custom_metadata_map["character"].split("\n")
    return ["", *listed, " "]


SYSTEMS: dict[str, Callable[[int, StageClock], System]] = {
    "signed-forms": signed_forms,
    "img2table": img2table,
    "paddleocr": paddleocr,
    "recogniser": recogniser,
}


# --- the process ------------------------------------------------------------------------------------------------------


def answer(job: Job, clock: StageClock) -> Answer:
    """Run a job, and say what it read and cost."""
    clock.take()
    wall, cpu = time.monotonic(), _cpu_seconds()
    tell = job()
    wall, cpu = time.monotonic() - wall, _cpu_seconds() - cpu
    reading = tell()
    return Answer(reading.texts, reading.tables, wall, cpu, clock.take(), _peak_mb())


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextlib.contextmanager
def _answers() -> Iterator[Any]:
    """What was standard output; what is printed from now on goes to standard error."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as stream:
        os.dup2(2, 1)
        yield stream


def main() -> None:
    """Serve one system until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("system", choices=SYSTEMS)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    with _answers() as answers:
        clock = StageClock()
        system = SYSTEMS[options.system](options.threads, clock)
        print(json.dumps("ready"), file=answers, flush=True)
        for line in sys.stdin:
            asked = json.loads(line)
            job = system(Path(asked["page"]), Path(asked["truth"]))
            print(json.dumps(answer(job, clock)._asdict(), ensure_ascii=False), file=answers, flush=True)


if __name__ == "__main__":
    main()
