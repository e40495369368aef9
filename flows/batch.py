"""The steps of a run without an orchestrator: what had landed, what nobody can read, what all documents say."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

from flows.outcome import DocumentOutcome, outcome_of
from flows.plan import Identity, Options, Plan
from flows.worker_protocol import Setup, Sources
from pipeline.commit import Output, exclusive
from pipeline.elements import NOTHING_UNDERSTOOD, DocumentResult, SourceFile, Status
from pipeline.errors import DocumentError, SourceUnreadable
from pipeline.intake_types import HEAD_BYTES, sniff_media_type
from pipeline.landing import land, remember_source
from pipeline.signer_table import refresh_signers


def setup_for(out: Path, options: Options, identity: Identity, *, run_id: str, threads: int) -> Setup:
    """What the run's workers are told; their paths are absolute."""
    return Setup(
        out=str(out.absolute()),
        settings_file=_absolute(options.settings),
        settings_sha256=identity.settings_sha256,
        pipeline_version=identity.pipeline_version,
        models=identity.models,
        run_id=run_id,
        threads=threads,
        debug_images=_absolute(options.debug_images),
    )


def remember_skipped(plan: Plan, output: Output, setup: Setup) -> None:
    """Record the paths of documents that had landed; a path that is known changes no file.

    Raises:
        OutputUnwritable: when a path cannot be recorded.
    """
    now = datetime.datetime.now(datetime.UTC)
    for outcome in plan.skipped:
        for source in outcome.sources:
            remember_source(output, str(outcome.document_id), setup.run_info(source, now))


def derive_signers(output: Output) -> None:
    """Bring the table `signers` up to what has landed, when nobody lands any more; without a change, touch nothing.

    Raises:
        OutputUnwritable: when it cannot be written.
    """
    with exclusive(output.folder):
        refresh_signers(output.folder, output.settings.readable_by)


def land_document(
    result: DocumentResult, sources: Sources, output: Output, setup: Setup, started_at: datetime.datetime
) -> DocumentOutcome:
    """Land a document that was read from the first of its paths since `started_at`, and record its other paths.

    Raises:
        OutputUnwritable: when it cannot be landed.
    """
    landed = land(result, output, setup.run_info(sources[0], started_at))
    for source in sources[1:]:
        remember_source(output, result.source.document_id, setup.run_info(source, started_at))
    return outcome_of(landed, sources, (datetime.datetime.now(datetime.UTC) - started_at).total_seconds())


def quarantine(
    document_id: str, sources: Sources, error: DocumentError, output: Output, setup: Setup
) -> DocumentOutcome:
    """Land a document that took its worker down: its row says so, and it has no pages.

    Raises:
        OutputUnwritable: when it cannot be landed.
        SourceUnreadable: when the file is gone.
    """
    result = DocumentResult(
        source=_source_file(Path(sources[0]), document_id),
        status=Status.QUARANTINED,
        pages=(),
        interpretation=NOTHING_UNDERSTOOD,
        findings=(),
        error_code=error.code,
        error_message=str(error),
    )
    return land_document(result, sources, output, setup, datetime.datetime.now(datetime.UTC))


def _source_file(path: Path, document_id: str) -> SourceFile:
    try:
        with path.open("rb") as file:
            head, size = file.read(HEAD_BYTES), os.fstat(file.fileno()).st_size
    except OSError as error:
        raise SourceUnreadable(f"{path.name} cannot be read: {error.strerror or error}") from error
    try:
        media_type = sniff_media_type(head)
    except DocumentError:
        media_type = "application/octet-stream"
    return SourceFile(str(path), document_id, size, media_type, 0)


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())
