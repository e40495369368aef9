"""What the system refuses has a code of its own; what nobody foresaw is a fault of ours."""

from __future__ import annotations

import errno
import os

import pytest

from flows.machine import as_ours
from pipeline.errors import CorruptFile


def refusal(number):
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (refusal(errno.EMFILE), "RESOURCES_EXHAUSTED"),
        (refusal(errno.EAGAIN), "RESOURCES_EXHAUSTED"),
        (MemoryError(), "RESOURCES_EXHAUSTED"),
        (RuntimeError("can't start new thread"), "RESOURCES_EXHAUSTED"),
        (refusal(errno.ENOSPC), "OUTPUT_UNWRITABLE"),
        (refusal(errno.EROFS), "OUTPUT_UNWRITABLE"),
        (RuntimeError("anything else"), "INTERNAL"),
        (refusal(errno.EINVAL), "INTERNAL"),
        (CorruptFile("why"), "CORRUPT"),
    ],
)
def test_an_error_that_ends_a_run_gets_the_code_of_its_cause(error, code):
    assert as_ours(error).code == code
