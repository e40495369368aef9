"""HTML sources as flat OpenDocument files, as office programs draw them: they know no stylesheets for cells.

A source names its border and its sheet for them: `<meta name="border" content="0.5pt solid">` and
`<meta name="sheet" content="297mm 210mm">`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).parents[2]))

from html_tables import Span, expected_tables

MARGIN_MM = 15.0
NAMESPACES = {
    name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "style", "text", "table")
} | {"fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"}
KINDS = {"text": "fodt", "spreadsheet": "fods"}


def flat_document(source: str, kind: str) -> str:
    """A source's tables as a flat OpenDocument of a kind, "text" or "spreadsheet"; the latter holds its first table."""
    width, height = (float(side) for side in re.findall(r"([\d.]+)mm", _meta(source, "sheet", "210mm 297mm")))
    (tables,) = expected_tables(source)
    room = width - 2 * MARGIN_MM
    bodies = [_table(f"T{n}", cells) for n, cells in enumerate(tables if kind == "text" else tables[:1])]
    columns = "".join(_column_style(f"T{n}", cells, room) for n, cells in enumerate(tables))
    between = "<text:p/>" if kind == "text" else ""
    names = " ".join(f'xmlns:{name}="{urn}"' for name, urn in NAMESPACES.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document {names} office:version="1.3" '
        f'office:mimetype="application/vnd.oasis.opendocument.{kind}">'
        f"<office:automatic-styles>{columns}{_styles(source, width, height)}</office:automatic-styles>"
        '<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="sheet"/>'
        '<style:master-page style:name="Default" style:page-layout-name="sheet"/></office:master-styles>'
        f"<office:body><office:{kind}>{between.join(bodies)}{between}</office:{kind}></office:body></office:document>"
    )


def _meta(source: str, name: str, default: str) -> str:
    found = re.search(rf'<meta name="{name}" content="([^"]+)">', source)
    return found.group(1) if found else default


def _styles(source: str, width: float, height: float) -> str:
    """Styles of cells, rows, text and sheet."""
    border = _meta(source, "border", "0.5pt solid")
    lines = 'style:border-line-width="0.75pt 0.75pt 0.75pt" ' if "double" in border else ""
    turned = "landscape" if width > height else "portrait"
    return (
        '<style:style style:name="cell" style:family="table-cell"><style:table-cell-properties '
        f'fo:border="{border} #000000" {lines}fo:padding="0.8mm" fo:wrap-option="wrap" '
        'style:vertical-align="middle"/><style:text-properties fo:font-size="9.5pt" '
        'style:font-name="Droid Sans Fallback"/></style:style>'
        '<style:style style:name="row" style:family="table-row"><style:table-row-properties '
        'style:use-optimal-row-height="true" style:min-row-height="7mm"/></style:style>'
        '<style:style style:name="line" style:family="paragraph"><style:text-properties fo:font-size="9.5pt"/>'
        "</style:style>"
        f'<style:page-layout style:name="sheet"><style:page-layout-properties fo:page-width="{width}mm" '
        f'fo:page-height="{height}mm" style:print-orientation="{turned}" fo:margin="{MARGIN_MM}mm"/>'
        "<style:header-style/><style:footer-style/></style:page-layout>"
    )


def _column_style(name: str, cells: dict[Span, str], room: float) -> str:
    columns = max(col + span for _, col, _, span in cells)
    sheet = ' style:master-page-name="Standard"' if name == "T0" else ""  # anything else would begin a page
    return (
        f'<style:style style:name="{name}" style:family="table"{sheet}>'
        f'<style:table-properties style:width="{room}mm" table:align="margins"/></style:style>'
        f'<style:style style:name="{name}.column" style:family="table-column"><style:table-column-properties '
        f'style:column-width="{room / columns:.2f}mm"/></style:style>'
    )


def _table(name: str, cells: dict[Span, str]) -> str:
    rows, columns = (max(span[axis] + span[axis + 2] for span in cells) for axis in (0, 1))
    starts = {span[:2]: (span, text) for span, text in cells.items()}
    body = []
    for row in range(rows):
        body.append('<table:table-row table:style-name="row">')
        for col in range(columns):
            body.append(_cell(*starts[row, col]) if (row, col) in starts else "<table:covered-table-cell/>")
        body.append("</table:table-row>")
    return (
        f'<table:table table:name="{name}" table:style-name="{name}"><table:table-column '
        f'table:style-name="{name}.column" table:number-columns-repeated="{columns}"/>{"".join(body)}</table:table>'
    )


def _cell(span: Span, text: str) -> str:
    return (
        f'<table:table-cell table:style-name="cell" office:value-type="string" table:number-rows-spanned="{span[2]}" '
        f'table:number-columns-spanned="{span[3]}"><text:p text:style-name="line">{escape(text)}</text:p>'
        "</table:table-cell>"
    )
