"""Ids of documents -> nothing of them left in an output folder: no row of any table, no log of a run that names them.

The table `signers`, made of all documents, goes as one more file, and is derived anew from those that stay.

What a document leaves elsewhere (the scan, exports, pictures of `--debug-images`, the flow engine's history, backups)
is not touched; docs/operations.md lists it.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import DocumentAmbiguous, DocumentUnknown, SourceUnreadable
from pipeline.files import hash_file, open_folder, output_errors, readers_of
from pipeline.landing.journal import LOGS
from pipeline.landing.signer_table import SIGNERS_FILE, forget_stamps, refresh_signers
from pipeline.landing.transaction import STAGING, SUFFIX, document_file, exclusive, open_output, remove
from pipeline.settings import LandingSettings
from pipeline.visible import visible

ID_DIGITS = 64
"""A SHA-256 has so many hexadecimal digits."""
MIN_DIGITS = 8
"""So many digits of an id do: among a million documents, a wrong digit hits another one once in 4000 times."""
WANTED = re.compile(f"[0-9a-f]{{{MIN_DIGITS},{ID_DIGITS}}}")
LOG_SUFFIX = ".log"
"""Files of the log end so; nothing else in its folder is looked through."""
LONGEST_CODE = 10
"""A log may have so many characters in place of one that is not seen."""
FIRST = "documents"
"""The table that readers go by: what is not in it is not committed, so it is the first that a document leaves."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A document that was removed: the paths at which it had been found, and how many files of tables it had.

    `still_there` are those of the paths that hold it still, or a file that cannot be read.
    """

    document_id: str
    source_paths: tuple[str, ...]
    still_there: tuple[str, ...]
    files: int


@dataclass(frozen=True, slots=True)
class Removal:
    """What was removed from an output folder; `logs` are the names of the logs that are gone."""

    out: str
    documents: tuple[Forgotten, ...]
    logs: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values that `json.dumps` takes."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """The same in words."""
        for document in self.documents:
            yield f"Forgot {document.document_id}: {document.files} files"
            for path in document.still_there:
                yield f"  still there, and a run over it reads it again: {visible(path)}"
        if self.logs:
            yield f"Removed as well, logs of runs: {visible(', '.join(self.logs))}"
        yield "Not touched: scans, exports, debug pictures, the flow engine's history, backups (docs/operations.md)"


def forget(out: Path, wanted: Sequence[str]) -> Removal:
    """Remove documents from all tables of an output folder, all of them or none, and the logs that name them.

    Args:
        out: the output folder.
        wanted: ids of documents, or beginnings of at least `MIN_DIGITS` hexadecimal digits that fit one document each.

    Raises:
        DocumentUnknown: when an id fits no document, or is none; nothing was removed.
        DocumentAmbiguous: when one fits several; nothing was removed.
        OutputLocked: when a run is writing to the folder.
        OutputUnsafe: when a file that is to go, or its folder, is a link; nothing was removed.
        OutputUnwritable: when a file cannot be removed; either none was, or whoever opens the folder next removes them.
    """
    beginnings = [_checked(text) for text in wanted]
    if not _places(out) and not (out / STAGING).is_dir():
        raise DocumentUnknown(f"{out} is no output folder")
    with open_output(out, LandingSettings()), exclusive(out), output_errors(out):
        places = _places(out)
        chosen = sorted({_resolve(beginning, places, out) for beginning in beginnings})
        sources = {document_id: _source_paths(out, document_id) for document_id in chosen}
        logs = _logs_that_name(out, sources)
        derived, readers = (out / SIGNERS_FILE).is_file(), readers_of(out / SIGNERS_FILE)
        files = [SIGNERS_FILE] if derived else []
        in_order = sorted((*files, *document_files(out, chosen)), key=lambda file: file.parent.name != FIRST)
        forget_stamps(out)
        remove(out, f"forget-{uuid.uuid4().hex}", [*in_order, *logs])
        if derived:
            refresh_signers(out, readers)
    documents = tuple(_forgotten(name, sources[name] or (), len(places[name])) for name in chosen)
    return Removal(str(out), documents, tuple(log.name for log in logs))


def document_files(out: Path, document_ids: Sequence[str]) -> list[Path]:
    """The files of documents, relative to `out`, in the order in which they are to go: those of `documents` first.

    Also those in tables that only other versions know.
    """
    tables = sorted((path.name for path in out.glob("[!.]*/")), key=lambda table: (table != FIRST, table))
    files = (document_file(Path(), table, name) for table in tables for name in document_ids)
    return [file for file in files if (out / file).is_file()]


def _checked(text: str) -> str:
    """The hexadecimal digits of an id or of its beginning, in lower case."""
    digits = text.strip().lower()
    if not WANTED.fullmatch(digits):
        raise DocumentUnknown(f"{text!r} is no id: {ID_DIGITS} hexadecimal digits, or the first {MIN_DIGITS} or more")
    return digits


def _places(out: Path) -> dict[str, set[str]]:
    """The folders of `out` in which each document has a file: also those of tables that only other versions know."""
    places: dict[str, set[str]] = {}
    for path in out.glob(f"[!.]*/*{SUFFIX}"):
        if len(path.stem) == ID_DIGITS and WANTED.fullmatch(path.stem):
            places.setdefault(path.stem, set()).add(path.parent.name)
    return places


def _resolve(beginning: str, known: Iterable[str], out: Path) -> str:
    fitting = sorted(name for name in known if name.startswith(beginning))
    if not fitting:
        raise DocumentUnknown(f"no document of {out} has the id {beginning}")
    if len(fitting) > 1:
        raise DocumentAmbiguous(f"{beginning} fits {len(fitting)} documents: {', '.join(fitting)}")
    return fitting[0]


def _source_paths(out: Path, document_id: str) -> tuple[str, ...] | None:
    """Where a document was found; None when its rows of `sources` cannot be read."""
    try:
        with pq.ParquetFile(document_file(out, "sources", document_id)) as file:
            return tuple(file.read(["source_path"])["source_path"].to_pylist())
    except (OSError, KeyError, pa.ArrowException):
        return None


def _logs_that_name(out: Path, sources: dict[str, tuple[str, ...] | None]) -> list[Path]:
    """The logs, relative to `out`, that hold an id or a file's name; all of them where the names are unknown.

    A log goes whole: a traceback runs over many lines, and the values that it quotes name no document.
    """
    names = {Path(path).name for paths in sources.values() for path in paths or ()}
    patterns = (rf"(?<!\w){_as_logged(name)}(?!\w)" for name in sorted(sources.keys() | names))
    named = re.compile("|".join(patterns) if all(paths is not None for paths in sources.values()) else "", re.DOTALL)
    with open_folder(out) as folder:
        if not folder.has_folder(LOGS):
            return []
        with folder.folder(LOGS) as logs:
            found = [log for log in logs.names() if log.endswith(LOG_SUFFIX) and logs.has_file(log)]
            return [Path(LOGS, log) for log in found if named.search(logs.read(log).decode(errors="replace"))]


def _as_logged(name: str) -> str:
    """A pattern for a name in which logs may have codes for what is not seen, or an indented line for its end."""
    return "".join(re.escape(char) if visible(char) == char else f".{{1,{LONGEST_CODE}}}?" for char in name)


def _forgotten(document_id: str, source_paths: tuple[str, ...], files: int) -> Forgotten:
    still_there = tuple(path for path in source_paths if _may_hold(Path(path), document_id))
    return Forgotten(document_id, source_paths, still_there, files)


def _may_hold(path: Path, document_id: str) -> bool:
    try:
        return path.is_file() and hash_file(path) == document_id
    except (OSError, SourceUnreadable):
        return True
