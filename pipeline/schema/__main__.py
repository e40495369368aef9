"""The data dictionary on standard output."""

from __future__ import annotations

import sys

from pipeline.schema.dictionary import data_dictionary

sys.stdout.write(data_dictionary())
