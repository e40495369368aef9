"""Three documents of two units and two years, with something to find for each question that analysts ask."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from filled_form import IDENTITY, RUN, SIGNATURE, quad

from pipeline.elements import (
    Cell,
    CellReading,
    CellRef,
    Correction,
    CorrectionReason,
    DocumentResult,
    DpiSource,
    Finding,
    FindingRule,
    FormMatch,
    Grid,
    Indicator,
    Interpretation,
    PageReading,
    Project,
    Severity,
    SignatureStatus,
    SourceFile,
    Status,
    TableReading,
)
from pipeline.text.quantities import parse_target

FORM_TYPE = "goal_declaration"
ROLES = ("level1", "level2", "level3", "value")


def reading(row, col, text, corrections):
    cell = Cell(row, col, 1, 1, quad(100.0 * col, 50.0 * row, 100.0 * col + 100, 50.0 * row + 50))
    correction = corrections.get(CellRef(1, 0, row, col))
    return CellReading(cell, text if correction is None else f"{text}?", 0.5 if correction else 0.99, ())


def document(digit, name, form, leaves, *, signed=True, corrections=None, findings=()):
    """A page with a form (unit, year, project, amount) and leaves (level1, level2, level3, value), one a row."""
    corrections = corrections or {}
    cells = tuple(reading(r, c, text, corrections) for r, leaf in enumerate(leaves) for c, text in enumerate(leaf))
    grid = Grid(0, len(leaves), len(ROLES), tuple(dataclasses.replace(cell.cell, confidence=0.99) for cell in cells))
    refs = {(r, c): CellRef(1, 0, r, c) for r in range(len(leaves)) for c in range(len(ROLES))}
    page = PageReading(
        page_number=1,
        width=500,
        height=400,
        dpi=200.0,
        dpi_source=DpiSource.FILE,
        quarter_turns=0,
        skew_deg=0.0,
        to_source=IDENTITY,
        tables=(TableReading(grid, cells),),
        lines=(),
        signatures=(SIGNATURE,) if signed else (),
        signature_status=SignatureStatus.SIGNED if signed else SignatureStatus.UNSIGNED,
        status=Status.LANDED,
    )
    meaning = Interpretation(
        forms=(FormMatch(1, FORM_TYPE, 0.9, "申报表"),),
        projects=(project_of(form, tuple(refs.values()), bool(findings)),),
        indicators=tuple(
            indicator_of(form, row, leaf, tuple(refs[row, col] for col in range(len(ROLES))))
            for row, leaf in enumerate(leaves)
        ),
        roles={ref: ROLES[col] for (_, col), ref in refs.items()},
        corrections=corrections,
        findings=(),
    )
    source = SourceFile(f"/scans/{name}", digit * 64, 1234, "application/pdf", 1)
    return DocumentResult(source, Status.LANDED, (page,), meaning, findings)


def project_of(form, cells, needs_review):
    unit, year, name, amount = form
    return Project(
        project_index=0,
        first_page=1,
        last_page=1,
        form_type=FORM_TYPE,
        title="申报表",
        fiscal_year=year,
        parent_code=None,
        unit_code="001",
        unit_name=unit,
        department=None,
        project_name=name,
        amount=Decimal(amount),
        amount_text=amount,
        amount_unit_read="万元",
        amount_parts=(),
        total=None,
        total_text=None,
        goals=("修路", "验收")[: 1 + (year == 2023)],
        goals_text=f"{name}的目标",
        note=None,
        confidence=0.99,
        needs_review=needs_review,
        cells=cells,
    )


def indicator_of(form, row, leaf, cells):
    unit, _, project, _ = form
    return Indicator(
        project_index=0,
        page_number=1,
        table_index=0,
        row=row,
        unit_code="001",
        unit_name=unit,
        project_name=project,
        level1=leaf[0],
        level2=leaf[1],
        level3=leaf[2],
        target_text=leaf[3],
        target=parse_target(leaf[3]),
        confidence=0.99,
        needs_review=False,
        cells=cells,
    )


ROADS = (
    ("产出指标", "数量指标", "养护里程", "≥86.5公里"),
    ("产出指标", "质量指标", "验收合格率", "≥95%"),
    ("成本指标", "经济成本指标", "养护成本", "≤40万元"),
)
SERVICE = (
    ("产出指标", "时效指标", "按期完成率", "=100%"),
    ("产出指标", "质量指标", "差错率", "≤1%"),
    ("满意度指标", "服务对象满意度指标", "群众满意度", ">90%"),
    ("产出指标", "成本指标", "印刷费", "=0.5万元"),
)
COSTLY = Finding(FindingRule.COST_EXCEEDS_AMOUNT, Severity.WARNING, "Too dear.", 1, 0, 0, 2, 3, "40", "34.54")
NOTED = Finding("readings_differ", Severity.INFO, "Other cuts differ.", 1, None, 0, 0, 0, "产出指标", "产岀指标")
DOCUMENTS = (
    document("1", "a.pdf", ("交通局", 2022, "道路养护", "30"), ROADS[:2], signed=False),
    document(
        "2",
        "b.pdf",
        ("交通局", 2023, "桥梁养护", "34.54"),
        ROADS,
        corrections={CellRef(1, 0, 1, 1): Correction("质量指标", CorrectionReason.VOCABULARY)},
        findings=(COSTLY, NOTED),
    ),
    document("3", "c.pdf", ("档案局", 2023, "档案数字化", "12.5"), SERVICE),
)
RUNS = tuple(dataclasses.replace(RUN, source_path=result.source.path) for result in DOCUMENTS)
