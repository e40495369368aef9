"""Files that appear whole or not at all: written under a name with a dot, then renamed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import ExportUnwritable


@contextmanager
def placed(path: Path) -> Iterator[Path]:
    """A name to write a file under, which takes the place of `path` when the block ends well.

    Raises:
        ExportUnwritable: when the file cannot be written; what stood at `path` is intact.
    """
    draft = _draft(path)
    with _errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        try:
            yield draft
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


@contextmanager
def placed_files(folder: Path) -> Iterator[Path]:
    """A folder to write files into, which take their places in `folder` when the block ends well.

    Other files of `folder` stay.

    Raises:
        ExportUnwritable: when a file cannot be written.
    """
    drafts = _draft(folder)
    with _errors(folder):
        shutil.rmtree(drafts, ignore_errors=True)
        drafts.mkdir(parents=True)
        try:
            yield drafts
            folder.mkdir(exist_ok=True)
            for draft in sorted(drafts.iterdir()):
                draft.replace(folder / draft.name)
        finally:
            shutil.rmtree(drafts, ignore_errors=True)


def _draft(path: Path) -> Path:
    path = path.absolute()
    return path.with_name(f".{path.name}.partial")


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Say of which target a failure to write is."""
    try:
        yield
    except OSError as error:
        raise ExportUnwritable(f"{path}: {error.strerror or error}") from error
