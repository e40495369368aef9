"""All landed signatures -> the table `signers`: who signed the documents of an output folder, one row per name.

It is derived when a run ends and when a document is forgotten, and changes no document's rows. Signatures are taken
together by the name that their document gave them, so that it costs no more than to read them: two people of one name
are one signer, and one whose name was read in two ways in two documents is two.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.commit import commit, document_file
from pipeline.landing import committed_documents, encode, read_landed
from pipeline.tables import SIGNATURES, SIGNERS

logger = logging.getLogger(__name__)

SIGNERS_FILE = document_file(Path(), SIGNERS.name, SIGNERS.name)
"""The one file of the table, relative to the output folder."""
TAKEN = (
    *SIGNATURES.key,
    *("name", "name_read", "name_source", "name_confidence", "date", "date_inferred"),
)
"""The columns of `signatures` that it is made of: pictures stay where they are."""
MADE_FROM = b"made_from"
"""Metadata of the file: a digest of the names, sizes and times of the files that it was made from."""

Row = dict[str, Any]


def refresh_signers(folder: Path) -> bool:
    """Derive `signers` from the signatures of all committed documents if any changed since; else touch nothing.

    Call it inside `commit.exclusive`. A document whose file is damaged is left out, and lands anew when it is read.

    Args:
        folder: the output folder.

    Returns:
        Whether the file was written.

    Raises:
        OutputUnwritable: when it cannot be written; an earlier one is intact.
    """
    from pipeline.schemas import check_rows  # noqa: PLC0415 - pandera takes long to import, and most only read

    files = [document_file(folder, SIGNATURES.name, document_id) for document_id in committed_documents(folder)]
    stamp = _stamp(path for path in files if path.is_file())
    if _stamp_of(folder / SIGNERS_FILE) == stamp:
        return False
    derived = signer_rows(row for path in files for row in _signatures(path))
    check_rows({SIGNERS.name: derived})
    stamped = derived.replace_schema_metadata({**(derived.schema.metadata or {}), MADE_FROM: stamp})
    commit(folder, SIGNERS.name, "derived", {SIGNERS.name: encode(stamped)})
    return True


def read_signers(folder: Path) -> pa.Table:
    """The rows of `signers`; none where it was not derived yet.

    Raises:
        OSError: when the file is damaged; also pyarrow's own errors.
    """
    path = folder / SIGNERS_FILE
    return pq.read_table(path, schema=SIGNERS.schema) if path.is_file() else SIGNERS.schema.empty_table()


def signer_rows(signatures: Iterable[Row]) -> pa.Table:
    """The rows of `signers`, by name; signatures without a name are nobody's.

    Args:
        signatures: rows of `signatures`, with the columns `TAKEN`.
    """
    named: defaultdict[str, list[Row]] = defaultdict(list)
    for row in signatures:
        if row["name"] is not None:
            named[row["name"]].append(row)
    return pa.Table.from_pylist([_signer(name, named[name]) for name in sorted(named)], schema=SIGNERS.schema)


def _signer(name: str, signatures: list[Row]) -> Row:
    dates = sorted(filter(None, (row["date"] or row["date_inferred"] for row in signatures)))
    confidences = [row["name_confidence"] for row in signatures if row["name_confidence"] is not None]
    readings = Counter(row["name_read"] for row in signatures if row["name_read"] is not None)
    keys = sorted(tuple(row[column] for column in SIGNATURES.key) for row in signatures)
    return {
        "name": name,
        "n_signatures": len(signatures),
        "n_documents": len({row["document_id"] for row in signatures}),
        "first_date": dates[0] if dates else None,
        "last_date": dates[-1] if dates else None,
        "names_read": sorted(readings, key=lambda reading: (-readings[reading], reading)),
        "name_sources": sorted({row["name_source"] for row in signatures}),
        "mean_confidence": fmean(confidences) if confidences else None,
        "signatures": [dict(zip(SIGNATURES.key, key, strict=True)) for key in keys],
    }


def _signatures(path: Path) -> list[Row]:
    """The rows of a document's file of `signatures`; none where it is missing or damaged."""
    found = read_landed(path, TAKEN)
    rows: list[Row] = [] if found is None else found.to_pylist()
    return rows


def _stamp(files: Iterable[Path]) -> bytes:
    """What tells a set of files from the same files later: written anew, one has another time."""
    digest = hashlib.sha256(",".join(SIGNERS.schema.names).encode())
    for path in files:
        status = path.stat()
        digest.update(f"\n{path.stem} {status.st_size} {status.st_mtime_ns}".encode())
    return digest.hexdigest().encode()


def _stamp_of(path: Path) -> bytes | None:
    """The digest in a file of `signers`; None where it is missing or damaged."""
    try:
        return (pq.read_schema(path).metadata or {}).get(MADE_FROM)
    except (OSError, pa.ArrowException):
        return None
