"""A path -> pages: the only place where documents enter the pipeline.

A file is opened once. That descriptor is hashed and handed to the decoding process, so that what is read is what the
`document_id` names (`opening.py`). Limits are checked before anything is decoded. Codecs run in a child process that is
killed when it takes too long, asks for too much memory or dies (`process.py`).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.decoding.protocol import DecodeRequest
from pipeline.elements import DpiSource, Page, SourceFile
from pipeline.errors import DocumentError, EmptyFile, TooManyBytes
from pipeline.files import HEAD_BYTES, OpenFile, hash_file, open_file, sniff_media_type
from pipeline.intake.process import Decoded, DecoderProcess
from pipeline.intake.resolution import Resolution, page_resolution
from pipeline.intake.squaring import find_squaring, is_coarse, squared
from pipeline.settings import IntakeSettings

__all__ = ["OpenDocument", "PageFailure", "decode_file", "hash_file", "open_document", "sniff_media_type"]

MAX_DEATHS = 2
"""A document may cost this many decoding processes: one may die by chance, of a second the document is the likely
cause. The pages that are left then fail with its error."""
IMPATIENCE = 0.2
"""Once a document has cost a process, each of its pages has this share of the time limit. Sound pages need far less,
and a document of endless pages must not hold up the batch."""


@dataclass(frozen=True, slots=True)
class PageFailure:
    """A page that could not be decoded, and why; the other pages of its document are not affected."""

    page_number: int
    error: DocumentError


class OpenDocument:
    """An opened document: `source` says what it is, `pages` decodes it page by page.

    Made by `open_document`, and of use only inside its `with` block.
    """

    def __init__(self, source: SourceFile, launcher: _Launcher, process: DecoderProcess) -> None:
        self.source = source
        self._launcher = launcher
        self._process = process
        self._next = 1
        self._deaths = 0
        self._ahead: Page | None = None

    def pages(self, only: Collection[int] = ()) -> Iterator[Page | PageFailure]:
        """Decode one page after the other, each only when asked for; exactly `source.n_pages` items.

        Args:
            only: the numbers of the pages that are wanted; all without any.

        Raises:
            EnvironmentFault: when the file changed meanwhile, or no decoding process can be started any more.
        """
        failed: DocumentError | None = None
        for number in range(1, self.source.n_pages + 1):
            if only and number not in only:
                continue
            item = PageFailure(number, failed) if failed else self._read(number)
            if isinstance(item, PageFailure) and self._deaths >= MAX_DEATHS:
                failed = item.error
            yield item

    def close(self) -> None:
        """End the decoding process."""
        self._process.close()

    def look_ahead(self) -> None:
        """Decode the page of a document that has no other now: if it fails, so does the document.

        Raises:
            DocumentError: why it cannot be decoded.
        """
        item = self._read(1)
        if isinstance(item, PageFailure):
            raise item.error
        self._ahead = item

    def _read(self, number: int) -> Page | PageFailure:
        if self._ahead is not None:
            page, self._ahead = self._ahead, None
            return page
        try:
            decoded = self._process_at(number).read_page()
        except DocumentError as error:
            self._deaths += not self._process.alive
            self._launcher.file.check_unchanged()
            return PageFailure(number, error)
        self._launcher.file.check_unchanged()
        return _page(self.source.document_id, number, decoded)

    def _process_at(self, number: int) -> DecoderProcess:
        """A process whose next page is `number`: the one there is, or a new one."""
        if not self._process.alive or self._next != number:
            self._process.close()
            self._process = self._launcher.launch(number, IMPATIENCE if self._deaths else 1.0)
        self._next = number + 1
        return self._process


@contextmanager
def open_document(path: Path, settings: IntakeSettings, decoder: Sequence[str] | None = None) -> Iterator[OpenDocument]:
    """Open and hash a file, and decode it; see `decode_file`.

    Raises:
        SourceUnreadable: when it cannot be read.
    """
    with open_file(path) as file, decode_file(file, settings, decoder) as document:
        yield document


@contextmanager
def decode_file(
    file: OpenFile, settings: IntakeSettings, decoder: Sequence[str] | None = None
) -> Iterator[OpenDocument]:
    """Recognise a file, and start to decode it.

    A document of one page that cannot be decoded is refused here; one of several pages yields a `PageFailure` for each
    that cannot. At the end, and before a refusal, the file is hashed again, so that either is of the content that
    `file.source` names, and of no other.

    Args:
        file: from `open_file`.
        settings: the limits.
        decoder: argv of a program that decodes and speaks the messages of `decoding.protocol`; None for our own.

    Raises:
        DocumentError: what is wrong with the file, by its code.
        SourceChanged: when its content changed since it was opened.
        EngineFailed: when the decoding process cannot be started.
    """
    if file.source.byte_size == 0:
        raise EmptyFile("the file is empty")
    if file.source.byte_size > settings.max_bytes:
        raise TooManyBytes(f"{file.source.byte_size} bytes, more than the {settings.max_bytes} allowed")
    try:
        with _decoding(file, settings, decoder) as document:
            yield document
    except DocumentError:
        file.check_content()
        raise
    file.check_content()


@contextmanager
def _decoding(file: OpenFile, settings: IntakeSettings, decoder: Sequence[str] | None) -> Iterator[OpenDocument]:
    """An open document; its decoding process ends with the block."""
    media_type = sniff_media_type(os.pread(file.stream.fileno(), HEAD_BYTES, 0))
    launcher = _Launcher(file, media_type, settings, decoder)
    process = launcher.launch()
    document = OpenDocument(replace(file.source, n_pages=process.n_pages), launcher, process)
    try:
        if process.n_pages == 1:
            document.look_ahead()
        yield document
    finally:
        document.close()


def impatient(settings: IntakeSettings) -> IntakeSettings:
    """The limits for a document that has cost a process, and is tried again."""
    return replace(settings, decode_timeout_s=settings.decode_timeout_s * IMPATIENCE)


@dataclass(frozen=True, slots=True)
class _Launcher:
    """Starts decoding processes for one open file."""

    file: OpenFile
    media_type: str
    settings: IntakeSettings
    command: Sequence[str] | None

    def launch(self, first_page: int = 1, patience: float = 1.0) -> DecoderProcess:
        """A process that decodes from `first_page` on, with `patience` times the usual time limit."""
        request = DecodeRequest(
            media_type=self.media_type,
            first_page=first_page,
            max_pages=self.settings.max_pages,
            max_pixels=self.settings.max_pixels,
            memory_mb=self.settings.decode_memory_mb,
            render_dpi=self.settings.render_dpi,
            parent_pid=os.getpid(),
        )
        try:
            return DecoderProcess(self.command, request, self.file.stream, self.settings.decode_timeout_s * patience)
        except DocumentError:
            self.file.check_unchanged()
            raise


def _page(document_id: str, number: int, decoded: Decoded) -> Page:
    image, resampled = decoded.image, decoded.reduction
    squaring = None if decoded.rendered else find_squaring(image, decoded.dpi)
    if squaring is not None:
        image, resampled = squared(image, squaring, resampled)
    scale = (resampled.across, resampled.down) if resampled else (1.0, 1.0)
    if decoded.rendered and decoded.dpi is not None:
        resolution = Resolution(scale[0] * sum(decoded.dpi) / 2, DpiSource.RENDERED)
    else:
        resolution = page_resolution(image, decoded.dpi, scale)
    if squaring is not None and resampled is not None:
        coarse = is_coarse(image, (resolution.dpi / scale[0], resolution.dpi / scale[1]))
        resampled = resampled._replace(coarse=coarse)
    return Page(
        document_id,
        number,
        image,
        resolution.dpi,
        resolution.source,
        exif_orientation=decoded.exif_orientation,
        resampled=resampled,
        missing=decoded.missing,
        stated_dpi=resolution.stated,
    )
