"""Nothing leaves the machine: the engines run inside a fence that counts every attempt to.

The fence is a network namespace with loopback alone, where the kernel itself counts what native code tries too. Where
namespaces are not allowed, Python's audit events stand in; they see Python's own sockets only.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.models.placing import TREE

IN_NAMESPACE = r"""
import fcntl, json, re, socket, struct, subprocess, sys
from pathlib import Path

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:  # bring loopback up: SIOCSIFFLAGS, IFF_UP
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 1))
done = subprocess.run([sys.executable, "-c", sys.argv[1]])
names, values = (line.split() for line in Path("/proc/self/net/snmp").read_text().splitlines() if line[:3] == "Ip:")
refused = int(dict(zip(names, values))["OutNoRoutes"])
refused += sum(map(int, re.findall(r"^Ip6OutNoRoutes\s+(\d+)", Path("/proc/self/net/snmp6").read_text(), re.M)))
names, values = (line.split() for line in Path("/proc/self/net/snmp").read_text().splitlines() if line[:4] == "Udp:")
refused += int(dict(zip(names, values))["OutDatagrams"])  # names asked of a resolver on loopback
Path(sys.argv[2]).write_text(json.dumps({"status": done.returncode, "attempts": refused}))
"""

AUDITED = r"""
import os, sys

def watch(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        where = arguments[0]
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        where = arguments[1][0] if isinstance(arguments[1], tuple) else None  # a path or nothing: stays on the machine
    else:
        return
    if where not in (None, "", "localhost", "127.0.0.1", "::1"):
        with open(os.environ["FENCE_LOG"], "a") as log:
            log.write(f"{event} {where}\n")
        raise OSError(101, "Network is unreachable")

sys.addaudithook(watch)
"""


class Outcome(NamedTuple):
    """How a script ended, and how often it tried to reach beyond the machine."""

    status: int
    attempts: int
    output: str


def in_namespace(script: str, folder: Path) -> Outcome:
    report = folder / "report.json"
    command = [*unshare(), sys.executable, "-c", IN_NAMESPACE, script, str(report)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(folder), timeout=300)
    assert report.exists(), done.stderr
    return Outcome(output=done.stdout + done.stderr, **json.loads(report.read_text()))


def audited(script: str, folder: Path) -> Outcome:
    (folder / "sitecustomize.py").write_text(AUDITED)
    log = folder / "attempts"
    log.touch()
    watched = environment(folder) | {"PYTHONPATH": f"{folder}{os.pathsep}{TREE}", "FENCE_LOG": str(log)}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=watched, timeout=300)
    return Outcome(done.returncode, len(log.read_text().splitlines()), done.stdout + done.stderr)


def environment(folder: Path) -> dict[str, str]:
    """A user's plain environment with an empty home; whatever switches telemetry off is left to the program."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(TREE)}


@cache
def unshare() -> tuple[str, ...]:
    """The command that runs another without a network; empty where namespaces are not allowed."""
    for command in (("unshare", "--net"), ("unshare", "--map-root-user", "--net")):
        try:
            if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
                return command
        except OSError:  # no such program
            break
    return ()


def fenced(script: str, folder: Path) -> Outcome:
    """Run a Python script where it cannot reach beyond the machine, and count its attempts to."""
    return (in_namespace if unshare() else audited)(script, folder)


@pytest.fixture(params=[in_namespace, audited], ids=["namespace", "audit"])
def fence(request):
    if request.param is in_namespace and not unshare():
        pytest.skip("namespaces are not allowed here")
    return request.param


CONNECT = """
import contextlib, socket
with contextlib.suppress(OSError):
    socket.create_connection(({host!r}, 443), timeout=5)
"""
LOOPBACK = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
    client.sendall(b"hello")
"""
NATIVE = """
import ctypes, socket, struct
libc = ctypes.CDLL(None)
handle = libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
libc.connect(handle, struct.pack("=HH4s8x", socket.AF_INET, socket.htons(443), bytes([192, 0, 2, 1])), 16)
"""
READ_A_PAGE = f"""
import pypdfium2
from pipeline.engines.paddle import load_engines
from pipeline.settings.settings import ModelSettings

engines = load_engines(ModelSettings())
with pypdfium2.PdfDocument({str(TREE / "data" / "raw" / "qilian-2023.pdf")!r}) as document:
    page = document[0].render(scale=200 / 72).to_numpy()[:, :, :3].copy()
engines.detector.detect(page[:330])
engines.orienter.orient(page)
print(engines.recogniser.read([page[215:285, 640:1870]])[0].text)
"""


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.invalid"], ids=["IPv4", "IPv6", "a name"])
def test_the_fence_notices_a_connection_that_fails_quietly(fence, tmp_path, host):
    outcome = fence(CONNECT.format(host=host), tmp_path)
    assert outcome.status == 0, outcome.output
    assert outcome.attempts > 0


def test_the_fence_lets_loopback_through(fence, tmp_path):
    assert fence(LOOPBACK, tmp_path) == Outcome(0, 0, "")


def test_the_namespace_notices_native_code_too(tmp_path):
    if not unshare():
        pytest.skip("namespaces are not allowed here")
    assert in_namespace(NATIVE, tmp_path).attempts > 0


@pytest.mark.slow
def test_a_page_is_read_without_an_attempt_to_reach_beyond_the_machine(tmp_path):
    outcome = fenced(READ_A_PAGE, tmp_path)
    assert outcome.status == 0, outcome.output
    assert "祁连县人大常委会办公室2023年部门预算项目支出绩效目标公开表" in outcome.output
    assert outcome.attempts == 0


@pytest.mark.slow
def test_reading_a_page_leaves_nothing_in_the_home_folder(tmp_path):
    """ONNX Runtime keeps a device id and a queue of events there unless its telemetry is off from the start."""
    fenced(READ_A_PAGE, tmp_path)
    assert list((tmp_path / "home").rglob("*")) == []


@pytest.mark.slow
def test_a_whole_run_reaches_nothing_but_its_own_flow_engine(tmp_path):
    """The command, the flow engine on loopback, the decoder and a worker, until a document has landed."""
    page = Path(__file__).parent / "data" / "pages" / "dev-004-clean.jpg"
    command = ["digitise", str(page), "--out", str(tmp_path / "out"), "--json"]
    outcome = fenced(f"import sys; from flows.cli import main; sys.argv[1:] = {command!r}; main()", tmp_path)
    assert outcome.status == 0, outcome.output
    assert '"landed"' in outcome.output
    assert outcome.attempts == 0
