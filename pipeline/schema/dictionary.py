"""The tables -> their description in Markdown.

`python -m pipeline.schema` prints the data dictionary that is kept as `docs/tables.md`.
"""

from __future__ import annotations

from pipeline.schema.tables import ALL_TABLES

READING = """\
# The landed tables

`OUT/<table>/<document_id>.parquet`: one folder per table, in it one file per document. Every document has a file in
every folder; a file without rows still has all columns with their types. `signers` alone is one file,
`OUT/signers/signers.parquet`, derived from all documents together when a run ends. This page is generated from the code
by `python -m pipeline.schema > docs/tables.md`; the descriptions are also stored in the files, as the metadata
`description` of each column.

## How to read them

A document's files are renamed into place one after the other, `documents` last, so a row of a document that is not
(or no longer) in `documents` is not committed. Where a run may be writing while you read, keep committed rows only.

```python
import pandas as pd

committed = pd.read_parquet("OUT/documents", columns=["document_id"])
indicators = pd.read_parquet("OUT/indicators").merge(committed, on="document_id")
```

```sql
-- DuckDB
SELECT * FROM 'OUT/indicators/*.parquet' WHERE document_id IN (SELECT document_id FROM 'OUT/documents/*.parquet');
```

- Text `""` was verified blank; null is unknown or, in `cells.text`, ink that could not be read.
- Places are scan pixels: the raster as the file holds it, origin top-left, x to the right, y down.
- pandas reads whole numbers that may be null as `Int32` with `<NA>`, decimals as `decimal.Decimal`, lists as arrays.
- Files store each text of a column once (Parquet's dictionary encoding); readers get plain texts, not categories.
- `cells` of `projects`, `indicators` and `rows` holds the keys of the rows of `cells` that each value rests on.
- Every file was checked before it landed: the types, the values, the keys, what is listed below a table, and that each
  item of `cells` is a row of `cells`. `→` leads to the row of another table with the same values.
- `OUT/datapackage.json` says all this to programs (Frictionless Data Package). [Using the tables](analysts.md) answers
  eleven questions with them.
"""


def data_dictionary() -> str:
    """The whole data dictionary, as Markdown."""
    order = ("documents", *(name for name in ALL_TABLES if name != "documents"))
    return "\n".join([READING, *(ALL_TABLES[name].markdown for name in order)])
