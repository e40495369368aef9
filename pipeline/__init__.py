"""Pure stages that turn scanned, signed, ruled forms into tables; see ARCHITECTURE.md for the path of the data."""

import os
from pathlib import Path

LIBRARY_PATH = "LD_LIBRARY_PATH"
"""OpenCV puts a folder of its own and a colon before what this variable holds, for the processes that are started. Were
it empty, the colon would end it, which stands for the working folder: any library there would be loaded."""

os.environ[LIBRARY_PATH] = os.pathsep.join(
    [place for place in os.environ.get(LIBRARY_PATH, "").split(os.pathsep) if place] or [str(Path(__file__).parent)]
)
