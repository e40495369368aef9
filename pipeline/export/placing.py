"""Files that appear whole or not at all, for their owner alone: written where nobody else looks, then moved."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import ExportUnwritable
from pipeline.files import Folder, make_folder, open_folder


@contextmanager
def placed(path: Path) -> Iterator[Path]:
    """A name to write a file under, which takes the place of `path` when the block ends well.

    Raises:
        ExportUnwritable: when the file cannot be written; what stood at `path` is intact.
        OutputUnsafe: when a link lies where the file is to be written.
    """
    path = path.absolute()
    with _drafts(path) as drafts, open_folder(path.parent) as target:
        yield drafts.path / path.name
        _place(drafts, path.name, target)


@contextmanager
def placed_files(folder: Path) -> Iterator[Path]:
    """A folder to write files into, which take their places in `folder` when the block ends well.

    Other files of `folder` stay. It may be a link to a folder: the files go where it leads.

    Raises:
        ExportUnwritable: when a file cannot be written.
        OutputUnsafe: when a link lies where the files are to be written.
    """
    folder = folder.resolve()
    with _drafts(folder) as drafts:
        yield drafts.path
        make_folder(folder)
        with open_folder(folder) as target:
            for name in drafts.names():
                _place(drafts, name, target)


@contextmanager
def _drafts(path: Path) -> Iterator[Folder]:
    """A new folder beside an export, for what is not complete yet."""
    name = f".{path.name}.partial"
    with _errors(path):
        make_folder(path.parent)
        with open_folder(path.parent) as around:
            around.drop(name)
            if not around.make_folder(name):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path.parent / name))
            try:
                with around.folder(name) as drafts:
                    yield drafts
            finally:
                around.drop(name)


def _place(drafts: Folder, name: str, target: Folder) -> None:
    """Move a file that a library wrote, with a mode of its own."""
    drafts.close_to_others(name)
    drafts.move(name, target, name)


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Say of which target a failure to write is."""
    try:
        yield
    except OSError as error:
        raise ExportUnwritable(f"{path}: {error.strerror or error}") from error
