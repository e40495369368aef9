"""The template of decoding processes: `python -P -S -m pipeline.decoding.template PARENT_PID`, started by intake.

To start an interpreter and to import a codec takes longer than to decode most pages. The template has done both once
and makes a copy of itself for each document. A copy is as clean a process as one that was started afresh, and has
limits of its own. It is a child not of the template but of the process that asked for it, which kills it and waits for
its end. The template never reads a document; it only hands on its descriptor.

Its standard input is a socket. Each record on it is a request, as `DecodeRequest.to_json` writes it, with three
descriptors: what the copy gets as its standard input, output and error. The answer is the copy's process id, or minus
the system's error number.
"""

from __future__ import annotations

import ctypes
import gc
import os
import platform
import signal
import socket
import struct
import sys
from collections.abc import Sequence
from typing import NoReturn

from pipeline.decoding.child import decode_input, die_with_parent, load_codec, load_doubts
from pipeline.decoding.protocol import MAX_MESSAGE_BYTES, DecodeRequest

ANSWER = struct.Struct(">i")
"""The answer to a request: a process id, or minus an error number."""
CLONE_CALLS = {"x86_64": 56, "aarch64": 220, "riscv64": 220}
"""The numbers of Linux's system call clone(), by machine; on others every decoding process is started afresh."""
_CLONE_PARENT = 0x00008000


def can_copy() -> bool:
    """Whether this system can make a process that is a child of its maker's parent."""
    return sys.platform.startswith("linux") and platform.machine() in CLONE_CALLS


def main() -> None:
    """Make a copy for each request, until the other end of standard input is closed."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word
    die_with_parent(int(sys.argv[1]))
    control = socket.socket(fileno=sys.stdin.fileno())
    while True:
        text, descriptors, _, _ = socket.recv_fds(control, MAX_MESSAGE_BYTES, 3)
        if not text:
            return
        request = DecodeRequest.from_json(text.decode())
        load_codec(request.media_type)
        load_doubts(request.media_type)
        gc.freeze()  # a copy shares the memory that it does not write to
        pid = _fork_sibling()
        if pid == 0:
            _decode(request, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        control.send(ANSWER.pack(pid))


def _fork_sibling() -> int:
    """Fork, but so that the new process is a child of this one's parent; what fork() returns, or minus errno."""
    python, libc = ctypes.pythonapi, ctypes.PyDLL(None, use_errno=True)
    call, flags = ctypes.c_long(CLONE_CALLS[platform.machine()]), ctypes.c_ulong(_CLONE_PARENT | signal.SIGCHLD)
    python.PyOS_BeforeFork()
    pid: int = libc.syscall(call, flags, None, None, None, None)
    if pid == 0:
        python.PyOS_AfterFork_Child()
    else:
        python.PyOS_AfterFork_Parent()
    return pid if pid >= 0 else -ctypes.get_errno()


def _decode(request: DecodeRequest, descriptors: Sequence[int]) -> NoReturn:
    """In the copy: decode the document, and end, whatever happens."""
    status = 1
    try:
        for standard, descriptor in enumerate(descriptors):  # the first of them takes the socket's place
            os.dup2(descriptor, standard)
            os.close(descriptor)
        status = decode_input(request)
    except BaseException:  # noqa: BLE001 - nothing may get back to the template's loop
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
