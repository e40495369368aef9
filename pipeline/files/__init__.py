"""A path -> bytes that were opened once and hashed, and their type; and folders, the one place where files are made."""

from __future__ import annotations

from pipeline.files.folders import Folder, make_folder, open_folder, output_errors, readers_of, too_open
from pipeline.files.media_types import HEAD_BYTES, sniff_media_type
from pipeline.files.opening import OpenFile, hash_file, open_file

__all__ = [
    "HEAD_BYTES",
    "Folder",
    "OpenFile",
    "hash_file",
    "make_folder",
    "open_file",
    "open_folder",
    "output_errors",
    "readers_of",
    "sniff_media_type",
    "too_open",
]
