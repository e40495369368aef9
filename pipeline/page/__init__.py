"""A page -> its reading: the stages of one page in order, and pictures of them."""

from __future__ import annotations

from pipeline.page.findings import failed_page
from pipeline.page.handwritten import measured_lines
from pipeline.page.orientation import settle_orientation
from pipeline.page.read import read_page

__all__ = [
    "failed_page",
    "measured_lines",
    "read_page",
    "settle_orientation",
]
