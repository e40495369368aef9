"""What a JPEG lacks is found wherever its data ends, and nothing is found in a sound one."""

import io

import numpy as np
import pytest
from cut_images import HEIGHT, grain, kept, saved
from PIL import Image

from pipeline.codecs.jpeg import find_lack, may_lack

END = b"\xff\xd9"
KINDS = {
    "gray": ("L", {}),
    "colour": ("RGB", {}),
    "colour, not subsampled": ("RGB", {"subsampling": 0}),
    "inks": ("CMYK", {}),
    "codes of its own": ("L", {"optimize": True}),
    "restarts": ("RGB", {"restart_marker_rows": 1}),
    "many restarts": ("L", {"restart_marker_blocks": 3}),
    "progressive": ("RGB", {"progressive": True}),
}


def jpeg(kind="gray"):
    mode, options = KINDS[kind]
    return saved(grain(mode), "JPEG", quality=85, **options)


def decode(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def lack(data):
    return find_lack(data, HEIGHT, decode)


def in_doubt(data):
    """Whether the cheap test, asked as the decoder asks it, has the JPEG looked at again."""
    image = decode(data if data.endswith(END) else data + END)
    last = np.asarray(image.convert("RGB"))[-1, -1]
    return may_lack(data, image.mode == "CMYK" or bool((abs(last.astype(int) - 128) < 9).all()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "change",
    [
        lambda data: data,
        lambda data: data[:-2],  # without its end mark
        lambda data: data + b"after the end",
        lambda data: data[:-2] + b"\x12\x34\x56" + END,
        lambda data: data[:-2] + bytes(600) + END,
        lambda data: data[:-2] + b"\xff" * 80 + END,
        lambda data: data.replace(END, b"\xff\xfe\x00\x06some" + END),
    ],
)
def test_a_sound_jpeg_lacks_nothing_whatever_stands_after_its_data(kind, change):
    assert lack(change(jpeg(kind))) is None


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "progressive"])
def test_a_cut_jpeg_lacks_the_rows_after_the_cut(kind, share):
    data = kept(jpeg(kind), share)

    found = lack(data)

    assert found.rows.top / HEIGHT == pytest.approx(share, abs=0.1)
    assert (found.rows.bottom, found.displaced) == (HEIGHT, False)
    assert in_doubt(data)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "progressive"])
def test_an_end_mark_does_not_make_a_cut_jpeg_whole(kind):
    data = kept(jpeg(kind), 0.5) + END

    found = lack(data)

    assert found.rows.top / HEIGHT == pytest.approx(0.5, abs=0.1)
    assert found.displaced is ("restarts" not in kind)
    assert in_doubt(data)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "progressive"])
def test_bytes_gone_from_the_middle_are_missing_at_the_end_or_at_the_restart_after_them(kind):
    data = jpeg(kind)
    third = len(data) // 3

    found = lack(data[:third] + data[2 * third :])

    if "restarts" in kind:
        assert (found.rows.top / HEIGHT, found.displaced) == (pytest.approx(1 / 3, abs=0.1), False)
    else:
        assert (found.rows.top / HEIGHT, found.displaced) == (pytest.approx(2 / 3, abs=0.1), True)
    assert in_doubt(data[:third] + data[2 * third :])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "progressive"])
@pytest.mark.parametrize("end", [b"", END])
def test_zeros_that_stand_for_lost_bytes_are_the_end(kind, end):
    data = jpeg(kind)
    half = len(data) // 2

    found = lack(data[:half] + bytes(len(data) - half) + end)

    assert (found.rows.top / HEIGHT, found.displaced) == (pytest.approx(0.5, abs=0.1), False)


def test_blank_paper_is_coded_in_zeros_and_lacks_nothing():
    image = grain("L", (1600, 64))
    tall = Image.new("L", (1600, 1200), 255)
    tall.paste(image)
    data = saved(tall, "JPEG", optimize=True)

    assert bytes(256) in data
    assert find_lack(data, 1200, decode) is None


def test_a_progressive_jpeg_lacks_all_rows_where_scans_are_not_there_and_some_where_its_last_one_is_cut():
    data = jpeg("progressive")
    last = data.rindex(b"\xff\xda")

    assert lack(data[: last // 2] + END).rows == (0, HEIGHT)
    assert lack(data[:last] + END).rows == (0, HEIGHT)
    found = lack(data[: (last + len(data)) // 2] + END)
    assert found.rows.top / HEIGHT == pytest.approx(0.5, abs=0.1)


def test_a_jpeg_without_any_data_lacks_all_its_rows():
    data = jpeg()

    assert lack(data[: data.rindex(b"\xff\xda")]).rows == (0, HEIGHT)


def test_a_sound_jpeg_that_ends_in_no_gray_is_not_decoded_again():
    image = Image.new("L", (64, 64), 255)

    assert not in_doubt(saved(image, "JPEG"))
    assert in_doubt(saved(image, "JPEG", progressive=True))
