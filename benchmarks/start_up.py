"""One page -> what the command takes for it, from nothing to its end, beside another checkout's.

    python -m benchmarks.start_up PAGE --other CHECKOUT [--runs 5]

Digitises the page by this checkout and by the other in turn, so that both meet the same other work of the machine, each
into a folder of its own and with a history of its own for the flow engine. One run of each comes first and is not
counted: it places models and makes the history. Prints the least and the median of the seconds on the clock and of the
CPU, all processes together, and the median of the ratios pair by pair:

    |              | wall, least | wall, median | CPU, least | CPU, median |
    |--------------|-------------|--------------|------------|-------------|
    | here         | …           | …            | …          | …           |
    | other        | …           | …            | …          | …           |
    | here / other |             | …            |            | …           |

Quote the ratios: seconds change with the machine. Then the parts of one more run here, as `--verbose` tells them.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.speed import ROOT, machine
from benchmarks.trials import table

PART = re.compile(r" *[0-9.]+ s: ")
"""How the lines begin in which `--verbose` tells the parts of a run."""
DIGITISE = (sys.executable, "-P", "-m", "flows.cli", "--verbose", "digitise")


class Cost(NamedTuple):
    """Seconds of a run: on the clock, and of the CPU, all its processes together."""

    wall_s: float
    cpu_s: float


class Pair(NamedTuple):
    """A run of this checkout, and the run of the other that came after it."""

    here: Cost
    other: Cost


class Side(NamedTuple):
    """A checkout, and the folder that its runs have to themselves."""

    checkout: Path
    folder: Path

    def environment(self) -> dict[str, str]:
        """Of its runs: its own modules, and a flow engine of its own."""
        state = {"PYTHONPATH": str(self.checkout), "XDG_STATE_HOME": str(self.folder / "state")}
        return {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")} | state


def timed(command: Sequence[str], environment: Mapping[str, str]) -> tuple[Cost, str]:
    """Run a command to its end: its cost, and what it said on standard error.

    Raises:
        RuntimeError: when it fails.
    """
    with tempfile.TemporaryFile("w+") as said:
        started = time.monotonic()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        words = said.read()
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with status {process.returncode}:\n{words}")
    return Cost(wall_s, used.ru_utime + used.ru_stime), words


def digitise(page: Path, side: Side) -> tuple[Cost, str]:
    """Read a page by a checkout, whatever had landed."""
    return timed([*DIGITISE, str(page), "--out", str(side.folder / "out"), "--force"], side.environment())


def in_turn(page: Path, here: Side, other: Side, runs: int) -> list[Pair]:
    """So many pairs of runs, after one that is not counted."""
    pairs = [Pair(digitise(page, here)[0], digitise(page, other)[0]) for _ in range(runs + 1)]
    return pairs[1:]


def as_markdown(pairs: Sequence[Pair]) -> str:
    """The table of the module's docstring."""

    def row(name: str, costs: Sequence[Cost]) -> list[str]:
        kinds = [[cost.wall_s for cost in costs], [cost.cpu_s for cost in costs]]
        return [name, *(f"{pick(kind):.2f}" for kind in kinds for pick in (min, statistics.median))]

    wall = statistics.median(pair.here.wall_s / pair.other.wall_s for pair in pairs)
    cpu = statistics.median(pair.here.cpu_s / pair.other.cpu_s for pair in pairs)
    rows = [row("here", [pair.here for pair in pairs]), row("other", [pair.other for pair in pairs])]
    rows.append(["here / other", "", f"{wall:.2f}", "", f"{cpu:.2f}"])
    return table(["", "wall, least", "wall, median", "CPU, least", "CPU, median"], rows)


def main(arguments: Iterable[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("--other", type=Path, required=True, metavar="CHECKOUT")
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args(None if arguments is None else list(arguments))
    with tempfile.TemporaryDirectory(prefix="signed-forms-start-up-") as folder:
        here, other = (
            Side(checkout.resolve(), Path(folder, name)) for checkout, name in ((ROOT, "here"), (chosen.other, "other"))
        )
        for side in (here, other):
            side.folder.mkdir()
        pairs = in_turn(chosen.page.resolve(), here, other, chosen.runs)
        _, said = digitise(chosen.page.resolve(), here)
    print(f"{machine()}; pairs of runs: {len(pairs)}\n")
    print(as_markdown(pairs))
    print("\n".join(line for line in said.splitlines() if PART.match(line)))


if __name__ == "__main__":
    main()
