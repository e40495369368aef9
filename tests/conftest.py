"""What several test modules share."""

from __future__ import annotations

import hypothesis
import pytest
from fakes import FAKE_LOOKER, FAKE_WORKER, HANG_S

from flows import looking
from flows.engine.orchestrator import flow_engine
from flows.workers import pool

hypothesis.settings.register_profile("untimed", deadline=None)  # what is slow on a busy machine is not wrong
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    """A flow engine for the whole session, with a home of its own."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(home))
        patch.delenv("PREFECT_API_URL", raising=False)
        patch.delenv("PREFECT_HOME", raising=False)
        with flow_engine(home):
            yield


@pytest.fixture
def fake_workers(monkeypatch):
    """Workers that do what a file's first line says, without engines."""
    monkeypatch.setattr(pool, "COMMAND", FAKE_WORKER)


@pytest.fixture
def fake_looker(monkeypatch):
    """File systems of which those with "hangs" in a name hang, and those with "locked" refuse."""
    monkeypatch.setattr(looking, "COMMAND", FAKE_LOOKER)
    monkeypatch.setattr(looking, "ANSWER_LIMIT_S", HANG_S)
