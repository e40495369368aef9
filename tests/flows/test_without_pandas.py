"""Arrow takes values without pandas, and gives data frames all the same."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from flows.without_pandas import keep_pandas_out
keep_pandas_out()
import pyarrow as pa
import pyarrow.dataset
table = pa.Table.from_pylist([{"a": 1.5, "b": "x"}])
assert "pandas" not in sys.modules
frame = table.to_pandas()
assert frame.a.tolist() == [1.5]
assert pa.Table.from_pandas(frame).to_pylist() == table.to_pylist()
keep_pandas_out()
assert sys.modules["pandas"].DataFrame
"""


def test_arrow_imports_no_pandas_before_it_is_asked_for_a_data_frame():
    subprocess.run([sys.executable, "-c", CODE], check=True, timeout=120)
