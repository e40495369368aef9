"""The landed tables: their names, columns, types and meaning, in one place.

`python -m pipeline.schema` prints the data dictionary that is kept as `docs/tables.md`.
"""

from __future__ import annotations

from types import MappingProxyType

from pipeline.elements import DpiSource, LineKind, NameSource, Severity, SignatureStatus, Status, YearSource
from pipeline.schema.columns import (
    AMOUNT_PARTS,
    BYTES,
    CANDIDATES,
    CELL_REFS,
    DATE,
    DECIMAL,
    FLAG,
    HEADED_TEXTS,
    INT,
    LONG,
    MODELS,
    REAL,
    REALS,
    SIGNED,
    TEXT,
    TEXTS,
    TIME,
    Table,
    always,
    maybe,
)
from pipeline.schema.constraints import (
    SHA256,
    SHARE,
    Reference,
    above,
    at_least,
    between,
    in_order,
    list_of,
    matching,
    numbers,
    one_of,
    only_with,
    points,
    together,
)
from pipeline.text import COMPARATORS

INDEX, COUNT, ONE_OR_MORE = at_least(0), at_least(0), at_least(1)
YEAR = between(1900, 2999)

DOCUMENT_ID = always("document_id", TEXT, "SHA-256 of the file's bytes; joins all tables.", SHA256)
PAGE_NUMBER = always("page_number", INT, "Page of the document, from 1.", ONE_OR_MORE)
TABLE_INDEX = always("table_index", INT, "Table of the page, from 0.", INDEX)
CONFIDENCE = "null when unknown."

A_DOCUMENT = Reference(("document_id",), "documents", ("document_id",))
A_PAGE = Reference(("document_id", "page_number"), "pages", ("document_id", "page_number"))
A_PROJECT = Reference(("document_id", "project_index"), "projects", ("document_id", "project_index"))
CELL_KEY = ("document_id", "page_number", "table_index", "row", "col")
A_CELL = Reference(CELL_KEY, "cells", CELL_KEY)

DOCUMENTS = Table(
    "documents",
    "file content",
    ("document_id",),
    (
        DOCUMENT_ID,
        always("source_name", TEXT, "The file's name, without folders, at the path it was read from."),
        always("byte_size", LONG, "Size of the file in bytes.", COUNT),
        maybe(
            "media_type",
            TEXT,
            "What the bytes are (IANA name), whatever the file is called; null when not known.",
            matching("[a-z]+/[a-z0-9.+-]+", "type/subtype"),
        ),
        maybe("n_pages", INT, "Pages in the file; null when it could not be opened.", ONE_OR_MORE),
        always("n_pages_landed", INT, "Pages with status landed; those that landed in part are not counted.", COUNT),
        always("n_findings", INT, "Rows of the document in findings.", COUNT),
        always("status", TEXT, "How the document ended; partial when some page did not land whole.", one_of(*Status)),
        maybe(
            "error_code",
            TEXT,
            "Code of the error that quarantined the document, or its first page not landed whole; null otherwise.",
        ),
        maybe("error_message", TEXT, "Message of that error; null otherwise."),
        always(
            "n_failed_runs",
            INT,
            "Runs, the last ones one after the other, that ended with an error that may be the machine's; "
            "from 3 on the document is not tried again.",
            COUNT,
        ),
        maybe("unit_name", TEXT, "The first unit named by the document's projects."),
        maybe("fiscal_year", INT, "The first fiscal year stated by the document's projects.", YEAR),
        always("signatories", TEXTS, "Names signed in the document, each once, in order of appearance."),
        always(
            "settings_sha256", TEXT, "SHA-256 over the settings, form profiles and models that made these rows.", SHA256
        ),
        always("pipeline_version", TEXT, "Version of signed-forms that made these rows."),
        always(
            "models",
            MODELS,
            "Each model that was used, with the SHA-256 of its weights.",
            list_of("each sha256 64 hexadecimal digits", SHA256, "sha256"),
        ),
        always("run_id", TEXT, "The run that landed the document."),
        always("started_at", TIME, "When reading of the document began, UTC."),
        always("finished_at", TIME, "When reading of the document ended, UTC."),
    ),
    rules=(
        together("error_code", "error_message"),
        in_order("n_pages_landed", "n_pages"),
        in_order("started_at", "finished_at"),
    ),
)

SOURCES = Table(
    "sources",
    "path seen with that content",
    ("document_id", "source_path"),
    (
        DOCUMENT_ID,
        always("source_path", TEXT, "A path at which the content was found; it may hold another by now."),
        always("first_seen", TIME, "When it was first found there, UTC."),
    ),
    references=(A_DOCUMENT,),
)

PAGES = Table(
    "pages",
    "page",
    ("document_id", "page_number"),
    (
        DOCUMENT_ID,
        PAGE_NUMBER,
        maybe("width_px", INT, "Width of the scan in pixels; null when the page could not be decoded.", ONE_OR_MORE),
        maybe("height_px", INT, "Height of the scan in pixels; null when the page could not be decoded.", ONE_OR_MORE),
        maybe("dpi", REAL, "Resolution in pixels per inch; null when the page could not be decoded.", above(0)),
        maybe("dpi_source", TEXT, "Where dpi comes from; null when dpi is.", one_of(*DpiSource)),
        always("quarter_turns", INT, "Counter-clockwise quarter turns that made the page upright.", between(0, 3)),
        always(
            "skew_deg",
            REAL,
            "Angle of the text left after those turns, degrees, counter-clockwise positive.",
            between(-90, 90),
        ),
        always(
            "to_source", REALS, "3 x 3 matrix, row by row, from upright and deskewed pixels to scan pixels.", numbers(9)
        ),
        maybe("form_type", TEXT, "Form profile of the page, unknown when none fits; null when the page was not read."),
        maybe("form_score", REAL, "How well that profile fits.", SHARE),
        maybe("form_runner_up", TEXT, "The profile that fits best of the others; null when there is none."),
        maybe("form_runner_up_score", REAL, "How well that one fits.", SHARE),
        maybe("title", TEXT, "The form's title as read."),
        always("n_tables", INT, "Tables landed from the page.", COUNT),
        always("n_cells", INT, "Cells landed from the page.", COUNT),
        maybe("mean_confidence", REAL, "Mean confidence of the page's cells; null when none is known.", SHARE),
        always("signature_status", TEXT, "Whether the page is signed.", one_of(*SignatureStatus)),
        always(
            "status",
            TEXT,
            "How the page ended; partial when its table was refused or a part of its image is missing.",
            one_of(*Status),
        ),
        maybe("error_code", TEXT, "Code of the error that the page ended with; null otherwise."),
    ),
    rules=(
        together("width_px", "height_px"),
        together("dpi", "dpi_source"),
        together("form_type", "form_score"),
        together("form_runner_up", "form_runner_up_score"),
    ),
    references=(A_DOCUMENT,),
)

LINES = Table(
    "lines",
    "recognised text line",
    ("document_id", "page_number", "line_index"),
    (
        DOCUMENT_ID,
        PAGE_NUMBER,
        always("line_index", INT, "Line of the page, from 0: lines outside tables first, then cell by cell.", INDEX),
        always("text", TEXT, "The text as read."),
        maybe("confidence", REAL, f"Confidence of the reading; {CONFIDENCE}", SHARE),
        always(
            "polygon", REALS, "Corners x, y, x, y, … in scan pixels, clockwise from the text's top-left.", points(3)
        ),
        always("kind", TEXT, "What the line is.", one_of(*LineKind)),
        maybe("table_index", INT, "Table of the cell that the line stands in; null outside cells.", INDEX),
        maybe("row", INT, "First row of that cell; null outside cells.", INDEX),
        maybe("col", INT, "First column of that cell; null outside cells.", INDEX),
    ),
    rules=(together("table_index", "row", "col"),),
    references=(A_PAGE, A_CELL),
)

CELLS = Table(
    "cells",
    "cell",
    ("document_id", "page_number", "table_index", "row", "col"),
    (
        DOCUMENT_ID,
        PAGE_NUMBER,
        TABLE_INDEX,
        always("row", INT, "First row that the cell covers, from 0.", INDEX),
        always("col", INT, "First column that the cell covers, from 0.", INDEX),
        always("row_span", INT, "Rows that the cell covers.", ONE_OR_MORE),
        always("col_span", INT, "Columns that the cell covers.", ONE_OR_MORE),
        maybe("text", TEXT, "The text as read; empty when verified blank, null when ink could not be read."),
        maybe("text_corrected", TEXT, "The text that replaces it; null where the reading stands."),
        maybe("correction_reason", TEXT, "Why the text was replaced; null where the reading stands."),
        maybe("confidence", REAL, f"Probability that the text is exactly right; {CONFIDENCE}", SHARE),
        always("grid_confidence", REAL, "Confidence that the table's structure is exactly right.", SHARE),
        always(
            "polygon", REALS, "Four corners x, y, … in scan pixels, clockwise from the text's top-left.", points(4, 4)
        ),
        maybe("role", TEXT, "What the form profile says the cell is; null when it says nothing."),
        always("under_seal", FLAG, "Whether a seal covers part of the cell."),
    ),
    rules=(together("text_corrected", "correction_reason"),),
    references=(A_PAGE,),
)

PROJECTS = Table(
    "projects",
    "form filled in",
    ("document_id", "project_index"),
    (
        DOCUMENT_ID,
        always("project_index", INT, "Project of the document, from 0.", INDEX),
        always("first_page", INT, "First page of the form, from 1.", ONE_OR_MORE),
        always("last_page", INT, "Last page of the form, itself included.", ONE_OR_MORE),
        always("form_type", TEXT, "Form profile that the project was read by."),
        maybe("title", TEXT, "The form's title as read."),
        maybe("fiscal_year", INT, "Budget year stated by the form.", YEAR),
        maybe("parent_code", TEXT, "Code of the superior unit, as printed."),
        maybe("unit_code", TEXT, "Code of the unit, as printed."),
        maybe("unit_name", TEXT, "Name of the unit."),
        maybe("department", TEXT, "Department in charge."),
        maybe("project_name", TEXT, "Name of the project."),
        maybe("amount", DECIMAL, "The project's amount in 万元, whatever unit the form uses."),
        maybe("amount_text", TEXT, "The amount as read."),
        maybe("amount_unit_read", TEXT, "The unit of amounts that the form states; null when it states none."),
        always("amount_parts", AMOUNT_PARTS, "Named shares of the amount, in 万元."),
        maybe("total", DECIMAL, "The total (合计) in 万元; null where none is printed."),
        maybe("total_text", TEXT, "The total as read."),
        always("goals", TEXTS, "The goals, one by one."),
        maybe("goals_text", TEXT, "The goals as read, in one text."),
        maybe("note", TEXT, "Remarks on the form."),
        maybe("confidence", REAL, f"The least confidence of the cells and grids it rests on; {CONFIDENCE}", SHARE),
        always("needs_review", FLAG, "Whether a person should check the project."),
        always("cells", CELL_REFS, "Keys of the cells that the project rests on."),
    ),
    rules=(in_order("first_page", "last_page"),),
    references=(
        Reference(("document_id", "first_page"), "pages", ("document_id", "page_number")),
        Reference(("document_id", "last_page"), "pages", ("document_id", "page_number")),
    ),
)

INDICATORS = Table(
    "indicators",
    "leaf indicator",
    ("document_id", "page_number", "table_index", "row"),
    (
        DOCUMENT_ID,
        always("project_index", INT, "Project of the document that the indicator belongs to.", INDEX),
        PAGE_NUMBER,
        TABLE_INDEX,
        always("row", INT, "Row of the leaf in its table, from 0.", INDEX),
        maybe("unit_code", TEXT, "Code of the unit, as printed."),
        maybe("unit_name", TEXT, "Name of the unit."),
        maybe("project_name", TEXT, "Name of the project."),
        maybe("level1", TEXT, "First-level indicator (一级指标)."),
        maybe("level2", TEXT, "Second-level indicator (二级指标)."),
        maybe("level3", TEXT, "Third-level indicator (三级指标), the leaf."),
        maybe("target_text", TEXT, "The target (指标值) as it stands on the form, as corrected."),
        maybe(
            "comparator",
            TEXT,
            "How the target compares, or which change it asks for; null for a date or words.",
            one_of(*COMPARATORS),
        ),
        maybe("target_number", DECIMAL, "Number of the target, in target_unit; null for a target in words."),
        maybe("target_unit", TEXT, "Unit of the number, under one name (㎡ as 平方米), never scaled: 2.3 of 万人."),
        maybe("confidence", REAL, f"The least confidence of the cells and grid it rests on; {CONFIDENCE}", SHARE),
        always("needs_review", FLAG, "Whether a person should check the indicator."),
        always("cells", CELL_REFS, "Keys of the cells that the indicator rests on."),
    ),
    references=(A_PAGE, A_PROJECT),
)

ROWS = Table(
    "rows",
    "row of any table, whatever its form",
    ("document_id", "page_number", "table_index", "row"),
    (
        DOCUMENT_ID,
        PAGE_NUMBER,
        TABLE_INDEX,
        always("row", INT, "Row of the table, from 0.", INDEX),
        always("path", TEXTS, "Texts of the stub cells that cover the row, level 1 first; empty without stubs."),
        always("path_headers", TEXTS, "The header above each of them; null where none stands there."),
        always("values", HEADED_TEXTS, "The cells right of the stubs, left to right: header and text as read."),
        maybe("confidence", REAL, f"The least confidence of the cells and grid it rests on; {CONFIDENCE}", SHARE),
        always("needs_review", FLAG, "Whether a person should check the row."),
        always("cells", CELL_REFS, "Keys of the cells that the row rests on: those of path, then those of values."),
    ),
    references=(A_PAGE,),
)

SIGNATURES = Table(
    "signatures",
    "signature",
    ("document_id", "page_number", "signature_index"),
    (
        DOCUMENT_ID,
        PAGE_NUMBER,
        always("signature_index", INT, "Signature of the page, from 0.", INDEX),
        maybe("name", TEXT, "The name as resolved; null when it is open."),
        maybe("name_read", TEXT, "The name as read."),
        always("name_source", TEXT, "Which evidence resolved the name.", one_of(*NameSource)),
        maybe("name_confidence", REAL, f"Confidence of the name; {CONFIDENCE}", SHARE),
        always(
            "candidates",
            CANDIDATES,
            "Possible names, best first, each with its score.",
            list_of("each score 0 to 1", SHARE, "score"),
        ),
        maybe("date_text", TEXT, "The date as read."),
        maybe("date_confidence", REAL, f"Confidence of the date; {CONFIDENCE}", SHARE),
        maybe("month", INT, "Month.", between(1, 12)),
        maybe("day", INT, "Day of the month.", between(1, 31)),
        maybe("date", DATE, "The date; null unless its year is written."),
        maybe("date_inferred", DATE, "The date with the fiscal year that the form states; null where one is written."),
        maybe(
            "year_source",
            TEXT,
            "Where the year is from; form is one on the same page.",
            one_of(*YearSource),
        ),
        maybe("confidence", REAL, f"Confidence that this is a signature; {CONFIDENCE}", SHARE),
        always(
            "polygon", REALS, "Corners x, y, x, y, … in scan pixels, clockwise from the text's top-left.", points(3)
        ),
        maybe("table_index", INT, "Table of the cell it stands in; null outside a cell.", INDEX),
        maybe("row", INT, "First row of that cell; null outside a cell.", INDEX),
        maybe("col", INT, "First column of that cell; null outside a cell.", INDEX),
        maybe("crop_png", BYTES, "The scan's own pixels as PNG; null when landing.signature_crops is off."),
    ),
    rules=(
        together("month", "day"),
        only_with("date_inferred", "year_source"),
        together("table_index", "row", "col"),
    ),
    references=(A_PAGE, A_CELL),
)

FINDINGS = Table(
    "findings",
    "something a person should know",
    (),
    (
        DOCUMENT_ID,
        maybe("page_number", INT, "Page it is about, from 1; null when it is about more than a page.", ONE_OR_MORE),
        maybe("project_index", INT, "Project it is about; null when it is about none.", INDEX),
        maybe("table_index", INT, "Table it is about; null when it is about none.", INDEX),
        maybe("row", INT, "Row it is about; null when it is about none.", INDEX),
        maybe("col", INT, "Column it is about; null when it is about none.", INDEX),
        always("rule", TEXT, "Name of the rule that found it."),
        always("severity", TEXT, "How much it matters; an info asks for no review.", one_of(*Severity)),
        always("message", TEXT, "What was found, in a sentence."),
        maybe("found", TEXT, "The value found."),
        maybe("expected", TEXT, "The value expected."),
    ),
    rules=(only_with("table_index", "page_number"), only_with("row", "table_index")),
    references=(A_DOCUMENT, A_PAGE, A_PROJECT),
)

SIGNERS = Table(
    "signers",
    "name that signed",
    ("name",),
    (
        always("name", TEXT, "The name as resolved, the same as in signatures."),
        always("n_signatures", INT, "Signatures of that name in all documents.", ONE_OR_MORE),
        always("n_documents", INT, "Documents with such a signature.", ONE_OR_MORE),
        maybe("first_date", DATE, "The earliest of their dates, as written or inferred; null where none has one."),
        maybe("last_date", DATE, "The latest of their dates; null where none has one."),
        always("names_read", TEXTS, "What the name was read as, each reading once, the most frequent first."),
        always(
            "name_sources",
            TEXTS,
            "Which evidence resolved the name, each once, in alphabetical order.",
            list_of(f"each {one_of(*NameSource).words}", one_of(*NameSource)),
        ),
        maybe("mean_confidence", REAL, f"Mean of their name_confidence; {CONFIDENCE}", SHARE),
        always(
            "signatures",
            SIGNED,
            "The signatures, by document and page: their keys, and what each says; date is as written or inferred.",
        ),
    ),
    rules=(together("first_date", "last_date"), in_order("first_date", "last_date")),
)

TABLES = MappingProxyType(
    {t.name: t for t in (SOURCES, PAGES, LINES, CELLS, PROJECTS, INDICATORS, ROWS, SIGNATURES, FINDINGS, DOCUMENTS)}
)
"""The tables of a document by name, in the order in which its files are put in place: `documents` last."""
ALL_TABLES = MappingProxyType({**TABLES, SIGNERS.name: SIGNERS})
"""The same, and the one that is derived from all documents together."""


READING = """\
# The landed tables

`OUT/<table>/<document_id>.parquet`: one folder per table, in it one file per document. Every document has a file in
every folder; a file without rows still has all columns with their types. `signers` alone is one file,
`OUT/signers/signers.parquet`, derived from all documents together when a run ends. This page is generated from the code
by `python -m pipeline.schema > docs/tables.md`; the descriptions are also stored in the files, as the metadata
`description` of each column.

## How to read them

A document's files are renamed into place one after the other, `documents` last, so a row of a document that is not
(or no longer) in `documents` is not committed. Where a run may be writing while you read, keep committed rows only.

```python
import pandas as pd

committed = pd.read_parquet("OUT/documents", columns=["document_id"])
indicators = pd.read_parquet("OUT/indicators").merge(committed, on="document_id")
```

```sql
-- DuckDB
SELECT * FROM 'OUT/indicators/*.parquet' WHERE document_id IN (SELECT document_id FROM 'OUT/documents/*.parquet');
```

- Text `""` was verified blank; null is unknown or, in `cells.text`, ink that could not be read.
- Places are scan pixels: the raster as the file holds it, origin top-left, x to the right, y down.
- pandas reads whole numbers that may be null as `Int32` with `<NA>`, decimals as `decimal.Decimal`, lists as arrays.
- Files store each text of a column once (Parquet's dictionary encoding); readers get plain texts, not categories.
- `cells` of `projects`, `indicators` and `rows` holds the keys of the rows of `cells` that each value rests on.
- Every file was checked before it landed: the types, the values, the keys, what is listed below a table, and that each
  item of `cells` is a row of `cells`. `→` leads to the row of another table with the same values.
- `OUT/datapackage.json` says all this to programs (Frictionless Data Package). [Using the tables](analysts.md) answers
  eleven questions with them.
"""


def data_dictionary() -> str:
    """The whole data dictionary, as Markdown."""
    order = ("documents", *(name for name in ALL_TABLES if name != "documents"))
    return "\n".join([READING, *(ALL_TABLES[name].markdown for name in order)])
