"""Heat of signatures on a page -> the regions where somebody signed, and what the heat says of any place."""

from __future__ import annotations

from pipeline.pen.regions import PenRegion, find_regions, is_same, signature_odds

__all__ = ["PenRegion", "find_regions", "is_same", "signature_odds"]
