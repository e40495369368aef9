"""The tables of files, paths and pages."""

from __future__ import annotations

from pipeline.elements import DpiSource, SignatureStatus, Status
from pipeline.schema.columns import (
    INT,
    LONG,
    MODELS,
    REAL,
    REALS,
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
    above,
    between,
    in_order,
    list_of,
    matching,
    numbers,
    one_of,
    together,
)
from pipeline.schema.keys import A_DOCUMENT, COUNT, DOCUMENT_ID, ONE_OR_MORE, PAGE_NUMBER, YEAR

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
        maybe("dpi", REAL, "Resolution in pixels per inch, across; null when the page could not be decoded.", above(0)),
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
            "How the page ended; partial when a part of its image is missing.",
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
