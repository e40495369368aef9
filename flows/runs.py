"""A run as the command line starts it: with the flow engine where there is something to read, without it elsewhere."""

from __future__ import annotations

import gc
import importlib
import logging
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from flows.batch import derive_signers, remember_skipped, remove_superseded, setup_for
from flows.engine.chosen_server import unreachable
from flows.engine.orchestrator import flow_engine, is_first_start
from flows.machine import as_ours, take_open_files
from flows.plan import Identity, Options, Plan, identify, make_plan
from flows.progress import Show, showing
from flows.report import Report
from flows.runlog import log_of, run_log
from flows.sources import path_as_text
from flows.timing import counting_from, part_done, seconds_so_far
from flows.workers.protocol import Order
from flows.workers.starting import Wanted, started_workers
from pipeline.files import too_open
from pipeline.landing import make_output, open_output

logger = logging.getLogger(__name__)


def run(sources: Sequence[Path], out: Path, options: Options) -> Report:
    """Digitise the sources' documents into the output folder, and show on standard error how it goes.

    Raises:
        SignedFormsError: when the run itself fails; what had landed until then stays.
    """
    take_open_files()
    with counting_from(time.monotonic()), showing() as show:
        part_done("imports")
        show.note("looking at the sources")
        identity = identify(options)
        if said := too_open(out, identity.settings.landing.readable_by):
            show.warn(said)
        plan = make_plan(sources, out, options, identity)
        part_done("plan")
        if plan.to_read:
            make_output(out, identity.settings.landing)
            report = _run_flow(sources, plan, Wanted(len(plan.to_read), out, options, identity, log_of(out)), show)
        else:
            report = _run_all_skipped(plan, out, options, identity)
        return replace(report, seconds=round(seconds_so_far(), 1))


def _run_all_skipped(plan: Plan, out: Path, options: Options, identity: Identity) -> Report:
    """The run if there is nothing to read, which needs no flow engine."""
    run_id = uuid.uuid4().hex
    with open_output(out, identity.settings.landing) as output:
        remember_skipped(plan, output, setup_for(out, options, identity, threads=1), run_id)
        gone = remove_superseded(output, plan, plan.endings)
        derive_signers(output)
    return Report(run_id, str(out), seconds_so_far(), plan.endings, plan.ignored, plan.passed_over, gone)


def _run_flow(sources: Sequence[Path], plan: Plan, wanted: Wanted, show: Show) -> Report:
    """The run as a flow; its workers load, and read the first documents, while the flow engine starts."""
    out, first = wanted.out, is_first_start(wanted.out)
    with run_log(out) as log, started_workers(wanted) as pool:
        pool.read_ahead(Order(document_id, paths, None) for document_id, paths in plan.to_read.items())
        part_done("workers started")
        show.note("starting the flow engine" + (", which takes longer the first time" if first else ""))
        try:
            with ExitStack() as engine:
                with _no_garbage_collection():
                    engine.enter_context(flow_engine(out, note=show.note))
                    flow = importlib.import_module("flows.digitise").digitise
                part_done("flow engine ready")
                with run_log(out):  # once more: Prefect has replaced the log's handler as it was imported
                    return Report.from_json(flow([*map(path_as_text, sources)], path_as_text(out), wanted.options))
        except Exception as error:
            with run_log(out):  # which the handler of before may have gone with, too
                logger.exception("the run failed")
            ours = as_ours(error)
            if ours is error:
                raise
            if (silence := unreachable(error)) is not None:
                raise silence from error
            raise type(ours)(f"{ours} (the log is {log})") from error


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Import without looking for garbage: there is none among modules, and to look took a sixth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()
