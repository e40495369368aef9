"""`signed-forms` with the workers of `fake_worker.py` and the file systems of `fake_looker.py`."""

from fakes import FAKE_LOOKER, FAKE_WORKER, HANG_S

from flows import looking
from flows.cli import main
from flows.workers import pool

pool.COMMAND = FAKE_WORKER  # in the processes of scheduled runs as well, which import this file
looking.COMMAND, looking.ANSWER_LIMIT_S = FAKE_LOOKER, HANG_S

if __name__ == "__main__":
    main()
