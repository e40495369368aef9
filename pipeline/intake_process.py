"""One decoding process, seen from the pipeline: started, listened to with a time limit, and always killed.

What the child sends is data from a process that untrusted bytes may have taken over: sizes are checked before room is
made, and anything unexpected counts as a crash.
"""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from io import FileIO
from typing import IO, Any

import numpy as np

from pipeline import errors
from pipeline.decoder_protocol import EXIT_OUT_OF_MEMORY, LENGTH, MAX_MESSAGE_BYTES, DecodeRequest, one_line
from pipeline.elements import BBox, Image, Missing
from pipeline.errors import DecoderCrashed, DecoderOutOfMemory, DecoderTimeout, DocumentError, EngineFailed
from pipeline.intake_start import START_TIMEOUT_S, Child, Copy, start_decoder

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

logger = logging.getLogger(__name__)

EXIT_TIMEOUT_S = 2.0
"""For a child that closed its pipe to be gone, so that its exit status can be told."""
MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
STARVED_SHARE = 0.7
"""A child that dies of a signal with this share of its memory in use wanted more than it was allowed."""
STDERR_KEPT = 4000
"""Bytes of the child's last words that go to the log."""
DOCUMENT_ERRORS: dict[str, type[DocumentError]] = {
    kind.code: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DocumentError)
}


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A page as the child sent it: its raster (height, width, 3) BGR, and what the file states about it.

    `dpi` is (x, y) and unchecked, None where the file states none; `rendered` says that the resolution was our choice.
    What is `missing` is white.
    """

    image: Image
    dpi: tuple[float, float] | None
    rendered: bool
    exif_orientation: int
    missing: Missing | None


class DecoderProcess:
    """A child that decodes one document's pages in order; it must be closed.

    It stays `alive` when a page fails inside it, and is not when it failed itself: then nothing more can be read. On
    Linux the child also ends when the thread that started it does.

    Args:
        command, request, file: see `start_decoder`.
        timeout_s: for the document's header and the first page together, and for each later page.

    Raises:
        EngineFailed: when the process cannot be started.
        DocumentError: why the document as a whole cannot be decoded.
    """

    def __init__(self, command: Sequence[str] | None, request: DecodeRequest, file: FileIO, timeout_s: float) -> None:
        self._max_pixels = request.max_pixels
        self._memory_bytes = request.memory_mb * 2**20
        self._last_words = b""
        self._left_s = START_TIMEOUT_S
        self._process = start_decoder(command, request, file)
        self._stdout, self._stderr = _pipe(self._process.stdout), _pipe(self._process.stderr)
        self._poll = select.poll()
        self._poll.register(self._stdout, select.POLLIN)
        self._poll.register(self._stderr, select.POLLIN)
        self.alive = True
        try:
            self._await_start()
            self._left_s = self._timeout_s = timeout_s
            self.n_pages = self._positive(self._receive("document"), "n_pages")
        except BaseException:
            self.close()
            raise

    def read_page(self) -> Decoded:
        """The next page.

        Raises:
            DocumentError: why it cannot be decoded; see `alive` for whether the pages after it can.
        """
        try:
            return self._page(self._receive("page"))
        finally:
            self._left_s = self._timeout_s

    def close(self) -> None:
        """Kill the process, wait for its end and close its pipes; again is harmless."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()
        if self.alive:
            self._listen()
            for pipe in (self._process.stdout, self._process.stderr):
                pipe.close()  # type: ignore[union-attr]  # both were asked for
            if self._last_words:
                logger.debug("decoder %d: %s", self._process.pid, self._last_words.decode(errors="replace"))
        self.alive = False

    def _await_start(self) -> None:
        try:
            self._receive("ready")
        except DocumentError as error:
            said = one_line(self._last_words.decode(errors="replace").strip().rpartition("\n")[2])
            raise EngineFailed(f"the decoding process could not be started ({error}): {said}") from error

    def _page(self, message: dict[str, Any]) -> Decoded:
        width, height = self._positive(message, "width"), self._positive(message, "height")
        orientation, dpi = self._positive(message, "exif_orientation"), message.get("dpi")
        plausible = width * height <= self._max_pixels and orientation <= 8
        missing = message.get("missing")
        plausible = plausible and (missing is None or _is_box(missing, width, height))
        if not plausible or not (dpi is None or _is_pair(dpi)):
            raise self._nonsense()
        image = np.empty((height, width, 3), np.uint8)
        self._fill(image.reshape(-1).data)
        rendered, stated = message.get("rendered") is True, dpi and (float(dpi[0]), float(dpi[1]))
        if missing is None:
            return Decoded(image, stated, rendered, orientation, None)
        left, top, right, bottom, displaced = missing
        image[top:bottom, left:right] = 255
        return Decoded(image, stated, rendered, orientation, Missing(BBox(left, top, right, bottom), displaced))

    def _positive(self, message: dict[str, Any], key: str) -> int:
        value = message.get(key)
        if not isinstance(value, int) or value < 1:
            raise self._nonsense()
        return value

    def _receive(self, kind: str) -> dict[str, Any]:
        """The next message, which must be of `kind`; a failure is raised as the error that it names."""
        head = bytearray(LENGTH.size)
        self._fill(memoryview(head))
        (length,) = LENGTH.unpack(head)
        if length > MAX_MESSAGE_BYTES:
            raise self._nonsense()
        body = bytearray(length)
        self._fill(memoryview(body))
        try:
            message = json.loads(body)
        except ValueError as error:
            raise self._nonsense() from error
        if not isinstance(message, dict):
            raise self._nonsense()
        if message.get("kind") == "failure" and message.get("code") in DOCUMENT_ERRORS:
            raise DOCUMENT_ERRORS[message["code"]](str(message.get("message")))
        if message.get("kind") != kind:
            raise self._nonsense()
        return message

    def _fill(self, view: memoryview) -> None:
        """Read from the child until `view` is full, within the time that is left."""
        deadline = time.monotonic() + self._left_s
        while view:
            ready = self._poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
            if not ready or time.monotonic() > deadline:
                self.close()
                raise DecoderTimeout("decoding took longer than the settings allow")
            if any(descriptor == self._stderr for descriptor, _ in ready) and not self._listen():
                self._poll.unregister(self._stderr)
            if any(descriptor == self._stdout for descriptor, _ in ready):
                count = os.readv(self._stdout, [view])
                if count == 0:
                    raise self._death()
                view = view[count:]
        self._left_s = deadline - time.monotonic()

    def _listen(self) -> bool:
        """Take what the child wrote on its standard error, keep the end of it; whether more may come."""
        try:
            said = os.read(self._stderr, STDERR_KEPT)
        except BlockingIOError:
            return True
        self._last_words = (self._last_words + said)[-STDERR_KEPT:]
        return bool(said)

    def _death(self) -> DocumentError:
        """Why the child ended by itself."""
        peak_bytes = _reap(self._process)
        status = self._process.returncode
        self.close()
        # We did not kill it: the system did, for want of memory. PDFium aborts itself when it is refused more. A child
        # that started afresh has our peak on its own account, so a peak below that says nothing.
        inherited = 0 if isinstance(self._process, Copy) else _own_peak_bytes()
        much = max(STARVED_SHARE * self._memory_bytes, 1.01 * inherited)
        starved = status is not None and status < 0 and peak_bytes >= much
        if starved or status in (EXIT_OUT_OF_MEMORY, -signal.SIGKILL):
            return DecoderOutOfMemory("the decoding process ran out of memory")
        if status is not None and status < 0:
            return DecoderCrashed(f"the decoding process died of {_signal_name(-status)}")
        return DecoderCrashed(f"the decoding process ended with status {status}")

    def _nonsense(self) -> DocumentError:
        self.close()
        return DecoderCrashed("the decoding process sent nonsense")


def _reap(process: Child) -> int:
    """Wait for a child that is ending, as Popen.wait would, and return its peak memory in bytes, which that does not.

    0 when it is not gone within EXIT_TIMEOUT_S.
    """
    deadline = time.monotonic() + EXIT_TIMEOUT_S
    while time.monotonic() < deadline:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_maxrss * MAXRSS_UNIT
        time.sleep(0.005)
    return 0


def _own_peak_bytes() -> int:
    """The most memory that this process ever had, in bytes; 0 where the system does not say."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MAXRSS_UNIT if resource else 0


def _pipe(stream: IO[bytes] | None) -> int:
    assert stream is not None  # both pipes were asked for
    os.set_blocking(stream.fileno(), False)
    return stream.fileno()


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(side, int | float) for side in value)


def _is_box(value: object, width: int, height: int) -> bool:
    """Whether `value` is a box of whole pixels inside a page of that size, and a truth value."""
    if not isinstance(value, list) or [type(item) for item in value] != [int, int, int, int, bool]:
        return False
    left, top, right, bottom, _ = value
    return bool(0 <= left <= right <= width and 0 <= top <= bottom <= height)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"
