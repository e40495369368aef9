"""The looking process, with files that hang, are locked or come slowly, as their names begin. Run as the real one."""

from __future__ import annotations

import errno
import os
import time

from fakes import HANG_S

from flows import looker

PIECES = int(HANG_S) + 2


def obedient(ask):
    def asked(path, *more, **options):
        if is_named("hangs", path):
            time.sleep(600)
        if is_named("locked", path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return ask(path, *more, **options)

    return asked


def digest(path, going):
    """As the real one, but a file whose name says so comes in pieces, a second apart."""
    for _ in range(PIECES if is_named("slow", path) else 0):
        time.sleep(1)
        going()
    return looker.digest(path, going)


def is_named(word, path):
    return any(part.startswith(word) for part in os.fspath(path).split("/"))


if __name__ == "__main__":
    os.scandir, os.open = obedient(os.scandir), obedient(os.open)
    looker.QUESTIONS["digest"] = digest
    looker.main()
