"""A small document, read and understood, with something in every landed table."""

import datetime
from decimal import Decimal

from pipeline.elements import (
    AmountPart,
    Candidate,
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
    HeadedText,
    Indicator,
    Interpretation,
    LineKind,
    NameSource,
    PageReading,
    Project,
    Severity,
    Signature,
    SignatureStatus,
    SourceFile,
    Stamp,
    StampColour,
    StampShape,
    Status,
    TableReading,
    TableRow,
    Target,
    TextLine,
    YearSource,
)
from pipeline.landing.rows import RunInfo

DOCUMENT_ID = "ab" * 32
BEGIN = datetime.datetime(2026, 11, 22, 8, 30, tzinfo=datetime.UTC)
END = datetime.datetime(2026, 11, 22, 8, 31, 2, 500, tzinfo=datetime.UTC)
IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
NOTHING = Interpretation(forms=(), projects=(), indicators=(), roles={}, corrections={}, findings=())


def quad(left, top, right, bottom):
    return ((left, top), (right, top), (right, bottom), (left, bottom))


TITLE = TextLine("绩效目标公开表", 0.97, quad(100.0, 10.0, 300.0, 40.0), LineKind.TITLE)
LEVEL = TextLine("产出指标", 0.9, quad(12.0, 52.0, 60.0, 70.0), LineKind.CELL)
GRID = Grid(
    table_index=0,
    n_rows=1,
    n_cols=3,
    cells=(
        Cell(0, 0, 1, 1, quad(10.0, 50.0, 100.0, 90.0), 0.99),
        Cell(0, 1, 1, 1, quad(100.0, 50.0, 200.0, 90.0), 0.98),
        Cell(0, 2, 1, 1, quad(200.0, 50.0, 290.5, 90.25), 0.97),
    ),
)
TABLE = TableReading(
    GRID,
    (
        CellReading(GRID.cells[0], "产出指标", 0.9, (LEVEL,)),
        CellReading(GRID.cells[1], "", None, ()),
        CellReading(GRID.cells[2], None, 0.1, (), under_seal=True),
    ),
)
SIGNATURE = Signature(
    name="贺成才",
    name_read="贺成オ",
    name_source=NameSource.ROSTER,
    name_confidence=0.8,
    candidates=(Candidate("贺成才", 0.8), Candidate("贺成材", 0.1)),
    date_text="3.30",
    date_confidence=0.9,
    month=3,
    day=30,
    date=None,
    date_inferred=datetime.date(2023, 3, 30),
    year_source=YearSource.FORM,
    confidence=0.95,
    polygon=quad(400.0, 5.0, 480.0, 30.0),
    crop_png=b"\x89PNG",
    printed_name="贺成才",
    role="负责人",
)
STAMP = Stamp(
    colour=StampColour.RED,
    shape=StampShape.ROUND,
    text="县政府办公室",
    confidence=0.97,
    polygon=((300.0, 200.0), (340.0, 240.0), (300.0, 280.0), (260.0, 240.0)),
    crop_png=b"\x89PNG",
)
FINDING = Finding(
    FindingRule.LEVEL_OUTSIDE_VOCABULARY, Severity.WARNING, "No such level.", 1, 0, 0, 0, 0, "产出指标", "满意度指标"
)
PAGE = PageReading(
    page_number=1,
    width=500,
    height=400,
    dpi=200.0,
    dpi_source=DpiSource.FILE,
    quarter_turns=1,
    skew_deg=-0.5,
    to_source=IDENTITY,
    tables=(TABLE,),
    lines=(TITLE,),
    signatures=(SIGNATURE,),
    signature_status=SignatureStatus.SIGNED,
    status=Status.LANDED,
    findings=(FINDING,),
    stamps=(STAMP,),
)
LOST_PAGE = PageReading(
    page_number=2,
    width=0,
    height=0,
    dpi=0.0,
    dpi_source=DpiSource.ESTIMATED,
    quarter_turns=0,
    skew_deg=0.0,
    to_source=IDENTITY,
    tables=(),
    lines=(),
    signatures=(),
    signature_status=SignatureStatus.UNSURE,
    status=Status.QUARANTINED,
    error_code="CORRUPT",
)
PROJECT = Project(
    project_index=0,
    first_page=1,
    last_page=1,
    form_type="budget_project_targets",
    title="绩效目标公开表",
    fiscal_year=2023,
    parent_code=None,
    unit_code="101001",
    unit_name="县政府办",
    department=None,
    project_name="办公经费",
    amount=Decimal("15.5"),
    amount_text="15.5",
    amount_unit_read="万元",
    amount_parts=(AmountPart("财政拨款", Decimal("15.5")), AmountPart("其他资金", None)),
    total=None,
    total_text=None,
    goals=("目标1", "目标2"),
    goals_text="目标1目标2",
    note="",
    confidence=0.9,
    needs_review=True,
    cells=(CellRef(1, 0, 0, 0),),
)
INDICATOR = Indicator(
    project_index=0,
    page_number=1,
    table_index=0,
    row=0,
    unit_code="101001",
    unit_name="县政府办",
    project_name="办公经费",
    level1="产出指标",
    level2="数量指标",
    level3="会议次数",
    target_text="≥15次",
    target=Target("≥", Decimal(15), "次"),
    confidence=0.9,
    needs_review=False,
    cells=(CellRef(1, 0, 0, 0), CellRef(1, 0, 0, 2)),
)
ROW = TableRow(
    page_number=1,
    table_index=0,
    row=0,
    path=("产出指标", "", None),
    path_headers=("一级指标", None, None),
    values=(HeadedText("绩效指标 › 指标值", "≥15次"), HeadedText(None, None)),
    confidence=0.9,
    needs_review=False,
    cells=(CellRef(1, 0, 0, 0), CellRef(1, 0, 0, 2)),
)
INTERPRETATION = Interpretation(
    forms=(FormMatch(1, "budget_project_targets", 0.92, "绩效目标公开表", "goal_declaration", 0.64),),
    projects=(PROJECT,),
    indicators=(INDICATOR,),
    roles={CellRef(1, 0, 0, 0): "level1"},
    corrections={CellRef(1, 0, 0, 2): Correction("≥15次", CorrectionReason.VOCABULARY)},
    findings=(),
    rows=(ROW,),
)
FORM = DocumentResult(
    source=SourceFile("/scans/a.pdf", DOCUMENT_ID, 1234, "application/pdf", 2),
    status=Status.PARTIAL,
    pages=(PAGE, LOST_PAGE),
    interpretation=INTERPRETATION,
    findings=(FINDING,),
)
QUARANTINED = DocumentResult(
    source=SourceFile("/scans/bad.pdf", DOCUMENT_ID, 10, "", 0),
    status=Status.QUARANTINED,
    pages=(),
    interpretation=NOTHING,
    findings=(Finding(FindingRule.PAGE_FAILED, Severity.ERROR, "The document wants a password.", found="ENCRYPTED"),),
    error_code="ENCRYPTED",
    error_message="The document wants a password.",
)
RUN = RunInfo("run-1", BEGIN, END, "5e" * 32, "0.1.0", (("rec", "6f" * 32),), "/scans/a.pdf")
