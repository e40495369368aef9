"""The decoding process says everything it has to say as messages, and turns every exception into an error of ours."""

import io
import json
import os
import struct
import subprocess
import sys

import pytest

from pipeline.decoding.child import as_document_error, decode
from pipeline.decoding.protocol import DecodeRequest, Raster, check_pixels, one_line
from pipeline.errors import CorruptFile, DecoderOutOfMemory, TooManyPixels, TruncatedFile

REQUEST = DecodeRequest("image/png", 2, 10, 100, 500, 300, os.getpid())


class ThreePages:
    """The first would be green, the second fails, the third is red."""

    n_pages = 3

    def page(self, number):
        if number != 3:
            raise TruncatedFile("too short")
        return Raster(1, 2, [b"\0\0\xff", b"\0\0\xff"], (300.0, 300.0))


def said(open_paged):
    """The messages that `decode` writes, and what follows the last."""
    pipe = io.BytesIO()
    decode(open_paged, io.BytesIO(), REQUEST, pipe)
    data, messages = pipe.getvalue(), []
    while len(data) >= 4 and data[4:5] == b"{":
        (length,) = struct.unpack(">I", data[:4])
        messages.append(json.loads(data[4 : 4 + length]))
        data = data[4 + length :]
    return messages, data


def test_pages_are_sent_from_the_one_asked_for_on_and_a_failing_one_costs_itself():
    messages, pixels = said(lambda file, request: ThreePages())

    assert messages[0] == {"kind": "document", "n_pages": 3}
    assert messages[1] == {"kind": "failure", "code": "TRUNCATED", "message": "too short"}
    assert (messages[2]["kind"], messages[2]["width"], messages[2]["height"]) == ("page", 1, 2)
    assert pixels == b"\0\0\xff\0\0\xff"


def test_a_document_that_cannot_be_opened_is_one_failure():
    def fails(file, request):
        raise ZeroDivisionError("of a codec")

    messages, rest = said(fails)

    assert [message["code"] for message in messages] == ["CORRUPT"]
    assert rest == b""


@pytest.mark.parametrize(
    ("raised", "kind"),
    [(KeyError("x"), CorruptFile), (MemoryError(), DecoderOutOfMemory), (TruncatedFile("x"), TruncatedFile)],
)
def test_exceptions_become_document_errors(raised, kind):
    assert type(as_document_error(raised, "page 1")) is kind


def test_a_codec_s_words_are_kept_to_one_short_line():
    assert one_line("a\n  b\tc") == "a b c"
    assert len(one_line("x" * 1000)) == 300


def test_as_many_pixels_as_allowed_pass_and_one_more_does_not():
    check_pixels(10, 10, 100)
    with pytest.raises(TooManyPixels, match="10 x 11"):
        check_pixels(10, 11, 110 - 1)


def test_a_request_survives_its_way_through_argv():
    assert DecodeRequest.from_json(REQUEST.to_json()) == REQUEST


def test_the_decoding_process_starts_lean():
    parts = "pipeline.decoding.child, pipeline.decoding.pdf, pipeline.decoding.raster"
    script = f"import {parts}, sys; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    assert "pypdfium2" in loaded
    assert not {"numpy", "cv2", "onnxruntime", "paddleocr", "prefect", "pandas", "dataclasses", "inspect"} & set(loaded)
