"""The rules that findings are of: their names, how much a finding of each matters, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Severity(StrEnum):
    """How much a finding matters: an info never asks for review."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class FindingRule(StrEnum):
    """What a finding is about, in the order of docs/findings.md, which says what each means."""

    # reading
    UNREADABLE_CELL = "unreadable_cell"
    DOUBTFUL_READING = "doubtful_reading"
    UNREAD_INK = "unread_ink"
    UNEXPLAINED_INK = "unexplained_ink"
    SCRIPT_UNREAD = "script_unread"
    TEXT_CORRECTED = "text_corrected"
    READINGS_DIFFER = "readings_differ"
    HANDWRITTEN = "handwritten"
    STRUCK_TEXT = "struck_text"
    TEXT_OVER_BORDER = "text_over_border"
    # pages, tables and signatures
    PAGE_FAILED = "page_failed"
    PAGE_REDUCED = "page_reduced"
    PAGE_SQUARED = "page_squared"
    SHOW_THROUGH = "show_through"
    RESOLUTION_OVERRULED = "resolution_overruled"
    IMAGE_INCOMPLETE = "image_incomplete"
    CELL_INCOMPLETE = "cell_incomplete"
    ROWS_MALFORMED = "rows_malformed"
    NO_TABLE = "no_table"
    UNKNOWN_FORM = "unknown_form"
    FORM_AMBIGUOUS = "form_ambiguous"
    DUPLICATE_PAGE = "duplicate_page"
    PAGE_MISSING = "page_missing"
    GRID_DOUBTFUL = "grid_doubtful"
    GRID_DISPUTED = "grid_disputed"
    GRID_WITHOUT_COLUMNS = "grid_without_columns"
    ORIENTATION_UNSURE = "orientation_unsure"
    SKEW_DISAGREES = "skew_disagrees"
    SIGNATURE_DATE_DOUBTFUL = "signature_date_doubtful"
    SIGNATURE_UNRESOLVED = "signature_unresolved"
    SIGNATURE_NAME_AGREED = "signature_name_agreed"
    SIGNED_BY_ANOTHER_HAND = "signed_by_another_hand"
    SIGNATURE_UNSURE = "signature_unsure"
    SIGNATURE_OUT_OF_SIGHT = "signature_out_of_sight"
    STAMP_VOID = "stamp_void"
    STAMP_COPY = "stamp_copy"
    STAMP_PAID = "stamp_paid"
    # fields
    NO_INDICATORS = "no_indicators"
    MISSING_FIELD = "missing_field"
    MALFORMED_CODE = "malformed_code"
    MALFORMED_FIELD = "malformed_field"
    UNPARSABLE_AMOUNT = "unparsable_amount"
    UNEXPECTED_UNIT = "unexpected_unit"
    # hierarchy
    LEAF_WITHOUT_ANCESTOR = "leaf_without_ancestor"
    LEAF_WITHOUT_NAME = "leaf_without_name"
    LEAF_WITHOUT_VALUE = "leaf_without_value"
    LEAF_WITHOUT_PROJECT = "leaf_without_project"
    ROWS_DISAGREE = "rows_disagree"
    LEVEL_OUTSIDE_VOCABULARY = "level_outside_vocabulary"
    LEVEL_UNDER_OTHER_PARENT = "level_under_other_parent"
    LEVEL_OUT_OF_ORDER = "level_out_of_order"
    CONTINUED_FROM_PREVIOUS_PAGE = "continued_from_previous_page"
    TEXT_JOINED_ACROSS_PAGES = "text_joined_across_pages"
    CONTINUATION_UNCLEAR = "continuation_unclear"
    UNKNOWN_TABLE = "unknown_table"
    PROJECT_REPEATED = "project_repeated"
    STUB_LEFT_BLANK = "stub_left_blank"
    LEVEL_STRADDLES = "level_straddles"
    ROWS_SHIFTED = "rows_shifted"
    ROW_WITHOUT_INDICATOR = "row_without_indicator"
    # values
    UNPARSABLE_TARGET = "unparsable_target"
    STRICT_COMPARATOR = "strict_comparator"
    IMPLAUSIBLE_PERCENTAGE = "implausible_percentage"
    IMPLAUSIBLE_UNIT = "implausible_unit"
    MISSING_UNIT = "missing_unit"
    STRAY_MARK = "stray_mark"
    GOAL_DIFFERS = "goal_differs"
    NUMBER_NOT_STORABLE = "number_not_storable"
    # sums
    AMOUNT_PARTS_MISMATCH = "amount_parts_mismatch"
    COST_EXCEEDS_AMOUNT = "cost_exceeds_amount"
    COST_NEAR_AMOUNT = "cost_near_amount"
    COST_UNLIKE_AMOUNT = "cost_unlike_amount"
    TOTAL_MISMATCH = "total_mismatch"
    TOTAL_NOT_CHECKABLE = "total_not_checkable"


class RuleMeaning(NamedTuple):
    """How much every finding of a rule matters, and what it says."""

    severity: Severity
    sentence: str


RULE_MEANINGS: Mapping[FindingRule, RuleMeaning] = MappingProxyType(
    {
        # reading
        FindingRule.UNREADABLE_CELL: RuleMeaning(
            Severity.ERROR, "A cell that a record rests on has ink that could not be read."
        ),
        FindingRule.DOUBTFUL_READING: RuleMeaning(
            Severity.WARNING,
            "A cell that a record rests on was read with little confidence, or otherwise in another cut.",
        ),
        # pages, tables and signatures
        FindingRule.UNKNOWN_FORM: RuleMeaning(
            Severity.INFO, "The page has a table but matches no form profile: its cells and rows land."
        ),
        FindingRule.DUPLICATE_PAGE: RuleMeaning(
            Severity.WARNING, "The page says what an earlier page says: it may have been scanned twice."
        ),
        FindingRule.PAGE_MISSING: RuleMeaning(
            Severity.WARNING, "The page numbers as printed leave out pages: they may not have been scanned."
        ),
        # fields
        FindingRule.NO_INDICATORS: RuleMeaning(
            Severity.ERROR, "The form was recognised, but no row with an indicator was found on it."
        ),
        FindingRule.MISSING_FIELD: RuleMeaning(
            Severity.WARNING, "A field that the form requires is blank, or its label was not found."
        ),
        FindingRule.MALFORMED_CODE: RuleMeaning(Severity.WARNING, "A code holds something else than digits."),
        FindingRule.MALFORMED_FIELD: RuleMeaning(Severity.WARNING, "The field is not made as the form says."),
        FindingRule.UNPARSABLE_AMOUNT: RuleMeaning(Severity.WARNING, "The text is no amount of money."),
        FindingRule.UNEXPECTED_UNIT: RuleMeaning(
            Severity.WARNING, "The money unit that was read is not the one that the form prints."
        ),
        # hierarchy
        FindingRule.LEAF_WITHOUT_ANCESTOR: RuleMeaning(
            Severity.ERROR, "No entry of a higher level covers the indicator's row."
        ),
        FindingRule.LEAF_WITHOUT_NAME: RuleMeaning(
            Severity.ERROR, "The indicator has a value, but its last level is blank."
        ),
        FindingRule.LEAF_WITHOUT_VALUE: RuleMeaning(
            Severity.WARNING, "The indicator is named, but its value is blank."
        ),
        FindingRule.LEAF_WITHOUT_PROJECT: RuleMeaning(
            Severity.WARNING, "No project's cell covers the indicator's row: it was added to the project above it."
        ),
        FindingRule.ROWS_DISAGREE: RuleMeaning(
            Severity.WARNING, "The indicator's cell and its value's cell cover different rows."
        ),
        FindingRule.LEVEL_OUTSIDE_VOCABULARY: RuleMeaning(
            Severity.WARNING, "The entry is no word that this level of the form may hold."
        ),
        FindingRule.LEVEL_UNDER_OTHER_PARENT: RuleMeaning(
            Severity.WARNING, "The entry belongs under another entry of the level above."
        ),
        FindingRule.LEVEL_OUT_OF_ORDER: RuleMeaning(
            Severity.WARNING, "The entry stood further up already, with another one in between."
        ),
        FindingRule.CONTINUED_FROM_PREVIOUS_PAGE: RuleMeaning(
            Severity.INFO,
            "The table goes on from the page before; a cell named here goes on as well, `found` says how.",
        ),
        FindingRule.TEXT_JOINED_ACROSS_PAGES: RuleMeaning(
            Severity.WARNING,
            "The page break cuts a cell that has text below it, `found`: both parts were taken for one.",
        ),
        FindingRule.CONTINUATION_UNCLEAR: RuleMeaning(
            Severity.WARNING, "A table may be the rest of the one before it; `found` says why it was not joined to it."
        ),
        FindingRule.UNKNOWN_TABLE: RuleMeaning(
            Severity.INFO, "The page's form is known, but this table matches no form: its cells and rows land."
        ),
        FindingRule.PROJECT_REPEATED: RuleMeaning(
            Severity.WARNING, "An earlier project of the document has the same code, name and amount."
        ),
        FindingRule.STUB_LEFT_BLANK: RuleMeaning(
            Severity.WARNING, "A level's cell was left blank: the entry above it, `found`, was taken for it."
        ),
        FindingRule.LEVEL_STRADDLES: RuleMeaning(
            Severity.WARNING, "The entry covers rows of several entries of the level above, or of several projects."
        ),
        FindingRule.ROWS_SHIFTED: RuleMeaning(
            Severity.WARNING, "In a row of this project, `found` stands where it cannot: its rows may have shifted."
        ),
        FindingRule.ROW_WITHOUT_INDICATOR: RuleMeaning(
            Severity.WARNING, "The row holds text, but neither an indicator nor anything else that the form has."
        ),
        # values
        FindingRule.UNPARSABLE_TARGET: RuleMeaning(
            Severity.INFO, "The value has digits but is not one number with a unit."
        ),
        FindingRule.STRICT_COMPARATOR: RuleMeaning(
            Severity.WARNING, "The value has > or <, where forms usually have ≥ or ≤."
        ),
        FindingRule.IMPLAUSIBLE_PERCENTAGE: RuleMeaning(
            Severity.WARNING, "No share is such a percentage, or every share is."
        ),
        FindingRule.IMPLAUSIBLE_UNIT: RuleMeaning(
            Severity.WARNING, "The value's unit, or its lack of one, does not go with the indicator's name."
        ),
        FindingRule.MISSING_UNIT: RuleMeaning(
            Severity.WARNING, "The value is a number alone, where the project's other values have a unit."
        ),
        FindingRule.STRAY_MARK: RuleMeaning(
            Severity.WARNING, "The text begins or ends with a mark that says nothing: it may be a speck."
        ),
        FindingRule.GOAL_DIFFERS: RuleMeaning(
            Severity.INFO, "The goals name another number of the same kind beside the same noun."
        ),
        # sums
        FindingRule.AMOUNT_PARTS_MISMATCH: RuleMeaning(Severity.WARNING, "The shares of the amount do not sum to it."),
        FindingRule.COST_EXCEEDS_AMOUNT: RuleMeaning(Severity.WARNING, "The cost is more than the project's amount."),
        FindingRule.COST_NEAR_AMOUNT: RuleMeaning(
            Severity.WARNING, "The cost differs from the project's amount by one digit or by its point."
        ),
        FindingRule.COST_UNLIKE_AMOUNT: RuleMeaning(
            Severity.INFO, "The costs that the indicators name do not sum to the project's amount."
        ),
        FindingRule.TOTAL_MISMATCH: RuleMeaning(
            Severity.WARNING, "The printed total is not the sum of the document's projects."
        ),
        FindingRule.TOTAL_NOT_CHECKABLE: RuleMeaning(
            Severity.INFO, "The printed total cannot be checked: projects that it counts may be on other pages."
        ),
    }
)
"""The rules about records, which mean the same in every finding; the others say what they measured, in words of
their own."""
