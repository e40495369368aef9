"""Counts of what was right on each page, their sums, and the measures made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from pipeline.evaluate.truth import Fields

FIELD_NAMES: tuple[str, ...] = tuple(field.name for field in fields(Fields))


@dataclass(frozen=True, slots=True)
class FieldCount:
    """How often a form's field is stated, and how often it was landed exactly."""

    true: int = 0
    right: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What one page or several pages add up to; the sums of several pages measure them as one."""

    pages: int = 0
    pages_landed: int = 0
    cells_true: int = 0
    cells_landed: int = 0
    placed: int = 0
    """Cells whose row, col and both spans are right."""
    read_right: int = 0
    """Placed cells whose text as read is right."""
    exact: int = 0
    """Placed cells whose text is right, corrections applied."""
    corrected: int = 0
    """Placed cells with a correction."""
    mended: int = 0
    """… that was right where the reading was wrong."""
    broken: int = 0
    """… that was wrong where the reading was right."""
    points: int = 0
    """Cells whose true text has a decimal point, in whatever place they landed."""
    points_lost_silently: int = 0
    """Placed cells of these that landed with fewer decimal points, and that no finding names."""
    leaves_wrong: int = 0
    """Names and values of indicators, counted apart, whose text is wrong, corrections applied, or out of place."""
    leaves_wrong_warned: int = 0
    """… whose cell a warning or an error names."""
    leaves_right: int = 0
    leaves_right_warned: int = 0
    tables_perfect: int = 0
    characters: int = 0
    edits: int = 0
    corner_cells: int = 0
    corner_px: float = 0.0
    """Sum over `corner_cells` of the mean distance of their corners."""
    grits_top: float = 0.0
    """Sum over pages."""
    grits_con: float = 0.0
    records: int = 0
    """Pages whose truth states a record."""
    indicators_true: int = 0
    indicators_landed: int = 0
    indicators_right: int = 0
    indicators_perfect: int = 0
    numbers_true: int = 0
    numbers_right: int = 0
    signed: int = 0
    unsigned: int = 0
    signatures_found: int = 0
    signatures_false: int = 0
    signatures_extra: int = 0
    pen_names: int = 0
    pen_names_right: int = 0
    font_names: int = 0
    font_names_right: int = 0
    dates: int = 0
    dates_right: int = 0
    form_fields: tuple[FieldCount, ...] = (FieldCount(),) * len(FIELD_NAMES)
    """In the order of FIELD_NAMES."""


@dataclass(frozen=True, slots=True)
class Measures:
    """The measures of some pages; docs/evaluation.md defines each. None where there was nothing to measure."""

    pages: int
    structure_f1: float | None
    exact_f1: float | None
    read_f1: float | None
    cer: float | None
    corrections_right: float | None
    corrections_broke: int
    points_lost_silently: int
    wrong_warned: float | None
    right_warned: float | None
    structure_perfect: float | None
    grits_top: float | None
    grits_con: float | None
    corner_px: float | None
    indicator_f1: float | None
    indicators_perfect: float | None
    numbers: float | None
    fields: float | None
    signature_found: float | None
    signature_false: float | None
    signature_extra: int
    name_pen: float | None
    name_font: float | None
    date: float | None
    by_field: Mapping[str, float | None]


def total(counts: Iterable[Counts]) -> Counts:
    """Add counts up."""
    several = list(counts)
    names = [field.name for field in fields(Counts) if field.name != "form_fields"]
    sums = {name: sum(getattr(one, name) for one in several) for name in names}
    by_field = zip(*(one.form_fields for one in [Counts(), *several]), strict=True)
    form_fields = tuple(FieldCount(sum(f.true for f in column), sum(f.right for f in column)) for column in by_field)
    return Counts(**sums, form_fields=form_fields)


def measure(c: Counts) -> Measures:
    """Turn counts into measures."""
    return Measures(
        pages=c.pages,
        structure_f1=_f1(c.placed, c.cells_true, c.cells_landed),
        exact_f1=_f1(c.exact, c.cells_true, c.cells_landed),
        read_f1=_f1(c.read_right, c.cells_true, c.cells_landed),
        cer=_share(c.edits, c.characters),
        corrections_right=_share(c.mended, c.corrected),
        corrections_broke=c.broken,
        points_lost_silently=c.points_lost_silently,
        wrong_warned=_share(c.leaves_wrong_warned, c.leaves_wrong),
        right_warned=_share(c.leaves_right_warned, c.leaves_right),
        structure_perfect=_share(c.tables_perfect, c.pages),
        grits_top=_share(c.grits_top, c.pages),
        grits_con=_share(c.grits_con, c.pages),
        corner_px=_share(c.corner_px, c.corner_cells),
        indicator_f1=_f1(c.indicators_right, c.indicators_true, c.indicators_landed),
        indicators_perfect=_share(c.indicators_perfect, c.records),
        numbers=_share(c.numbers_right, c.numbers_true),
        fields=_share(sum(f.right for f in c.form_fields), sum(f.true for f in c.form_fields)),
        signature_found=_share(c.signatures_found, c.signed),
        signature_false=_share(c.signatures_false, c.unsigned),
        signature_extra=c.signatures_extra,
        name_pen=_share(c.pen_names_right, c.pen_names),
        name_font=_share(c.font_names_right, c.font_names),
        date=_share(c.dates_right, c.dates),
        by_field={name: _share(f.right, f.true) for name, f in zip(FIELD_NAMES, c.form_fields, strict=True)},
    )


def _f1(hits: int, true: int, landed: int) -> float | None:
    """The harmonic mean of hits / true and hits / landed."""
    return 2 * hits / (true + landed) if true + landed else None


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
