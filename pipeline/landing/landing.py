"""DocumentResult -> Parquet: land a document, know what has landed, read what is committed."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.elements import NOTHING_UNDERSTOOD, DocumentResult, Finding, FindingRule, Severity, Status
from pipeline.errors import MAY_PASS, RowsMalformed
from pipeline.landing.datapackage import write_datapackage
from pipeline.landing.rows import RunInfo, rows, source_row, table
from pipeline.landing.transaction import SUFFIX, Output, commit, document_file, exclusive
from pipeline.schema import TABLES, TEXT, check_rows
from pipeline.settings import LandingSettings
from pipeline.visible import visible

MAX_FAILED_RUNS = 3
"""So many runs try a document whose error may be the machine's: a fault of the machine seldom lasts longer."""
OF_A_FAILED_RUN = ("error_code", "error_message", "n_failed_runs", "run_id")
"""A run that read less than an earlier one leaves these columns in `documents`, and nothing else."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LandedDocument:
    """What is known of a document that has landed, from its row of `documents`."""

    document_id: str
    source_name: str
    status: Status
    n_pages: int | None
    n_pages_landed: int
    n_findings: int
    error_code: str | None
    error_message: str | None
    n_failed_runs: int
    run_id: str
    finished_at: datetime.datetime

    @property
    def is_tried_again(self) -> bool:
        """Whether the next run is to read it, as its error may have been the machine's."""
        return 0 < self.n_failed_runs < MAX_FAILED_RUNS


def land(result: DocumentResult, output: Output, run: RunInfo) -> DocumentResult:
    """Commit a document's rows to every table, replacing those of an earlier run; paths seen before are kept.

    Workers of one run may land at the same time. A quarantined document lands like any other. A document that met an
    `EnvironmentFault` has no result and must not be landed, so that the next run tries it again. A document whose error
    may be the machine's lands with the number of runs that ended so, and what an earlier run had read of it stays where
    that was more.

    Args:
        result: the document.
        output: from `open_output`.
        run: what is recorded of the run.

    Returns:
        What landed: the given result, or, when the tables' schemas refuse its rows, the document in quarantine.

    Raises:
        OutputUnwritable: when a file cannot be written; the document has not landed, and what had landed before is
            intact or is replaced whole by the next commit.
    """
    document_id = result.source.document_id
    earlier = None if MAY_PASS.isdisjoint(result.error_codes) else _earlier_try(output.folder, document_id, run)
    landed_result, landing = _sound_rows(*_counted(result, run, earlier), output.settings)
    if earlier and earlier.n_pages_landed > landed_result.n_pages_landed:
        landing = _beside_more(output.folder, earlier, landing)
    files = {name: encode(rows_of_table) for name, rows_of_table in landing.items()}
    with exclusive(output.folder):
        files["sources"] = encode(_with_source(_sources(output.folder, document_id), run, document_id))
        commit(output.folder, document_id, run.run_id, files, readers=output.settings.readable_by)
        write_datapackage(output.folder, output.settings.readable_by)
    logger.info("landed %s as %s from %s", document_id, landed_result.status, visible(run.source_path))
    return landed_result


def landed(folder: Path, document_id: str, settings_sha256: str, pipeline_version: str) -> LandedDocument | None:
    """The landed document if it need not be read again: same bytes, same settings, same version, all files in place.

    Args:
        folder: the output folder.
        document_id: SHA-256 of the file's bytes.
        settings_sha256: of the run that asks.
        pipeline_version: of the run that asks.
    """
    if not all(document_file(folder, name, document_id).is_file() for name in TABLES):
        return None
    found = read_landed(document_file(folder, "documents", document_id))
    if found is None or found.num_rows != 1:
        return None
    row = found.to_pylist()[0]
    if (row["settings_sha256"], row["pipeline_version"]) != (settings_sha256, pipeline_version):
        return None
    if not row.keys() >= {field.name for field in fields(LandedDocument)}:  # of a time before a column
        return None
    known = {field.name: row[field.name] for field in fields(LandedDocument)}
    return LandedDocument(**(known | {"status": Status(row["status"])}))


def remember_source(output: Output, document_id: str, run: RunInfo) -> bool:
    """Record that a landed document's content was also found at `run.source_path`; only `sources` is written.

    Returns:
        Whether the path is new; if not, no file is touched.

    Raises:
        OutputUnwritable: when the file cannot be written; the earlier one is intact.
    """
    with exclusive(output.folder):
        write_datapackage(output.folder, output.settings.readable_by)
        known = _sources(output.folder, document_id)
        extended = _with_source(known, run, document_id)
        if extended.num_rows == known.num_rows:
            return False
        files = {"sources": encode(extended)}
        commit(output.folder, document_id, run.run_id, files, readers=output.settings.readable_by)
    return True


def read_table(folder: Path, name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """The committed rows of a landed table, document by document; no rows when nothing has landed.

    Args:
        folder: the output folder.
        name: of the table.
        columns: which to read; None for all.

    Raises:
        KeyError: when there is no such table.
    """
    import pyarrow.dataset as ds  # noqa: PLC0415 - it imports pandas, which landing does without

    schema = TABLES[name].schema
    committed = committed_documents(folder)
    paths = [document_file(folder, name, document_id) for document_id in committed]
    files = ds.dataset([str(path) for path in paths if path.is_file()], schema=schema, format="parquet")
    return files.to_table(columns=None if columns is None else list(columns))


def committed_documents(folder: Path) -> list[str]:
    """The ids of all committed documents, sorted."""
    return sorted(path.stem for path in (folder / "documents").glob(f"[!.]*{SUFFIX}"))


def encode(rows_of_table: pa.Table) -> bytes:
    """A Parquet file; the same bytes for the same rows. Texts are stored once each, as they repeat.

    zstd would make it 1 to 3 % smaller in twice the time, as it starts anew for each column.
    """
    sink = pa.BufferOutputStream()
    texts = [field.name for field in rows_of_table.schema if field.type == TEXT]
    pq.write_table(rows_of_table, sink, compression="snappy", use_dictionary=texts)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def read_landed(path: Path, columns: Sequence[str] | None = None) -> pa.Table | None:
    """A landed file, or None when it is missing or damaged: its document then lands again.

    Args:
        path: of the file.
        columns: which to read; None for all.
    """
    if path.exists() and not path.is_file():  # a pipe would be waited for
        logger.warning("%s is no file", path)
        return None
    try:
        with pq.ParquetFile(path) as file:
            return file.read(columns=None if columns is None else list(columns))
    except FileNotFoundError:
        return None
    except (OSError, pa.ArrowException) as error:
        logger.warning("%s cannot be read: %s", path, error)
        return None


def _earlier_try(folder: Path, document_id: str, run: RunInfo) -> LandedDocument | None:
    """What had landed of a document under the same settings; a commit that was interrupted is finished before."""
    with exclusive(folder):
        return landed(folder, document_id, run.settings_sha256, run.pipeline_version)


def _counted(result: DocumentResult, run: RunInfo, earlier: LandedDocument | None) -> tuple[DocumentResult, RunInfo]:
    """A result whose message says how many runs ended so, and the run with the number of those before it."""
    if MAY_PASS.isdisjoint(result.error_codes):
        return result, run
    if earlier and earlier.status is Status.LANDED:
        return replace(result, error_message=f"{result.error_message} (what had landed stays)"), run
    before = max(0, earlier.n_failed_runs - (earlier.run_id == run.run_id)) if earlier else 0
    count = before + 1
    then = "the next one tries again" if count < MAX_FAILED_RUNS else "it is not tried again without --force"
    message = f"{result.error_message} ({count} of {MAX_FAILED_RUNS} runs ended so: {then})"
    return replace(result, error_message=message), replace(run, failed_runs=before)


def _beside_more(folder: Path, earlier: LandedDocument, landing: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """What lands of a try that read less than an earlier one: how it ended, beside the rows that are there."""
    if earlier.status is Status.LANDED:
        return {"sources": landing["sources"]}
    row = pq.read_table(document_file(folder, "documents", earlier.document_id))
    for name in OF_A_FAILED_RUN:
        row = row.set_column(row.schema.get_field_index(name), row.schema.field(name), landing["documents"][name])
    return {"sources": landing["sources"], "documents": row}


def _sound_rows(
    result: DocumentResult, run: RunInfo, settings: LandingSettings
) -> tuple[DocumentResult, dict[str, pa.Table]]:
    """The result with its rows; in quarantine when they are malformed."""
    try:
        landing = rows(result, run, settings)
        check_rows(landing)
    except RowsMalformed as error:
        logger.exception("the rows of %s are malformed", result.source.document_id)
        refused = _in_quarantine(result, error)
        landing = rows(refused, run, settings)
        check_rows(landing)
        return refused, landing
    return result, landing


def _in_quarantine(result: DocumentResult, error: RowsMalformed) -> DocumentResult:
    finding = Finding(FindingRule.ROWS_MALFORMED, Severity.ERROR, f"{error}. {error.remedy}", found=error.code)
    return DocumentResult(result.source, Status.QUARANTINED, (), NOTHING_UNDERSTOOD, (finding,), error.code, str(error))


def _sources(folder: Path, document_id: str) -> pa.Table:
    """The landed sources of a document; none if it has not landed."""
    known = read_landed(document_file(folder, "sources", document_id))
    return TABLES["sources"].schema.empty_table() if known is None else known


def _with_source(known: pa.Table, run: RunInfo, document_id: str) -> pa.Table:
    """The sources with the run's own path among them; a path that was known keeps its `first_seen`."""
    seen = table("sources", document_id, [source_row(run.source_path, run.started_at)])
    records = {row["source_path"]: row for row in [*seen.to_pylist(), *known.to_pylist()]}
    return table("sources", document_id, [records[path] for path in sorted(records)])
