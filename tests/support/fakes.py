"""The commands that stand in for processes of ours."""

from __future__ import annotations

import sys
from pathlib import Path

FAKE_WORKER, FAKE_LOOKER = (
    (sys.executable, str(Path(__file__).parent / f"fake_{name}.py")) for name in ("worker", "looker")
)
HANG_S = 5.0
"""How long a file system that hangs is waited for: on a busy machine, others need a second."""
