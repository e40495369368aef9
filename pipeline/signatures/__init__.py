"""What stands outside the cells -> titles, notes and signatures, each with its name, date and evidence."""

from __future__ import annotations

from pipeline.signatures.detection import SignaturePage, find_signatures
from pipeline.signatures.margin_kinds import MarginLine, PageView
from pipeline.signatures.margin_lines import read_margins
from pipeline.signatures.sign_off_cells import read_sign_off
from pipeline.signatures.signed_regions import read_regions

__all__ = [
    "MarginLine",
    "PageView",
    "SignaturePage",
    "find_signatures",
    "read_margins",
    "read_regions",
    "read_sign_off",
]
