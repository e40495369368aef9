"""Truth -> which angles, turns and resolutions are borne: three pages, laid on the glass in every way.

    python -m benchmarks.poses TRUTH_DIR [--out accuracy] [--pages N]

Writes OUT/poses.md: the claim (within 10 degrees, all four turns, 150-400 dpi: right, and nobody is asked to look;
beyond: right, or flagged) with what came of it, and the counts by angle, turn, resolution and JPEG. The whole way from
the file to the grid is tried, with the real orientation model, and the recogniser where that is unsure.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.drawing import distortions
from benchmarks.drawing.specimens import A4_LONG_SIDE_IN, one_each, read_specimen
from benchmarks.trials import Verdict, engines, judge, run_all, table

ANGLES = (-15.0, -12.5, -10.0, -7.5, -5.0, -2.5, 0.0, 2.5, 5.0, 7.5, 10.0, 12.5, 15.0)
TURNS = (0, 1, 2, 3)
RESOLUTIONS = (120, 150, 200, 300, 400)
LOW_QUALITY = 30
CLAIMED_ANGLE = 10.0
CLAIMED_DPI = (150, 400)
CLAIMED_SHARE = 0.98
"""Of the trials within these bounds, this many are right and not flagged."""


class Pose(NamedTuple):
    """How a page lies on the glass: angle and turns counter-clockwise; None keeps its resolution or quality."""

    degrees: float = 0.0
    turns: int = 0
    dpi: int | None = None
    quality: int | None = None

    @property
    def claimed(self) -> bool:
        """Whether it lies within the bounds of the claim; the pages' own resolution does."""
        dpi_claimed = self.dpi is None or CLAIMED_DPI[0] <= self.dpi <= CLAIMED_DPI[1]
        return abs(self.degrees) <= CLAIMED_ANGLE and dpi_claimed


class Outcome(NamedTuple):
    """A page, how it lay, and what became of it."""

    page: Path
    pose: Pose
    verdict: Verdict


def poses() -> list[Pose]:
    """All angles in all turns, every second angle at all resolutions, all turns at all resolutions, and JPEG."""
    angled = [Pose(degrees, turns) for degrees in ANGLES for turns in TURNS]
    scaled = [Pose(degrees, 0, dpi) for dpi in RESOLUTIONS for degrees in ANGLES[::2]]
    turned = [Pose(0.0, turns, dpi) for dpi in RESOLUTIONS for turns in TURNS]
    coarse = [Pose(degrees, turns, None, LOW_QUALITY) for degrees in ANGLES[::2] for turns in TURNS[:2]]
    return list(dict.fromkeys([*angled, *scaled, *turned, *coarse]))


def attempt(job: tuple[Path, Pose]) -> Outcome:
    """Lay a page down, build its grid and compare it with the truth beside the page."""
    page, pose = job
    specimen = read_specimen(page)
    dpi = specimen.dpi if pose.dpi is None else float(pose.dpi)
    image = specimen.image
    if pose.dpi is not None:
        image = distortions.rescaled(image, dpi * A4_LONG_SIDE_IN / max(image.shape[:2]))
    if pose.degrees:
        image = distortions.skewed(image, pose.degrees)
    image = distortions.turned(image, pose.turns)
    if pose.quality is not None:
        image = distortions.compressed(image, pose.quality)
    return Outcome(page, pose, judge(image, dpi, specimen.structure, engines(), pose.turns))


def as_markdown(outcomes: Sequence[Outcome]) -> str:
    """The claim, the counts, and every trial within the claim that fell short of it."""
    plain = [o for o in outcomes if o.pose.quality is None]
    parts = [
        _claim(outcomes),
        _grid("angle", ANGLES, "°", [o for o in plain if o.pose.dpi is None], _by_turn),
        _grid("resolution", RESOLUTIONS, " dpi", [o for o in plain if o.pose.turns == 0], _by_angle),
        _grid("resolution", RESOLUTIONS, " dpi", [o for o in plain if o.pose.degrees == 0], _by_turn),
        _short_ones(outcomes),
    ]
    return "\n".join(parts)


def _claim(outcomes: Sequence[Outcome]) -> str:
    within, beyond = ([o for o in outcomes if o.pose.claimed is claimed] for claimed in (True, False))
    coarse = [o for o in within if o.pose.quality is not None]
    rows = []
    for name, own in (
        (f"within ±{CLAIMED_ANGLE:g}°, all turns, {CLAIMED_DPI[0]}–{CLAIMED_DPI[1]} dpi", within),
        (f"of these, JPEG quality {LOW_QUALITY}", coarse),
        ("beyond", beyond),
    ):
        verdicts = [o.verdict for o in own]
        clear, silent = sum(v.clear for v in verdicts), sum(v.silent for v in verdicts)
        share = f"{clear / len(own):.1%}" if own else ""
        rows.append((name, len(own), sum(v.right for v in verdicts), clear, share, silent))
    header = ("poses", "trials", "right", "right, not flagged", "share", "wrong, not flagged")
    return table(header, rows)


def _by_turn(pose: Pose) -> str:
    return f"turned by {90 * pose.turns}°" if pose.turns else "not turned"


def _by_angle(pose: Pose) -> str:
    return f"{pose.degrees:g}°"


def _grid(
    name: str, values: Sequence[float], unit: str, outcomes: Sequence[Outcome], column: Callable[[Pose], str]
) -> str:
    """Right and not flagged, of all, by two sides of the pose."""
    columns = list(dict.fromkeys(column(o.pose) for o in outcomes if _value(name, o.pose) in values))
    rows = []
    for value, title in itertools.product(values, columns):
        own = [o.verdict for o in outcomes if _value(name, o.pose) == value and column(o.pose) == title]
        text = f"{sum(v.clear for v in own)}/{len(own)}" + _blemish(own) if own else ""
        if title == columns[0]:
            rows.append([f"{value:g}{unit}"])
        rows[-1].append(text)
    return table((name, *columns), rows)


def _value(name: str, pose: Pose) -> float | None:
    return pose.degrees if name == "angle" else pose.dpi


def _blemish(own: Sequence[Verdict]) -> str:
    """What of those that are not clear was wrong, and whether anybody was told."""
    wrong, silent = sum(not v.right for v in own), sum(v.silent for v in own)
    return (f", {wrong} wrong" if wrong else "") + (f" ({silent} not flagged)" if silent else "")


def _short_ones(outcomes: Sequence[Outcome]) -> str:
    lines = []
    for page, pose, verdict in outcomes:
        if verdict.silent or (pose.claimed and not verdict.clear):
            how = "right, flagged" if verdict.right else "wrong, flagged" if verdict.flagged else "wrong, not flagged"
            at = f"{pose.degrees:g}°, {pose.turns} turns, {pose.dpi or 'its own'} dpi"
            lines.append(f"- {page.stem}, {at}{', JPEG' if pose.quality else ''}: {how} ({verdict.confidence:.2f})")
    return "Short of the claim:\n\n" + ("\n".join(lines) or "none") + "\n"


def main(arguments: Iterable[str] | None = None) -> None:
    """Try all poses and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--out", type=Path, default=Path("accuracy"))
    parser.add_argument("--pages", type=int, default=3)
    options = parser.parse_args(None if arguments is None else list(arguments))
    jobs = [(page, pose) for page in one_each(options.truth_dir, options.pages) for pose in poses()]
    report = as_markdown(run_all(attempt, jobs))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "poses.md").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
