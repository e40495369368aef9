"""A run as the command line starts it: with the flow engine where there is something to read, without it elsewhere."""

from __future__ import annotations

import importlib
import logging
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from flows.batch import derive_signers, remember_skipped, setup_for
from flows.machine import as_ours, take_open_files
from flows.orchestrator import flow_engine, is_first_start
from flows.plan import Options, identify, make_plan
from flows.progress import Show, showing
from flows.report import Report
from flows.runlog import run_log
from flows.sources import path_as_text
from pipeline.commit import open_output

logger = logging.getLogger(__name__)


def run(sources: Sequence[Path], out: Path, options: Options) -> Report:
    """Digitise the sources' documents into the output folder, and show on standard error how it goes.

    Raises:
        SignedFormsError: when the run itself fails; what had landed until then stays.
    """
    take_open_files()
    with showing() as show:
        return _run_all_skipped(sources, out, options, show) or _run_flow(sources, out, options, show)


def _run_all_skipped(sources: Sequence[Path], out: Path, options: Options, show: Show) -> Report | None:
    """The run if there is nothing to read, which needs no flow engine; else None."""
    show.note("looking at the sources")
    started = time.monotonic()
    identity = identify(options)
    plan = make_plan(sources, out, options, identity)
    if plan.to_read:
        return None
    with open_output(out, identity.settings.landing) as output:
        setup = setup_for(out, options, identity, run_id=uuid.uuid4().hex, threads=1)
        remember_skipped(plan, output, setup)
        derive_signers(output)
    return Report(
        setup.run_id, str(out), round(time.monotonic() - started, 1), plan.endings, plan.ignored, plan.passed_over
    )


def _run_flow(sources: Sequence[Path], out: Path, options: Options, show: Show) -> Report:
    first = is_first_start(out)
    show.note("starting the flow engine" + (", which takes longer the first time" if first else ""))
    with run_log(out) as log:
        try:
            with flow_engine(out):
                flow = importlib.import_module("flows.digitise").digitise
                return Report.from_json(flow([*map(path_as_text, sources)], path_as_text(out), options))
        except Exception as error:
            with run_log(out):  # once more: Prefect has replaced the log's handler as it was imported
                logger.exception("the run failed")
            ours = as_ours(error)
            if ours is error:
                raise
            raise type(ours)(f"{ours} (the log is {log})") from error
