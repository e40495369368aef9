"""What of an alphabet dates are spelled with, and what each class costs where a name is expected."""

import numpy as np
import pytest

from pipeline.handwriting.date_lexicon import NOT_IN_NAME, NUMERAL_IN_NAME, lexicon_for
from pipeline.handwriting.date_spellings import LOOKS_LIKE, Script, days

ALPHABET = ("", "张", "1", "l", "7", "3", ".", "。", "X", "月")


@pytest.fixture(scope="module")
def lexicon():
    return lexicon_for(ALPHABET)


def test_each_symbol_has_a_column_beside_the_blanks(lexicon):
    assert set(lexicon.columns) == {".", "1", "7", "3", "月"}
    assert sorted(lexicon.columns.values()) == [1, 2, 3, 4, 5]


def test_classes_that_look_alike_count_as_one_symbol_some_of_them_less(lexicon):
    members, column = lexicon.members, lexicon.columns["1"]
    own = slice(members.starts[column], members.starts[column + 1])
    counted = dict(zip(members.classes[own], members.weights[own], strict=True))
    assert counted == {ALPHABET.index("1"): 0.0, ALPHABET.index("l"): 0.0, ALPHABET.index("7"): LOOKS_LIKE}


def test_only_days_that_the_alphabet_spells_have_labels(lexicon):
    spelled = {spelling.symbols for spelling in lexicon.days[Script.POINTS].spellings}
    assert {"3.1", "3.31", "1.17"} <= spelled
    assert not any(set(symbols) - set("137.") for symbols in spelled)
    assert len(spelled) < len(days(Script.POINTS))


def test_a_name_costs_nothing_before_a_date_and_points_less_than_letters(lexicon):
    costs = dict(zip(ALPHABET, lexicon.name_costs.tolist(), strict=True))
    assert (costs[""], costs["张"]) == (0.0, 0.0)
    assert (costs["."], costs["X"]) == pytest.approx((NUMERAL_IN_NAME, NOT_IN_NAME))


def test_another_alphabet_has_its_own_lexicon(lexicon):
    other = lexicon_for(("", "3", "."))
    assert set(other.columns) == {"3", "."}
    assert {spelling.symbols for spelling in other.days[Script.POINTS].spellings} == {"3.3", "3.3.", "33"}
    again = lexicon_for(ALPHABET)
    assert again.columns == lexicon.columns
    np.testing.assert_array_equal(again.name_costs, lexicon.name_costs)
