"""An evaluation -> Markdown for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from pipeline.evaluate.measures import FIELD_NAMES, Counts, FieldCount, Measures
from pipeline.evaluate.reliability import Bin, Reliability
from pipeline.evaluate.results import Evaluation, Group, PageEvaluation, worst_pages

DIGITS = 4
"""Measures are given to so many decimals: a page in ten thousand."""


def as_json(evaluation: Evaluation) -> str:
    """All measures and counts as JSON: `groups`, `pages`, both reliability tables, `missed`, `ignored`."""
    tree = {
        "groups": {group.name: _measured(group.measures, group.counts) for group in evaluation.groups},
        "pages": {page.name: _measured(page.measures, page.counts) for page in evaluation.pages},
        "cell_confidence": asdict(evaluation.cells),
        "grid_confidence": asdict(evaluation.grids),
        "missed": evaluation.missed,
        "ignored": evaluation.ignored,
    }
    return json.dumps(_rounded(tree), ensure_ascii=False, indent=1)


def as_markdown(evaluation: Evaluation) -> str:
    """The tables that the docs show."""
    groups = evaluation.groups
    parts = [
        _section("Cells", _CELL_HEADER, (_cell_row(group) for group in groups)),
        _section("Records", _RECORD_HEADER, (_record_row(group) for group in groups)),
        _section("Corrections", _CORRECTION_HEADER, (_correction_row(group) for group in groups)),
        _section("Warnings", _WARNING_HEADER, (_warning_row(group) for group in groups)),
        _section("Fields", ("condition", *FIELD_NAMES), (_field_row(group) for group in groups)),
        _section("Signatures", _SIGNATURE_HEADER, (_signature_row(group) for group in groups)),
        _reliability("Confidence of a cell's text", evaluation.cells),
        _reliability("Confidence of a grid", evaluation.grids),
    ]
    worst = [page for page in worst_pages(evaluation) if page.measures.exact_f1 != 1]
    if worst:
        parts.append(_section("Worst pages", _PAGE_HEADER, (_page_row(page) for page in worst)))
    parts += [_listing("Pages that never landed", evaluation.missed)] if evaluation.missed else []
    parts += [_listing("Landed pages without truth", evaluation.ignored)] if evaluation.ignored else []
    return "\n".join(parts)


# --- rows -------------------------------------------------------------------------------------------------------------

_CELL_HEADER = (
    *("condition", "pages", "structure F1", "exact F1", "exact F1 as read", "CER"),
    *("GriTS-Top", "GriTS-Con", "perfect grids", "corner error, px", "points lost silently"),
)
_RECORD_HEADER = ("condition", "indicator F1", "pages with all indicators", "numbers", "fields")
_WARNING_HEADER = ("condition", "wrong leaf texts with a warning", "right leaf texts with a warning")
_CORRECTION_HEADER = ("condition", "wrong as read", "corrected", "now right", "broke a right text")
_SIGNATURE_HEADER = ("condition", "found", "false", "extra", "name, pen", "name, font", "date")
_PAGE_HEADER = ("page", "placed", "exact", "true cells", "landed cells", "indicators", "fields")


def _cell_row(group: Group) -> tuple[str, ...]:
    m, c = group.measures, group.counts
    ratios = (m.structure_f1, m.exact_f1, m.read_f1, m.cer, m.grits_top, m.grits_con)
    corner = "–" if m.corner_px is None else f"{m.corner_px:.2f}"
    perfect, points = _of(c.tables_perfect, c.pages), _of(c.points_lost_silently, c.points)
    return group.name, str(c.pages), *(_ratio(r) for r in ratios), perfect, corner, points


def _record_row(group: Group) -> tuple[str, ...]:
    m, c = group.measures, group.counts
    numbers, perfect = _of(c.numbers_right, c.numbers_true), _of(c.indicators_perfect, c.records)
    return group.name, _ratio(m.indicator_f1), perfect, numbers, _all_fields(c)


def _correction_row(group: Group) -> tuple[str, ...]:
    c = group.counts
    return group.name, *(str(n) for n in (c.placed - c.read_right, c.corrected, c.mended, c.broken))


def _warning_row(group: Group) -> tuple[str, ...]:
    c = group.counts
    return group.name, _of(c.leaves_wrong_warned, c.leaves_wrong), _of(c.leaves_right_warned, c.leaves_right)


def _field_row(group: Group) -> tuple[str, ...]:
    return group.name, *(_of(field.right, field.true) for field in group.counts.form_fields)


def _signature_row(group: Group) -> tuple[str, ...]:
    c = group.counts
    return (
        group.name,
        _of(c.signatures_found, c.signed),
        _of(c.signatures_false, c.unsigned),
        str(c.signatures_extra),
        _of(c.pen_names_right, c.pen_names),
        _of(c.font_names_right, c.font_names),
        _of(c.dates_right, c.dates),
    )


def _page_row(page: PageEvaluation) -> tuple[str, ...]:
    c = page.counts
    cells = (str(n) for n in (c.placed, c.exact, c.cells_true, c.cells_landed))
    return page.name, *cells, _of(c.indicators_right, c.indicators_true), _all_fields(c)


def _bin_row(one: Bin) -> tuple[str, ...]:
    return f"{one.low}–{one.high}", str(one.count), _ratio(one.mean_confidence), _ratio(one.right)


def _all_fields(counts: Counts) -> str:
    fields: Sequence[FieldCount] = counts.form_fields
    return _of(sum(f.right for f in fields), sum(f.true for f in fields))


# --- Markdown and JSON ------------------------------------------------------------------------------------------------


def _section(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(header) - 1)]
    lines = ["| " + " | ".join(row) + " |" for row in (header, rule, *rows)]
    return "\n".join([f"### {title}", "", *lines, ""])


def _reliability(title: str, table: Reliability) -> str:
    rows = (_bin_row(one) for one in table.bins if one.count)
    section = _section(title, ("confidence", "count", "mean confidence", "exactly right"), rows)
    return f"{section}\nExpected calibration error: {_ratio(table.ece)}; confidence unknown: {table.unknown}.\n"


def _listing(title: str, names: Iterable[str]) -> str:
    return "\n".join([f"### {title}", "", *(f"- {name}" for name in names), ""])


def _ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.{DIGITS}f}"


def _of(part: int, whole: int) -> str:
    return f"{part}/{whole}" if whole else "–"


def _measured(measures: Measures, counts: Counts) -> dict[str, Any]:
    by_field = dict(zip(FIELD_NAMES, map(asdict, counts.form_fields), strict=True))
    return asdict(measures) | {"counts": asdict(counts) | {"form_fields": by_field}}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
