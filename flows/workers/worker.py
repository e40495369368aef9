"""The worker process: `python -P -m flows.workers.worker SETUP DESCRIPTOR`, started and killed by the pool.

It loads the engines once, then reads the documents that it is told, one at a time, and lands each. It imports no
orchestrator. What it and its libraries print goes to the run's log. It ends when its pool does, however that ends: the
system closes the pool's side of the connection.
"""

from __future__ import annotations

import datetime
import faulthandler
import gc
import sys
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import cv2

from flows.batch import land_document, open_planned
from flows.runlog import log_to_stderr
from flows.workers.memory import give_back
from flows.workers.protocol import OnPage, Order, Reader, Setup, serve
from flows.workers.reading_ahead import AheadReader, Read
from pipeline.document import decodes, digitise_file
from pipeline.engines import load_engines
from pipeline.forms import load_profiles
from pipeline.intake import impatient
from pipeline.landing import Output
from pipeline.settings import load_settings


def main() -> None:
    """Serve the pool at the other end of the descriptor."""
    faulthandler.enable()
    log_to_stderr()
    setup = Setup.from_json(sys.argv[1])
    serve(Connection(int(sys.argv[2])), lambda: prepare(setup))


def prepare(setup: Setup) -> Reader:
    """Load what every document needs.

    Raises:
        SignedFormsError: when something of it is missing.
    """
    settings = load_settings(Path(setup.settings_file) if setup.settings_file else None)
    profiles = load_profiles(settings.forms)
    cv2.setNumThreads(setup.threads)
    engines = load_engines(settings.models, settings.models.threads or setup.threads)
    output = Output(Path(setup.out), settings.landing)
    debug_images = Path(setup.debug_images) if setup.debug_images else None
    gc.freeze()  # what was imported and loaded stays; to look through all of it for garbage took 5 ms a page

    in_haste = replace(settings, intake=impatient(settings.intake))

    def digitise(order: Order, on_page: OnPage) -> Read | None:
        started_at = datetime.datetime.now(datetime.UTC)
        chosen = settings if order.again is None else in_haste
        if order.again is not None:
            give_back(above_mb=0)  # what failed for want of memory has all there is
        with open_planned(order) as file:
            if order.again is not None and not decodes(file, chosen, order.again):
                return None
            result = digitise_file(file, chosen, engines, profiles, debug_images, on_page=on_page)
        give_back()
        return Read(result, started_at)

    return AheadReader(digitise, lambda read, order: land_document(read.result, order, output, setup, read.started_at))


if __name__ == "__main__":
    main()
