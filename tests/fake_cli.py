"""`signed-forms` with the workers of `fake_worker.py`."""

from conftest import FAKE_WORKER

from flows import pool
from flows.cli import main

pool.COMMAND = FAKE_WORKER  # in the processes of scheduled runs as well, which import this file

if __name__ == "__main__":
    main()
