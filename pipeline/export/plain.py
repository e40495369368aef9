"""Values of landed columns as plain text, for formats that know numbers and text alone."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any

import pyarrow as pa


def plain_decimal(value: Decimal) -> str:
    """The shortest way to write a decimal without an exponent.

    >>> plain_decimal(Decimal("15.500000"))
    '15.5'
    """
    return format(value.normalize(), "f")


def plain_text(value: Any) -> str:
    """A list as JSON, bytes as their number, a decimal as short as it can be; a text is itself.

    Decimals in lists are texts, so that no program rounds them; dates are 2023-03-30.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, Decimal):
        return plain_decimal(value)
    return json.dumps(value, ensure_ascii=False, default=_in_json)


def _in_json(value: Decimal | datetime.date) -> str:
    return value.isoformat() if isinstance(value, datetime.date) else plain_decimal(value)


def is_plain(kind: pa.DataType) -> bool:
    """Whether CSV holds values of the type as they are."""
    return not (pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_decimal(kind))
