"""A path -> pages: opened once, hashed, limited, decoded in a child that can be killed, at a known resolution."""

from __future__ import annotations

from pipeline.intake.documents import OpenDocument, PageFailure, decode_file, impatient, open_document
from pipeline.intake.page_size import check_size

__all__ = [
    "OpenDocument",
    "PageFailure",
    "check_size",
    "decode_file",
    "impatient",
    "open_document",
]
