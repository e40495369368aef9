"""What data does not hold is told by counting, or by what changes with other bytes in its place."""

import zlib

import pytest
from PIL import Image

from pipeline.codecs.fillers import FILLERS, Rows, around, differing_rows, inflate, longest_zeros

BLANK = bytes(3_000_000)


def gray(*rows):
    return Image.frombytes("L", (3, len(rows)), b"".join(rows))


def test_rows_are_missing_from_the_first_that_differs_to_the_end_of_its_part():
    first = gray(b"aaa", b"bbb", b"ccc", b"ddd", b"eee", b"fff")
    second = gray(b"aaa", b"bxb", b"ccc", b"ddd", b"exe", b"fff")

    assert differing_rows((first, first), [Rows(0, 6)]) == [None]
    assert differing_rows((first, second), [Rows(0, 6)]) == [(1, 6)]
    assert differing_rows((first, second), [Rows(0, 3), Rows(3, 4), Rows(4, 6)]) == [(1, 3), None, (4, 6)]
    assert around([Rows(1, 3), None, Rows(4, 6)]) == (1, 6)
    assert around([None]) is None


def test_the_fillers_agree_nowhere_and_look_like_no_mark():
    first, second = FILLERS

    assert all(a != b for a, b in zip(first, second, strict=True))
    assert not {0, 255} & {*first, *second}


def test_all_that_is_wanted_is_inflated_and_no_more():
    data = zlib.compress(BLANK)

    assert inflate(data, len(BLANK)) == BLANK
    assert len(inflate(data, 1_000_000)) == 1_000_000
    assert inflate(data[:-4], len(BLANK)) == BLANK  # without its checksum
    assert inflate(data + b"more", len(BLANK)) == BLANK


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_of_cut_data_what_was_there_is_inflated(share):
    text = b"".join(b"%d, " % number for number in range(100_000))
    data = zlib.compress(text)

    part = inflate(data[: int(share * len(data))], len(text))

    assert text.startswith(bytes(part))
    assert len(part) / len(text) == pytest.approx(share, abs=0.05)


def test_of_data_with_a_hole_only_what_stands_before_it_is_inflated():
    text = b"".join(b"%d, " % number for number in range(100_000))
    data = zlib.compress(text)
    third = len(data) // 3

    part = inflate(data[:third] + bytes(third) + data[2 * third :], len(text))

    assert text.startswith(bytes(part))
    assert len(part) / len(text) == pytest.approx(1 / 3, abs=0.05)


def test_a_few_zeros_are_data():
    assert longest_zeros(b"a" + bytes(255) + b"b") is None
    assert longest_zeros(b"a" + bytes(300) + b"b" + bytes(400)).span() == (302, 702)
