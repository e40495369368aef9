"""The flow: sources in, landed tables out, a report back. A task is a document; paths and small JSON travel."""

# No `from __future__ import annotations` here: where scheduled runs start, Prefect sees the annotations as they stand.
import logging
import multiprocessing
import os
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import as_completed
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import Task

from flows.batch import derive_signers, quarantine, remember_skipped, remove_superseded, setup_for
from flows.outcome import DocumentOutcome
from flows.plan import AS_USUAL, Options, identify, make_plan, unreadable
from flows.progress import Show, current_show
from flows.report import Report
from flows.runlog import run_log
from flows.sources import path_from_text
from flows.timing import counting_from, part_done, seconds_so_far
from flows.workers.pool import WorkerPool
from flows.workers.protocol import Order, Setup, Sources
from flows.workers.starting import MAX_WORKERS, Wanted, workers_for
from pipeline.errors import DocumentError, OutputUnwritable, SourceChanged, SourceUnreadable
from pipeline.files import too_open
from pipeline.landing import Output, make_output, open_output

logger = logging.getLogger(__name__)

RETRY_AFTER_S = [1.0, 5.0]
"""A share that hiccups is back within seconds; a disk that is full is not."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What the tasks of a run share; none of it travels as an argument."""

    pool: WorkerPool
    show: Show
    output: Output
    setup: Setup
    run_id: str


_RUN: ContextVar[_Run] = ContextVar("run")


_THREADS: Any = ThreadPoolTaskRunner(max_workers=MAX_WORKERS)  # Any: Prefect's own type for it is too narrow


@flow(name="digitise", task_runner=_THREADS, persist_result=False)
def digitise(sources: list[str], out: str, options: Options = AS_USUAL) -> dict[str, Any]:
    """Read the documents that the sources name and land their tables; what has landed is skipped.

    Args:
        sources: paths of files and folders.
        out: path of the output folder.
        options: what else may be chosen.

    Returns:
        A `flows.report.Report` as JSON.

    Raises:
        UsageFault: when a source or the settings are at fault; nothing was started.
        EnvironmentFault: when the machine keeps the run from going on; what has landed until then stays.
    """
    _end_with_parent()
    with counting_from(time.monotonic()):
        return _digitise(sources, path_from_text(out), options).as_json()


def _digitise(sources: list[str], folder: Path, options: Options) -> Report:
    """The run, with its log and with the output folder to itself."""
    identity, run_id = identify(options), _run_id()
    make_output(folder, identity.settings.landing)
    with run_log(folder) as log, open_output(folder, identity.settings.landing) as output:
        if said := too_open(folder, output.settings.readable_by):
            logger.warning(said)
        plan = make_plan([path_from_text(source) for source in sources], folder, options, identity)
        setup = setup_for(folder, options, identity, threads=1)
        remember_skipped(plan, output, setup, run_id)
        with workers_for(Wanted(len(plan.to_read), folder, options, identity, log)) as pool:
            read = _read_all(plan.to_read, _Run(pool, current_show(), output, setup, run_id))
        documents = tuple(sorted((*plan.endings, *read), key=lambda outcome: outcome.sources))
        gone = remove_superseded(output, plan, documents)
        derive_signers(output)
        part_done("landed")
        seconds = round(seconds_so_far(), 1)
        report = Report(run_id, str(folder), seconds, documents, plan.ignored, plan.passed_over, gone)
        logger.info("run %s ended with status %d", report.run_id, report.exit_status)
        for line in report.lines():
            logger.info("  %s", line)
    return report


def _is_passing(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Whether a failed task may succeed when tried again: reading and writing files may, all else would not."""
    return isinstance(state.result(raise_on_failure=False), SourceUnreadable | SourceChanged | OutputUnwritable)


@task(
    name="document",
    task_run_name="{name}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=len(RETRY_AFTER_S),
    retry_delay_seconds=RETRY_AFTER_S,
    retry_condition_fn=_is_passing,
)
def read_document(name: str, order: dict[str, Any]) -> dict[str, Any]:
    """Have a document read and landed by a worker.

    Args:
        name: what the task run is called.
        order: a `flows.workers.protocol.Order` as JSON.

    Returns:
        A `flows.outcome.DocumentOutcome` as JSON; empty when it is tried again, and cannot be decoded any better.

    Raises:
        SignedFormsError: when the document did not land.
    """
    run, wanted = _RUN.get(), Order.from_json(order)
    outcome = run.pool.read(wanted, lambda done, of: run.show.page(wanted.sources[0], done, of))
    return outcome.as_json() if outcome else {}


def _read_all(to_read: Mapping[str, Sources], run: _Run) -> list[DocumentOutcome]:
    """Read every document; where a worker or a decoder failed, which may be the machine's fault, it is tried once more.

    That is done when the others are read, one document after the other, with nothing beside it.
    """
    _RUN.set(run)
    run.show.documents(len(to_read))
    orders = [Order(document_id, sources, run.run_id) for document_id, sources in to_read.items()]
    futures = {read_document.submit(_name(order), order.as_json()): order for order in orders}
    outcomes: list[DocumentOutcome] = []
    again: list[tuple[Order, DocumentOutcome | None]] = []
    for future in as_completed(list(futures)):
        order = futures[future]
        try:
            outcome = _outcome(future.result, order)
        except DocumentError:
            again.append((order, None))
            continue
        if outcome.is_tried_again:
            again.append((replace(order, again=outcome.pages_not_decoded), outcome))
        else:
            outcomes.append(_shown(outcome, run))
    if again:
        run.pool.keep_one()
    for order, first in again:
        last = _read_better(order, first) if first else _outcome(partial(_read_alone, order, run), order)
        outcomes.append(_shown(last, run))
    return outcomes


def _read_alone(order: Order, run: _Run) -> dict[str, Any]:
    try:
        return read_document(_name(order), order.as_json())
    except DocumentError as error:
        return quarantine(order, error, run.output, run.setup).as_json()


def _read_better(order: Order, first: DocumentOutcome) -> DocumentOutcome:
    """How a document ends that its decoder failed on, and that has landed so: as before, or with more of its pages."""
    try:
        tree = read_document(_name(order), order.as_json())
    except (DocumentError, SourceUnreadable, SourceChanged):
        return first
    last = DocumentOutcome.from_json(tree) if tree else first
    return first if last.is_worse_than(first) else last


def _outcome(read: Callable[[], dict[str, Any]], order: Order) -> DocumentOutcome:
    """How reading ended, or that the content cannot be read; any other fault of the machine ends the run."""
    try:
        return DocumentOutcome.from_json(read())
    except (SourceUnreadable, SourceChanged) as error:
        return unreadable(order.sources, error)


def _shown(outcome: DocumentOutcome, run: _Run) -> DocumentOutcome:
    run.show.finished(outcome)
    return outcome


def _name(order: Order) -> str:
    """The file's name; what of it is not text is spelled out, as the flow engine wants text."""
    return Path(order.sources[0]).name.encode("utf-8", "backslashreplace").decode()


def _run_id() -> str:
    """The flow run's own id, so that tables, log and orchestrator tell of the same run."""
    return flow_run.get_id() or uuid.uuid4().hex


def _end_with_parent() -> None:
    """End this process when the server of scheduled runs that started it is gone, as nobody would hear of the rest."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
