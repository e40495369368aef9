"""A document's result -> Parquet files that become visible together; and their removal."""

from __future__ import annotations

from pipeline.landing.forgetting import forget
from pipeline.landing.journal import LOGS
from pipeline.landing.landing import land, landed, read_table, remember_source
from pipeline.landing.rows import RunInfo, as_stored
from pipeline.landing.signer_table import read_signers, refresh_signers
from pipeline.landing.superseding import Superseded, supersede
from pipeline.landing.transaction import STAGING, Output, document_file, exclusive, make_output, open_output

__all__ = [
    "LOGS",
    "STAGING",
    "Output",
    "RunInfo",
    "Superseded",
    "as_stored",
    "document_file",
    "exclusive",
    "forget",
    "land",
    "landed",
    "make_output",
    "open_output",
    "read_signers",
    "read_table",
    "refresh_signers",
    "remember_source",
    "supersede",
]
