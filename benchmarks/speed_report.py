"""What systems read and spent -> the tables of speed.py."""

from __future__ import annotations

import json
import statistics
import textwrap
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np

from benchmarks.systems import Answer
from benchmarks.trials import table
from pipeline.evaluate import Counts, LandedCell, LandedPage, Place, TruthPage, measure, normalise, score_page, total

OURS, LIMIT = "signed-forms", "recogniser"
LINE_LENGTH = 120
"""Characters of a line in the documents."""
NAMES = {
    OURS: "signed-forms",
    "img2table": "img2table + PaddleOCR",
    "paddleocr": "PaddleOCR, whole page",
    LIMIT: "recogniser alone, reference cut",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A page read by a system with so many workers: what it cost, and how much of it is right."""

    system: str
    workers: int
    page: str
    wall_s: float
    cpu_s: float
    peak_mb: float
    stages: dict[str, float]
    cells_true: int
    cells_found: int
    cells_placed: int
    cells_exact: int
    characters_true: int
    characters_found: int

    @classmethod
    def of(cls, system: str, workers: int, page: str, answer: Answer, truth: TruthPage) -> Sample:
        """Compare an answer with the page's truth."""
        counts = score_page(truth, LandedPage(cells=_landed(answer))).counts
        said = Counter(normalise("".join(truth.texts)))
        return cls(
            system=system,
            workers=workers,
            page=page,
            wall_s=answer.wall_s,
            cpu_s=answer.cpu_s,
            peak_mb=answer.peak_mb,
            stages=answer.stages,
            cells_true=counts.cells_true,
            cells_found=counts.cells_landed,
            cells_placed=counts.placed,
            cells_exact=counts.exact,
            characters_true=said.total(),
            characters_found=(said & Counter(normalise("".join(answer.texts)))).total(),
        )

    def as_row(self) -> dict[str, Any]:
        """For a Parquet file; the stages as JSON."""
        return asdict(self) | {"stages": json.dumps(self.stages)}

    @property
    def counts(self) -> Counts:
        """Of its cells, for measures over several pages."""
        return Counts(
            cells_true=self.cells_true,
            cells_landed=self.cells_found,
            placed=self.cells_placed,
            exact=self.cells_exact,
        )


Pair: TypeAlias = tuple[Sample, Sample]
"""A peer's sample and the product's, of one page."""


def _landed(answer: Answer) -> tuple[LandedCell, ...]:
    return tuple(
        LandedCell(index, Place(*cell[:4]), cell[4], None, None, None, ())
        for index, cells in enumerate(answer.tables)
        for cell in cells
    )


def as_markdown(samples: Sequence[Sample], rates: Mapping[str, float], workers: int, machine: str) -> str:
    """The report: each system, their ratios to the product's, and where the product's time goes."""
    by_system = {name: [s for s in samples if s.system == name] for name in NAMES}
    by_system = {name: own for name, own in by_system.items() if own}
    pages = max(len(own) for own in by_system.values())
    parts = [f"{pages} pages, one thread a process; {machine}.\n", _systems(by_system, rates, workers)]
    if OURS in by_system:
        parts += [_ratios(by_system, rates), _stages(by_system[OURS])]
    return "\n".join(parts)


def in_short(samples: Sequence[Sample], rates: Mapping[str, float], workers: int, machine: str) -> str:
    """The report's main figures as one paragraph; "" where the product was not measured."""
    by_system = {name: [s for s in samples if s.system == name] for name in NAMES}
    ours = by_system[OURS]
    if not ours:
        return ""
    pace = f"{60 / statistics.fmean(s.wall_s for s in ours):.0f} pages a minute with one worker"
    pace += f", {rates[OURS]:.0f} with {workers}" if OURS in rates else ""
    peak = f"at most {max(s.peak_mb for s in ours):.0f} MiB a worker"
    read = _with_tables(by_system.get("img2table", ()))
    beside = []
    for name in (name for name in NAMES if name != OURS and by_system[name]):
        beside.append(f"{NAMES[name]} {_whole(_pairs(by_system[name], ours), _cpu):.1f}")
        if name == "img2table" and read:
            ratio = _whole(_pairs(read, ours), _cpu)
            beside[-1] += f" ({ratio:.1f} on the {len(read)} of {len(ours)} pages whose table it finds)"
    text = f"{pace}, {peak} ({machine}). CPU time of others, times that of signed-forms: {'; '.join(beside)}."
    return f"{textwrap.fill(text, LINE_LENGTH)}\n"


def _systems(by_system: Mapping[str, Sequence[Sample]], rates: Mapping[str, float], workers: int) -> str:
    beside = f"with {workers} workers" if rates else "side by side"
    header = ("system", "s a page, median", "95 %", "CPU s", "pages a minute", beside, "peak MiB")
    accuracy = ("structure F1", "exact F1", "characters found")
    rows = []
    for name, own in by_system.items():
        walls = [s.wall_s for s in own]
        rate = f"{rates[name]:.1f}" if name in rates else ""
        cost = (statistics.median(walls), float(np.quantile(walls, 0.95)), statistics.fmean(s.cpu_s for s in own))
        shown = (*(f"{value:.2f}" for value in cost), f"{60 / statistics.fmean(walls):.1f}", rate)
        rows.append((NAMES[name], *shown, f"{max(s.peak_mb for s in own):.0f}", *_accuracy(own)))
    return table((*header, *accuracy), rows)


def _accuracy(own: Sequence[Sample]) -> tuple[str, str, str]:
    found = sum(s.characters_found for s in own) / max(1, sum(s.characters_true for s in own))
    if not any(s.cells_found for s in own):
        return "", "", f"{found:.3f}"
    measures = measure(total(s.counts for s in own))
    return f"{measures.structure_f1 or 0:.3f}", f"{measures.exact_f1 or 0:.3f}", f"{found:.3f}"


def _ratios(by_system: Mapping[str, Sequence[Sample]], rates: Mapping[str, float]) -> str:
    rows = []
    for name, own in by_system.items():
        pairs = _pairs(own, by_system[OURS])
        if name == OURS or not pairs:
            continue
        side = f"{rates[OURS] / rates[name]:.2f}" if name in rates and OURS in rates else ""
        rows.append((NAMES[name], _spread(pairs, _wall), _spread(pairs, _cpu), side))
        if name == "img2table" and (read := _pairs(_with_tables(own), by_system[OURS])):
            which = f"... on the {len(read)} of {len(pairs)} pages whose table it finds"
            rows.append((which, _spread(read, _wall), _spread(read, _cpu), ""))
    header = ("how many times as long as signed-forms", "on the clock", "of the CPU", "on the clock, side by side")
    return table(header, rows)


def _wall(sample: Sample) -> float:
    return sample.wall_s


def _cpu(sample: Sample) -> float:
    return sample.cpu_s


def _with_tables(own: Sequence[Sample]) -> list[Sample]:
    """Those pages of a system on which it found a table: where it finds none, it reads nothing."""
    return [sample for sample in own if sample.cells_found]


def _pairs(theirs: Sequence[Sample], ours: Sequence[Sample]) -> list[Pair]:
    """The samples of two systems, page by page."""
    by_page = {sample.page: sample for sample in ours}
    return [(sample, by_page[sample.page]) for sample in theirs if sample.page in by_page]


def _whole(pairs: Sequence[Pair], of: Callable[[Sample], float]) -> float:
    """The ratio of the sums."""
    return sum(of(theirs) for theirs, _ in pairs) / sum(of(ours) for _, ours in pairs)


def _spread(pairs: Sequence[Pair], of: Callable[[Sample], float]) -> str:
    """The ratio of the sums, and between which values the middle half of the pages' ratios are."""
    ratios = [of(theirs) / of(ours) for theirs, ours in pairs]
    whole = _whole(pairs, of)
    return f"{whole:.2f} ({np.quantile(ratios, 0.25):.2f}-{np.quantile(ratios, 0.75):.2f})"


def _stages(own: Sequence[Sample]) -> str:
    """CPU seconds a page of each stage, the most expensive first."""
    spent: Counter[str] = Counter()
    for sample in own:
        spent.update(sample.stages)
        spent["the rest: decoding, conversion, choosing"] += sample.cpu_s - sum(sample.stages.values())
    whole = sum(sample.cpu_s for sample in own)
    rows = [(name, f"{s / len(own):.3f}", f"{s / whole:.1%}") for name, s in spent.most_common()]
    return table(("stage of signed-forms", "CPU s a page", "share"), rows)
