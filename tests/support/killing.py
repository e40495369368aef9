"""Real processes that kill themselves at a chosen step of their work with files."""

import itertools
import multiprocessing
import os
import signal
import traceback

STEPS = ("mkdir", "fsync", "replace", "unlink", "rmdir")
"""Functions of os before whose calls a process may die: all that change what a folder holds."""

processes = multiprocessing.get_context("fork")  # starts in milliseconds, and hundreds are killed


def die_at(step, names):
    """Make this process kill itself before the `step`-th call of any of these functions of os."""
    calls = itertools.count(1)

    def deadly(original):
        def call(*args, **kwargs):
            if next(calls) == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **kwargs)

        return call

    for name in names:
        setattr(os, name, deadly(getattr(os, name)))


def alone(target, *args):
    """Run in a forked process and leave it at once: what other tests left running is not this process's to end."""
    status = 1
    try:
        target(*args)
        status = 0
    finally:
        if status:
            traceback.print_exc()
        os._exit(status)


def killed(target, *args):
    """Run in a real process; whether it was killed before it came to its end."""
    process = processes.Process(target=alone, args=(target, *args))
    process.start()
    process.join(30)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0
