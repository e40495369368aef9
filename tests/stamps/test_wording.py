"""What a stamp says is told from what a line of print says."""

import pytest

from pipeline.elements import Severity, Stamp, StampColour, StampShape
from pipeline.stamps.wording import is_stamps, is_stamps_number, report_stamps

PLACE = ((0.0, 0.0), (9.0, 0.0), (9.0, 4.0), (0.0, 4.0))


def stamp(text, confidence=0.9):
    return Stamp(StampColour.RED, StampShape.BOX, text, confidence, PLACE, None)


@pytest.mark.parametrize("text", ["作废", "COPY", "Paid", "已付", "RECEIVED", "CERTIFIED COPY"])
def test_words_of_rubber_stamps_are_known(text):
    assert is_stamps(text)


@pytest.mark.parametrize(
    "text", ["11 FEV. 2021", "1 1 FEV. 2021", "2023-04-12", "2023年4月2日", "RECEIVED 12MAY2021", "No 000173"]
)
def test_dates_and_numbers_alone_are_known(text):
    assert is_stamps_number(text)


@pytest.mark.parametrize(
    "text", ["COPYRIGHT", "Repaid", "县人民政府", "1,234.50", "Please send a copy of this letter to the office", ""]
)
def test_other_lines_are_not_what_stamps_say(text):
    assert not is_stamps(text)
    assert not is_stamps_number(text)


@pytest.mark.parametrize(
    ("text", "rule", "severity"),
    [
        ("作 废", "stamp_void", Severity.WARNING),
        ("CANCELLED", "stamp_void", Severity.WARNING),
        ("副本", "stamp_copy", Severity.INFO),
        ("CERTIFIED COPY", "stamp_copy", Severity.INFO),
        ("现金付讫", "stamp_paid", Severity.INFO),
        ("PAID 12 MAY 2021", "stamp_paid", Severity.INFO),
    ],
)
def test_a_stamp_that_says_something_of_the_page_is_a_finding(text, rule, severity):
    (finding,) = report_stamps(3, [stamp(text)])
    assert (finding.rule, finding.severity, finding.page_number, finding.found) == (rule, severity, 3, text)


@pytest.mark.parametrize("told", [("县人民政府办公室", 0.9), (None, 0.9), ("COPY", 0.45)])
def test_a_seal_an_unread_stamp_and_a_doubtful_one_are_none(told):
    assert list(report_stamps(1, [stamp(*told)])) == []
