"""Open text is mended where the recogniser half read what the form's language knows, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readings import cell

from pipeline.correction.phrases import LEAST, PLAINLY_HALF_READ, Lexicon, is_half_read, repair_list, repair_phrase
from pipeline.elements import CellReading, Hypothesis

KNOWN = Lexicon.of(["完成率", "知晓率", "项目", "信息共享情况", "群众"])


def reading(text, *hypotheses, confidence=0.5, alternatives=()):
    return CellReading(cell(0, 0), text, confidence, (), hypotheses=hypotheses, alternatives=alternatives)


def repaired(*read, **how):
    return repair_phrase(reading(*read, **how), KNOWN, 0.95)


# --- phrases ----------------------------------------------------------------------------------------------------------


def test_a_half_read_letter_that_the_language_knows_replaces_one_it_does_not():
    assert repaired("群众知晓事", Hypothesis(4, 5, "率", 0.1)) == "群众知晓率"
    assert repaired("项日按期完成率", Hypothesis(1, 2, "目", 0.05)) == "项目按期完成率"


def test_two_slips_of_one_phrase_are_mended_together():
    assert repaired("情息共亨", Hypothesis(0, 1, "信", 0.08), Hypothesis(3, 4, "享", 0.3)) == "信息共享"


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("群众知晓率", Hypothesis(4, 5, "事", 0.45)),
        ("时事学习", Hypothesis(1, 2, "率", 0.3)),
        ("群众知晓事", Hypothesis(4, 5, "率", LEAST / 2)),
        ("完成5项", Hypothesis(2, 3, "率", 0.3)),
        ("群众知晓", Hypothesis(4, 4, "率", 0.3)),
        ("群众知晓事率", Hypothesis(4, 5, "", 0.4)),
    ],
    ids=[
        "what was read is known",
        "neither is known",
        "hardly half read",
        "a digit is no letter",
        "letters are never added",
        "nor taken away",
    ],
)
def test_other_text_stays_as_it_was_read(text, doubt):
    assert repaired(text, doubt) == text


@pytest.mark.parametrize(("probability", "text"), [(PLAINLY_HALF_READ, "知晓率"), (PLAINLY_HALF_READ / 2, "知晓事")])
def test_a_sure_cell_is_mended_only_where_a_letter_was_plainly_half_read(probability, text):
    assert repaired("知晓事", Hypothesis(2, 3, "率", probability), confidence=0.97) == text


def test_what_another_cut_reads_counts_as_half_read():
    assert repaired("群众知晓事", alternatives=("群众知晓率", "群")) == "群众知晓率"


@given(st.text(alphabet="完成率知晓项目信息", min_size=1, max_size=8), st.floats(0, 1))
def test_without_a_doubt_nothing_changes(text, confidence):
    assert repaired(text, confidence=confidence) == text


def test_a_cell_is_half_read_when_it_is_unsure_or_a_letter_plainly_is():
    assert is_half_read(reading("甲", confidence=0.9), 0.95)
    assert is_half_read(reading("甲", Hypothesis(0, 1, "乙", 0.3), confidence=0.99), 0.95)
    assert not is_half_read(reading("甲", Hypothesis(0, 1, "乙", 0.1), confidence=0.99), 0.95)


# --- numbered lists ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (reading("目标1：甲：目标2：乙"), "目标1：甲；目标2：乙"),
        (reading("目标1：甲目标2：乙", Hypothesis(5, 5, "：", 0.3)), "目标1：甲；目标2：乙"),
        (reading("目标1：甲；目标2乙", Hypothesis(9, 9, ":", 0.2)), "目标1：甲；目标2：乙"),
        (reading("目标1；甲；目标2：乙"), "目标1：甲；目标2：乙"),
        (reading("目标1：甲。目标2：乙"), "目标1：甲。目标2：乙"),
        (reading("目标1：甲目标2：乙"), "目标1：甲目标2：乙"),
        (reading("目标1：甲丙，丁；目标2：乙戊", Hypothesis(12, 12, "，", 0.2)), "目标1：甲丙，丁；目标2：乙戊"),
        (reading("目标1：平台实现；目标2：乙", Hypothesis(6, 6, "，", 0.2)), "目标1：平台，实现；目标2：乙"),
        (reading("目标1：平台实现；目标2：乙", Hypothesis(6, 6, "，", 0.05)), "目标1：平台实现；目标2：乙"),
        (reading("完成目标1000份：甲"), "完成目标1000份：甲"),
    ],
    ids=[
        "a colon before an item",
        "no mark before an item, one half read",
        "no colon after a number, one half read",
        "a semicolon after a number",
        "a full stop ends an item too",
        "nothing half read, nothing added",
        "a comma beside a mark of its own",
        "a faint comma between two words",
        "hardly a comma",
        "no list",
    ],
)
def test_the_marks_of_a_numbered_list_are_mended_where_they_are_in_doubt(read, text):
    assert repair_list(read) == text


@given(st.lists(st.sampled_from(["编印刊物", "培训12期，每期3天", "达到95%"]), min_size=2, max_size=6))
def test_a_list_that_is_right_stays_as_it_is(items):
    text = "；".join(f"目标{number}：{item}" for number, item in enumerate(items, 1))
    assert repair_list(reading(text)) == text
