"""Signatures that look like one hand's are put together, and the page that another hand signed is named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signed_pages import pages_signed, signature, strokes

from pipeline.signers import writer_groups as hands
from pipeline.signers.writer_groups import group_writers, report_other_writers

MINE = [signature(("贺成才", 0.9), shape=strokes(1, 1, seed)) for seed in range(6)]
FORGED = signature(("贺成才", 0.9), shape=strokes(1, 2))
YOURS = [signature(("王涛", 0.9), shape=strokes(2, 3, seed)) for seed in range(6)]


def grouped(*signed):
    return [[tuple(place) for place in hand] for hand in group_writers(pages_signed(*signed))]


def named(*signed):
    pages = pages_signed(*signed)
    return [(f.page_number, f.found, f.expected) for f in report_other_writers(pages, group_writers(pages))]


def test_signatures_are_grouped_by_how_they_look_not_by_what_was_read():
    misread = signature(("加成才", 0.5), shape=strokes(1, 1, 9))
    assert grouped(MINE[0], YOURS[0], misread, FORGED, YOURS[1]) == [[(1, 0), (3, 0)], [(2, 0), (5, 0)], [(4, 0)]]


def test_several_signatures_of_a_page_are_told_apart():
    pages = [[MINE[n], YOURS[n]] for n in range(3)]
    assert grouped(*pages) == [[(1, 0), (2, 0), (3, 0)], [(1, 1), (2, 1), (3, 1)]]


def test_the_page_that_another_hand_signed_is_named():
    assert named(MINE[0], MINE[1], FORGED, MINE[2]) == [(3, "贺成才", "贺成才")]
    assert named(MINE[0], YOURS[0], MINE[1], MINE[2]) == [(2, "王涛", "贺成才")]


def test_the_first_page_may_be_the_one():
    assert [page for page, *_ in named(FORGED, *MINE[:4])] == [1]


@pytest.mark.parametrize(
    "signed",
    [
        MINE,
        [MINE[0], FORGED],
        [MINE[0], MINE[1], FORGED],
        [MINE[0], MINE[1], YOURS[0], YOURS[1]],
        [MINE[0], MINE[1], MINE[2], YOURS[0], YOURS[1], YOURS[2]],
        [[MINE[n], YOURS[n]] for n in range(4)],
        [MINE[0], None, MINE[1], signature(("贺成才", 0.9)), MINE[2]],
        [],
    ],
    ids=["one hand", "two pages", "three", "two each", "three each", "two sign each page", "unseen", "no pages"],
)
def test_nobody_is_named_without_a_hand_that_signed_three_pages_and_most(signed):
    assert named(*signed) == []


def test_where_two_sign_each_page_a_third_is_named():
    pages = [[MINE[n], YOURS[n]] for n in range(3)]
    assert named(*pages, [MINE[3], signature(("赵雪", 0.8), shape=strokes(3, 4))]) == [(4, "赵雪", "贺成才")]


def test_a_signature_in_doubt_is_of_no_hand_but_not_named(monkeypatch):
    monkeypatch.setattr(hands, "same_writer", lambda a, b: 1.0 if a is b else 0.3)
    assert grouped(*MINE[:4]) == [[(n, 0)] for n in range(1, 5)]
    monkeypatch.setattr(hands, "same_writer", lambda a, b: 0.3 if FORGED.evidence.strokes is a else 0.9)
    assert named(MINE[0], MINE[1], MINE[2], FORGED) == []


@settings(max_examples=8)
@given(st.permutations([*MINE[:3], *YOURS[:3], FORGED]))
def test_whatever_the_order_of_pages_each_signature_is_in_one_group(order):
    together = {place for hand in group_writers(pages_signed(*order)) for place in hand}
    assert sorted(together) == [(n, 0) for n in range(1, 8)]
    assert len(group_writers(pages_signed(*order))) == 3


def test_comparisons_grow_with_the_pages_alone(monkeypatch):
    compared = []
    monkeypatch.setattr(hands, "same_writer", lambda a, b: compared.append(1) or 0.0)
    group_writers(pages_signed(*MINE, *YOURS, *MINE, *YOURS, *MINE, *YOURS))
    assert len(compared) <= 36 * hands.NEAREST_WRITERS * hands.MOST_COMPARED
