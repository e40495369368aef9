"""Columns and references that several tables share."""

from __future__ import annotations

from pipeline.schema.columns import (
    INT,
    TEXT,
    always,
)
from pipeline.schema.constraints import (
    SHA256,
    Reference,
    at_least,
    between,
)

INDEX, COUNT, ONE_OR_MORE = at_least(0), at_least(0), at_least(1)
YEAR = between(1900, 2999)
"""Fiscal years as forms print them have four digits and begin with 19 or 2."""
DOCUMENT_ID = always("document_id", TEXT, "SHA-256 of the file's bytes; joins all tables.", SHA256)
PAGE_NUMBER = always("page_number", INT, "Page of the document, from 1.", ONE_OR_MORE)
TABLE_INDEX = always("table_index", INT, "Table of the page, from 0.", INDEX)
CONFIDENCE = "null when unknown."
A_DOCUMENT = Reference(("document_id",), "documents", ("document_id",))
A_PAGE = Reference(("document_id", "page_number"), "pages", ("document_id", "page_number"))
A_PROJECT = Reference(("document_id", "project_index"), "projects", ("document_id", "project_index"))
CELL_KEY = ("document_id", "page_number", "table_index", "row", "col")
"""What tells the cells of all documents apart."""
A_CELL = Reference(CELL_KEY, "cells", CELL_KEY)
