"""Usual names are likelier than unusual ones, and nothing is impossible."""

import pytest

from pipeline.handwriting.name_prior import GIVEN, SHARES, SURNAME, _groups, character_prior, name_prior


@pytest.mark.parametrize(
    ("usual", "unusual"),
    [
        ("王成才", "王成木"),
        ("李海", "李梅朵"[:1] + "牛"),
        ("张伟", "伟张"),
        ("王丽娟", "王丽娟娟"),
        ("贺成才", "加成才"),
    ],
)
def test_a_usual_name_is_likelier(usual, unusual):
    assert name_prior(usual) > name_prior(unusual)


def test_a_character_of_no_group_is_less_usual_than_any_and_not_impossible():
    for place, kind in ((0, SURNAME), (1, GIVEN)):
        assert -5.0 < character_prior("鬱", place) < min(_groups()[kind].characters.values())


def test_each_group_is_less_usual_than_the_one_before_and_has_its_share_of_all():
    for kind, shares in SHARES.items():
        levels = sorted(set(_groups()[kind].characters.values()), reverse=True)
        assert len(levels) == len(shares) - 1
        assert sum(shares) == pytest.approx(1.0)
