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
from dataclasses import dataclass
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

from flows.batch import derive_signers, quarantine, remember_skipped, setup_for
from flows.machine import cores, default_workers
from flows.outcome import DocumentOutcome
from flows.plan import AS_USUAL, Options, identify, make_plan, unreadable
from flows.pool import WorkerPool
from flows.progress import Show, current_show
from flows.report import Report
from flows.runlog import run_log
from flows.sources import path_from_text
from flows.worker_protocol import Setup, Sources
from pipeline.commit import Output, open_output
from pipeline.errors import DocumentError, OutputUnwritable, SourceUnreadable

logger = logging.getLogger(__name__)

MAX_WORKERS = 64
"""Documents read at once, at most."""
RETRY_AFTER_S = [1.0, 5.0]
"""A share that hiccups is back within seconds; a disk that is full is not."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What the tasks of a run share; none of it travels as an argument."""

    pool: WorkerPool
    show: Show
    output: Output
    setup: Setup


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
    started = time.monotonic()
    folder, identity = path_from_text(out), identify(options)
    with run_log(folder) as log, open_output(folder, identity.settings.landing) as output:
        plan = make_plan([path_from_text(source) for source in sources], folder, options, identity)
        size = min(options.workers or default_workers(len(plan.to_read)), len(plan.to_read), MAX_WORKERS)
        setup = setup_for(folder, options, identity, run_id=_run_id(), threads=max(1, cores() // max(1, size)))
        remember_skipped(plan, output, setup)
        with WorkerPool(setup, size, log) as pool:
            read = _read_all(plan.to_read, _Run(pool, current_show(), output, setup))
        derive_signers(output)
        documents = sorted((*plan.endings, *read), key=lambda outcome: outcome.sources)
        seconds = round(time.monotonic() - started, 1)
        report = Report(setup.run_id, str(folder), seconds, tuple(documents), plan.ignored, plan.passed_over)
        logger.info("run %s ended with status %d\n%s", report.run_id, report.exit_status, "\n".join(report.lines()))
    return report.as_json()


def _is_passing(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Whether a failed task may succeed when tried again: reading and writing files may, all else would not."""
    return isinstance(state.result(raise_on_failure=False), SourceUnreadable | OutputUnwritable)


@task(
    name="document",
    task_run_name="{name}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=len(RETRY_AFTER_S),
    retry_delay_seconds=RETRY_AFTER_S,
    retry_condition_fn=_is_passing,
)
def read_document(name: str, sources: Sources) -> dict[str, Any]:
    """Have a document read and landed by a worker.

    Args:
        name: what the task run is called.
        sources: the paths of one content.

    Returns:
        A `flows.outcome.DocumentOutcome` as JSON.

    Raises:
        SignedFormsError: when the document did not land.
    """
    run = _RUN.get()
    return run.pool.read(sources, lambda done, of: run.show.page(sources[0], done, of)).as_json()


def _read_all(to_read: Mapping[str, Sources], run: _Run) -> list[DocumentOutcome]:
    """Read every document; those that took their worker down are tried once more, alone, when the others are done."""
    _RUN.set(run)
    run.show.documents(len(to_read))
    futures = {read_document.submit(_name(sources), sources): name for name, sources in to_read.items()}
    outcomes, again = [], []
    for future in as_completed(list(futures)):
        document_id = futures[future]
        try:
            outcomes.append(_shown(_outcome(future.result, to_read[document_id]), run))
        except DocumentError:
            again.append(document_id)
    for document_id in again:
        sources = to_read[document_id]
        outcomes.append(_shown(_outcome(partial(_read_alone, document_id, sources, run), sources), run))
    return outcomes


def _read_alone(document_id: str, sources: Sources, run: _Run) -> dict[str, Any]:
    try:
        return read_document(_name(sources), sources)
    except DocumentError as error:
        return quarantine(document_id, sources, error, run.output, run.setup).as_json()


def _outcome(read: Callable[[], dict[str, Any]], sources: Sources) -> DocumentOutcome:
    """How reading ended, or that the file cannot be read; any other fault of the machine ends the run."""
    try:
        return DocumentOutcome.from_json(read())
    except SourceUnreadable as error:
        return unreadable(sources, error)


def _shown(outcome: DocumentOutcome, run: _Run) -> DocumentOutcome:
    run.show.finished(outcome)
    return outcome


def _name(sources: Sources) -> str:
    """The file's name; what of it is not text is spelled out, as the flow engine wants text."""
    return Path(sources[0]).name.encode("utf-8", "backslashreplace").decode()


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
