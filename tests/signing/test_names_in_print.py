"""A name is a name beyond doubt, and a role is one; a place, a firm, a heading or a sentence is neither."""

import pytest

from pipeline.signing.labels import signing_labels
from pipeline.signing.names_in_print import name_in, role_in

LABELS = signing_labels()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("MOIRA WALLACE", "MOIRA WALLACE"),
        ("(H.A.SOJ)", "H.A.SOJ"),
        ("Virginie GUERIN-ROBINET", "Virginie GUERIN-ROBINET"),
        ("Dr. Dinesh Khattar", "Dinesh Khattar"),
        ("Honorable Maxine Waters", "Maxine Waters"),
        ("Sam Reed, Secretary of State", "Sam Reed"),
        ("Name: Ludwig van Beethoven", "Ludwig van Beethoven"),
        ("负责人：张三", "张三"),
        ("张 三 丰", "张三丰"),
        ("马哈木提·买买提", "马哈木提·买买提"),
    ],
)
def test_a_printed_name_is_found(text, name):
    assert name_in(text, LABELS) == name


@pytest.mark.parametrize(
    "text",
    ["", "Director", "Sales Department", "FIN DE L'EXTRAIT", "New York", "12 May 2016", "Sincerely", "Honorable Gwe",
     "the undersigned", "Acme Ltd", "Uzm.DrZ",
     "负责人", "签字", "财务科", "年月日", "某三", "Fait à PARIS", "Paris", "盖章"],
)  # fmt: skip
def test_what_may_be_something_else_is_no_name(text):
    assert name_in(text, LABELS) is None


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Vice Ranking Member", "Vice Ranking Member"),
        ("ASSTT. Registrar of Companies", "ASSTT. Registrar of Companies"),
        ("Le Préfet,", "Le Préfet"),
        ("Daire Başkanı", "Daire Başkanı"),
        ("Sam Reed, Secretary of State", "Secretary of State"),
        ("单位负责人：张三", "单位负责人"),
        ("Директор (подпись)", "Директор"),
    ],
)
def test_a_role_is_found(text, role):
    assert role_in(text, LABELS) == role


@pytest.mark.parametrize("text", ["", "MOIRA WALLACE", "Signature:", "members of the public may apply", "张三"])
def test_what_is_no_role_is_none(text):
    assert role_in(text, LABELS) is None
