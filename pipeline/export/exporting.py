"""OUT -> a workbook, a folder of CSV files, a DuckDB file: the committed rows, for tools that do not read Parquet.

What cannot be carried over as it is, such as a text too long for a cell of Excel, is named in `notices`; nothing is
lost silently. Each file is written beside its place and then renamed into it.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import ExportExists
from pipeline.export.csv_files import write_csv_files
from pipeline.export.database import write_database
from pipeline.export.placing import placed, placed_files
from pipeline.export.snapshot import read_snapshot
from pipeline.export.workbook import write_workbook


@dataclass(frozen=True, slots=True)
class Targets:
    """Where to write; None for what is not wanted."""

    xlsx: Path | None = None
    csv: Path | None = None
    duckdb: Path | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """Those that are wanted."""
        return tuple(path for path in (self.xlsx, self.csv, self.duckdb) if path is not None)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the paths, the number of rows of each table, and what could not be carried over as it is."""

    paths: tuple[str, ...]
    rows: dict[str, int]
    notices: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values that `json.dumps` takes."""
        return asdict(self)

    def lines(self) -> tuple[str, ...]:
        """The same in words."""
        counts = ", ".join(f"{rows} {name}" for name, rows in self.rows.items())
        return (*(f"Wrote {path}" for path in self.paths), f"Rows: {counts}", *self.notices)


def export(out: Path, targets: Targets, *, replace: bool = False) -> Exported:
    """Write the committed rows of an output folder to other formats.

    Args:
        out: the output folder; it may be written to by a run at the same time.
        targets: what to write, and where; folders are made as needed.
        replace: whether files that exist are replaced. Other files of a CSV folder stay.

    Raises:
        NothingLanded: when no document has landed in `out`.
        LandedUnreadable: when a landed file is damaged.
        ExportExists: when a target exists and is not to be replaced, or is given twice; nothing was written.
        ExportUnwritable: when a target cannot be written; what stood there is intact.
        OutputUnsafe: when a link lies in `out`, or where a target is to be written; nothing was written through it.
    """
    if len({path.absolute() for path in targets.paths}) < len(targets.paths):
        raise ExportExists("two targets have the same path")
    for path in targets.paths:
        _check_target(path, is_folder=path is targets.csv, replace=replace)
    snapshot = read_snapshot(out)
    notices: tuple[str, ...] = ()
    if targets.xlsx is not None:
        with placed(targets.xlsx) as draft:
            notices = write_workbook(snapshot, draft)
    if targets.csv is not None:
        with placed_files(targets.csv) as drafts:
            write_csv_files(snapshot, drafts)
    if targets.duckdb is not None:
        with placed(targets.duckdb) as draft:
            write_database(snapshot, draft)
    rows = {name: table.num_rows for name, table in snapshot.items()}
    return Exported(tuple(map(str, targets.paths)), rows, notices)


def _check_target(path: Path, *, is_folder: bool, replace: bool) -> None:
    """Refuse what would overwrite something that nobody asked to replace; of a link to a file, the link is replaced."""
    if not os.path.lexists(path) or (is_folder and path.is_dir() and not any(path.iterdir())):
        return
    if path.is_dir() != is_folder:
        raise ExportExists(f"{path} is a {'file' if is_folder else 'folder'}")
    if not replace:
        raise ExportExists(f"{path} {'is a link' if path.is_symlink() else 'exists'}")
