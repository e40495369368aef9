"""Pens and pages with truth -> how well one hand is told from another by its strokes.

    python -m benchmarks.same_hand TRUTH_DIR… [--pens DIR] [--out accuracy]

DIR holds cut-out names in pen: labels.csv with the columns `file`, `writer`, `name` and `note` (what it was written on;
blank on paper), and the files. Writes OUT/same_hand.md, and its curve OUT/same_hand.svg. Half of the writers set the
curve that makes probabilities; what is reported is of the other half. Each name is seen as a scanner might: at another
size, a little turned, blurred, pale, noisy and compressed, never twice alike.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.drawing.pens import Written, read_pens
from benchmarks.trials import table
from pipeline.engines import Engines, load_engines
from pipeline.handwriting import same_writer, unlikeness
from pipeline.imaging import sigmoid
from pipeline.intake import PageFailure, open_document
from pipeline.page import read_page
from pipeline.settings import Settings
from pipeline.signers import ALIKE, ANOTHER_WRITER

MOST_PAIRS = 2000
"""Of a kind, drawn at random: there are far more of different writers."""
SHARES_FALSE = (0.01, 0.05)
BINS = (0.0, 0.05, 0.2, 0.5, 0.8, 0.95, 1.0)
READ_TYPES = (".pdf", ".jpg", ".png", ".tif")

Rates = NDArray[np.float64]


class Pairs(NamedTuple):
    """The probabilities, 0-1, that the two of each pair are one hand's, and what the pairs are."""

    what: str
    probabilities: Rates


def of_other_writers(names: Sequence[Written]) -> list[tuple[Written, Written]]:
    """Pairs of one name by two writers, written on the same."""
    return _some(
        (a, b)
        for a, b in itertools.combinations(names, 2)
        if a.name == b.name and a.writer != b.writer and a.note == b.note
    )


def of_one_writer(names: Sequence[Written], *, same_note: bool) -> list[tuple[Written, Written]]:
    """Pairs of one name by one writer, written on the same or on something else."""
    return _some(
        (a, b)
        for a, b in itertools.combinations(names, 2)
        if (a.name, a.writer) == (b.name, b.writer) and (a.note == b.note) is same_note
    )


def of_other_names(names: Sequence[Written]) -> list[tuple[Written, Written]]:
    """Pairs of two names by two writers."""
    shuffled = random.Random(2).sample(names, min(len(names), 200))
    return _some((a, b) for a, b in itertools.combinations(shuffled, 2) if a.name != b.name and a.writer != b.writer)


def _some(pairs: Iterable[tuple[Written, Written]]) -> list[tuple[Written, Written]]:
    """At most so many pairs, the same each time."""
    found = list(pairs)
    return random.Random(1).sample(found, min(len(found), MOST_PAIRS))


def compared(what: str, pairs: Iterable[tuple[Written, Written]]) -> Pairs:
    """Compare the names of each pair."""
    return Pairs(what, np.array([same_writer(a.strokes, b.strokes) for a, b in pairs]))


def area_under_curve(same: Rates, other: Rates) -> float:
    """How often a pair of one hand is more alike than one of two; ties count half."""
    return float((same[:, None] > other[None, :]).mean() + 0.5 * (same[:, None] == other[None, :]).mean())


def true_share(same: Rates, other: Rates, false_share: float) -> float:
    """The share of pairs of one hand that are more alike than all but this share of those of two."""
    return float((same > np.quantile(other, 1 - false_share)).mean())


def as_markdown(same: Sequence[Pairs], other: Pairs, other_kinds: Sequence[Pairs]) -> str:
    """The curve in figures, what the two bounds say of each kind of pair, and what the probabilities are worth.

    Args:
        same: kinds of pairs of one hand; the first is what the probabilities are measured with.
        other: pairs of two hands, which all are compared with.
        other_kinds: all kinds of pairs of two hands.
    """
    head = ("one hand's pairs", "pairs", "AUC", *(f"true at {share:.0%} false" for share in SHARES_FALSE))
    curve = [
        (
            one.what,
            len(one.probabilities),
            f"{area_under_curve(one.probabilities, other.probabilities):.3f}",
            *(f"{true_share(one.probabilities, other.probabilities, share):.0%}" for share in SHARES_FALSE),
        )
        for one in same
    ]
    said = [
        (
            pairs.what,
            len(pairs.probabilities),
            f"{np.mean(pairs.probabilities >= ALIKE):.1%}",
            f"{np.mean(pairs.probabilities < ANOTHER_WRITER):.1%}",
        )
        for pairs in (*same, *other_kinds)
        if len(pairs.probabilities)
    ]
    bounds = ("pairs of", "pairs", f"alike ({ALIKE:g} or more)", f"another hand (below {ANOTHER_WRITER:g})")
    return "\n".join([table(head, curve), table(bounds, said), *(_reliability(one, other) for one in same[:1])])


def _reliability(same: Pairs, other: Pairs) -> str:
    """What share is one hand's where a probability is said, were half of all pairs one hand's."""
    rows = []
    for low, high in itertools.pairwise(BINS):
        inside = [
            np.mean((p >= low) & ((p < high) | (high == BINS[-1]))) if len(p) else 0.0
            for p in (same.probabilities, other.probabilities)
        ]
        share = f"{inside[0] / sum(inside):.0%}" if sum(inside) else ""
        rows.append((f"{low:g}-{high:g}", f"{inside[0]:.1%}", f"{inside[1]:.1%}", share))
    return table(("probability", "of one hand's pairs", "of two hands'", "one hand's, of as many each"), rows)


def as_svg(same: Sequence[Pairs], other: Pairs) -> str:
    """The curve itself: the share of true pairs found over the share of false ones, 0-1 both."""
    size, margin, colours = 320, 40, ("#1f4e79", "#c0504d", "#4f8f4f", "#7f6084")
    false_shares = np.concatenate([np.linspace(0, 0.1, 41), np.linspace(0.12, 1, 45)])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size + 2 * margin + 220}" height="{size + 2 * margin}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect x="{margin}" y="{margin}" width="{size}" height="{size}" fill="none" stroke="#888"/>',
        f'<text x="{margin + size / 2}" y="{size + margin + 30}" text-anchor="middle">of pairs of two hands</text>',
        f'<text transform="translate(14 {margin + size / 2}) rotate(-90)" text-anchor="middle">of one hand</text>',
    ]
    for number, (one, colour) in enumerate(
        zip((one for one in same if len(one.probabilities)), itertools.cycle(colours), strict=False)
    ):
        points = " ".join(
            f"{margin + size * x:.1f},{margin + size * (1 - true_share(one.probabilities, other.probabilities, x)):.1f}"
            for x in false_shares
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        y = margin + 20 + 20 * number
        parts.append(f'<text x="{size + margin + 12}" y="{y}" fill="{colour}">{one.what}</text>')
    return "\n".join([*parts, "</svg>\n"])


def signatures_of(folder: Path, engines: Engines) -> Iterator[Written]:
    """The signatures found on the pages of a folder that the truth knows as signed, each by its document and name."""
    settings = Settings()
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in READ_TYPES):
        with open_document(path, settings.intake) as document:
            for page in document.pages():
                name = _true_name(path, page.page_number)
                if name is None or isinstance(page, PageFailure):
                    continue
                for signature in read_page(page, engines, settings).signatures[:1]:
                    if signature.evidence and signature.evidence.strokes is not None:
                        yield Written(path.stem, name, "", signature.evidence.strokes)


def _true_name(path: Path, page_number: int) -> str | None:
    """Who signed a page, by the truth beside its file or, for a page of several, `page-NN.json`; None for nobody."""
    files = (path.with_suffix(".json"), path.parent / f"page-{page_number:02d}.json")
    truth = next((json.loads(file.read_text(encoding="utf-8")) for file in files if file.is_file()), {})
    return (truth.get("signature") or {}).get("name")


def on_pages(found: Sequence[Written]) -> tuple[Pairs, Pairs]:
    """Pairs of signatures that a document has of one name, and of two names, as pages show them."""
    pairs = [*itertools.combinations(found, 2)]
    return (
        compared("one name on pages of one document", _some((a, b) for a, b in pairs if a[:2] == b[:2])),
        compared("two names, on pages in all conditions", _some((a, b) for a, b in pairs if a.name != b.name)),
    )


def fitted(same: Sequence[tuple[Written, Written]], other: Sequence[tuple[Written, Written]]) -> tuple[float, ...]:
    """What half-sure unlikeness, steepness and weight of widths fit pairs best, both kinds counting as much.

    By Newton's method for logistic regression.
    """
    features = np.array([[unlikeness(a.strokes, b.strokes), _wider(a, b), 1.0] for a, b in (*same, *other)])
    labels = np.repeat([1.0, 0.0], [len(same), len(other)])
    weights = np.repeat([1 / len(same), 1 / len(other)], [len(same), len(other)])
    slopes = np.zeros(3)
    for _ in range(30):
        chance = sigmoid(features @ slopes)
        curvature = (features * (weights * chance * (1 - chance))[:, None]).T @ features + 1e-6 * np.eye(3)
        slopes -= np.linalg.solve(curvature, features.T @ (weights * (chance - labels)) + 1e-6 * slopes)
    return (float(-slopes[2] / slopes[0]), float(-slopes[0]), float(-slopes[1]))


def _wider(a: Written, b: Written) -> float:
    return abs(math.log(len(a.strokes) / len(b.strokes)))


def of_pens(folder: Path) -> tuple[list[Pairs], Pairs, Pairs, str]:
    """Pairs of one hand, of two, and of two names, by writers that set nothing; and what the others would set."""
    once, again = read_pens(folder, seed=1), read_pens(folder, seed=2)
    names = list(once.values())
    reported = sorted({one.writer for one in names})[1::2]
    setting = [one for one in names if one.writer not in reported]
    mine = [one for one in names if one.writer in reported]
    twice = [(one, again[file]) for file, one in once.items() if file in again and one.writer in reported]
    same = [
        compared("the same name, written again with the same pen", of_one_writer(mine, same_note=True)),
        compared("... written on something else", of_one_writer(mine, same_note=False)),
        compared("... the same writing, scanned again", _some(twice)),
    ]
    pairs = [*of_one_writer(setting, same_note=True), *of_one_writer(setting, same_note=False)]
    line = ""
    if pairs:
        half, steep, width = fitted(pairs, of_other_writers(setting))
        line = f"\nSet by the other writers: half sure at {half:.3f}, steepness {steep:.1f}, widths {width:.1f}.\n"
    others = compared("the same name by another writer", of_other_writers(mine))
    return same, others, compared("two names by two writers", of_other_names(mine)), line


def main(arguments: Iterable[str] | None = None) -> None:
    """Compare the pairs and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dirs", type=Path, nargs="+", metavar="TRUTH_DIR")
    parser.add_argument("--pens", type=Path)
    parser.add_argument("--out", type=Path, default=Path("accuracy"))
    options = parser.parse_args(None if arguments is None else list(arguments))
    engines = load_engines(Settings().models)
    document, names = on_pages([one for folder in options.truth_dirs for one in signatures_of(folder, engines)])
    same, others, line = [document], names, ""
    options.out.mkdir(parents=True, exist_ok=True)
    other_kinds = [names]
    if options.pens:
        of_writers, others, of_names, line = of_pens(options.pens)
        same, other_kinds = [*of_writers, document], [others, of_names, names]
        (options.out / "same_hand.svg").write_text(as_svg(same, others), encoding="utf-8")
    report = as_markdown([one for one in same if len(one.probabilities)], others, other_kinds) + line
    (options.out / "same_hand.md").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
