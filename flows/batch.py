"""The steps of a run without an orchestrator: what had landed, what nobody can read, what all documents say."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq

from flows.outcome import DocumentOutcome, outcome_of
from flows.plan import Identity, Options, Plan
from flows.workers.protocol import Order, Setup
from pipeline.elements import NOTHING_UNDERSTOOD, DocumentResult, Status
from pipeline.errors import DocumentError, SourceChanged, SourceUnreadable
from pipeline.files import OpenFile, open_file
from pipeline.landing import (
    Output,
    Superseded,
    as_stored,
    document_file,
    exclusive,
    land,
    refresh_signers,
    remember_source,
    supersede,
)


def setup_for(out: Path, options: Options, identity: Identity, *, threads: int) -> Setup:
    """What the run's workers are told; their paths are absolute."""
    return Setup(
        out=str(out.absolute()),
        settings_file=_absolute(options.settings),
        settings_sha256=identity.settings_sha256,
        pipeline_version=identity.pipeline_version,
        models=identity.models,
        threads=threads,
        debug_images=_absolute(options.debug_images),
    )


def remember_skipped(plan: Plan, output: Output, setup: Setup, run_id: str) -> None:
    """Record the paths of documents that had landed; a path that is known changes no file.

    Raises:
        OutputUnwritable: when a path cannot be recorded.
    """
    now = datetime.datetime.now(datetime.UTC)
    for outcome in plan.skipped:
        for source in outcome.sources:
            remember_source(output, str(outcome.document_id), setup.run_info(run_id, source, now))


def remove_superseded(output: Output, plan: Plan, outcomes: Iterable[DocumentOutcome]) -> tuple[Superseded, ...]:
    """Remove the rows of unfinished files that are whole now; see `pipeline.landing.superseding`.

    Args:
        output: what was landed to.
        plan: of the run.
        outcomes: of all its documents.

    Returns:
        The documents whose rows are gone.

    Raises:
        OutputUnwritable: when a file cannot be removed.
    """
    whole = {as_stored(path) for outcome in outcomes if outcome.is_complete for path in outcome.sources}
    present = {*plan.to_read, *(str(outcome.document_id) for outcome in plan.skipped)}
    with exclusive(output.folder):
        return supersede(output.folder, whole, present)


def derive_signers(output: Output) -> None:
    """Bring the table `signers` up to what has landed, when nobody lands any more; without a change, touch nothing.

    Raises:
        OutputUnwritable: when it cannot be written.
    """
    with exclusive(output.folder):
        refresh_signers(output.folder, output.settings.readable_by)


def open_planned(order: Order) -> OpenFile:
    """Open the first of a document's paths that still holds the content that was planned.

    Raises:
        SourceChanged: when the first path, and no other, holds it any more.
        SourceUnreadable: when the first path cannot be read any more, and no other holds it.
    """
    faults: list[SourceChanged | SourceUnreadable] = []
    for path in map(Path, order.sources):
        try:
            file = open_file(path)
        except SourceUnreadable as error:
            faults.append(error)
            continue
        if file.source.document_id == order.document_id:
            return file
        file.close()
        faults.append(SourceChanged(f"{path.name} was replaced or written to since the run began"))
    raise faults[0]


def land_document(
    result: DocumentResult, order: Order, output: Output, setup: Setup, started_at: datetime.datetime
) -> DocumentOutcome:
    """Land a document that was read since `started_at`, and record all paths at which it was found.

    Raises:
        OutputUnwritable: when it cannot be landed.
        ValueError: when it was ordered ahead of its run.
    """
    if order.run_id is None:
        raise ValueError("a document that is read ahead of its run does not land")
    document_id = result.source.document_id
    landed = land(result, output, setup.run_info(order.run_id, result.source.path, started_at))
    for source in order.sources:
        if source != result.source.path:
            remember_source(output, document_id, setup.run_info(order.run_id, source, started_at))
    seconds = (datetime.datetime.now(datetime.UTC) - started_at).total_seconds()
    return outcome_of(landed, order.sources, seconds, _landed_findings(output.folder, document_id))


def quarantine(order: Order, error: DocumentError, output: Output, setup: Setup) -> DocumentOutcome:
    """Land a document that took its worker down: its row says so, and it has no pages.

    Raises:
        OutputUnwritable: when it cannot be landed.
        SourceChanged, SourceUnreadable: when the content is at none of its paths any more.
    """
    with open_planned(order) as file:
        result = DocumentResult(
            source=file.source,
            status=Status.QUARANTINED,
            pages=(),
            interpretation=NOTHING_UNDERSTOOD,
            findings=(),
            error_code=error.code,
            error_message=str(error),
        )
    return land_document(result, order, output, setup, datetime.datetime.now(datetime.UTC))


def _landed_findings(out: Path, document_id: str) -> Counter[int | None]:
    """How many rows of `findings` a document has, by their page: what the tables say is what the run says."""
    with pq.ParquetFile(document_file(out, "findings", document_id)) as file:
        rows = file.read(columns=["page_number"])
    return Counter(rows.column("page_number").to_pylist())


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())
