"""Whether two folders of landed tables say the same, value for value.

    python -m benchmarks.compare OUT OTHER_OUT [--show N]

Left out is what differs between two runs of the same program: run ids, times, versions, digests of settings and models.
Rows are compared in the order in which each document's file holds them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

OF_THE_RUN = {
    "documents": {"run_id", "started_at", "finished_at", "pipeline_version", "settings_sha256", "models"},
    "sources": {"first_seen", "source_path"},
}
"""Columns of a table that say when, where or with what a run was made."""
SHOWN = 20


class Difference(NamedTuple):
    """A value that is not the same, or a file or row that only one folder has."""

    place: str
    one: object
    other: object


def differences(one: Path, other: Path) -> Iterator[Difference]:
    """What differs between the tables of two folders, by table, document, row and column."""
    for table in sorted({path.parent.name for out in (one, other) for path in out.glob("[a-z]*/*.parquet")}):
        names = [{path.name for path in (out / table).glob("*.parquet")} for out in (one, other)]
        for file in sorted(names[0] | names[1]):
            if file in names[0] and file in names[1]:
                yield from _in_files(table, one / table / file, other / table / file)
            else:
                yield Difference(f"{table}/{file}", file in names[0], file in names[1])


def _in_files(table: str, one: Path, other: Path) -> Iterator[Difference]:
    rows = [pq.read_table(path, partitioning=None).to_pylist() for path in (one, other)]
    place = f"{table}/{one.stem[:12]}"
    if len(rows[0]) != len(rows[1]):
        yield Difference(f"{place} rows", len(rows[0]), len(rows[1]))
    for index, (first, second) in enumerate(zip(*rows, strict=False)):
        for column in sorted((first.keys() | second.keys()) - OF_THE_RUN.get(table, set())):
            if first.get(column) != second.get(column):
                yield Difference(f"{place} row {index} {column}", first.get(column), second.get(column))


def main() -> None:
    """Print how many values differ, and the first of them; exit with 1 where there are any."""
    parser = argparse.ArgumentParser(description="Whether two folders of landed tables say the same.")
    parser.add_argument("one", type=Path)
    parser.add_argument("other", type=Path)
    parser.add_argument("--show", type=int, default=SHOWN, help="differences to print (default %(default)s)")
    arguments = parser.parse_args()
    n_files = len(list(arguments.one.glob("[a-z]*/*.parquet")))
    if not n_files:
        parser.error(f"{arguments.one} holds no landed tables")
    found = list(differences(arguments.one, arguments.other))
    for difference in found[: arguments.show]:
        print(f"{difference.place}: {difference.one!r} | {difference.other!r}")
    print(f"{len(found)} values differ in {n_files} files.")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
