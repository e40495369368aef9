"""accuracy/*.md -> README.md, docs/*.md: put freshly measured tables where they are shown.

    python -m benchmarks.refresh [--tables accuracy] [--document docs/vision.md ...]

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
DOCS = ROOT / "docs"
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


def refresh(document: Path, folder: Path) -> None:
    """Rewrite a document with the tables of a folder, and say which of them were there.

    Raises:
        ValueError: when the document's marks are no pairs.
    """
    text = document.read_text(encoding="utf-8")
    files = {name: folder / f"{name}.md" for name in table_names(text)}
    tables = {name: file.read_text(encoding="utf-8") for name, file in files.items() if file.exists()}
    document.write_text(refreshed(text, tables), encoding="utf-8")
    for name, file in files.items():
        print(f"{name}: {'refreshed' if name in tables else f'stays, as there is no {file}'}")


def main(arguments: Iterable[str] | None = None) -> int:
    """Rewrite the documents; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, default=ROOT / "accuracy", help="folder of what make accuracy wrote")
    parser.add_argument("--document", type=Path, nargs="+", default=[ROOT / "README.md", *sorted(DOCS.glob("*.md"))])
    options = parser.parse_args(None if arguments is None else list(arguments))
    for document in options.document:
        try:
            refresh(document, options.tables)
        except ValueError as error:
            print(f"{document}: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
