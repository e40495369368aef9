"""A document's pages settle together who signed; what stays open has a finding."""

from dataclasses import replace
from pathlib import Path

import pytest
from readings import box, page
from signed_pages import pages_signed, seen, signature

from pipeline.elements import Candidate, NameSource, Severity, Signature
from pipeline.settings.settings import SignatureSettings
from pipeline.signers.settling import LEAST_LIKE, report_unresolved, settle_signers
from pipeline.signers.writer_groups import SignaturePlace

ROSTER = SignatureSettings(roster=Path("roster.csv"))


def signed(source, *candidates, name="加成才"):
    return Signature(
        name=candidates[0][0] if source is NameSource.ROSTER else None, name_read=name, name_source=source,
        name_confidence=0.9, candidates=tuple(Candidate(*c) for c in candidates), date_text=None,
        date_confidence=None, month=None, day=None, date=None, date_inferred=None, year_source=None, confidence=0.9,
        polygon=box(0, 0, 10, 10), crop_png=None,
    )  # fmt: skip


SURE = signed(NameSource.ROSTER, ("贺成才", 0.95), ("王涛", 0.01))


def settled(*signatures, settings=ROSTER):
    pages = [replace(page(number=n), signatures=(s,)) for n, s in enumerate(signatures, 1)]
    done = settle_signers(pages, (), settings)
    names = [(s.name, str(s.name_source)) for one in done for s in one.signatures]
    return names, [(f.page_number, f.found, f.expected) for f in report_unresolved(done, settings)]


def test_a_page_takes_the_name_that_another_is_sure_of_if_it_is_its_own_best():
    names, open_ones = settled(SURE, signed(NameSource.READ, ("贺成才", 0.5), ("王涛", 0.1)))
    assert names == [("贺成才", "roster"), ("贺成才", "consensus")]
    assert open_ones == []


@pytest.mark.parametrize(
    "other",
    [
        signed(NameSource.READ, ("王涛", 0.5), ("贺成才", 0.4)),
        signed(NameSource.READ, ("贺成才", LEAST_LIKE - 0.01)),
        signed(NameSource.READ, ("贺成才", 0.25)),
        signed(NameSource.READ),
    ],
    ids=["another name is better", "hardly like it", "not sure enough together", "nothing matched"],
)
def test_otherwise_the_name_stays_open_with_a_finding(other):
    names, open_ones = settled(SURE, other)
    assert names[1] == (None, "read")
    assert open_ones == [(2, "加成才", other.candidates[0].name if other.candidates else None)]


def test_pages_that_are_all_unsure_stay_so():
    names, open_ones = settled(*[signed(NameSource.READ, ("贺成才", 0.7))] * 3)
    assert {name for name, _ in names} == {None}
    assert len(open_ones) == 3


def test_without_a_roster_no_candidate_is_taken_for_a_name_and_nothing_reported():
    names, open_ones = settled(SURE, signed(NameSource.READ, ("贺成才", 0.5)), settings=SignatureSettings())
    assert (names[1], open_ones) == ((None, "read"), [])


ONE = signature(("贺成才", 0.9), cuts=[seen({"贺": 0.98}, {"成": 0.98}, {"才": 0.98}, rest=1e-4)])
MISREAD = signature(("加成才", 0.4), cuts=[seen({"加": 0.5, "贺": 0.4}, {"成": 0.9}, {"才": 0.9}, rest=1e-4)])
OTHER = signature(("王涛", 0.9), cuts=[seen({"王": 0.98}, {"涛": 0.98}, rest=1e-6)])
HAND = (SignaturePlace(1, 0), SignaturePlace(2, 1))


def test_without_a_roster_one_hand_has_the_name_that_surely_explains_all_its_signatures():
    pages = pages_signed(ONE, [OTHER, MISREAD], None)
    done = settle_signers(pages, [HAND], SignatureSettings())
    assert [(s.name, s.name_read, str(s.name_source)) for page in done for s in page.signatures] == [
        ("贺成才", "贺成才", "read"),
        ("王涛", "王涛", "read"),
        ("贺成才", "加成才", "consensus"),
    ]
    (finding,) = report_unresolved(done, SignatureSettings())
    assert (finding.page_number, finding.found, finding.expected, finding.severity) == (
        2,
        "加成才",
        "贺成才",
        Severity.INFO,
    )


def test_without_a_roster_a_name_that_is_not_sure_stays_open_and_is_the_first_candidate():
    unsure = signature(
        ("贺成木", 0.9), cuts=[seen({"贺": 0.5, "加": 0.4}, {"成": 0.5, "本": 0.4}, {"木": 0.5, "才": 0.4})]
    )
    (page,) = settle_signers(pages_signed(unsure), (), SignatureSettings())
    (settled_one,) = page.signatures
    assert (settled_one.name, settled_one.name_read, settled_one.name_source) == (None, "贺成木", "read")
    assert settled_one.name_confidence == settled_one.candidates[0].score < 0.8
    assert "贺成木" in [candidate.name for candidate in settled_one.candidates]
    assert list(report_unresolved([page], SignatureSettings())) == []


def test_how_sure_a_name_must_be_is_a_setting():
    """From the same strokes: the name lands from its own confidence on."""
    (page,) = settle_signers(pages_signed(ONE), (), SignatureSettings(resolve_confidence=1.0))
    (open_one,) = page.signatures
    (page,) = settle_signers(pages_signed(ONE), (), SignatureSettings(resolve_confidence=open_one.name_confidence))
    assert (open_one.name, page.signatures[0].name) == (None, "贺成才")


def test_what_cannot_be_composed_from_characters_stays_as_it_is():
    latin = signature(("Moira Wallace", 0.4))
    assert settle_signers(pages_signed(latin), (), SignatureSettings()) == tuple(pages_signed(latin))


def on_roster(*candidates, source=NameSource.READ, cuts):
    """A signature read as 加成才, with the roster's names and what was seen of it."""
    named = signature(("加成才", 0.4), source=source, cuts=cuts)
    name = candidates[0][0] if source is NameSource.ROSTER else None
    return replace(named, name=name, candidates=tuple(Candidate(*one) for one in candidates))


DOUBTFUL = [seen({"贺": 0.01, "加": 0.9}, {"本": 0.9, "成": 0.01}, {"木": 0.6, "才": 0.3})]
CLEAR = [seen({"贺": 0.9}, {"成": 0.9}, {"才": 0.9})]
OPEN = on_roster(("贺成木", 0.5), ("贺成才", 0.3), cuts=DOUBTFUL)
NEARLY = on_roster(("贺成才", 0.75), ("贺成木", 0.1), cuts=CLEAR)


def sources(done):
    return [(s.name, str(s.name_source)) for one in done for s in one.signatures]


def test_with_a_roster_one_hand_has_the_name_that_surely_explains_all_its_signatures():
    """No page is sure of it, and one would have liked another name better."""
    pages = pages_signed(NEARLY, [OTHER, OPEN], NEARLY)
    hand = (SignaturePlace(1, 0), SignaturePlace(2, 1), SignaturePlace(3, 0))
    assert sources(settle_signers(pages, [hand], ROSTER)) == [
        ("贺成才", "consensus"), (None, "read"), ("贺成才", "consensus"), ("贺成才", "consensus"),
    ]  # fmt: skip
    assert {name for name, _ in sources(settle_signers(pages, (), ROSTER))} == {None}


def test_a_name_that_is_not_sure_for_all_of_a_hand_is_given_to_none():
    pages = pages_signed(OPEN, OPEN)
    assert settle_signers(pages, [(SignaturePlace(1, 0), SignaturePlace(2, 0))], ROSTER) == tuple(pages)


def test_who_is_sure_of_a_name_keeps_it_and_the_hand_takes_no_other():
    other = on_roster(("贺成木", 0.9), source=NameSource.ROSTER, cuts=DOUBTFUL)
    pages = pages_signed(NEARLY, NEARLY, other)
    hand = tuple(SignaturePlace(number, 0) for number in (1, 2, 3))
    assert sources(settle_signers(pages, [hand], ROSTER))[2] == ("贺成木", "roster")
    assert sources(settle_signers(pages, [hand], ROSTER))[0] == (None, "read")
