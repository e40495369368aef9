"""What has landed whole -> the documents that it makes void: states of files that were read before they were finished.

A file that is read while it is copied or scanned lands as what it was then, a quarantine or the pages that were there.
Once its path holds a content that landed whole, those rows are of nothing that exists any more, and go. What landed
whole never goes, nor what was read of a page of another document.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pipeline.elements import Status
from pipeline.errors import UNFINISHED
from pipeline.landing.forgetting import document_files
from pipeline.landing.landing import committed_documents, read_landed
from pipeline.landing.transaction import document_file, remove

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Superseded:
    """A document whose rows went: the paths at which it had been found, and the code with which it had ended."""

    document_id: str
    source_paths: tuple[str, ...]
    error_code: str


def supersede(out: Path, whole: Collection[str], present: Collection[str]) -> tuple[Superseded, ...]:
    """Remove the rows of every document that was found at paths alone that now hold a content that landed whole.

    It goes when it was quarantined with the code of an unfinished file, or when it is the beginning, byte for byte, of
    what one of its paths holds now; all such documents go, or, for want of the right to, none. Call it inside
    `commit.exclusive`.

    Args:
        out: the output folder.
        whole: the paths, as the tables spell them, whose content has landed whole.
        present: the ids of the documents that are still to be found somewhere.

    Raises:
        OutputUnwritable: when a file cannot be removed; either none was, or the next `exclusive` removes the others.
    """
    gone = tuple(
        superseded
        for document_id in committed_documents(out)
        if whole and document_id not in present and (superseded := _superseded(out, document_id, whole))
    )
    if gone:
        remove(out, f"superseded-{uuid.uuid4().hex}", document_files(out, [each.document_id for each in gone]))
    for each in gone:
        logger.info("removed the rows of %s (%s): %s", each.document_id, each.error_code, ", ".join(each.source_paths))
    return gone


def _superseded(out: Path, document_id: str, whole: Collection[str]) -> Superseded | None:
    """The document, if its rows are to go."""
    found = read_landed(document_file(out, "documents", document_id), ["status", "error_code", "byte_size"])
    row = found.to_pylist()[0] if found else {}
    if row.get("status", Status.LANDED) == Status.LANDED:
        return None
    sources = read_landed(document_file(out, "sources", document_id), ["source_path"])
    paths = tuple(sources["source_path"].to_pylist()) if sources else ()
    if not paths or any(path not in whole for path in paths):
        return None
    unfinished = row["status"] == Status.QUARANTINED and row["error_code"] in UNFINISHED
    if unfinished or any(_begins(Path(path), document_id, row["byte_size"]) for path in paths):
        return Superseded(document_id, paths, row["error_code"])
    return None


def _begins(path: Path, document_id: str, size: int) -> bool:
    """Whether the first `size` bytes of a file are the document's."""
    digest, left = hashlib.sha256(), size
    try:
        with path.open("rb") as file:
            while left and (some := file.read(min(left, 2**20))):
                digest.update(some)
                left -= len(some)
    except OSError:
        return False
    return not left and digest.hexdigest() == document_id
