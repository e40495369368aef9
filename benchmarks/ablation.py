"""Truth -> what each part of the reading adds: every page is read as built, and again with one part taken out.

    python benchmarks/ablation.py TRUTH_DIR [--out accuracy] [--pages N]

Writes OUT/ablation.md, with the measures of docs/evaluation.md by condition. A part is taken out by putting a plain
substitute in its place, which is named in `PARTS`; nothing in the pipeline knows of this. Signatures are left out, as
no part here is about them.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar
from unittest import mock

import cv2
import numpy as np
from distortions import Image
from specimens import A4_LONG_SIDE_IN, pages_by_condition, spread
from trials import engines, run_all, table

from pipeline import deskew, ink, orientation, page, rectify, rereading, textlines, tiling
from pipeline.conservation import Conserved
from pipeline.elements import BBox, DpiSource, Page, PageReading
from pipeline.engines import DetectedLine, Detector, Recogniser
from pipeline.evaluate.landed import LandedCell, LandedPage, Place
from pipeline.evaluate.measures import Counts, Measures, measure, total
from pipeline.evaluate.scoring import score_page
from pipeline.evaluate.truth import read_truth
from pipeline.second_opinion import Opinion
from pipeline.settings import Settings, SignatureSettings
from pipeline.unexplained import ReadPage

Answer = TypeVar("Answer")

AS_BUILT = "as built"
FLAGS = {"orientation_unsure", "skew_disagrees", "grid_doubtful", "grid_disputed", "grid_refused", "no_table"}
"""Findings that make a person look at the table as a whole."""


# --- substitutes ------------------------------------------------------------------------------------------------------


class Substitute(NamedTuple):
    """What stands in the place of an attribute of a module or class."""

    owner: Any
    attribute: str
    replacement: object


def without_orienter(scan: Page, _: object) -> Any:
    """Leave the page as the file has it."""
    return deskew.deskew(scan, None)


def without_color(image: Image) -> Any:
    """The ink of a page as a gray scanner would have seen it: seals are ink like any other."""
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return ink.separate_ink(np.dstack([gray] * 3))


def cut_from_flat_page(flat: rectify.FlatPage, _: Image, box: BBox, height: int) -> Image:
    """A line cut from the flattened page, whose pixels were interpolated before."""
    scale = height / box.height
    size = max(1, round(box.width * scale)), height
    place = np.array([[1 / scale, 0, box.left + 0.5 / scale - 0.5], [0, 1 / scale, box.top + 0.5 / scale - 0.5]])
    paper = cv2.bitwise_not(flat.darkness)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(paper, place, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def without_second_opinion(_: object, grids: Sequence[Any]) -> tuple[Opinion, ...]:
    """Every grid keeps the confidence it has."""
    return tuple(Opinion(grid, ()) for grid in grids)


def without_conservation(read: ReadPage, *_: object) -> Conserved:
    """What was read is all there is."""
    return Conserved(read.tables, (), ())


def _none(*_: object) -> tuple[()]:
    return ()


def _false(*_: object) -> bool:
    return False


def _level(_: object) -> float:
    return 0.0


def _same(channel: Image, *_: object) -> Image:
    return channel


PARTS = {
    "quarter turns": (Substitute(orientation, "deskew", without_orienter),),
    "lines read both ways where the orienter is unsure": (Substitute(orientation, "SURE_TURN", 0.0),),
    "the small angle": (Substitute(deskew, "measure_skew", _level),),
    "curves: the page is levelled, not flattened": (Substitute(rectify, "find_ruling_lines", _none),),
    "paper divided out": (Substitute(ink, "flatten_paper", _same),),
    "seals unmixed by color": (Substitute(deskew, "separate_ink", without_color),),
    "repairs of walls": (Substitute(tiling, "MAX_REPAIRS", 0),),
    "second opinion": (Substitute(page, "reconsider", without_second_opinion),),
    "lines cut from the scan itself": (Substitute(rectify.FlatPage, "cut", cut_from_flat_page),),
    "dust told from dots": (Substitute(textlines, "_is_speck", _false),),
    "ink that no line explains": (Substitute(page, "conserve_text", without_conservation),),
    "doubtful lines read again": (Substitute(rereading, "DOUBTFUL", 0.0),),
}
"""What is taken out, one at a time, and what stands in its place."""


class Remembered(Generic[Answer]):
    """What an engine said of each image, however often it is asked: parts taken out change few of them."""

    def __init__(self, ask: Callable[[Sequence[Image]], Sequence[Answer]]) -> None:
        self._ask = ask
        self._known: dict[bytes, Answer] = {}

    def __call__(self, images: Sequence[Image]) -> list[Answer]:
        """The answers for images of the same pixels are the same; only the others are asked for, in one call."""
        keys = [hashlib.sha256(repr(image.shape).encode() + image.tobytes()).digest() for image in images]
        fresh = {key: image for key, image in zip(keys, images, strict=True) if key not in self._known}
        if fresh:
            self._known |= dict(zip(fresh, self._ask(list(fresh.values())), strict=True))
        return [self._known[key] for key in keys]


class RememberingRecogniser:
    """A recogniser that reads each crop once."""

    def __init__(self, recogniser: Recogniser) -> None:
        self.alphabet = recogniser.alphabet
        self.log_probabilities = recogniser.log_probabilities
        self.read = Remembered(recogniser.read)


class RememberingDetector:
    """A detector that looks at each image once."""

    def __init__(self, detector: Detector) -> None:
        self._detected = Remembered(lambda images: [detector.detect(image) for image in images])

    def detect(self, image: Image) -> list[DetectedLine]:
        """As the detector does."""
        return self._detected([image])[0]


# --- reading ----------------------------------------------------------------------------------------------------------


class Score(NamedTuple):
    """A page read with a part taken out (or as built): its counts, and whether its table is right and flagged."""

    condition: str
    part: str
    counts: Counts
    right: bool
    flagged: bool
    doubted: tuple[tuple[bool, bool], ...]
    """For each text in its place: (whether it is right, whether it asks for review)."""


def attempt(path: Path) -> list[Score]:
    """Read a page as built, and with each part taken out."""
    loaded = engines()
    tools = replace(
        loaded, recogniser=RememberingRecogniser(loaded.recogniser), detector=RememberingDetector(loaded.detector)
    )
    settings = Settings(signature=SignatureSettings(enabled=False))
    image = np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION), np.uint8)
    scan = Page("", 1, image, max(image.shape[:2]) / A4_LONG_SIDE_IN, DpiSource.FILE)
    scores = []
    for part, substitutes in {AS_BUILT: (), **PARTS}.items():
        with ExitStack() as stack:
            for substitute in substitutes:
                stack.enter_context(mock.patch.object(*substitute))
            scores.append(_score(path, part, page.read_page(scan, tools, settings), settings))
    return scores


def _score(path: Path, part: str, reading: PageReading, settings: Settings) -> Score:
    truth = read_truth(path.with_suffix(".json"))
    cells = tuple(
        LandedCell(
            table_index=read.grid.table_index,
            place=Place(own.cell.row, own.cell.col, own.cell.row_span, own.cell.col_span),
            text=own.text,
            text_corrected=None,
            confidence=own.confidence,
            grid_confidence=read.grid.confidence,
            polygon=own.cell.polygon,
        )
        for read in reading.tables
        for own in read.cells
    )
    score = score_page(truth, LandedPage(cells=cells))
    return Score(
        condition=truth.condition,
        part=part,
        counts=score.counts,
        right=score.counts.tables_perfect == 1,
        flagged=not reading.tables or any(finding.rule in FLAGS for finding in reading.findings),
        doubted=tuple(
            (seen.right, seen.confidence is None or seen.confidence < settings.ocr.review_confidence)
            for seen in score.cell_confidences
        ),
    )


# --- reporting --------------------------------------------------------------------------------------------------------

Shown = Callable[[Sequence[Score]], str]


def _measured(name: str) -> Shown:
    def shown(own: Sequence[Score]) -> str:
        measures: Measures = measure(total(score.counts for score in own))
        value = getattr(measures, name)
        return "–" if value is None else f"{value:.3f}"

    return shown


def _flags(own: Sequence[Score]) -> str:
    clear = sum(score.right and not score.flagged for score in own)
    silent = sum(not score.right and not score.flagged for score in own)
    return f"{clear} / {silent}"


def _reviews(own: Sequence[Score]) -> str:
    texts = [text for score in own for text in score.doubted]
    wrong = [asks for right, asks in texts if not right]
    return f"{sum(wrong)} of {len(wrong)}, {sum(asks for _, asks in texts)}"


TABLES: dict[str, Shown] = {
    "Structure F1": _measured("structure_f1"),
    "Exact F1 of the text as read": _measured("read_f1"),
    "Pages right and not flagged / wrong and not flagged": _flags,
    "Wrong texts that ask for review, and all texts that do": _reviews,
}


def as_markdown(scores: Sequence[Score]) -> str:
    """A table for each measure; parts without which it stays the same are named below it."""
    conditions = sorted({score.condition for score in scores})
    by_group = {
        (part, condition): [s for s in scores if (s.part, s.condition) == (part, condition)]
        for part in (AS_BUILT, *PARTS)
        for condition in conditions
    }
    pages = [str(len(by_group[AS_BUILT, condition])) for condition in conditions]
    sections = []
    for title, shown in TABLES.items():
        rows = {p: [shown(by_group[p, c]) for c in conditions] for p in (AS_BUILT, *PARTS)}
        changed = [(f"without: {p}", *row) for p, row in rows.items() if p != AS_BUILT and row != rows[AS_BUILT]]
        same = [p for p, row in rows.items() if p != AS_BUILT and row == rows[AS_BUILT]]
        header = (title, *conditions)
        text = table(header, [("pages", *pages), (AS_BUILT, *rows[AS_BUILT]), *changed])
        sections.append(text + (f"\nThe same without: {'; '.join(same)}.\n" if same else ""))
    return "\n".join(sections)


def main(arguments: Iterable[str] | None = None) -> None:
    """Read the pages with every part taken out, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--out", type=Path, default=Path("accuracy"))
    parser.add_argument("--pages", type=int, default=4, help="of each condition (default: 4)")
    options = parser.parse_args(None if arguments is None else list(arguments))
    pages = [p for own in pages_by_condition(options.truth_dir).values() for p in spread(own, options.pages)]
    report = as_markdown([score for scores in run_all(attempt, pages) for score in scores])
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "ablation.md").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
