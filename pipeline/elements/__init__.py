"""The nouns of the pipeline -> what every stage hands to the next: frozen records.

Conventions, stated here once:

* **Scan pixels** are the raster as decoded, before EXIF orientation and before our own turns; for a PDF page, the
  raster rendered with its /Rotate applied. Every polygon in these records, and everything landed, is in scan pixels.
* The origin is the top-left corner, x to the right, y down. Pixel *centres* are at whole numbers, as in OpenCV.
  `BBox` is half-open: right and bottom are excluded.
* Quads and polygons run clockwise from the corner where the *text* starts (its top-left when read upright).
* `row` and `col` count from 0, spans from 1, `page_number` from 1. Angles are degrees, counter-clockwise positive.
* Images are uint8: (height, width, 3) in OpenCV's BGR order, or (height, width) where a docstring says gray.
* Confidence is 0-1, or None when unknown. Text "" was verified blank; None is ink that could not be read.
"""

from __future__ import annotations

from pipeline.elements.findings import Finding, Status
from pipeline.elements.grids import Axis, Cell, Grid
from pipeline.elements.pages import DpiSource, Ink, Missing, Page, Resampling, SourceFile, Upright, dpi_text
from pipeline.elements.places import BBox, Image, Matrix, Point, Polygon
from pipeline.elements.readings import CellReading, CellRef, Hypothesis, LineKind, PageReading, TableReading, TextLine
from pipeline.elements.records import (
    NOTHING_UNDERSTOOD,
    AmountPart,
    Correction,
    CorrectionReason,
    DocumentResult,
    FormMatch,
    HeadedText,
    Indicator,
    Interpretation,
    Project,
    TableRow,
    Target,
)
from pipeline.elements.roles import LEVEL_ROLES, CellRole, FieldRole, Role
from pipeline.elements.rules import RULE_MEANINGS, FindingRule, RuleMeaning, Severity
from pipeline.elements.signatures import (
    Candidate,
    CtcPosteriors,
    NameEvidence,
    NameSource,
    Signature,
    SignatureStatus,
    YearSource,
)
from pipeline.elements.stamps import Stamp, StampColour, StampShape

__all__ = [
    "LEVEL_ROLES",
    "NOTHING_UNDERSTOOD",
    "RULE_MEANINGS",
    "AmountPart",
    "Axis",
    "BBox",
    "Candidate",
    "Cell",
    "CellReading",
    "CellRef",
    "CellRole",
    "Correction",
    "CorrectionReason",
    "CtcPosteriors",
    "DocumentResult",
    "DpiSource",
    "FieldRole",
    "Finding",
    "FindingRule",
    "FormMatch",
    "Grid",
    "HeadedText",
    "Hypothesis",
    "Image",
    "Indicator",
    "Ink",
    "Interpretation",
    "LineKind",
    "Matrix",
    "Missing",
    "NameEvidence",
    "NameSource",
    "Page",
    "PageReading",
    "Point",
    "Polygon",
    "Project",
    "Resampling",
    "Role",
    "RuleMeaning",
    "Severity",
    "Signature",
    "SignatureStatus",
    "SourceFile",
    "Stamp",
    "StampColour",
    "StampShape",
    "Status",
    "TableReading",
    "TableRow",
    "Target",
    "TextLine",
    "Upright",
    "YearSource",
    "dpi_text",
]
