"""Texts near a known unit may be meant as it; all others are what they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import is_composed, meant_units
from pipeline.text.units import KNOWN_UNITS, slips, spellings_of


def units(text):
    return [unit.text for unit in meant_units(text)]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("C", "℃"),
        ("°C", "℃"),
        ("25C", "25℃"),
        ("mn", "mm"),
        ("ug/m'", "μg/m³"),
        ("/m³", "m³"),
        ("M.J/kg", "MJ/kg"),
        ("120m", "120m²"),
        ("12.5%0", "12.5‰"),
        ("≤0.5%o", "≤0.5‰"),
    ],
)
def test_a_text_with_a_slip_may_be_meant_as_a_unit(text, meant):
    assert meant in units(text)


@pytest.mark.parametrize(
    "text",
    ["", "1", "11", "1,234.50", "项目", "万元", "AN", "No", "Yes", "25kg", "98%", "mm", "m", "Item No", "/", "%"],
)
def test_numbers_words_and_units_as_they_are_are_meant_as_nothing_else(text):
    assert units(text) == []


def test_of_two_units_that_look_alike_one_is_meant_nearly_always():
    weights = {unit.text: unit.weight for unit in meant_units("ug/m2")}
    assert weights["μg/m³"] > 10 * weights["μg/m²"]


def test_a_sign_in_parts_is_told_from_a_number():
    assert [text for text in ("1%0", "5%o", "98%", "%0", "10") if is_composed(text)] == ["1%0", "5%o"]


@given(st.text("μum²2³3/gLC°%0 中", max_size=9))
def test_every_meant_text_has_a_spelling_near_it(text):
    for unit in meant_units(text):
        assert unit.text in unit.spellings
        assert min(slips(text, spelling) for spelling in unit.spellings) <= 2


def test_a_unit_is_one_of_its_own_spellings():
    assert all(spellings_of(unit)[0] == unit for unit in KNOWN_UNITS)
