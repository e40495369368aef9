"""Rules to sign on are short, thin and outside the tables."""

import pytest
from signing_pages import DPI, RULE, upright

from pipeline.elements import BBox
from pipeline.signing.rules import find_rules


def rules(*dark, tables=()):
    return find_rules(upright(*dark).ink, DPI, tables)


def test_a_rule_is_found_where_it_is():
    (rule,) = rules(RULE)
    assert (rule.left, rule.right) == pytest.approx((200, 400), abs=3)
    assert 398 <= rule.top <= rule.bottom <= 404


def test_dots_in_a_row_are_a_rule():
    assert len(rules(*[(x, 400, x + 3, 402) for x in range(200, 400, 7)])) == 1


@pytest.mark.parametrize(
    "dark",
    [(200, 400, 250, 402), (100, 400, 750, 402), (200, 400, 400, 420), (200, 200, 202, 400)],
    ids=["a dash", "across the page", "a bar", "upright"],
)
def test_what_is_no_rule_is_not_found(dark):
    assert rules(dark) == ()


def test_the_ruling_of_tables_is_left_out():
    assert rules(RULE, tables=[BBox(150, 300, 500, 500)]) == ()
