"""A worker without engines: what a file says decides what becomes of it. Run as the real one: SETUP DESCRIPTOR."""

from __future__ import annotations

import datetime
import os
import signal
import sys
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from readings import drawn, page

from flows.batch import land_document, open_planned
from flows.workers.protocol import Setup, serve
from pipeline.elements import NOTHING_UNDERSTOOD, DocumentResult, FormMatch, Status
from pipeline.errors import CorruptFile, DecoderStopped, OutputUnwritable, SourceUnreadable
from pipeline.landing.transaction import Output
from pipeline.settings.settings import LandingSettings

DIE_UNLESS = {"die": ".sound", "die once": ".died", "be replaced and die": ".sound"}
"""Orders to die, with the suffix of a file beside the document that prevents it."""


def main():
    setup = Setup.from_json(sys.argv[1])
    serve(Connection(int(sys.argv[2])), lambda: reader(setup))


def reader(setup):
    output = Output(Path(setup.out), LandingSettings())

    def read(order, on_page):
        if order.run_id is None:  # what it does is counted once, when it is to land
            with Path(setup.out, ".ahead").open("a", errors="backslashreplace") as ahead:
                print(Path(order.sources[0]).name, os.getpid(), file=ahead)
            return None
        started = datetime.datetime.now(datetime.UTC)
        with open_planned(order) as file:
            source = file.source
        path = Path(source.path)
        with Path(setup.out, ".orders").open("a", errors="backslashreplace") as orders:
            print(path.name, os.getpid(), workers_at_hand(), file=orders)
        line = path.read_text().split("\n")[0]
        error = obey(path, line, on_page)
        form_score = 7.0 if line == "malformed" else 1.0
        result = DocumentResult(
            source=replace(source, media_type="image/jpeg", n_pages=0 if error else 1),
            status=Status.QUARANTINED if error else Status.LANDED,
            pages=() if error else (page([drawn("甲 | 乙")]),),
            interpretation=replace(
                NOTHING_UNDERSTOOD, forms=() if error else (FormMatch(1, "form", form_score, None),)
            ),
            findings=(),
            error_code=error and error.code,
            error_message=error and str(error),
        )
        return land_document(result, order, output, setup, started)

    return read


def workers_at_hand():
    """How many workers the pool has, this one among them."""
    tasks = Path(f"/proc/{os.getppid()}/task").glob("*/children")
    children = [Path("/proc", pid, "cmdline") for task in tasks for pid in task.read_text().split()]
    return sum(b"fake_worker" in command.read_bytes() for command in children if command.exists())


def obey(path, order, on_page):
    on_page(1, 2)
    if order == "be replaced and die":
        path.write_text("read\nanother content")
    if order in DIE_UNLESS and not path.with_suffix(DIE_UNLESS[order]).exists():
        path.with_suffix(".died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if order == "hang":
        draft = path.with_suffix(".draft")
        draft.write_text(str(os.getpid()))
        draft.rename(path.with_suffix(".pid"))  # whole, for whoever waits for it
        time.sleep(600)
    if order == "take long":
        time.sleep(5)
    if order == "stumble":
        raise RuntimeError("a fault of ours")
    if order == "vanish":
        raise SourceUnreadable(f"{path.name} cannot be read: No such file or directory")
    if order == "disk full while another hangs":
        wait_for(lambda: any(path.parent.glob("*.pid")))
    if order.startswith("disk full"):
        raise OutputUnwritable(f"{path}: No space left on device")
    if order == "starve" or (order == "starve once" and not path.with_suffix(".starved").exists()):
        path.with_suffix(".starved").touch()
        return DecoderStopped("the decoding process got no processor time for 15 s")
    return CorruptFile("the file cannot be opened") if order == "corrupt" else None


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)


if __name__ == "__main__":
    main()
