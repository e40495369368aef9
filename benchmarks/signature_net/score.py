"""A network and folders of pages -> how many signatures it finds, and how many regions are none, at several thresholds.

python -m benchmarks.signature_net.score NETWORK.onnx PAGES... [--threads N]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.signature_net.pages import Box, SignedPage, read_pages
from benchmarks.trials import table
from pipeline.engines.sessions import run_network
from pipeline.engines.signature_net import SignatureNet
from pipeline.pen import PenRegion, with_regions

THRESHOLDS = (0.3, 0.5, 0.7, 0.85, 0.95)
OVERLAP = 0.3
"""A signature is found where a region and its box share so much of the smaller one: boxes are drawn loosely, and one
signature may be found in pieces."""


class Counts(NamedTuple):
    """What was found on the pages of one folder at a threshold."""

    found: int
    signatures: int
    false: int
    missed_pages: int
    signed_pages: int
    false_pages: int
    unsigned_pages: int


def regions_of(page: SignedPage, finder: SignatureNet) -> list[PenRegion]:
    """The regions of a page where somebody signed, as the network sees it."""
    return list(with_regions(finder.find(page.image)).regions)


def count(pages: Sequence[tuple[SignedPage, Sequence[PenRegion]]], threshold: float) -> Counts:
    """Compare regions from a probability on with the pages' signatures."""
    kept = [(page.boxes, [r.box for r in regions if r.probability >= threshold]) for page, regions in pages]
    signed = [regions for boxes, regions in kept if boxes]
    unsigned = [regions for boxes, regions in kept if not boxes]
    return Counts(
        found=sum(_meets(box, regions) for boxes, regions in kept for box in boxes),
        signatures=sum(len(boxes) for boxes, _ in kept),
        false=sum(not _meets(region, boxes) for boxes, regions in kept for region in regions),
        missed_pages=sum(not regions for regions in signed),
        signed_pages=len(signed),
        false_pages=sum(bool(regions) for regions in unsigned),
        unsigned_pages=len(unsigned),
    )


def _meets(box: Box, others: Iterable[Box]) -> bool:
    return any(_shared(box, other) >= OVERLAP for other in others)


def _shared(one: Box, other: Box) -> float:
    """Share of the smaller box that lies in both."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / max(1.0, smaller)


def as_markdown(scores: Sequence[tuple[str, float, Counts]]) -> str:
    """Counts by folder and threshold, as a table."""
    header = ("pages", "threshold", "found", "false", "signed pages with nothing found", "unsigned pages with a region")
    rows = [
        (
            folder,
            f"{threshold:g}",
            f"{counts.found} of {counts.signatures}",
            f"{counts.false}",
            f"{counts.missed_pages} of {counts.signed_pages}",
            f"{counts.false_pages} of {counts.unsigned_pages}",
        )
        for folder, threshold, counts in scores
    ]
    return table(header, rows)


def main(arguments: Iterable[str] | None = None) -> None:
    """Score a network on folders of pages and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", type=Path)
    parser.add_argument("pages", type=Path, nargs="+")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(None if arguments is None else list(arguments))
    finder = SignatureNet(run_network(options.network, options.threads))
    scores = []
    for folder in options.pages:
        seen = [(page, regions_of(page, finder)) for page in read_pages(folder)]
        scores += [(folder.name, threshold, count(seen, threshold)) for threshold in THRESHOLDS]
    print(as_markdown(scores))


if __name__ == "__main__":
    main()
