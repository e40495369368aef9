"""The rosters of the trials hold what they should, and the counts of what comes of them are right."""

import importlib

import pytest

rosters = importlib.import_module("benchmarks.rosters")
signatures = importlib.import_module("benchmarks.signatures")


def differ(one, other):
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1


@pytest.mark.parametrize("name", ["王涛", "贺成才", "何才让措"])
@pytest.mark.parametrize("holds", [True, False])
def test_a_roster_has_two_hundred_names_and_ten_near_the_true_one_which_may_be_missing(name, holds):
    names = rosters.roster(name, holds=holds)
    assert len(names) == len(set(names)) == rosters.SIZE
    assert (name in names) is holds
    assert sum(differ(name, other) for other in names) >= rosters.NEAR


def test_a_name_always_has_the_same_rosters():
    assert (
        rosters.roster("王涛", holds=True) == rosters.roster("王涛", holds=True) != rosters.roster("王涛", holds=False)
    )


def test_a_roster_file_is_one_that_the_settings_take(tmp_path):
    read_roster = importlib.import_module("pipeline.settings.roster").read_roster
    file = rosters.write_roster(["王涛", "贺成才"], tmp_path / "roster.csv")
    assert [person.name for person in read_roster(file)] == ["王涛", "贺成才"]


def test_what_rosters_made_of_signatures_is_counted_by_hand():
    right, wrong = rosters.Match(True, 0.97, True, True), rosters.Match(True, 0.85, False, True)
    open_one, absent = rosters.Match(True, 0.3, True, False), rosters.Match(False, 0.83, False, True)
    report = rosters.as_markdown([("pen", [right, wrong, open_one, absent, rosters.Match(False, 0.1, False, False)])])
    assert "| pen | 2 of 3 | 1 | 1 | 1 of 2 |" in report
    assert "| 0.8–0.9 | 2 | 0.84 | 0 of 2 |" in report
    assert "| 0.95–1 | 1 | 0.97 | 1 of 1 |" in report
