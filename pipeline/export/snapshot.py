"""The committed rows of every table as they stand at one moment, though a run may be landing more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from pipeline.errors import LandedUnreadable, NothingLanded
from pipeline.landing import STAGING, exclusive, read_signers, read_table
from pipeline.schema import SIGNERS, TABLES

OPENED_FIRST = ("documents", "projects", "indicators", "findings", "signatures", "stamps", SIGNERS.name)
"""A person looks at these tables first, in this order; the others follow."""


def read_snapshot(out: Path) -> dict[str, pa.Table]:
    """The committed rows by the name of their table, those that a person opens first before the others.

    Raises:
        NothingLanded: when no document has landed.
        LandedUnreadable: when a landed file is damaged.
    """
    if not out.is_dir():
        raise NothingLanded(f"{out} is no folder")
    with _between_commits(out):
        try:
            landed = {name: read_table(out, name) for name in TABLES} | {SIGNERS.name: read_signers(out)}
        except (OSError, pa.ArrowException) as error:
            raise LandedUnreadable(f"{out}: {error}") from error
    if not landed["documents"].num_rows:
        raise NothingLanded(f"{out} holds no landed documents")
    return {name: landed[name] for name in dict.fromkeys((*OPENED_FIRST, *landed))}


@contextmanager
def _between_commits(out: Path) -> Iterator[None]:
    """Keep commits out while reading; whoever may not write has no lock to take."""
    places = [place for place in (out, out / STAGING) if place.exists()]
    if not (out / "documents").is_dir() or not all(os.access(place, os.W_OK | os.X_OK) for place in places):
        yield
        return
    with exclusive(out):
        yield
