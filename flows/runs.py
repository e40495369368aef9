"""A run as the command line starts it: with the flow engine where there is something to read, without it elsewhere."""

from __future__ import annotations

import importlib
import logging
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from flows.batch import derive_signers, remember_skipped, remove_superseded, setup_for
from flows.engine.chosen_server import unreachable
from flows.engine.orchestrator import flow_engine, is_first_start
from flows.machine import as_ours, take_open_files
from flows.plan import Identity, Options, identify, make_plan
from flows.progress import Show, showing
from flows.report import Report
from flows.runlog import run_log
from flows.sources import path_as_text
from pipeline.folder import too_open
from pipeline.landing import make_output, open_output

logger = logging.getLogger(__name__)


def run(sources: Sequence[Path], out: Path, options: Options) -> Report:
    """Digitise the sources' documents into the output folder, and show on standard error how it goes.

    Raises:
        SignedFormsError: when the run itself fails; what had landed until then stays.
    """
    take_open_files()
    with showing() as show:
        show.note("looking at the sources")
        identity = identify(options)
        landing = identity.settings.landing
        if said := too_open(out, landing.readable_by):
            show.warn(said)
        report = _run_all_skipped(sources, out, options, identity)
        if report is None:
            make_output(out, landing)
            report = _run_flow(sources, out, options, show)
        return report


def _run_all_skipped(sources: Sequence[Path], out: Path, options: Options, identity: Identity) -> Report | None:
    """The run if there is nothing to read, which needs no flow engine; else None."""
    started = time.monotonic()
    plan = make_plan(sources, out, options, identity)
    if plan.to_read:
        return None
    with open_output(out, identity.settings.landing) as output:
        setup = setup_for(out, options, identity, run_id=uuid.uuid4().hex, threads=1)
        remember_skipped(plan, output, setup)
        gone = remove_superseded(output, plan, plan.endings)
        derive_signers(output)
    seconds = round(time.monotonic() - started, 1)
    return Report(setup.run_id, str(out), seconds, plan.endings, plan.ignored, plan.passed_over, gone)


def _run_flow(sources: Sequence[Path], out: Path, options: Options, show: Show) -> Report:
    first = is_first_start(out)
    show.note("starting the flow engine" + (", which takes longer the first time" if first else ""))
    with run_log(out) as log:
        try:
            with flow_engine(out, note=show.note):
                flow = importlib.import_module("flows.digitise").digitise
                return Report.from_json(flow([*map(path_as_text, sources)], path_as_text(out), options))
        except Exception as error:
            with run_log(out):  # once more: Prefect has replaced the log's handler as it was imported
                logger.exception("the run failed")
            ours = as_ours(error)
            if ours is error:
                raise
            if (silence := unreachable(error)) is not None:
                raise silence from error
            raise type(ours)(f"{ours} (the log is {log})") from error
