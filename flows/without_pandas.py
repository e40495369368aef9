"""Arrow without pandas: runs hand it no data frame, and to import pandas takes longer than to read what has landed."""

from __future__ import annotations

import sys
import warnings
from types import ModuleType

import pyarrow as pa

TOO_OLD = "0"
"""A version of pandas with which Arrow declines to work."""


def keep_pandas_out() -> None:
    """Have Arrow take values as they are; else it imports pandas with the first array, to see whether they are its.

    Arrow looks once, and finds a pandas that is too old. What asks Arrow for a data frame still gets one, and where
    pandas has been imported nothing is changed.
    """
    if "pandas" in sys.modules:
        return
    stand_in = ModuleType("pandas")
    stand_in.__version__ = TOO_OLD  # type: ignore[attr-defined]
    sys.modules["pandas"] = stand_in
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # which says that it is too old
            pa.array([0])
    finally:
        del sys.modules["pandas"]
