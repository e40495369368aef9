"""A place is inked by strokes that neither print nor rules explain."""

from signing_pages import PEN, RULE, line, quad, upright

from pipeline.elements import BBox
from pipeline.signing.place_ink import is_inked

PLACE = quad(200, 350, 400, 405)


def inked(*dark, texts=(), rules=()):
    return is_inked(upright(*dark), PLACE, texts, rules)


def test_bare_paper_and_specks_are_no_ink():
    assert not inked()
    assert not inked((300, 380, 303, 383))


def test_a_pen_s_stroke_is_ink():
    assert inked((220, 370, 224, 395))


def test_rules_and_print_explain_their_own():
    assert inked(RULE)
    assert not inked(RULE, rules=[BBox(*RULE)])
    word = (210, 365, 260, 385)
    assert inked(word)
    assert not inked(word, texts=[line("Name", 205, 362, 60, 26)])


def test_what_was_read_as_handwriting_is_ink():
    assert inked(texts=[line("贺成才", 250, 365, handwriting=0.9)])


def test_a_stroke_across_print_and_rule_is_seen():
    assert inked(PEN, RULE, texts=[line("Name", 300, 370)], rules=[BBox(*RULE)])


def test_what_was_hardly_read_explains_no_ink():
    word = (210, 365, 260, 385)
    assert inked(word, texts=[line("gib", 205, 362, 60, 26, confidence=0.76)])
