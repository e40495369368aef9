"""Homes of flow engines for tests that spoil them: with a database that is migrated already, which takes long."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from flows.engine.history import DATABASE, migrated_mark


def migrated_home(folder):
    """A copy of the session's home in `folder`, with whatever that remembers; ask for the fixture `engine` as well."""
    folder.mkdir()
    source = Path(os.environ["PREFECT_HOME"]) / DATABASE
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(folder / DATABASE)) as new:
        old.backup(new)
    migrated_mark(folder).touch()
    return folder
