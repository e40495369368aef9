"""Tables as their HTML source says they are, where other programs have drawn it.

They are laid out here by the rules of HTML, so that nobody types what is expected by hand: a cell takes the first free
column of its row, and `rowspan` and `colspan` keep others out. A `<section class="page">` begins on a page of its own,
`<tr class="break">` continues its table on the next one, below the rows of its `<thead>`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

Span = tuple[int, int, int, int]
"""row, col, row_span, col_span."""


@dataclass
class Row:
    """A row of a table as its source writes it: each cell's row span, column span and text."""

    heading: bool
    breaks: bool
    cells: list[tuple[int, int, str]] = field(default_factory=list)


def expected_tables(source: str) -> list[list[dict[Span, str]]]:
    """For each page of an HTML source its tables, from top to bottom: the text of each cell by its place and spans.

    Example:
        >>> expected_tables('<section class="page"><table><tr><td rowspan="2">a</td><td>b</td></tr><tr><td>c</td></tr>')
        [[{(0, 0, 2, 1): 'a', (0, 1, 1, 1): 'b', (1, 1, 1, 1): 'c'}]]
    """
    parser = _Tables()
    parser.feed(source)
    pages: list[list[dict[Span, str]]] = []
    for section in parser.pages:
        pages.append([])
        for rows in section:
            for number, part in enumerate(_parts(rows)):
                if number:
                    pages.append([])
                pages[-1].append(_laid_out(part))
    return pages


class _Tables(HTMLParser):
    """Collects the rows of each table of each page."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[list[list[Row]]] = []
        self._in_heading = False
        self._cell: tuple[int, int] | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a page, a table, a row or a cell."""
        values = dict(attrs)
        if tag == "section":
            self.pages.append([])
        elif tag == "table":
            self.pages[-1].append([])
        elif tag == "thead":
            self._in_heading = True
        elif tag == "tr":
            self.pages[-1][-1].append(Row(self._in_heading, values.get("class") == "break"))
        elif tag in ("td", "th"):
            self._cell, self._text = (int(values.get("rowspan") or 1), int(values.get("colspan") or 1)), []

    def handle_data(self, data: str) -> None:
        """Take a cell's text."""
        if self._cell:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Close a heading or a cell."""
        if tag == "thead":
            self._in_heading = False
        elif tag in ("td", "th") and self._cell:
            self.pages[-1][-1][-1].cells.append((*self._cell, "".join(self._text).strip()))
            self._cell = None


def _parts(rows: list[Row]) -> list[list[Row]]:
    """A table's rows page by page, each with the rows of its heading."""
    heading = [row for row in rows if row.heading]
    parts: list[list[Row]] = [[]]
    for row in rows:
        if row.breaks:
            parts.append(list(heading))
        parts[-1].append(row)
    return parts


def _laid_out(rows: list[Row]) -> dict[Span, str]:
    taken: set[tuple[int, int]] = set()
    cells: dict[Span, str] = {}
    for number, row in enumerate(rows):
        col = 0
        for row_span, col_span, text in row.cells:
            while (number, col) in taken:
                col += 1
            taken |= {(number + down, col + right) for down in range(row_span) for right in range(col_span)}
            cells[number, col, row_span, col_span] = text
    return _without_unused_lines(cells)


def _without_unused_lines(cells: dict[Span, str]) -> dict[Span, str]:
    """The same cells, where a line that no cell begins at is none: nothing is drawn there."""
    rows = sorted({row for row, *_ in cells} | {row + span for row, _, span, _ in cells})
    cols = sorted({col for _, col, *_ in cells} | {col + span for _, col, _, span in cells})
    return {
        (
            rows.index(row),
            cols.index(col),
            rows.index(row + row_span) - rows.index(row),
            cols.index(col + col_span) - cols.index(col),
        ): text
        for (row, col, row_span, col_span), text in cells.items()
    }
