"""A server of the user's choice: used when it answers, and named when it does not."""

from __future__ import annotations

import http.server
import os
import threading

import pytest
from cli_runs import PATIENCE_S, start, write

from flows.engine.chosen_server import chosen_server, unreachable
from pipeline.errors import FlowEngineFailed, FlowServerUnreachable


@pytest.fixture
def nowhere(engine, monkeypatch):
    """The address of a port at which nobody listens."""
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        url = f"http://user:secret@127.0.0.1:{server.server_port}/api"
    monkeypatch.setenv("PREFECT_API_URL", url)


@pytest.fixture
def no_prefect(engine, monkeypatch):
    """The address of a web server that is not Prefect's."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{server.server_port}/api")
        yield
        server.shutdown()


def test_without_one_there_is_none(monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.delenv("PREFECT_PROFILE", raising=False)
    with chosen_server() as is_chosen:
        assert not is_chosen


@pytest.mark.usefixtures("engine")
def test_one_that_answers_is_used_whatever_the_proxies_are(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with chosen_server() as is_chosen:
        assert is_chosen


@pytest.mark.usefixtures("nowhere")
def test_one_that_nobody_answers_for_is_named_without_its_password():
    with (
        pytest.raises(FlowServerUnreachable, match=r"http://127\.0\.0\.1:\d+/api: .*refused") as caught,
        chosen_server(),
    ):
        pass
    assert "secret" not in str(caught.value)


@pytest.mark.usefixtures("no_prefect")
def test_one_that_is_not_prefects_is_named():
    with pytest.raises(FlowServerUnreachable, match="http://127"), chosen_server():
        pass


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1/api", "http://[::1"])
def test_one_that_is_no_address_is_named(url, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", url)
    with pytest.raises((FlowServerUnreachable, FlowEngineFailed)), chosen_server():
        pass


def test_a_profile_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setenv("PREFECT_PROFILE", "absent")
    with pytest.raises(FlowEngineFailed, match="'absent'"), chosen_server():
        pass


@pytest.mark.usefixtures("engine")
def test_a_profile_names_the_server(tmp_path, monkeypatch):
    profiles = tmp_path / "profiles.toml"
    profiles.write_text(
        f'active = "other"\n[profiles.other]\n[profiles.ours]\nPREFECT_API_URL = "{url_of_session()}"\n'
    )
    monkeypatch.setenv("PREFECT_PROFILES_PATH", str(profiles))
    monkeypatch.delenv("PREFECT_API_URL")
    for name, expected in {"ours": True, "other": False}.items():
        monkeypatch.setenv("PREFECT_PROFILE", name)
        with chosen_server() as is_chosen:
            assert is_chosen is expected


def url_of_session():
    return os.environ["PREFECT_API_URL"]


@pytest.mark.usefixtures("nowhere")
def test_a_run_ends_with_the_code_and_what_to_do(tmp_path):
    with start("digitise", write(tmp_path / "in", a="read"), "--out", tmp_path / "out") as process:
        _, complaint = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert "FLOW_SERVER_UNREACHABLE: http://127.0.0.1" in complaint
    assert "PREFECT_API_URL" in complaint


def test_a_server_that_falls_silent_during_a_run_is_told_from_faults_of_ours():
    fault = RuntimeError("the flow failed")
    fault.__cause__ = RuntimeError("Failed to reach API at http://127.0.0.1:1/api/")
    assert unreachable(fault).code == "FLOW_SERVER_UNREACHABLE"
    assert unreachable(RuntimeError("a fault of ours")) is None
