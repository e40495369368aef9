"""The decoding process: `python -P -m pipeline.decoding.child REQUEST < document`, started and killed by intake.

PDFium and Pillow meet untrusted bytes only here, in a process of its own with a limit on its address space: whatever
the bytes do to it costs that document alone. Each document has a new process: a copy of a template (`template.py`), or
one that starts afresh where no copy can be made. It imports neither NumPy nor the rest of the pipeline, nor
dataclasses, which take as long to import as all of this.
"""

from __future__ import annotations

import ctypes
import faulthandler
import importlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

from pipeline.decoding.protocol import (
    EXIT_OUT_OF_MEMORY,
    DecodeRequest,
    PagedFile,
    check_any_left,
    one_line,
    send,
    send_failure,
    send_page,
)
from pipeline.errors import CorruptFile, DecoderOutOfMemory, DocumentError

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

PDF = "application/pdf"
"""The media type that PDFium decodes; all others are Pillow's."""
OpenPaged: TypeAlias = Callable[[BinaryIO, DecodeRequest], PagedFile]
"""Opens a document of one media type."""
_PR_SET_PDEATHSIG = 1
_STDERR = 2


def main() -> int:
    """Decode the document on standard input as the request in argv says; return the exit status."""
    return decode_input(DecodeRequest.from_json(sys.argv[1]))


def decode_input(request: DecodeRequest) -> int:
    """Decode the document on standard input, as a process that does nothing else; return the exit status."""
    pipe = _claim_stdout()
    faulthandler.enable()
    die_with_parent(request.parent_pid)
    open_paged = load_codec(request.media_type)
    limit_memory(request.memory_mb * 2**20 + os.fstat(sys.stdin.fileno()).st_size)  # the document may be mapped
    send(pipe, "ready")
    try:
        with os.fdopen(os.dup(sys.stdin.fileno()), "rb") as file:  # Pillow takes descriptor 0 for none
            decode(open_paged, file, request, pipe)
    except BrokenPipeError:  # intake has all that it wanted
        return 0
    except MemoryError:
        return EXIT_OUT_OF_MEMORY
    return 0


def load_codec(media_type: str) -> OpenPaged:
    """The function that opens documents of a media type.

    Only the library that it needs is imported: each costs as much as the interpreter itself.
    """
    if media_type == PDF:
        return cast(OpenPaged, importlib.import_module("pipeline.decoding.pdf").open_paged)
    importlib.import_module("pipeline.codecs.plugins").load_plugin(media_type)
    return cast(OpenPaged, importlib.import_module("pipeline.decoding.raster").open_paged)


def load_doubts(media_type: str) -> None:
    """Import what looks for missing pixels in the images of a PDF, in a process that is copied for many documents."""
    if media_type == PDF:
        importlib.import_module("pipeline.decoding.mending")
        for kind in ("image/jpeg", "image/tiff"):
            importlib.import_module("pipeline.codecs.plugins").load_plugin(kind)


def decode(open_paged: OpenPaged, file: BinaryIO, request: DecodeRequest, pipe: BinaryIO) -> None:
    """Send the document's page count and each of its pages from `request.first_page` on, or why not, to `pipe`."""
    try:
        document = open_paged(file, request)
    except Exception as error:  # noqa: BLE001 - codecs raise anything on bad bytes; containing that is our purpose
        send_failure(pipe, as_document_error(error, "the file cannot be opened"))
        return
    send(pipe, "document", n_pages=document.n_pages)
    for number in range(request.first_page, document.n_pages + 1):
        try:
            raster = document.page(number)
            check_any_left(raster)
        except Exception as error:  # noqa: BLE001 - as above; the next page may be sound
            send_failure(pipe, as_document_error(error, f"page {number} cannot be decoded"))
        else:
            send_page(pipe, raster)


def as_document_error(error: Exception, what: str) -> DocumentError:
    """The error of `pipeline.errors` that stands for a codec's exception; `what` begins its message."""
    if isinstance(error, DocumentError):
        return error
    if isinstance(error, MemoryError):
        return DecoderOutOfMemory(f"{what}: the memory allowed to the decoder is used up")
    return CorruptFile(f"{what}: {type(error).__name__}: {one_line(str(error))}")


def limit_memory(extra: int) -> None:
    """Allow this process `extra` bytes of address space more than it has now, and no core dump.

    Where the system has no such limit (Windows) or cannot tell the present size (macOS), nothing is limited.
    """
    statm = Path("/proc/self/statm")
    if resource is None or not statm.exists():
        return
    present = int(statm.read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (present + extra, present + extra))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would leave the document's content on the disk


def _claim_stdout() -> BinaryIO:
    """Keep standard output for messages: what a native library prints goes to standard error instead."""
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(_STDERR, sys.stdout.fileno())
    return pipe


def die_with_parent(parent_pid: int) -> None:
    """Ask Linux to kill this process when the one that started it ends, however it ends."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:  # it ended before we could ask
        sys.exit(0)


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)  # no farewell to libraries that hold a document's remains, or to a pipe that nobody reads
