"""Digitising on a schedule: the same flow, started by the flow engine in a process of its own each time."""

from __future__ import annotations

import hashlib
import importlib
import multiprocessing
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flows.engine.orchestrator import flow_engine
from flows.engine.settings import SAFE_FOLDER
from flows.looking import Looker
from flows.machine import take_open_files
from flows.plan import Options, identify
from flows.process_end import end_within
from flows.progress import showing
from flows.sources import list_files, path_as_text
from pipeline.errors import ScheduleInvalid
from pipeline.files import too_open
from pipeline.landing import make_output

LOCALTIME = Path("/etc/localtime")
LAST_STEPS_S = 2.0
"""What a run that has landed its documents may still take when its server is interrupted."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When to run: a cron expression in local time, or a number of seconds from one start to the next."""

    cron: str | None = None
    interval_s: float | None = None


def serve_digitise(sources: Sequence[Path], out: Path, options: Options, schedule: Schedule) -> None:
    """Run `digitise` on a schedule; returns when it is interrupted.

    A run that is due while another is at work waits for it.

    Raises:
        ScheduleInvalid: when the cron expression is at fault.
        SignedFormsError: when the sources, the settings or the models are, as far as that can be seen now.
    """
    take_open_files()
    with showing() as show:
        show.note("looking at the sources")
        settings = identify(options).settings
        with Looker() as looker:
            list_files(sources, looker, follow_links=settings.intake.follow_links)
        parameters, name = _parameters(sources, out, options), _deployment_name(out)
        make_output(out, settings.landing)
        if said := too_open(out, settings.landing.readable_by):
            show.warn(said)
        show.note("starting the flow engine")
        with flow_engine(out.absolute(), scheduling=True, note=show.note):
            os.chdir(SAFE_FOLDER)  # for good: scheduled runs start where this process is, and have absolute paths
            flow = importlib.import_module("flows.digitise").digitise
            when = _prefect_schedule(schedule)
            show.note(f"waiting for {_in_words(schedule)}; Ctrl-C ends it")
            signal.signal(signal.SIGINT, signal.default_int_handler)  # ends in Prefect's order, which is quick
            try:
                flow.serve(
                    name=name,
                    schedule=when,
                    parameters=parameters,
                    limit=1,
                    print_starting_message=False,
                )
            finally:
                _end_runs()
            end_within(0)


def _end_runs() -> None:
    """Let a run that is about to end do so while the engine is there, and end it otherwise; what has landed stays.

    Without the engine it would try for minutes to say how it ended, and nobody could stop the server meanwhile.
    """
    for run in multiprocessing.active_children():
        run.join(LAST_STEPS_S)
        run.kill()
        run.join()


def _prefect_schedule(schedule: Schedule) -> Any:
    kinds = importlib.import_module("prefect.schedules")
    if schedule.interval_s is not None:
        return kinds.Interval(timedelta(seconds=schedule.interval_s))
    try:
        return kinds.Cron(str(schedule.cron), timezone=_local_timezone())
    except ValueError as error:
        raise ScheduleInvalid(f"{schedule.cron!r} is no cron expression") from error


def _parameters(sources: Sequence[Path], out: Path, options: Options) -> dict[str, Any]:
    """The flow's parameters; absolute, as scheduled runs may start anywhere."""
    chosen = {
        "settings": None if options.settings is None else str(options.settings.absolute()),
        "workers": options.workers,
    }
    places = [path_as_text(path.absolute()) for path in (*sources, out)]
    return {"sources": places[:-1], "out": places[-1], "options": chosen}


def _deployment_name(out: Path) -> str:
    """One deployment an output folder: the same again after a restart, never another folder's."""
    digest = hashlib.sha256(os.fsencode(out.absolute())).hexdigest()
    return f"{out.absolute().name or 'out'}-{digest[:8]}"


def _local_timezone() -> str:
    """The machine's time zone by its name in the tz database; UTC where it has none."""
    named = os.environ.get("TZ") or str(LOCALTIME.resolve()).rpartition("zoneinfo/")[2]
    try:
        return ZoneInfo(named).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"


def _in_words(schedule: Schedule) -> str:
    if schedule.interval_s is not None:
        return f"a run every {schedule.interval_s:g} s"
    return f"a run at {schedule.cron!r}, {_local_timezone()} time"
