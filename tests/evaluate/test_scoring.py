"""Scoring: what counts as the same text, the same place and the same number."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.elements import Cell, Grid
from pipeline.evaluate.landed import CellKey, LandedCell, LandedIndicator, LandedPage, LandedSignature, Place
from pipeline.evaluate.scoring import normalise, same_text, score_page
from pipeline.evaluate.truth import Fields, SignatureSource, TruthIndicator, TruthPage, TruthRecord, TruthSignature

BOX = ((0.0, 0.0), (20.0, 0.0), (20.0, 10.0), (0.0, 10.0))


def truth(texts="甲乙", leaves=(), signature=None):
    cells = tuple(Cell(0, col, 1, 1, ()) for col in range(len(texts)))
    record = TruthRecord(Fields(), tuple(TruthIndicator(*leaf) for leaf in leaves))
    signed = signature is not None
    return TruthPage("a-clean", Grid(0, 1, len(texts), cells), tuple(texts), record, signed, signature)


def landed_cell(col, text, table_index=0, col_span=1, *, corrected=None, role=None):
    return LandedCell(table_index, Place(0, col, 1, col_span), text, corrected, 0.9, 0.8, (), role)


def counts(page, **landed):
    return score_page(page, LandedPage(**landed)).counts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("９５％", "95%"),
        ("单位 名称", "单位名称"),
        ("(一)；“甲”", '（一）;"甲"'),
        ("≧3", "≥3"),
        ("〈办法〉", "《办法》"),
        ("", None),
    ],
)
def test_width_spaces_and_the_look_of_punctuation_do_not_matter(one, other):
    assert same_text(one, other)


@pytest.mark.parametrize(("one", "other"), [("290.71", "29071"), ("≥3", ">3"), ("已", "己"), ("a", "A")])
def test_a_dot_a_sign_a_stroke_and_case_matter(one, other):
    assert not same_text(one, other)


def test_normalise_is_idempotent_on_compatibility_forms():
    assert normalise(normalise("①㎡　№")) == normalise("①㎡　№")


def test_a_cell_with_another_span_is_out_of_place_but_its_text_counts_for_cer():
    found = counts(truth("甲乙"), cells=(landed_cell(0, "甲", col_span=2), landed_cell(1, "丙")))
    assert (found.placed, found.exact, found.tables_perfect) == (1, 0, 0)
    assert (found.edits, found.characters) == (1, 2)


def test_cells_of_a_second_table_count_as_landed_and_wrong():
    cells = (landed_cell(0, "甲"), landed_cell(1, "乙"), landed_cell(0, "甲", table_index=1))
    found = counts(truth("甲乙"), cells=cells)
    assert (found.placed, found.cells_landed, found.tables_perfect) == (2, 3, 0)


def test_the_table_that_fits_best_is_the_one_compared():
    stray, whole = landed_cell(0, "丁"), (landed_cell(0, "甲", 1), landed_cell(1, "乙", 1))
    assert counts(truth("甲乙"), cells=(stray, *whole)).exact == 2


def test_a_wild_reading_costs_at_most_the_length_of_the_text():
    assert counts(truth(["甲乙"]), cells=(landed_cell(0, "x" * 50),)).edits == 2


@pytest.mark.parametrize(
    ("true", "landed", "doubted", "found"),
    [
        ("290.71", "290.71", (), (1, 0)),
        ("290.71", "29071", (), (1, 1)),
        ("290.71", "290，71", (), (1, 1)),
        ("290.71", None, (), (1, 1)),
        ("２９０．７１", "290.72", (), (1, 0)),
        ("290.71", "29071", [CellKey(0, 0, 0)], (1, 0)),
        ("290.71", "29071", [CellKey(0, 0, 1), CellKey(0, None, None), CellKey(1, 0, 0)], (1, 1)),
        ("1.5至2.5", "1.5至25", (), (1, 1)),
        ("目标1.培训", "目标1培训", (), (0, 0)),
        ("29071", "290.71", (), (0, 0)),
    ],
)
def test_a_decimal_point_is_lost_silently_where_no_finding_names_the_cell(true, landed, doubted, found):
    counted = counts(truth([true]), cells=(landed_cell(0, landed),), doubted=frozenset(doubted))
    assert (counted.points, counted.points_lost_silently) == found


def test_a_point_that_a_correction_restores_is_not_lost():
    cells = (landed_cell(0, "29071", corrected="290.71"),)
    assert counts(truth(["290.71"]), cells=cells).points_lost_silently == 0


@pytest.mark.parametrize(
    ("read", "correction", "found"),
    [
        ("8期", "3期", (1, 1, 0)),
        ("3期", "8期", (1, 0, 1)),
        ("8期", "9期", (1, 0, 0)),
        ("3期", "３期", (1, 0, 0)),
        ("8期", None, (0, 0, 0)),
    ],
    ids=["mended", "broken", "still wrong", "right all along", "not corrected"],
)
def test_corrections_are_counted_by_what_they_did(read, correction, found):
    counted = counts(truth(["3期"]), cells=(landed_cell(0, read, corrected=correction),))
    assert (counted.corrected, counted.mended, counted.broken) == found


def warned(cells, *named):
    """Wrong names and values with and without a warning, then right ones, of a page whose true texts are 甲 and 3期."""
    found = counts(truth(["甲", "3期"]), cells=cells, warned=frozenset(named))
    return found.leaves_wrong_warned, found.leaves_wrong, found.leaves_right_warned, found.leaves_right


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ((), (0, 1, 0, 1)),
        ((CellKey(0, 0, 1),), (1, 1, 0, 1)),
        ((CellKey(0, 0, 0),), (0, 1, 1, 1)),
        ((CellKey(0, None, None), CellKey(0, 0, None), CellKey(1, 0, 1)), (0, 1, 0, 1)),
    ],
)
def test_a_warning_counts_where_it_names_the_cell_of_a_name_or_a_value(named, found):
    assert warned((landed_cell(0, "甲", role="level3"), landed_cell(1, "8期", role="value")), *named) == found


def test_only_the_last_level_and_the_value_are_leaves():
    cells = (landed_cell(0, "乙", role="level1"), landed_cell(1, "3期", role="level2"))
    assert warned(cells) == (0, 0, 0, 1)
    assert warned((landed_cell(0, "乙", role="amount"), landed_cell(1, "3期"))) == (0, 0, 0, 0)


def test_a_leaf_out_of_place_is_wrong_and_a_corrected_one_right():
    cells = (landed_cell(0, "甲", col_span=2, role="level3"), landed_cell(1, "8期", corrected="3期", role="value"))
    assert warned(cells, CellKey(0, 0, 0)) == (1, 1, 0, 1)


def test_a_leaf_landed_twice_counts_once():
    leaf = ("产出", "数量", "培训", "3期")
    row = LandedIndicator(*leaf, "=", Decimal(3))
    found = counts(truth(leaves=[leaf]), indicators=(row, row))
    assert (found.indicators_right, found.indicators_landed, found.indicators_perfect) == (1, 2, 0)


@pytest.mark.parametrize(
    ("text", "comparator", "number", "right"),
    [
        ("≥95%", "≥", "95.0", (1, 1)),
        ("≥95%", "=", "95", (1, 0)),
        ("3期", "=", "3", (1, 1)),
        ("3期", None, "3", (1, 1)),
        ("3期", "≥", "3", (1, 0)),
        ("3期", "=", None, (1, 0)),
        ("≤46.3万元", "≤", "463", (1, 0)),
        ("明显提高", None, None, (0, 0)),
        ("1.2.3", None, None, (0, 0)),
    ],
)
def test_a_target_that_begins_with_a_number_has_one_right_parse(text, comparator, number, right):
    row = LandedIndicator("一", "二", "三", text, comparator, Decimal(number) if number else None)
    found = counts(truth(leaves=[("一", "二", "三", text)]), indicators=(row,))
    assert (found.numbers_true, found.numbers_right) == right


@pytest.mark.parametrize(("shift", "found"), [(0, 1), (10, 1), (12, 0)])
def test_a_signature_is_found_where_the_boxes_overlap_by_three_tenths(shift, found):
    page = truth(signature=TruthSignature("王五", "3.30", BOX, SignatureSource.PEN))
    moved = tuple((x + shift, y) for x, y in BOX)
    result = counts(page, signatures=(LandedSignature("王五", "3.30", moved),))
    assert (result.signatures_found, result.pen_names_right, result.signatures_extra) == (found, found, 1 - found)


def test_a_signature_on_an_unsigned_page_is_false():
    page = truth()
    assert counts(page, signatures=(LandedSignature("王五", None, BOX),)).signatures_false == 1


def test_what_the_truth_does_not_state_is_not_measured():
    page = TruthPage("a-clean", truth().grid, ("甲", "乙"), None, None, None)
    found = counts(
        page, signatures=(LandedSignature("王五", None, BOX),), indicators=(LandedIndicator(*"一二三四", None, None),)
    )
    assert (found.records, found.indicators_landed, found.signed, found.unsigned) == (0, 0, 0, 0)


def test_a_page_that_never_landed_has_only_true_counts():
    found = score_page(truth("甲乙"), None).counts
    assert (found.pages, found.pages_landed, found.cells_true, found.cells_landed, found.edits) == (1, 0, 2, 0, 2)
