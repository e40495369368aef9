"""Signed margins -> how well signatures are read: dates, names, names of rosters, and what confidences are worth.

    python -m benchmarks.signatures TRUTH_DIR [--pens DIR] [--out accuracy] [--count N] [--seed N]

Draws margins as signed_margins.py does, on the paper of TRUTH_DIR's pages, reads them as margins of pages are read,
and writes OUT/signatures.md and OUT/rosters.md. With --pens half of the names are in pen, else all are in script fonts.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.drawing import handwriting
from benchmarks.rosters import Match, roster, write_roster
from benchmarks.rosters import as_markdown as rosters_as_markdown
from benchmarks.signed_margins import FORMS, LOST_POINT, Margin, Order, Written, draw, orders, pages_of
from benchmarks.trials import engines, run_all, table, wilson
from pipeline.elements import DpiSource, NameSource, Page, Signature, Upright
from pipeline.handwriting import SURE_DATE
from pipeline.imaging import bounding_box, overlap
from pipeline.ink import separate_ink
from pipeline.settings import Settings, SignatureSettings
from pipeline.signatures import PageView, find_signatures, read_margins

IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
OVERLAP = 0.3
"""A signature is found where the boxes of truth and signature share so much of their union."""
BINS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)


class Outcome(NamedTuple):
    """What stands in a margin and what was read; all but `truth` are None where the signature was not found.

    `named` is the name as read, `dated` year, month and day as read, `confidence` the date's; `matches` are what
    rosters with and without the true name made of it.
    """

    truth: Written
    found: bool
    named: str | None = None
    dated: tuple[int | None, int | None, int | None] | None = None
    text: str | None = None
    confidence: float | None = None
    matches: tuple[Match, ...] = ()

    @property
    def date_right(self) -> bool:
        """Year (where one is written), month and day are right."""
        return self.dated == (self.truth.year, self.truth.month, self.truth.day)

    @property
    def name_right(self) -> bool:
        """The name as read is right, every character of it."""
        return self.named == self.truth.name

    @property
    def silent(self) -> bool:
        """The date is wrong and no finding says that it is doubtful."""
        return not self.date_right and self.confidence is not None and self.confidence >= SURE_DATE


def attempt(order: Order) -> Outcome:
    """Draw a margin and read it."""
    return judge(draw(order))


def judge(margin: Margin) -> Outcome:
    """Read a margin and compare what is read with its truth."""
    page = Page("0" * 64, 1, np.ascontiguousarray(margin.image), margin.dpi, DpiSource.FILE)
    upright = Upright(page, page.image, separate_ink(page.image), 0, 0.0, IDENTITY, 1.0)
    known = engines()
    margins = PageView(upright, read_margins(upright, (), known))
    best, held = _with_roster(margins, margin.truth, holds=True)
    if best is None:
        return Outcome(margin.truth, found=False)
    _, absent = _with_roster(margins, margin.truth, holds=False)
    year = best.date.year if best.date else None
    dated = (year, best.month, best.day) if best.date_text else None
    return Outcome(margin.truth, True, best.name_read, dated, best.date_text, best.date_confidence, (*held, *absent))


def _with_roster(margins: PageView, truth: Written, *, holds: bool) -> tuple[Signature | None, tuple[Match, ...]]:
    """The signature that was found in the truth's place, and what a roster made of its name."""
    with tempfile.TemporaryDirectory() as folder:
        file = write_roster(roster(truth.name, holds=holds), Path(folder) / "roster.csv")
        settings = Settings(signature=SignatureSettings(roster=file))
        found = find_signatures(margins, engines(), settings).signatures
    at_place = [signature for signature in found if _overlap(signature, truth) >= OVERLAP]
    if not at_place:
        return None, ()
    best = max(at_place, key=lambda signature: _overlap(signature, truth))
    first = next(iter(best.candidates), None)
    if first is None:
        return best, ()
    taken = best.name_source is NameSource.ROSTER
    return best, (Match(holds, first.score, first.name == truth.name, taken),)


def _overlap(signature: Signature, truth: Written) -> float:
    """Intersection over union of the boxes of a signature and its truth."""
    theirs = bounding_box([*truth.name_polygon, *truth.date_polygon])
    return overlap(bounding_box(signature.polygon), theirs)


def as_markdown(outcomes: Sequence[Outcome]) -> str:
    """Counts by form of date, by hand and by layout, and the reliability of the dates' confidence."""
    whole = [outcome for outcome in outcomes if outcome.truth.form != LOST_POINT]
    forms = [(f"date as {form}", [o for o in outcomes if o.truth.form == form]) for form in FORMS if form != LOST_POINT]
    hands = [(f"name in {hand}", [o for o in whole if o.truth.kind == kind]) for kind, hand in HANDS.items()]
    layouts = [(where, [o for o in whole if o.truth.layout == layout]) for layout, where in LAYOUTS.items()]
    rows = [*forms, *hands, *layouts, ("all", whole)]
    lost = [outcome for outcome in outcomes if outcome.truth.form == LOST_POINT]
    header = ("signed margins", "found", "date right", "name right as read", "date wrong without a finding")
    parts = [
        table(header, [_counts(name, own) for name, own in rows if own]),
        _lost_points(lost),
        "",
        _reliability(outcomes),
    ]
    return "\n".join(parts)


HANDS = {"pen": "pen", "font": "script fonts"}
LAYOUTS = {
    "beside": "date beside the name",
    "touching": "date touching the name",
    "below": "date below the name",
}


def _counts(name: str, own: Sequence[Outcome]) -> tuple[str, ...]:
    return (
        name,
        _share(own, lambda outcome: outcome.found, interval=False),
        _share(own, lambda outcome: outcome.date_right),
        _share(own, lambda outcome: outcome.name_right),
        str(sum(outcome.silent for outcome in own)),
    )


def _share(own: Sequence[Outcome], right: Callable[[Outcome], bool], *, interval: bool = True) -> str:
    """Counts, and the Wilson interval of their share."""
    hits = sum(map(right, own))
    low, high = wilson(hits, len(own))
    return f"{hits} of {len(own)}" + (f" ({low:.2f}–{high:.2f})" if interval else "")


def _lost_points(own: Sequence[Outcome]) -> str:
    """A sentence about dates without a point, such as 330."""
    right = sum(outcome.date_right for outcome in own)
    silent = sum(outcome.confidence is not None and outcome.confidence >= SURE_DATE for outcome in own)
    return (
        f"Of {len(own)} dates written without a point (330), {right} were read as the day that was meant, "
        f"and {silent} without a finding."
    )


def _reliability(outcomes: Sequence[Outcome]) -> str:
    """How often dates of each confidence were right, as a Markdown table."""
    rows = []
    known = [outcome for outcome in outcomes if outcome.confidence is not None]
    for low, high in itertools.pairwise(BINS):
        own = [
            o for o in known if o.confidence is not None and (low <= o.confidence < high or o.confidence == high == 1)
        ]
        if own:
            mean = sum(o.confidence or 0.0 for o in own) / len(own)
            rows.append((f"{low:g}–{high:g}", str(len(own)), f"{mean:.2f}", _share(own, lambda o: o.date_right)))
    return table(("confidence of the date", "margins", "mean confidence", "date right"), rows)


def main(arguments: Iterable[str] | None = None) -> None:
    """Draw and read margins and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--pens", type=Path, help="names in pen, with labels.csv")
    parser.add_argument("--out", type=Path, default=Path("accuracy"))
    parser.add_argument("--count", type=int, default=360)
    parser.add_argument("--seed", type=int, default=4)
    options = parser.parse_args(None if arguments is None else list(arguments))
    pens = handwriting.read_pens(options.pens) if options.pens else ()
    jobs = orders(options.count, options.seed, pages_of(options.truth_dir), pens)
    outcomes = run_all(attempt, jobs)
    by_hand = [(hand, [m for o in outcomes if o.truth.kind == kind for m in o.matches]) for kind, hand in HANDS.items()]
    reports = {"signatures": as_markdown(outcomes), "rosters": rosters_as_markdown([own for own in by_hand if own[1]])}
    options.out.mkdir(parents=True, exist_ok=True)
    for name, report in reports.items():
        (options.out / f"{name}.md").write_text(report, encoding="utf-8")
        print(report)


if __name__ == "__main__":
    main()
