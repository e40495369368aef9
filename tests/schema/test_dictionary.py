"""The data dictionary describes every table and column, and is the one in the docs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pipeline.schema.dictionary import data_dictionary
from pipeline.schema.tables import ALL_TABLES


def test_every_column_of_every_table_is_listed_and_documents_comes_first():
    sections = data_dictionary().split("\n## ")[2:]
    assert sections[0].startswith("documents\n")
    assert {section.split("\n")[0]: section.count("\n| `") for section in sections} == {
        name: len(table.columns) for name, table in ALL_TABLES.items()
    }


def test_the_data_dictionary_in_the_docs_is_the_one_that_the_code_prints():
    printed = subprocess.run([sys.executable, "-m", "pipeline.schema"], capture_output=True, check=True).stdout.decode()
    written = (Path(__file__).parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")
    assert printed == data_dictionary()
    assert written == data_dictionary(), "run `python -m pipeline.schema > docs/tables.md`"
