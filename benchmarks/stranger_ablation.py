"""Pages of any form with truth -> what each part that finds their grids, or reads their cells, brings on them.

    python -m benchmarks.stranger_ablation [NAME=]TRUTH_DIR... [--pages N] [--out accuracy]

Writes OUT/ablation-grids.md: every page of each folder, its grids found as built and again with one part taken out
(grid_parts.py), without reading. OUT/ablation-texts.md: N pages of each folder, read as built and again with one part
taken out; N is 0 for none. A folder goes by its own name, or by NAME. Pages are looked at anew from the stage on to
which the part belongs, so a turn that was settled stays settled; docs/evaluation.md describes truth and measures.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from unittest import mock

import numpy as np

from benchmarks import ruled_pages
from benchmarks.drawing.specimens import spread
from benchmarks.grid_parts import GRID_PARTS, QUICK, Part, Since
from benchmarks.stranger_texts import TextCounts, read_with_parts_out, total_texts
from benchmarks.structure_measures import Counts, FoundPage, TruePage, count_page, total
from benchmarks.substitutes import Watched, remembering, taken_out
from benchmarks.trials import run_all, table
from pipeline.dewarp import DewarpedPage
from pipeline.elements import Page
from pipeline.engines import Engines
from pipeline.grid import cross_checking, find_grids
from pipeline.grid.cross_checking import Boxes
from pipeline.intake import PageFailure
from pipeline.page import orientation
from pipeline.page.orientation import SettledPage
from pipeline.settings import Settings

AS_BUILT = "as built"
Layout: TypeAlias = SettledPage | FoundPage


class Job(NamedTuple):
    """A truth file, and the name that its folder goes by."""

    truth: Path
    folder: str


class Score(NamedTuple):
    """A page of a folder as counted with a part taken out, or as built."""

    folder: str
    part: str
    counts: Counts | TextCounts


# --- grids ------------------------------------------------------------------------------------------------------------


def attempt_grids(job: Job) -> list[Score]:
    """Find the grids of a page as built, and with each part taken out."""
    truth, pages, tools = ruled_pages.read_true_page(job.truth), ruled_pages.scanned(job.truth), remembering()
    second = RememberingCrossCheck(cross_checking._other_tables)
    with mock.patch.object(cross_checking, "_other_tables", second):
        with _watching() as watched:
            built = [ruled_pages.settled(page, tools) for page in ruled_pages.scanned(job.truth)]
            counts = _counted(truth, built)
        scores = [Score(job.folder, AS_BUILT, counts)]
        for name, part in GRID_PARTS.items():
            if name in watched and not any(watch.differs for watch in watched[name]):
                scores.append(Score(job.folder, name, counts))
                continue
            with taken_out(part.substitutes):
                again = ruled_pages.scanned(job.truth) if part.since is Since.FILE else pages
                looked = [_looked_at(page, own, part.since, tools) for page, own in zip(again, built, strict=True)]
                scores.append(Score(job.folder, name, _counted(truth, looked)))
    return scores


@contextmanager
def _watching() -> Iterator[dict[str, list[Watched]]]:
    """Within it, parts with quick substitutes are as built, and note whether these would answer otherwise."""
    quick = {name: part.substitutes for name, part in GRID_PARTS.items() if _is_quick(part)}
    watched = {name: [Watched(substitute) for substitute in own] for name, own in quick.items()}
    places = [
        substitute._replace(replacement=watch)
        for name, own in quick.items()
        for substitute, watch in zip(own, watched[name], strict=True)
    ]
    with taken_out(places):
        yield watched


def _is_quick(part: Part) -> bool:
    return all(substitute.replacement in QUICK for substitute in part.substitutes)


def _looked_at(page: Page | PageFailure, built: SettledPage | FoundPage, since: Since, tools: Engines) -> Layout:
    """A page from one of its stages on."""
    if since is Since.DEWARPED and isinstance(built, SettledPage):
        found = find_grids(built.layout.dewarped, Settings().grid)
        return built._replace(layout=replace(built.layout, grids=found.grids), without_columns=found.without_columns)
    if since is Since.UPRIGHT and isinstance(built, SettledPage):
        upright = replace(built.layout.upright, open_turns=())
        with mock.patch.object(orientation, "deskew", lambda *_: upright):
            return ruled_pages.settled(page, tools)
    return ruled_pages.settled(page, tools)


def _counted(truth: TruePage, layouts: Sequence[Layout]) -> Counts:
    found = ruled_pages.together([ruled_pages.found_on(layout) for layout in layouts])
    return count_page(truth, ruled_pages.with_contents(found, truth.tables))


class RememberingCrossCheck:
    """What img2table finds in a place of a dewarped page, asked once."""

    def __init__(self, ask: Callable[[DewarpedPage, Boxes], list[Boxes]]) -> None:
        self._ask = ask
        self._known: list[tuple[DewarpedPage, Boxes, list[Boxes]]] = []

    def __call__(self, dewarped: DewarpedPage, own: Boxes) -> list[Boxes]:
        """The tables found around cells, which are the same around others with the same bounds."""
        bounds = np.array([*own[:, :2].min(axis=0), *own[:, 2:].max(axis=0)])
        for page, known, answer in self._known:
            if page is dewarped and np.array_equal(known, bounds):
                return answer
        self._known.append((dewarped, bounds, self._ask(dewarped, own)))
        return self._known[-1][2]


def attempt_texts(job: Job) -> list[Score]:
    """Read a page as built, and with each part taken out."""
    return [Score(job.folder, name or AS_BUILT, counts) for name, counts in read_with_parts_out(job.truth)]


# --- report -----------------------------------------------------------------------------------------------------------

Shown = Callable[[Any], str]
"""Counts of a group of pages, in words."""
GRID_MEASURES: dict[str, Shown] = {
    "Structure F1": lambda own: f"{own.structure:.3f}",
    "Tables perfect / not found / extra": lambda own: f"{own.perfect} / {own.not_found} / {own.extra}",
    "Perfect and calm / wrong and sure": lambda own: f"{own.calm} / {own.sure_grids}",
}
TEXT_MEASURES: dict[str, Shown] = {
    "Texts in place that are exact": lambda own: f"{own.exact / own.texts:.4f}" if own.texts else "–",
    "Lost / in silence": lambda own: f"{own.lost} / {own.silent}",
    "Wrong and sure / all that ask for a look": lambda own: f"{own.sure_wrong} / {own.asked}",
}


def grids_markdown(scores: Sequence[Score]) -> str:
    """A table for each measure of grids."""
    sizes = {"pages": lambda own: str(own.pages), "tables": lambda own: str(own.tables)}
    return _as_markdown(scores, total, sizes, GRID_MEASURES)


def texts_markdown(scores: Sequence[Score]) -> str:
    """A table for each measure of texts."""
    return _as_markdown(scores, total_texts, {"texts": lambda own: str(own.texts)}, TEXT_MEASURES)


def _as_markdown(
    scores: Sequence[Score], summed: Callable[[Iterable[Any]], Any], sizes: dict[str, Shown], measures: dict[str, Shown]
) -> str:
    """Parts without which nothing changes are named once, those without which a measure stays have no row there."""
    folders, parts = (list(dict.fromkeys(names)) for names in zip(*((s.folder, s.part) for s in scores), strict=True))
    by_group = {
        (part, folder): summed(s.counts for s in scores if (s.part, s.folder) == (part, folder))
        for part in parts
        for folder in folders
    }
    lines, kept = [], set(parts[1:])
    for title, shown in measures.items():
        rows = {part: [shown(by_group[part, folder]) for folder in folders] for part in parts}
        changed = {part: row for part, row in rows.items() if row != rows[AS_BUILT]}
        kept -= changed.keys()
        heads = [(name, *(of(by_group[AS_BUILT, folder]) for folder in folders)) for name, of in sizes.items()]
        body = [*heads, (AS_BUILT, *rows[AS_BUILT]), *((f"without: {part}", *row) for part, row in changed.items())]
        lines.append(table((title, *folders), body))
    if kept:
        lines.append(f"All the same without: {'; '.join(part for part in parts if part in kept)}.\n")
    return "\n".join(lines)


def main(arguments: Iterable[str] | None = None) -> None:
    """Look at the pages with every part taken out, and write the reports."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth", nargs="+", help="folders of truth, each with a name before it if it has another")
    parser.add_argument("--pages", type=int, default=10, help="to read of each folder (default: 10)")
    parser.add_argument("--out", type=Path, default=Path("accuracy"))
    options = parser.parse_args(None if arguments is None else list(arguments))
    options.out.mkdir(parents=True, exist_ok=True)
    folders = [named_folder(text) for text in options.truth]
    jobs = [[Job(truth, name) for truth in ruled_pages.truth_files(folder)] for name, folder in folders]
    read = [job for own in jobs for job in spread(own, options.pages)]
    for name, attempt, chosen, report in (
        ("ablation-texts", attempt_texts, read, texts_markdown),
        ("ablation-grids", attempt_grids, [job for own in jobs for job in own], grids_markdown),
    ):
        if chosen:
            text = report([score for scores in run_all(attempt, chosen) for score in scores])
            (options.out / f"{name}.md").write_text(text, encoding="utf-8")
            print(text)


def named_folder(text: str) -> tuple[str, Path]:
    """The name and the folder of an argument."""
    name, _, folder = text.rpartition("=")
    return name or Path(folder).resolve().name, Path(folder)


if __name__ == "__main__":
    main()
