"""All tables that land, by name."""

from __future__ import annotations

from types import MappingProxyType

from pipeline.schema.document_tables import DOCUMENTS, PAGES, SOURCES
from pipeline.schema.form_tables import INDICATORS, PROJECTS, ROWS
from pipeline.schema.reading_tables import CELLS, FINDINGS, LINES, SIGNATURES, SIGNERS, STAMPS

TABLES = MappingProxyType(
    {
        t.name: t
        for t in (SOURCES, PAGES, LINES, CELLS, PROJECTS, INDICATORS, ROWS, SIGNATURES, STAMPS, FINDINGS, DOCUMENTS)
    }
)
"""The tables of a document by name, in the order in which its files are put in place: `documents` last."""
ALL_TABLES = MappingProxyType({**TABLES, SIGNERS.name: SIGNERS})
"""The same, and the one that is derived from all documents together."""
