"""The tables of what was read: lines, cells, signatures, stamps, findings, and signers over all documents."""

from __future__ import annotations

from pipeline.elements import LineKind, NameSource, Severity, StampColour, StampShape, YearSource
from pipeline.schema.columns import (
    BYTES,
    CANDIDATES,
    DATE,
    FLAG,
    INT,
    OPTIONS,
    REAL,
    REALS,
    SIGNED,
    TEXT,
    TEXTS,
    Table,
    always,
    maybe,
)
from pipeline.schema.constraints import (
    SHARE,
    between,
    in_order,
    list_of,
    one_of,
    only_with,
    points,
    together,
)
from pipeline.schema.keys import (
    A_CELL,
    A_DOCUMENT,
    A_PAGE,
    A_PROJECT,
    CONFIDENCE,
    DOCUMENT_ID,
    INDEX,
    ONE_OR_MORE,
    PAGE_NUMBER,
    TABLE_INDEX,
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
        always("grid_confidence", REAL, "Probability that the cell's place and spans are right.", SHARE),
        always(
            "polygon", REALS, "Four corners x, y, … in scan pixels, clockwise from the text's top-left.", points(4, 4)
        ),
        maybe("role", TEXT, "What the form profile says the cell is; null when it says nothing."),
        always("under_seal", FLAG, "Whether a seal covers part of the cell."),
        maybe(
            "options",
            OPTIONS,
            "The labels of the text's boxes, in their order, and whether each is ticked; null where it has no boxes.",
        ),
    ),
    rules=(together("text_corrected", "correction_reason"),),
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
        maybe("name", TEXT, "The name, where it is sure by `signature.resolve_confidence`; null when it is open."),
        maybe("name_read", TEXT, "The name as read, however unsure."),
        always("name_source", TEXT, "Which evidence resolved the name.", one_of(*NameSource)),
        maybe(
            "name_confidence",
            REAL,
            f"Confidence of the name, or where it is open, of the likeliest; {CONFIDENCE}",
            SHARE,
        ),
        always(
            "candidates",
            CANDIDATES,
            "Possible names, best first, each with its score.",
            list_of("each score 0 to 1", SHARE, "score"),
        ),
        maybe("printed_name", TEXT, "The name printed beside, below or under it; null where none is beyond doubt."),
        maybe("role", TEXT, "The role printed beside or below it, such as 负责人 or Director; null where none is."),
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
        only_with("name", "name_confidence"),
        together("month", "day"),
        only_with("date_inferred", "year_source"),
        together("table_index", "row", "col"),
    ),
    references=(A_PAGE, A_CELL),
)
STAMPS = Table(
    "stamps",
    "seal or stamp",
    ("document_id", "page_number", "stamp_index"),
    (
        DOCUMENT_ID,
        PAGE_NUMBER,
        always("stamp_index", INT, "Stamp of the page, from 0, from top to bottom.", INDEX),
        always("colour", TEXT, "Colour of its ink; black is gray, too.", one_of(*StampColour)),
        always("shape", TEXT, "Its outline; words without a frame are a box.", one_of(*StampShape)),
        maybe("text", TEXT, "What it says round its rim, then across it; null when nothing could be read."),
        always("confidence", REAL, "Probability that this is a stamp.", SHARE),
        always("polygon", REALS, "Corners x, y, x, y, … in scan pixels, clockwise from its top left.", points(3)),
        maybe("crop_png", BYTES, "The scan's own pixels as PNG; null when landing.signature_crops is off."),
    ),
    references=(A_PAGE,),
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
