"""Truth -> how far the grids hold: pages made worse step by step, until their tables are lost, and whether they say so.

    python -m benchmarks.robustness TRUTH_DIR [--out accuracy] [--pages N]

Writes OUT/robustness.md: for each distortion and strength, the mean structure F1 and how many pages are exactly right,
right and not flagged, wrong and not flagged (which must stay at none); and how often grids of each confidence were
right over all pages tried. Only geometry is tried: no text is read, and pages are upright (see poses.py for turns).
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.drawing import distortions
from benchmarks.drawing.distortions import Distortion, Image, RulingDistortion
from benchmarks.drawing.specimens import Specimen, mixed, read_specimen
from benchmarks.trials import Verdict, judge, reliability, run_all, table


class Sweep(NamedTuple):
    """A distortion, the unit of its strengths, and the strengths in the order in which pages get worse."""

    distort: Distortion | RulingDistortion
    unit: str
    strengths: tuple[float, ...]


SWEEPS = {
    "JPEG quality": Sweep(distortions.compressed, "", (100, 30)),
    "curl": Sweep(distortions.curled, " mm", (2, 4, 6, 10)),
    "perspective": Sweep(distortions.tilted, "", (0.02, 0.04, 0.06)),
    "fold": Sweep(distortions.folded, " mm", (0.5, 1, 2, 3)),
    "spine shadow": Sweep(distortions.spine_shadowed, "", (0.4, 0.7)),
    "short dashes": Sweep(distortions.short_dashed, " gaps", (0.2, 0.35, 0.5)),
    "long dashes": Sweep(distortions.long_dashed, " gaps", (0.2, 0.35, 0.5)),
    "dotted ruling": Sweep(distortions.dotted, " mm", (0.5, 0.8, 1.2)),
    "copied seal": Sweep(distortions.gray_sealed, "", (0.3, 0.5, 0.8)),
    "toner paler": Sweep(distortions.faded, "", (0.3, 0.5, 0.7, 0.85)),
    "toner flaked off": Sweep(distortions.flaked, "", (0.2, 0.35, 0.5)),
}
NEEDS_RULING = (distortions.short_dashed, distortions.long_dashed, distortions.dotted)
HOLDS = 0.9
"""A strength is borne if this share of the pages keeps its exact structure."""


class Trial(NamedTuple):
    """A page to try: its file, the sweep and the strength."""

    page: Path
    sweep: str
    strength: float


class Outcome(NamedTuple):
    """A trial and what became of it."""

    trial: Trial
    verdict: Verdict


def attempt(trial: Trial) -> Outcome:
    """Distort a page, build its grid and compare it with the truth beside the page."""
    specimen = read_specimen(trial.page)
    return Outcome(trial, judge(worn(specimen, trial.sweep, trial.strength), specimen.dpi, specimen.structure))


def worn(specimen: Specimen, sweep: str, strength: float) -> Image:
    """A page after one of the `SWEEPS`, at one of its strengths."""
    distort = SWEEPS[sweep].distort
    if distort in NEEDS_RULING:
        return distort(specimen.image, strength, specimen.ruling)  # type: ignore[call-arg]
    return distort(specimen.image, strength)  # type: ignore[call-arg]


def as_markdown(outcomes: Sequence[Outcome]) -> str:
    """The three tables of the report."""
    rows, holds = [], []
    for sweep, group in itertools.groupby(outcomes, key=lambda o: o.trial.sweep):
        by_strength = [(s, [o.verdict for o in own]) for s, own in itertools.groupby(group, lambda o: o.trial.strength)]
        rows += [(sweep, _strength(sweep, strength), *_counts(own)) for strength, own in by_strength]
        holds.append((sweep, _limit(sweep, by_strength)))
    header = ("distortion", "strength", "pages", "structure F1", "right", "right, not flagged", "wrong, not flagged")
    limits = table(("distortion", f"at least {HOLDS:.0%} of the pages right up to"), holds)
    return "\n".join([table(header, rows), limits, reliability([o.verdict for o in outcomes])])


def _counts(own: Sequence[Verdict]) -> tuple[object, ...]:
    f1 = f"{sum(v.structure_f1 for v in own) / len(own):.3f}"
    return len(own), f1, sum(v.right for v in own), sum(v.clear for v in own), sum(v.silent for v in own)


def _limit(sweep: str, by_strength: Sequence[tuple[float, Sequence[Verdict]]]) -> str:
    """The last strength up to which all are borne."""
    borne = itertools.takewhile(lambda s: sum(v.right for v in s[1]) >= HOLDS * len(s[1]), by_strength)
    last = [strength for strength, _ in borne][-1:]
    if not last:
        return "none of these"
    beyond = " and beyond" if last[0] == by_strength[-1][0] else ""
    return _strength(sweep, last[0]) + beyond


def _strength(sweep: str, strength: float) -> str:
    return f"{strength:g}{SWEEPS[sweep].unit}"


def main(arguments: Iterable[str] | None = None) -> None:
    """Run the sweeps and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--out", type=Path, default=Path("accuracy"))
    parser.add_argument("--pages", type=int, default=10)
    parser.add_argument("--only", choices=SWEEPS, nargs="+", default=list(SWEEPS), help="these distortions alone")
    options = parser.parse_args(None if arguments is None else list(arguments))
    pages = mixed(options.truth_dir, options.pages)
    trials = [Trial(page, sweep, s) for sweep in options.only for s in SWEEPS[sweep].strengths for page in pages]
    report = as_markdown(run_all(attempt, trials))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "robustness.md").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
