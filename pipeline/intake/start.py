"""Starts decoding processes: as copies of a template whose imports are done, or afresh.

Each thread that opens documents has a template of its own, started with its first document. Linux ends a template and
its copies together with the thread that started the template, so threads cannot share one. A template that was killed
gets a successor; where none can work, decoding processes start afresh.
"""

from __future__ import annotations

import functools
import importlib.util
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import TypeAlias

from pipeline.decoding.protocol import DecodeRequest
from pipeline.decoding.template import ANSWER, can_copy
from pipeline.errors import EngineFailed

logger = logging.getLogger(__name__)

INTERPRETER = (sys.executable, "-P", "-S", "-m")
"""Option -P keeps the working folder, which may hold anything, off the child's module path. Option -S saves half of the
start: an interpreter would look through site-packages, and it is told where its libraries are."""
DECODER_COMMAND = (*INTERPRETER, "pipeline.decoding.child")
"""The command of a decoding process, to which its request is appended."""
TEMPLATE_COMMAND = (*INTERPRETER, "pipeline.decoding.template")
"""The command of a template, to which the process id of its parent is appended."""
TUNABLES, LARGE_MEMORY_PAGES = "GLIBC_TUNABLES", "glibc.malloc.hugetlb=1"
"""A decoder soon fills much memory and gives it back: with pages of 2 MiB instead of 4 KiB the system has less to
do."""
LIBRARIES = ("PIL", "pypdfium2")
"""The child imports these libraries beside this package, and its module path names no others."""
START_TIMEOUT_S = 60.0
"""The interpreter and its libraries may load from a cold, busy disk for this long; the document is not touched
before."""


class Copy:
    """A copy of a template, which decodes one document; its members are named as those of `subprocess.Popen`."""

    def __init__(self, pid: int, stdout: FileIO, stderr: FileIO) -> None:
        self.pid, self.stdout, self.stderr = pid, stdout, stderr
        self.returncode: int | None = None

    def kill(self) -> None:
        """Kill it, unless its end is known: then its id may be another's."""
        if self.returncode is None:
            with suppress(ProcessLookupError):  # someone else has waited for it, as Popen puts up with, too
                os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Wait for its end; its exit status, or minus the signal that it died of."""
        if self.returncode is None:
            try:
                self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            except ChildProcessError:
                self.returncode = 0
        return self.returncode


Child: TypeAlias = subprocess.Popen[bytes] | Copy


class Template:
    """A template process; killed by `end`, when this object goes, or its process or thread ends.

    Args:
        command: argv of the template; its parent's process id is appended.

    Raises:
        OSError: when it cannot be started.
    """

    def __init__(self, command: Sequence[str] = TEMPLATE_COMMAND) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(START_TIMEOUT_S)
        self._owner = os.getpid()
        with theirs:
            process = subprocess.Popen(
                [*command, str(self._owner)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
        self.pid = process.pid
        self.end = weakref.finalize(self, _end, process, self._control)

    @property
    def is_ours(self) -> bool:
        """Whether this process started it; one forked from ours has the object as well, and no children by it."""
        return self._owner == os.getpid()

    def copy(self, request: DecodeRequest, file: FileIO) -> Copy:
        """A new process that decodes `file`; after an error, this template is of no more use.

        Raises:
            OSError: when the template is gone, or the system makes no copy.
        """
        (stdout, their_stdout), (stderr, their_stderr) = _pipe(), _pipe()
        try:
            with their_stdout, their_stderr:
                return Copy(self._pid_of_copy(request, (file, their_stdout, their_stderr)), stdout, stderr)
        except BaseException:
            stdout.close()
            stderr.close()
            raise

    def _pid_of_copy(self, request: DecodeRequest, standard_files: Sequence[FileIO]) -> int:
        socket.send_fds(self._control, [request.to_json().encode()], [file.fileno() for file in standard_files])
        answer = self._control.recv(ANSWER.size)
        if not answer:
            raise ConnectionResetError("the template of decoding processes has ended")
        (pid,) = ANSWER.unpack(answer)
        if pid < 0:
            raise OSError(-pid, os.strerror(-pid))
        return int(pid)


class _Thread(threading.local):
    """The template of a thread: there is one, none yet, or none ever."""

    template: Template | None = None
    goes_without = not can_copy()


_thread = _Thread()


def start_decoder(command: Sequence[str] | None, request: DecodeRequest, file: FileIO) -> Child:
    """Start a process that decodes `file`, with pipes for its standard output and error.

    Args:
        command: argv of a program, to which the request is appended; None for our own, as a copy of the template if
            that can be.
        request: what it is to decode.
        file: the open document, which becomes its standard input.

    Raises:
        EngineFailed: when it cannot be started.
    """
    if command is None:
        return _copied(request, file) or _afresh(DECODER_COMMAND, request, file)
    return _afresh(command, request, file)


def _copied(request: DecodeRequest, file: FileIO) -> Copy | None:
    """A copy of this thread's template, or of a new one if that is gone; None if that fails as well."""
    template, _thread.template = _thread.template, None
    if template and template.is_ours:
        try:
            return _copy_and_keep(template, request, file)
        except OSError as error:
            logger.info("another template of decoding processes is started: %s", error)
            template.end()
    try:
        return None if _thread.goes_without else _copy_and_keep(Template(), request, file)
    except OSError as error:
        logger.warning("decoding processes start afresh, without a template: %s", error)
        _thread.goes_without = True
        return None


def _copy_and_keep(template: Template, request: DecodeRequest, file: FileIO) -> Copy:
    """A copy of a template, which the thread keeps only now that it has proved to work."""
    copy = template.copy(request, file)
    _thread.template = template
    return copy


def _afresh(command: Sequence[str], request: DecodeRequest, file: FileIO) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [*command, request.to_json()],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=_environment(),
        )
    except OSError as error:
        raise EngineFailed(f"the decoding process could not be started: {error.strerror}") from error


def _end(template: subprocess.Popen[bytes], control: socket.socket) -> None:
    control.close()
    template.kill()
    template.wait()


def _pipe() -> tuple[FileIO, FileIO]:
    """The ends of a new pipe to read from, and to write to."""
    ends = os.pipe()
    return FileIO(ends[0], "rb"), FileIO(ends[1], "wb")


def _environment() -> dict[str, str]:
    tunables = [os.environ[TUNABLES], LARGE_MEMORY_PAGES] if TUNABLES in os.environ else [LARGE_MEMORY_PAGES]
    return {**os.environ, "PYTHONPATH": _module_path(), TUNABLES: ":".join(tunables)}


@functools.cache
def _module_path() -> str:
    """Where the child finds this very copy of the code, and its libraries."""
    found = [importlib.util.find_spec(name) for name in LIBRARIES]
    homes = [Path(__file__).resolve().parent, *(Path(spec.origin) for spec in found if spec and spec.origin)]
    return os.pathsep.join(dict.fromkeys(str(home.parents[1]) for home in homes))
