"""A decoding process, seen from the pipeline: started, read from under a time limit, and always killed.

What the child sends is data from a process that untrusted bytes may have taken over. Sizes are checked before memory is
allocated, and anything unexpected counts as a crash.
"""

from __future__ import annotations

import json
import logging
import math
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
from pipeline.decoding.protocol import EXIT_OUT_OF_MEMORY, LENGTH, MAX_MESSAGE_BYTES, DecodeRequest, one_line
from pipeline.elements import BBox, Image, Missing, Resampling
from pipeline.errors import DecoderCrashed, DecoderOutOfMemory, DecoderStopped, DocumentError, EngineFailed
from pipeline.intake.page_size import STEPS, reduced, reduction_of
from pipeline.intake.start import START_TIMEOUT_S, Child, Copy, start_decoder
from pipeline.intake.time_limit import TimeLimit

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

logger = logging.getLogger(__name__)

EXIT_TIMEOUT_S = 2.0
"""A child that closed its pipe has this long to end, so that its exit status can be told."""
MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""The unit of `ru_maxrss`, in bytes, which differs between systems."""
BAND_ROWS = 16 * STEPS
"""A page that is reduced is held in bands of this many rows, a multiple of `STEPS`, so that all of it never is."""
STARVED_SHARE = 0.7
"""A child that dies of a signal with this share of its memory in use wanted more than it was allowed, as codecs ask for
large pieces."""
FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
"""A process does not die of these signals by itself: somebody sends them, or the system when its memory is short."""
STDERR_KEPT = 4000
"""The last bytes of the child's standard error go to the log: enough for a traceback."""
DOCUMENT_ERRORS: dict[str, type[DocumentError]] = {
    kind.code: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DocumentError)
}
"""The errors that a child may name by their code: faults of the document alone, never of the machine."""


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A page as the child sent it: its raster (height, width, 3) BGR, and what the file states about it.

    `dpi` is (x, y) and unchecked, None where the file states none; `rendered` says that the resolution was our choice;
    `reduction` that the raster is smaller than what was sent, of which the file states the resolution. What is
    `missing`, in pixels of what was sent, is white.
    """

    image: Image
    dpi: tuple[float, float] | None
    rendered: bool
    exif_orientation: int
    reduction: Resampling | None = None
    missing: Missing | None = None


class DecoderProcess:
    """A child that decodes one document's pages in order; it must be closed.

    It stays `alive` when a page fails inside it. It is not alive any more when the process itself failed: then nothing
    more can be read. On Linux the child also ends when the thread that started it does.

    Args:
        command, request, file: see `start_decoder`.
        timeout_s: of processor time, for the document's header and the first page together, and for each later page.

    Raises:
        EngineFailed: when the process cannot be started.
        DocumentError: why the document as a whole cannot be decoded.
    """

    def __init__(self, command: Sequence[str] | None, request: DecodeRequest, file: FileIO, timeout_s: float) -> None:
        self._max_pixels = request.max_pixels
        self._memory_bytes = request.memory_mb * 2**20
        self._last_words = b""
        self._process = start_decoder(command, request, file)
        has_imports = isinstance(self._process, Copy)
        self._limit = TimeLimit(self._process.pid, timeout_s if has_imports else START_TIMEOUT_S)
        self._stdout, self._stderr = _pipe(self._process.stdout), _pipe(self._process.stderr)
        self._poll = select.poll()
        self._poll.register(self._stdout, select.POLLIN)
        self._poll.register(self._stderr, select.POLLIN)
        self.alive = True
        try:
            self._await_start()
            self._timeout_s = timeout_s
            self._limit.next_step(timeout_s)
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
            self._limit.next_step(self._timeout_s)

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
        except DecoderStopped:
            raise
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
        reduction = reduction_of(width, height)
        image = self._reduced(reduction) if reduction else self._rows(width, height)
        stated = dpi and (float(dpi[0]), float(dpi[1]))
        lack = None
        if missing is not None:
            lack = Missing(BBox(*missing[:4]), missing[4])
            _whiten(image, lack.box, reduction.across if reduction else 1.0)
        return Decoded(image, stated, message.get("rendered") is True, orientation, reduction, lack)

    def _rows(self, width: int, height: int) -> Image:
        """The next rows of a page, (height, width, 3)."""
        rows = np.empty((height, width, 3), np.uint8)
        self._fill(rows.reshape(-1).data)
        return rows

    def _reduced(self, reduction: Resampling) -> Image:
        """A page reduced as it comes in, so that all of it is never held."""
        tops = range(0, reduction.height, BAND_ROWS)
        heights = (min(BAND_ROWS, reduction.height - top) for top in tops)
        return np.concatenate([reduced(self._rows(reduction.width, height), reduction) for height in heights])

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
        """Read from the child until `view` is full, within the time that it has."""
        self._limit.resume()
        while view:
            ready = self._poll.poll(self._wait_s() * 1000)
            if any(descriptor == self._stderr for descriptor, _ in ready) and not self._listen():
                self._poll.unregister(self._stderr)
            if any(descriptor == self._stdout for descriptor, _ in ready):
                count = os.readv(self._stdout, [view])
                if count == 0:
                    raise self._death()
                view = view[count:]

    def _wait_s(self) -> float:
        """How long to wait for the child before its time is looked at again."""
        try:
            return self._limit.check()
        except DocumentError:
            self.close()
            raise

    def _listen(self) -> bool:
        """Take what the child wrote on its standard error and keep the end of it.

        Returns:
            Whether more may come.
        """
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
        # PDFium aborts itself when it is refused more memory; the system kills whoever has most when its own is short.
        # A child that started afresh has our peak on its own account, so a peak below that says nothing.
        inherited = 0 if isinstance(self._process, Copy) else _own_peak_bytes()
        much = max(STARVED_SHARE * self._memory_bytes, 1.01 * inherited)
        starved = status is not None and status < 0 and peak_bytes >= much
        if starved or status == EXIT_OUT_OF_MEMORY:
            return DecoderOutOfMemory("the decoding process ran out of memory")
        if status is not None and -status in FROM_OUTSIDE:
            return DecoderStopped(f"the decoding process was killed from outside, by {_signal_name(-status)}")
        if status is not None and status < 0:
            return DecoderCrashed(f"the decoding process died of {_signal_name(-status)}")
        return DecoderCrashed(f"the decoding process ended with status {status}")

    def _nonsense(self) -> DocumentError:
        self.close()
        return DecoderCrashed("the decoding process sent nonsense")


def _reap(process: Child) -> int:
    """Wait for a child that is ending, as `Popen.wait` does, but also learn its peak memory.

    Returns:
        The peak in bytes; 0 when the child has not ended within `EXIT_TIMEOUT_S`.
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


def _whiten(image: Image, box: BBox, scale: float) -> None:
    """Make white what of an image lies in a box, given in pixels of which each is `scale` of the image's."""
    left, top = (math.floor(side * scale) for side in (box.left, box.top))
    right, bottom = (math.ceil(side * scale) for side in (box.right, box.bottom))
    image[top:bottom, left:right] = 255


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
