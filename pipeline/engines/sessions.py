"""A network's file -> a function of one input and one output, run by ONNX Runtime; only `engines` runs networks."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

OFFLINE = {
    "ORT_DISABLE_TELEMETRY": "1",  # else ONNX Runtime, once imported, reports to its makers from native threads
    "PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK": "True",  # else PaddleOCR may ask which model hosts it can reach
}
"""What must be in the environment before ONNX Runtime or PaddleOCR is imported, so that nothing leaves the machine."""
KEEPS_MEMORY = False
"""Whether a session of PaddleOCR's keeps what its largest inputs took: 1 to 2 % of its time, for 70 MiB."""
SHARES_MEMORY = {"session.use_env_allocators": "1"}
"""Has a session take memory from what all of them share: what each asks the system for anew costs 7 % of a page's time,
and leaves more gaps than the networks of a worker, of which one runs at a time, take together."""

Run: TypeAlias = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""A graph of one input and one output."""


def run_network(network: Path, threads: int) -> Run:
    """A network of one input and one output as a function."""
    os.environ.update(OFFLINE)
    onnxruntime = importlib.import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    for entry in SHARES_MEMORY.items():
        options.add_session_config_entry(*entry)
    _shared_memory()
    session = onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
    (name,) = (value.name for value in session.get_inputs())

    def run(values: NDArray[np.float32]) -> NDArray[np.float32]:
        output: NDArray[np.float32] = session.run(None, {name: values})[0]
        return output

    return run


@cache  # ONNX Runtime takes it once in a process
def _shared_memory() -> None:
    """Memory that is kept from run to run, and grows by doubling."""
    onnxruntime = importlib.import_module("onnxruntime")
    kind, of = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, onnxruntime.OrtMemType.DEFAULT
    growth = onnxruntime.OrtArenaCfg(0, 0, -1, -1)  # no limit, by doubling, the rest as usual
    onnxruntime.create_and_register_allocator(onnxruntime.OrtMemoryInfo("Cpu", kind, 0, of), growth)
