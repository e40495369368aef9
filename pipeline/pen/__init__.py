"""Heat of signatures on a page -> the regions where somebody signed, and what the heat says of any place."""

from __future__ import annotations

from pipeline.pen.regions import PageHeat, PenRegion, is_same, signature_odds, with_regions

__all__ = ["PageHeat", "PenRegion", "is_same", "signature_odds", "with_regions"]
