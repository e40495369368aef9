"""The name and the role printed at a signature are told, and nothing that may be something else."""

import pytest
from signing_pages import DPI, line, quad

from pipeline.signing.places import PlaceKind, SigningPlace
from pipeline.signing.printed_names import name_and_role

SIGNED = quad(200, 300, 400, 360)


def printed(*texts, places=()):
    return tuple(name_and_role(SIGNED, texts, places, DPI))


def test_the_name_below_and_the_role_below_that():
    assert printed(line("Moira Wallace", 220, 370), line("Director", 230, 392)) == ("Moira Wallace", "Director")


def test_a_name_under_the_strokes_counts_too():
    assert printed(line("( H.A.SOJ )", 240, 345)) == ("H.A.SOJ", None)


def test_the_label_before_it_says_the_role_and_the_name():
    assert printed(line("负责人：", 100, 320, 80)) == (None, "负责人")
    assert printed(line("负责人：张三", 100, 320, 110)) == ("张三", "负责人")


def test_the_role_above_it_counts_where_none_is_below():
    above, below = line("Le Préfet,", 220, 270), line("Virginie GUERIN-ROBINET", 200, 372)
    assert printed(above, below) == ("Virginie GUERIN-ROBINET", "Le Préfet")


def test_the_role_of_who_signed_above_is_not_this_one_s():
    assert printed(line("Maxine Waters", 220, 250), line("Vice President", 220, 272)) == (None, None)


@pytest.mark.parametrize(
    "texts",
    [
        [line("Moira Wallace", 220, 460)],
        [line("Moira Wallace", 500, 370)],
        [line("Please reply by post", 200, 366), line("Moira Wallace", 220, 390)],
        [line("Moira Wallace", 220, 370, confidence=0.8)],
        [line("Moira Wallace", 220, 370, handwriting=0.9)],
        [line("Acme Ltd", 220, 370)],
    ],
    ids=["too far", "another column", "after a sentence", "hardly read", "in pen", "a firm"],
)
def test_what_is_in_doubt_is_not_said(texts):
    assert printed(*texts) == (None, None)


def test_the_place_that_holds_it_knows_the_rest():
    place = SigningPlace(PlaceKind.RULE_WITH_NAME, quad(190, 290, 420, 370), None, "Registrar", "Ed Perlmutter")
    assert printed(places=[place]) == ("Ed Perlmutter", "Registrar")
    assert printed(places=[SigningPlace(PlaceKind.CELL, quad(500, 290, 600, 370), None, "Registrar")]) == (None, None)
