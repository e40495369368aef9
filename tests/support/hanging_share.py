"""A file system that ceases to answer: whoever asks it then waits for ever, and no signal ends him.

    python hanging_share.py FOLDER NAME=BYTES…

mounts at FOLDER (through FUSE, so as root) a folder with these files. From the moment on that a file of the name of
FOLDER with `.hangs` behind it holds the word "all" no question is answered, and with "files" none about files.
"""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

LOOKUP, FORGET, GETATTR, OPEN, READ, RELEASE, FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR = (
    *(1, 2, 3, 14, 15, 18, 25, 26, 27, 28, 29),
)
ABOUT_FILES = {OPEN, READ}
UNANSWERED = {FORGET, 36, 42}  # forget, interrupt, batch forget
NO_SUCH_FILE, NO_SUCH_CALL = -2, -38
ROOT = 1


@contextmanager
def hanging_share(folder, **files):
    """Mount it at a folder; gives a function that says what is to hang: "all", "files" or "nothing"."""
    folder.mkdir()
    hangs = folder.with_name(folder.name + ".hangs")
    command = [sys.executable, __file__, str(folder), *(f"{name}={content}" for name, content in files.items())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            if server.stdout.readline() != "mounted\n":
                pytest.skip("nothing can be mounted here")
            yield hangs.write_text
        finally:
            server.kill()  # which ends every wait
            server.wait()
            ctypes.CDLL(None).umount2(os.fsencode(folder), 2)


def main():
    folder, files = Path(sys.argv[1]), dict(pair.split("=", 1) for pair in sys.argv[2:])
    try:
        device = os.open("/dev/fuse", os.O_RDWR)
    except OSError:
        return
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
    if ctypes.CDLL(None).mount(b"share", os.fsencode(folder), b"fuse", 0, options) != 0:
        return
    os.write(1, b"mounted\n")
    share, hangs = Share(files), folder.with_name(folder.name + ".hangs")
    while True:
        request = os.read(device, 2**17)
        _, call, number, node = struct.unpack_from("<IIQQ", request)
        what = hangs.read_text() if hangs.exists() else ""
        if call in UNANSWERED or (what == "all" and call != INIT) or (what == "files" and call in ABOUT_FILES):
            continue
        answer = share.answer(call, node, request[40:])
        error, body = (answer, b"") if isinstance(answer, int) else (0, answer)
        os.write(device, struct.pack("<IiQ", 16 + len(body), error, number) + body)


class Share:
    """A root folder and its files, whose nodes are numbered from 2 on."""

    def __init__(self, files):
        self.names = list(files)
        self.contents = [content.encode() for content in files.values()]

    def answer(self, call, node, body):
        """Bytes, or a negative error number."""
        if call == INIT:
            answer = struct.pack("<IIIIHHIIHH", 7, 31, 65536, 0, 0, 0, 65536, 1, 0, 0).ljust(64, b"\0")
        elif call == LOOKUP:
            answer = self.found(body.rstrip(b"\0").decode())
        elif call == GETATTR:
            answer = struct.pack("<QII", 0, 0, 0) + self.attributes(node)
        elif call in (OPEN, OPENDIR):
            answer = struct.pack("<QII", 0, 1, 0)  # nothing is kept in memory
        elif call in (READ, READDIR):
            _, offset, size = struct.unpack_from("<QQI", body)
            answer = self.entries()[offset:] if call == READDIR else self.contents[node - 2][offset : offset + size]
        else:
            answer = b"" if call in (RELEASE, RELEASEDIR, FLUSH) else NO_SUCH_CALL
        return answer

    def found(self, name):
        if name not in self.names:
            return NO_SUCH_FILE
        node = self.names.index(name) + 2
        return struct.pack("<QQQQII", node, 0, 0, 0, 0, 0) + self.attributes(node)

    def attributes(self, node):
        mode, size = (0o040755, 0) if node == ROOT else (0o100644, len(self.contents[node - 2]))
        return struct.pack("<QQQQQQIIIIIIIIII", node, size, 1, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)

    def entries(self):
        packed = b""
        for node, name in enumerate(map(str.encode, self.names), 2):
            after = len(packed) + 24 + (len(name) + 7) // 8 * 8
            packed += (struct.pack("<QQII", node, after, len(name), 8) + name).ljust(after - len(packed), b"\0")
        return packed


if __name__ == "__main__":
    main()
