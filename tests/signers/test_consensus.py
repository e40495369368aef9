"""Signatures of one hand that were read differently have candidates that explain them all."""

import pytest
from signed_pages import seen, signature

from pipeline.signers.consensus import LEAST_PROBABLE, MOST_NAMES, choose, read_together

FIRST = signature(("贺成木", 0.3), cuts=[seen({"贺": 0.9}, {"成": 0.8}, {"木": 0.5, "才": 0.4}, rest=1e-4)])
SECOND = signature(("加成才", 0.4), cuts=[seen({"加": 0.5, "贺": 0.45}, {"成": 0.8}, {"才": 0.8}, rest=1e-4)])
THIRD = signature(("贺本才", 0.2), cuts=[seen({"贺": 0.9}, {"本": 0.5, "成": 0.45}, {"才": 0.8}, rest=1e-4)])


def test_the_name_that_none_contradicts_wins_though_none_was_read_so():
    assert read_together([FIRST, SECOND])[0].name == "贺成才"


def test_other_names_are_listed_by_how_well_they_explain_all():
    names = read_together([FIRST, SECOND, THIRD])
    assert len(names) == MOST_NAMES
    assert {"贺成木", "加成才"} & {name.name for name in names}
    assert [name.score for name in names] == sorted((name.score for name in names), reverse=True)


def test_more_signatures_that_are_read_alike_are_no_surer():
    assert read_together([FIRST] * 30)[0] == (
        read_together([FIRST])[0].name,
        pytest.approx(read_together([FIRST])[0].score),
    )


@pytest.mark.parametrize("nothing", [[], [signature(("贺成才", 0.9))]], ids=["nobody", "nothing kept"])
def test_where_nothing_was_seen_nothing_is_read(nothing):
    assert read_together(nothing) == ()


def test_names_that_no_text_explains_together_stay_as_read():
    other = signature(("王涛", 0.9), cuts=[seen({"王": 0.99}, {"涛": 0.99}, rest=1e-5)])
    one = signature(("贺成才", 0.9), cuts=[seen({"贺": 0.99}, {"成": 0.99}, {"才": 0.99}, rest=1e-5)])
    assert read_together([one])[0].score > LEAST_PROBABLE
    assert read_together([one, other]) == ()


def test_a_name_longer_than_those_that_are_composed_stays_as_read():
    long = [{character: 0.9} for character in "贺成才加页"]
    assert read_together([signature(("贺成才加页", 0.8), cuts=[seen(*long)])]) == ()
    assert read_together([signature(("加页成才", 0.8), cuts=[seen(*long)])])[0].score < 0.8


def test_a_long_document_is_settled_by_signatures_spread_over_it():
    assert read_together([FIRST, SECOND, THIRD] * 40)[0].name == "贺成才"


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
