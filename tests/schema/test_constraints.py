"""What values may be is said once, in words that the data dictionary prints and numbers that the schemas check."""

import pytest

from pipeline.elements import Severity
from pipeline.schema.constraints import (
    FINITE,
    SHA256,
    SHARE,
    Reference,
    above,
    at_least,
    between,
    in_order,
    list_of,
    numbers,
    one_of,
    only_with,
    points,
    together,
)


@pytest.mark.parametrize(
    ("constraint", "words"),
    [
        (at_least(1), "1 or more"),
        (above(0), "more than 0"),
        (between(-90, 90), "-90 to 90"),
        (SHARE, "0 to 1"),
        (one_of(*Severity), "info, warning, error"),
        (SHA256, "64 hexadecimal digits"),
        (points(4, 4), "8 numbers"),
        (points(3), "6 numbers or more, in pairs"),
        (numbers(9), "9 numbers"),
        (list_of("each score 0 to 1", SHARE, "score"), "each score 0 to 1"),
    ],
)
def test_a_constraint_says_in_words_what_it_asks(constraint, words):
    assert constraint.words == words


def test_polygons_have_pairs_of_places_that_are_numbers():
    assert (points(3).min_items, points(3).max_items, points(3).items_in, points(3).items) == (6, None, 2, FINITE)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (together("row", "col"), "`row` and `col` are null together."),
        (together("a", "b", "c"), "`a`, `b` and `c` are null together."),
        (in_order("first_page", "last_page"), "`first_page` is at most `last_page`."),
        (only_with("row", "table_index"), "`row` is null where `table_index` is."),
    ],
)
def test_a_rule_is_a_sentence(rule, sentence):
    assert rule.sentence == sentence


def test_a_reference_names_the_other_tables_columns_where_they_are_called_otherwise():
    assert Reference(("document_id",), "documents", ("document_id",)).sentence == "`document_id` → `documents`."
    other = Reference(("first_page",), "pages", ("page_number",))
    assert other.sentence == "`first_page` → `page_number` of `pages`."
