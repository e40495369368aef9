"""All landed signatures -> the table `signers`: who signed the documents of an output folder, one row per name.

It is derived when a run ends and when a document is forgotten, and changes no document's rows. Signatures are taken
together by the name that their document gave them, so that its cost grows with what has changed: two people of one
name are one signer, and one whose name was read in two ways in two documents is two.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.files import open_folder, output_errors
from pipeline.landing.landing import committed_documents, encode, read_landed
from pipeline.landing.transaction import commit, document_file
from pipeline.schema import SIGNATURES, SIGNED, SIGNERS, check_rows
from pipeline.settings import OWNER

SIGNERS_FILE = document_file(Path(), SIGNERS.name, SIGNERS.name)
"""The one file of the table, relative to the output folder."""
TAKEN = (*SIGNATURES.key, "name", "name_read", "name_source", "name_confidence", "date", "date_inferred")
"""The columns of `signatures` that it is made of: pictures stay where they are."""
MADE_FROM = ".signers-made-from.json"
"""Beside the tables' folders: the size and the time of each file that the table was made from, and its SHA-256.

Not in the table's own footer, which every reader reads whole, and which grows with the documents, not with the rows."""
SIGNED_FIELDS = tuple(field.name for field in SIGNED.value_type)

Stamps: TypeAlias = dict[str, list[int]]
"""Size and time of each document's file of signatures: written anew, one has another time."""
Row: TypeAlias = dict[str, Any]


def refresh_signers(folder: Path, readers: str = OWNER) -> bool:
    """Derive `signers` from the signatures of all committed documents if any changed since; else touch nothing.

    Only the files of documents that changed are read; the table itself holds what the others say. Call it inside
    `commit.exclusive`. A document whose file is damaged is left out, and lands anew when it is read.

    Args:
        folder: the output folder.
        readers: who may read the table.

    Returns:
        Whether the file was written.

    Raises:
        OutputUnwritable: when it cannot be written; an earlier one is intact.
    """
    stamps = _stamps(folder)
    before, known = _known(folder)
    if before == stamps:
        return False
    same = {document_id for document_id, stamp in stamps.items() if before and before.get(document_id) == stamp}
    kept = [row for row in known if row["document_id"] in same]
    derived = signer_rows([*kept, *(row for name in stamps if name not in same for row in _signatures(folder, name))])
    check_rows({SIGNERS.name: derived})
    content = encode(derived)
    commit(folder, SIGNERS.name, "derived", {SIGNERS.name: content}, readers=readers)
    made_from = {"table": hashlib.sha256(content).hexdigest(), "documents": stamps}
    with output_errors(folder), open_folder(folder) as out:
        out.put(MADE_FROM, json.dumps(made_from).encode())
    return True


def forget_stamps(folder: Path) -> None:
    """Have the table made anew from all documents next time, without a trace of those that are gone by then.

    Raises:
        OutputUnwritable: when the trace cannot be removed.
    """
    with output_errors(folder), open_folder(folder) as out:
        out.unlink(MADE_FROM)


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
        signatures: rows with a `name` and the fields of `columns.SIGNED`.
    """
    named: defaultdict[str, list[Row]] = defaultdict(list)
    for row in signatures:
        if row["name"] is not None:
            named[row["name"]].append(row)
    return pa.Table.from_pylist([_signer(name, named[name]) for name in sorted(named)], schema=SIGNERS.schema)


def _signer(name: str, signatures: list[Row]) -> Row:
    dates = sorted(row["date"] for row in signatures if row["date"] is not None)
    confidences = [row["name_confidence"] for row in signatures if row["name_confidence"] is not None]
    readings = Counter(row["name_read"] for row in signatures if row["name_read"] is not None)
    in_order = sorted(signatures, key=lambda row: tuple(row[column] for column in SIGNATURES.key))
    return {
        "name": name,
        "n_signatures": len(signatures),
        "n_documents": len({row["document_id"] for row in signatures}),
        "first_date": dates[0] if dates else None,
        "last_date": dates[-1] if dates else None,
        "names_read": sorted(readings, key=lambda reading: (-readings[reading], reading)),
        "name_sources": sorted({row["name_source"] for row in signatures}),
        "mean_confidence": fmean(confidences) if confidences else None,
        "signatures": [{field: row[field] for field in SIGNED_FIELDS} for row in in_order],
    }


def _signatures(folder: Path, document_id: str) -> list[Row]:
    """What a document's file of `signatures` says; nothing where it is damaged."""
    found = read_landed(document_file(folder, SIGNATURES.name, document_id), TAKEN)
    rows = [] if found is None else found.to_pylist()
    return [row | {"date": row["date"] or row["date_inferred"]} for row in rows]


def _stamps(folder: Path) -> Stamps:
    """The stamp of each committed document's file; without those that have none."""
    files = (document_file(folder, SIGNATURES.name, document_id) for document_id in committed_documents(folder))
    states = ((path.stem, path.stat()) for path in files if path.is_file())
    return {document_id: [state.st_size, state.st_mtime_ns] for document_id, state in states}


def _known(folder: Path) -> tuple[Stamps | None, list[Row]]:
    """What the table was made from, and the rows that it was made of; None and no rows where it has to be made anew."""
    stamps = _made_from(folder)
    found = None if stamps is None else read_landed(folder / SIGNERS_FILE)
    if found is None or found.schema.names != SIGNERS.schema.names:
        return None, []
    return stamps, [signed | {"name": row["name"]} for row in found.to_pylist() for signed in row["signatures"]]


def _made_from(folder: Path) -> Stamps | None:
    """The stamps that the table which is there was made from; None where that is not known."""
    with open_folder(folder) as out:
        try:
            said = json.loads(out.read(MADE_FROM))
            stamps, digest = dict(said["documents"]), said["table"]
            with out.folder(SIGNERS_FILE.parent.name) as place:
                content = place.read(SIGNERS_FILE.name)
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
    return stamps if hashlib.sha256(content).hexdigest() == digest else None
