"""Records -> list[Finding]: what a person should know before trusting them. Nothing is changed here.

Every rule that fires here has its severity and its sentence in `elements/rules.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.elements import Finding, Interpretation, PageReading
from pipeline.forms import Profile
from pipeline.validation.evidence import gather_evidence
from pipeline.validation.fields import check_fields
from pipeline.validation.goals import check_goals
from pipeline.validation.leaves import check_leaves
from pipeline.validation.levels import check_levels
from pipeline.validation.money import check_costs, check_parts, check_sums
from pipeline.validation.page_numbers import check_page_numbers, printed_run
from pipeline.validation.pages import check_forms, find_duplicates
from pipeline.validation.review import REVIEW_CONFIDENCE, check_readings
from pipeline.validation.targets import check_targets

PROJECT_CHECKS = (check_fields, check_parts, check_leaves, check_levels, check_targets, check_costs, check_goals)
"""What is checked of each project and its leaves, whatever the rest of the document says."""


def validate(
    pages: Sequence[PageReading],
    interpretation: Interpretation,
    profiles: Sequence[Profile],
    n_pages: int,
    review_confidence: float = REVIEW_CONFIDENCE,
) -> tuple[Finding, ...]:
    """Check a document's records against their forms, their cells and each other.

    Args:
        pages: the pages that were read, with corrected texts, in order; fewer than `n_pages` where some failed.
        interpretation: their records.
        profiles: the profiles that the records were made by.
        n_pages: pages in the file.
        review_confidence: cells below it are doubtful, 0-1.

    Returns:
        The findings, by page, then project, row and column.
    """
    run = printed_run(pages)
    findings = [
        *check_forms(pages, interpretation.forms),
        *find_duplicates(pages, review_confidence),
        *check_page_numbers(run),
        *check_sums(interpretation, pages, n_pages, run),
    ]
    for evidence in gather_evidence(pages, interpretation, profiles):
        findings += check_readings(evidence, review_confidence)
        for check in PROJECT_CHECKS:
            findings += check(evidence)
    return tuple(sorted(dict.fromkeys(findings), key=_place))


def _place(finding: Finding) -> tuple[float, ...]:
    place = (finding.page_number, finding.project_index, finding.table_index, finding.row, finding.col)
    return tuple(-1.0 if number is None else float(number) for number in place)
