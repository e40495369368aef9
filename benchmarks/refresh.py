"""accuracy/*.md -> docs/vision.md: put freshly measured tables where the docs show them.

    python benchmarks/refresh.py [--tables accuracy] [--document docs/vision.md]

A document holds a table NAME between the lines `<!-- begin NAME -->` and `<!-- end NAME -->`; what stands between them
is replaced by TABLES/NAME.md. Tables that were not measured stay as they are.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_BLOCK = re.compile(r"(?ms)^<!-- begin (?P<name>[\w-]+) -->\n(?P<text>.*?)^<!-- end (?P=name) -->$")
_MARK = re.compile(r"(?m)^<!-- (?:begin|end) [\w-]+ -->$")


def table_names(document: str) -> list[str]:
    """The names of the tables that a document holds, in their order.

    Raises:
        ValueError: when a table begins and does not end, ends and does not begin, or begins inside another.
    """
    names = [match["name"] for match in _BLOCK.finditer(document)]
    marks = len(_MARK.findall(document))
    if marks != 2 * len(names):
        raise ValueError(f"{marks} marks do not make pairs of <!-- begin NAME --> and <!-- end NAME -->")
    return names


def refreshed(document: str, tables: Mapping[str, str]) -> str:
    """The document with the given tables in their places; the others stay.

    Raises:
        ValueError: when the document's marks are no pairs.
    """
    table_names(document)

    def block(match: re.Match[str]) -> str:
        name = match["name"]
        text = f"{tables[name].strip()}\n" if name in tables else match["text"]
        return f"<!-- begin {name} -->\n{text}<!-- end {name} -->"

    return _BLOCK.sub(block, document)


def main(arguments: Iterable[str] | None = None) -> int:
    """Rewrite the document; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, default=ROOT / "accuracy", help="folder of what make accuracy wrote")
    parser.add_argument("--document", type=Path, default=ROOT / "docs" / "vision.md")
    options = parser.parse_args(None if arguments is None else list(arguments))
    text = options.document.read_text(encoding="utf-8")
    try:
        files = {name: options.tables / f"{name}.md" for name in table_names(text)}
    except ValueError as error:
        print(f"{options.document}: {error}", file=sys.stderr)
        return 1
    tables = {name: file.read_text(encoding="utf-8") for name, file in files.items() if file.exists()}
    options.document.write_text(refreshed(text, tables), encoding="utf-8")
    for name, file in files.items():
        print(f"{name}: {'refreshed' if name in tables else f'stays, as there is no {file}'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
