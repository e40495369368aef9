"""Bytes of a JPEG -> the rows that it lacks: where its decoded pixels depend on bytes that are not the file's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from PIL import Image

from pipeline.codecs.fillers import FILLERS, Lack, Rows, differing_rows, longest_zeros

START_OF_SCAN, END_OF_IMAGE, RESTART_INTERVAL, FIRST_RESTART = 0xDA, 0xD9, 0xDD, 0xD0
"""Markers of JPEG that matter here, each the byte after 255."""
SEQUENTIAL, PROGRESSIVE = (0xC0, 0xC1), 0xC2
"""Markers of the frames that decoders read, by the kind of their scans."""
PIXELS_OF_A_SCAN = 0
"""Stands for the compressed data behind a scan's header, in the place of a marker; no marker has this number."""
END = b"\xff\xd9"
"""The end marker as it stands in the file."""
SCAN_END = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
"""Ends compressed data: a marker that is no restart. In the data itself 255 is followed by zero."""
RESTART = re.compile(rb"\xff([\xd0-\xd7])")
"""A restart marker, and its number."""
N_RESTARTS = 8
"""Restart markers are numbered so far and then begin again, so that a decoder sees which of them are missing."""
COEFFICIENTS = 64
"""Coefficients of a block of 8 x 8 pixels; without some of them it is coarse."""
MIDDLE_GRAY = range(120, 137)
"""The gray that decoders draw where a sequential JPEG's data has ended: exactly 128, give or take a colour profile."""
BLANK_BYTES = 64
"""The first bytes of a run of zeros may be the blank paper at the foot of a page, and so stay; the rest is filling."""
UNUSED_BYTES = 64
"""A scan whose last bytes, as many as these, change no pixel was not read as it was written: bytes were lost before."""

Decode = Callable[[bytes], Image.Image]


class Segment(NamedTuple):
    """A marked segment of the file, or the compressed data behind one: its marker and its place."""

    mark: int
    start: int
    stop: int


def segments(data: bytes) -> Iterator[Segment]:
    """The segments of a JPEG from its first to its end marker, or to where it breaks off."""
    position = 2
    while data[position : position + 1] == b"\xff" and position + 4 <= len(data):
        mark = data[position + 1]
        if mark == END_OF_IMAGE:
            break
        if mark == 0xFF:  # any number of these may come before a mark
            position += 1
            continue
        stop = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        yield Segment(mark, position, min(stop, len(data)))
        position = stop
        if mark == START_OF_SCAN:
            found = SCAN_END.search(data, position)
            position = found.start() if found else len(data)
            yield Segment(PIXELS_OF_A_SCAN, stop, position)


def header(data: bytes) -> bytes:
    """A JPEG up to its compressed data; nothing where it does not come to that."""
    return next((data[: one.start] for one in segments(data) if one.mark == PIXELS_OF_A_SCAN), b"")


def may_lack(data: bytes, ends_gray: bool) -> bool:
    """Whether pixels may be missing, told without decoding: never false where they are.

    Args:
        data: the whole JPEG.
        ends_gray: whether its last pixels came out as MIDDLE_GRAY, or cannot be looked at.
    """
    found = list(segments(data))
    if ends_gray or not found or not _is_plain(found):
        return True
    return not data.startswith(END, found[-1].stop) or longest_zeros(data, found[-1].start) is not None


def _is_plain(found: Sequence[Segment]) -> bool:
    """Whether a JPEG has all its pixels in one go, from the first to the last, in a single scan without restarts."""
    marks = [segment.mark for segment in found]
    return marks.count(START_OF_SCAN) == 1 and RESTART_INTERVAL not in marks and PROGRESSIVE not in marks


def find_lack(data: bytes, height: int, decode: Decode) -> Lack | None:
    """Find the rows that a JPEG of `height` rows does not hold, by decoding it; None where it holds all.

    Raises:
        OSError: when nothing can be decoded.
    """
    if _lacks_scans(data):
        return Lack(Rows(0, height))
    found = list(segments(data))
    scans = [segment for segment in found if segment.mark == PIXELS_OF_A_SCAN]
    if not scans:
        return Lack(Rows(0, height))
    plain, has_end = _is_plain(found), data.startswith(END, scans[-1].stop)
    missing = _missing_at_end(data, height, decode)
    zeros = longest_zeros(data, scans[0].start)
    stop = len(data[: scans[-1].stop].rstrip(b"\xff"))  # any number of these may come before a mark
    # Zeros are blank paper, too: only where the data comes out too short or too long do they stand for lost bytes.
    if zeros and (
        missing
        or (zeros.end() == len(data) and not has_end)
        or _is_enough(data, (scans[-1].start, stop), height, decode)
    ):
        at_zeros = _missing_at_end(data[: zeros.start() + BLANK_BYTES], height, decode)
        if at_zeros is not None:
            return Lack(at_zeros)
    if missing is not None:
        return Lack(missing, displaced=plain and has_end)
    stop = len(data[:stop].rstrip(b"\0"))  # programs fill up with these
    unused = not plain and _is_enough(data, (scans[-1].start, stop), height, decode)
    return Lack(Rows(height, height), displaced=True) if unused else None


def completed(data: bytes, filler: bytes) -> bytes:
    """The JPEG with `filler` wherever its compressed data ends: at its end, before restarts and between its scans."""
    out, position, restarts = b"", 0, False
    for segment in segments(data):
        if segment.mark == RESTART_INTERVAL:
            restarts = any(data[segment.start + 4 : segment.stop])
        if segment.mark == PIXELS_OF_A_SCAN:
            pixels = data[segment.start : segment.stop]
            out += data[position : segment.start] + _completed_scan(pixels, filler, restarts)
            position = segment.stop
    return out + END if out else data


def _completed_scan(pixels: bytes, filler: bytes, restarts: bool) -> bytes:
    """A scan's data with filler at the end of each of its intervals, and for intervals that are not there."""
    first, *rest = RESTART.split(pixels)
    out, expected = [first.rstrip(b"\xff"), filler], 0
    for mark, interval in zip(rest[::2], rest[1::2], strict=True):
        number = mark[0] - FIRST_RESTART
        while restarts and expected != number:
            out += [bytes((0xFF, FIRST_RESTART + expected)), filler]
            expected = (expected + 1) % N_RESTARTS
        out += [b"\xff" + mark, interval.rstrip(b"\xff"), filler]
        expected = (number + 1) % N_RESTARTS
    for step in range(N_RESTARTS if restarts else 0):
        out += [bytes((0xFF, FIRST_RESTART + (expected + step) % N_RESTARTS)), filler]
    return b"".join(out)


def _missing_at_end(data: bytes, height: int, decode: Decode) -> Rows | None:
    first, second = (decode(completed(data, filler)) for filler in FILLERS)
    return differing_rows((first, second), [Rows(0, height)])[0]


def _is_enough(data: bytes, scan: tuple[int, int], height: int, decode: Decode) -> bool:
    """Whether no pixel needs the last UNUSED_BYTES of a scan, from its start to its stop."""
    needed = scan[1] - UNUSED_BYTES
    return needed > scan[0] and _missing_at_end(data[:needed], height, decode) is None


def _lacks_scans(data: bytes) -> bool:
    """Whether scans are missing altogether without which every pixel is coarse."""
    components: set[int] = set()
    done: dict[int, set[int]] = {}
    whole = False
    for mark, start, stop in segments(data):
        body = data[start + 4 : stop]
        if mark in (*SEQUENTIAL, PROGRESSIVE):
            components, whole = set(body[6::3]), mark in SEQUENTIAL
        elif mark == START_OF_SCAN and body:
            n_components = body[0]
            low, high, precision = body[1 + 2 * n_components : 4 + 2 * n_components].ljust(3, b"\0")
            if whole or precision & 15 == 0:
                known = range(COEFFICIENTS) if whole else range(low, high + 1)
                for component in body[1 : 1 + 2 * n_components : 2]:
                    done.setdefault(component, set()).update(known)
    return any(len(done.get(component, ())) < COEFFICIENTS for component in components)
