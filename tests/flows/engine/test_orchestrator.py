"""The flow engine of a run: on the loopback alone, whatever proxies and folders there are, and gone when told to go."""

from __future__ import annotations

import signal
import time

import pytest
from cli_runs import PATIENCE_S, start, wait_for, write

from flows.engine import orchestrator
from flows.engine.orchestrator import flow_engine
from pipeline.errors import FlowEngineFailed
from pipeline.landing.landing import read_table

PROMISED_S = 5
"""What the docs promise for the end after a signal."""


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9"])
def test_no_proxy_comes_between_a_run_and_its_engine(tmp_path, monkeypatch, proxy):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy)
    monkeypatch.setenv("no_proxy", "example.com")
    source, out = write(tmp_path / "in", a="read"), tmp_path / "out"
    with start("digitise", source, "--out", out, own_engine=True) as process:
        _, complaint = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, "Traceback" in complaint) == (0, False)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_long_run_ends_soon_after_a_signal_however_much_its_engine_was_told(tmp_path, number, status):
    many = (
        {f"a{place:03}": "read" for place in range(30)}
        | {"b": "hang"}
        | {f"c{place:03}": "read" for place in range(40)}
    )
    source, out = write(tmp_path / "in", **many), tmp_path / "out"
    with start("digitise", source, "--out", out, "--workers", "1", own_engine=True) as process:
        wait_for((source / "b.pid").exists)
        process.send_signal(number)
        told_at = time.monotonic()
        process.communicate(timeout=PATIENCE_S)
    assert time.monotonic() - told_at < 2 * PROMISED_S  # a busy machine may take longer; undelivered, minutes
    assert process.returncode == status
    assert read_table(out, "documents").num_rows > 0


def test_a_home_inside_the_output_folder_is_not_taken_from_others(tmp_path, monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.delenv("PREFECT_HOME", raising=False)
    nowhere = tmp_path / "file"
    nowhere.touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(nowhere))
    home = tmp_path / "out" / f".{orchestrator.HOME_NAME}"
    home.mkdir(parents=True)
    home.chmod(0o777)
    with pytest.raises(FlowEngineFailed, match="others may have put files there"), flow_engine(tmp_path / "out"):
        pass
    home.rmdir()
    home.symlink_to(tmp_path)
    with pytest.raises(FlowEngineFailed, match="is a link"), flow_engine(tmp_path / "out"):
        pass
