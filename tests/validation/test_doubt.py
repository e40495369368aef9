"""Doubtful readings: the cells that records rest on and that were read with little confidence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from checked_forms import PROFILES, SETTINGS, SOUND, check, document

from pipeline.elements import Severity, TableReading
from pipeline.hierarchy.interpretation import interpret
from pipeline.validation import mark_for_review, validate


def doubted(text, **changes):
    """The pages of a sound form with a change of the cell that has a text."""
    (reading,) = document(SOUND)
    (table,) = reading.tables
    cells = tuple(replace(cell, **changes) if cell.text == text else cell for cell in table.cells)
    return [replace(reading, tables=(TableReading(table.grid, cells),))]


def test_a_doubtful_cell_is_named_with_its_text_and_its_other_readings():
    (finding,) = check(doubted("1000册", confidence=0.5, alternatives=("100册", "1000删")))
    assert (finding.rule, finding.row, finding.col) == ("doubtful_reading", 3, 7)
    assert (finding.found, finding.expected) == ("1000册", "100册 / 1000删")
    assert finding.severity is Severity.WARNING
    assert finding.message.startswith("confidence 0.50: ")


@pytest.mark.parametrize("text", ["普法经费", "15.00", "产出指标", "印发手册"])
def test_every_cell_that_a_record_rests_on_counts(text):
    assert [(f.rule, f.found) for f in check(doubted(text, confidence=0.9))] == [("doubtful_reading", text)]


@pytest.mark.parametrize("text", ["绩效指标", "合计"])
def test_a_cell_that_no_record_rests_on_does_not_count(text):
    assert check(doubted(text, confidence=0.1)) == ()


@pytest.mark.parametrize(
    ("confidence", "threshold", "doubtful"), [(0.9, 0.95, True), (0.9, 0.9, False), (None, 1, False)]
)
def test_a_reading_is_doubtful_below_the_confidence_that_the_settings_ask_for(confidence, threshold, doubtful):
    found = check(doubted("1000册", confidence=confidence), review_confidence=threshold)
    named = [(f.row, f.col) for f in found if f.rule == "doubtful_reading"]
    assert ((3, 7) in named) is doubtful


@pytest.mark.parametrize(
    ("other", "doubtful"), [("=1000册", True), ("1000删", True), ("1000册.", False), ("1000 册", False)]
)
def test_a_sure_reading_is_doubtful_where_another_cut_says_more_than_a_mark_less(other, doubtful):
    found = check(doubted("1000册", confidence=0.97, alternatives=(other,)))
    assert [finding.expected for finding in found] == ([other] if doubtful else [])


def test_a_corrected_text_stays_doubtful_and_is_no_alternative_to_itself():
    (finding,) = check(doubted("1000册", confidence=0.5, alternatives=("1000册", "100册")))
    assert (finding.found, finding.expected) == ("1000册", "100册")


def test_records_that_need_review_for_their_confidence_have_a_finding_that_says_why():
    pages = doubted("1000册", confidence=0.94)
    interpretation = interpret(pages, PROFILES, SETTINGS)
    found = validate(pages, interpretation, PROFILES, 1)
    needed = [leaf.needs_review for leaf in mark_for_review(interpretation, found, 0.0).indicators]
    assert needed == [leaf.needs_review for leaf in mark_for_review(interpretation, (), 0.95).indicators]
    assert needed == [True, False]
