"""Signatures of one hand that were read differently take the name that explains them all."""

import pytest
from signed_pages import seen, signature

from pipeline.signers.consensus import agree, choose

FIRST = signature(("贺成木", 0.3), cuts=[seen({"贺": 0.9}, {"成": 0.8}, {"木": 0.5, "才": 0.4})])
SECOND = signature(("加成才", 0.4), cuts=[seen({"加": 0.5, "贺": 0.45}, {"成": 0.8}, {"才": 0.8})])
THIRD = signature(("贺本才", 0.2), ("贺成才", 0.1), cuts=[seen({"贺": 0.9}, {"本": 0.5, "成": 0.45}, {"才": 0.8})])


def test_the_name_that_none_contradicts_wins_though_none_was_read_so():
    assert agree([FIRST, SECOND]).name == "贺成才"


def test_its_confidence_is_that_of_those_who_read_it_so():
    agreed = agree([FIRST, SECOND, THIRD])
    assert agreed.name == "贺成才"
    assert agreed.confidence == pytest.approx((0.1 / 3) ** 0.5)
    assert agree([FIRST, SECOND]).confidence == 0.0


def test_a_name_that_most_read_stands():
    sure = signature(("贺成才", 0.9), cuts=[seen({"贺": 0.9}, {"成": 0.9}, {"才": 0.9})])
    assert agree([sure, SECOND, sure]) == ("贺成才", pytest.approx(0.6**0.5))


@pytest.mark.parametrize(
    "alike",
    [[], [FIRST], [FIRST, FIRST], [FIRST, signature(cuts=FIRST.evidence.seen)], [FIRST, signature(("王涛", 0.9))]],
    ids=["nobody", "one", "read alike", "read once", "seen once"],
)
def test_where_nothing_differs_there_is_nothing_to_agree_on(alike):
    assert agree(alike) is None


def test_names_that_no_text_explains_together_stay_as_read():
    other = signature(("王涛", 0.9), cuts=[seen({"王": 0.99}, {"涛": 0.99}, rest=1e-5)])
    one = signature(("贺成才", 0.9), cuts=[seen({"贺": 0.99}, {"成": 0.99}, {"才": 0.99}, rest=1e-5)])
    assert agree([one, other]) is None


def test_a_long_document_is_settled_by_signatures_spread_over_it():
    assert agree([FIRST, SECOND, THIRD] * 40).name == "贺成才"


def test_the_roster_s_name_that_all_signatures_show_is_surer_than_on_the_one_that_hardly_does():
    doubtful, clear = (
        signature(("贺成才", 0.5), ("贺成木", 0.4), cuts=[seen({"贺": 0.9}, {"成": 0.9}, last)])
        for last in ({"木": 0.6, "才": 0.3}, {"才": 0.9})
    )
    name, confidence = choose([doubtful, clear, clear])
    assert name == "贺成才"
    assert choose([clear, clear]).confidence > 0.8
    assert choose([doubtful, doubtful]).confidence < confidence < choose([clear, clear]).confidence


def test_more_signatures_that_say_the_same_are_no_surer():
    assert choose([FIRST] * 30) == (choose([FIRST] * 2).name, pytest.approx(choose([FIRST] * 2).confidence))


@pytest.mark.parametrize(
    "alike",
    [[], [FIRST], [FIRST, signature(("王涛", 0.9))], [signature(cuts=FIRST.evidence.seen)] * 2],
    ids=["nobody", "one", "seen once", "no roster's names"],
)
def test_where_no_two_were_compared_with_a_roster_there_is_nothing_to_choose(alike):
    assert choose(alike) is None
