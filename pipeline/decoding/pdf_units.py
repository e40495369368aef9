"""A PDF's bytes -> how long the unit of each of its pages is, which PDFium does not ask.

A page's /UserUnit says how many points a unit of its coordinates is. Programs use it for large drawings, and some for
any page. It stands in the page's dictionary, in the file itself or in a compressed object stream.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.codecs.fillers import inflate

USER_UNIT = b"/UserUnit"
OBJECT = re.compile(rb"(?<!\d)(\d{1,10})\s+\d{1,5}\s+obj\b")
"""An object begins."""
OBJECT_STREAM = re.compile(rb"/Type\s*/ObjStm\b")
FIRST = re.compile(rb"/First\s+(\d+)")
"""Where the first object of an object stream begins; numbers and offsets of all stand before it."""
STREAM = re.compile(rb"stream\r?\n")
UNIT = re.compile(rb"/UserUnit\s+(\d*\.?\d+)")
PAGES = re.compile(rb"/Type\s*/Catalog\b")
ROOT = re.compile(rb"/Pages\s+(\d+)\s+\d+\s+R")
KIDS = re.compile(rb"/Kids\s*\[([^\]]*)\]")
REFERENCE = re.compile(rb"(\d+)\s+\d+\s+R")
DICTIONARY_BYTES = 64 * 1024
"""A page's dictionary is far shorter, and so are most nodes of the page tree."""
MOST_STREAMS, STREAM_BYTES = 256, 2**20
"""So many object streams, and so much of each, are looked at: a stream holds 100 to 200 objects of 100 bytes."""
MOST_NODES = 100_000
"""A page tree has no more nodes than this; one with a loop has no end."""
UNIT_RANGE = (0.1, 100.0)
"""Units beyond this, 0.04 mm and 35 mm, are no page's."""


def user_units(file: Any) -> Mapping[int, float]:
    """The user units of those pages that have one other than a point, by page number, from 1.

    Args:
        file: all bytes of the PDF.
    """
    packed = dict(itertools.chain.from_iterable(map(dict.items, _unpacked(file))))
    if file.find(USER_UNIT) < 0 and not any(USER_UNIT in body for body in packed.values()):
        return {}
    objects = packed | dict(_objects(file))
    catalogs = [body for body in objects.values() if PAGES.search(body)]
    root = ROOT.search(catalogs[-1]) if catalogs else None
    if root is None:
        return {}
    units = {}
    for page, number in enumerate(itertools.islice(_leaves(objects, int(root[1])), MOST_NODES), start=1):
        stated = UNIT.search(objects[number])
        unit = float(stated[1]) if stated else 1.0
        if unit != 1.0 and UNIT_RANGE[0] <= unit <= UNIT_RANGE[1]:
            units[page] = unit
    return units


def _objects(file: Any) -> Iterator[tuple[int, bytes]]:
    """The objects that stand in the file itself, as far as their dictionaries go."""
    for found in OBJECT.finditer(file):
        body = bytes(file[found.end() : found.end() + DICTIONARY_BYTES])
        yield int(found[1]), re.split(rb"endobj|stream\r?\n", body, maxsplit=1)[0]


def _unpacked(file: Any) -> Iterator[dict[int, bytes]]:
    """The objects of each object stream."""
    for found in itertools.islice(OBJECT_STREAM.finditer(file), MOST_STREAMS):
        start = STREAM.search(file, found.end(), found.end() + DICTIONARY_BYTES)
        first = FIRST.search(file, max(0, found.start() - 512), start.end() if start else found.end())
        if start is None or first is None:
            continue
        data = bytes(inflate(bytes(file[start.end() : start.end() + STREAM_BYTES]), STREAM_BYTES))
        numbers = [int(word) for word in data[: int(first[1])].split() if word.isdigit()]
        places = [int(first[1]) + offset for offset in numbers[1::2]]
        ends = [*places[1:], len(data)]
        yield {number: data[at:end] for number, at, end in zip(numbers[::2], places, ends, strict=False)}


def _leaves(objects: Mapping[int, bytes], root: int) -> Iterator[int]:
    """The numbers of the page tree's leaves, in order."""
    waiting, seen = [root], 0
    while waiting and seen < MOST_NODES:
        number, seen = waiting.pop(), seen + 1
        kids = KIDS.search(objects.get(number, b""))
        if kids is not None:
            waiting += [int(kid) for kid in reversed(REFERENCE.findall(kids[1]))]
        elif number in objects:
            yield number
