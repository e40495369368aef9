"""On a page in simplified characters a traditional one is a slip of the recogniser; elsewhere it stays."""

from pipeline.reading.cascade import CheckedReading
from pipeline.reading.page_script import LIKELY, in_page_script

SIMPLIFIED = ("预算单位", "项目负责人", "实际支出数额")
TRADITIONAL = ("預算單位", "項目負責人", "實際支出數額")
JAPANESE = ("国会図書館", "うけつけばんごう", "会社の決算", "当期の利益", "学校の経費")


def landed(page, *told):
    """What lands of lines with texts and confidences on a page with other, sure lines."""
    lines = [CheckedReading(text, sure, ()) for text, sure in (*((text, 0.998) for text in page), *told)]
    return [(reading.text, reading.confidence) for reading in in_page_script(lines)[len(page) :]]


def test_slips_land_in_the_pages_script_and_in_doubt():
    slips = landed(SIMPLIFIED, ("項目支出", 0.994), ("溫度", 0.6))
    assert slips == [("项目支出", LIKELY), ("温度", 0.6)]


def test_what_was_read_stays_among_the_alternatives():
    lines = [CheckedReading(text, 0.998, ()) for text in SIMPLIFIED]
    *_, slip = in_page_script([*lines, CheckedReading("項目", 0.98, ("项目", "頂目"))])
    assert slip == CheckedReading("项目", LIKELY, ("項目", "頂目"))


def test_a_name_that_is_surely_read_stays_in_doubt():
    assert landed(SIMPLIFIED, ("陳先生", 0.998)) == [("陳先生", LIKELY)]


def test_pages_in_another_script_stay_as_they_are():
    told = ("項目支出", 0.994)
    for page in (TRADITIONAL, JAPANESE, (), ("Item", "12.50"), SIMPLIFIED[:1]):
        assert landed(page, told) == [told]


def test_a_page_that_mixes_scripts_stays_as_it_is():
    told = ("項目支出", 0.994)
    assert landed((*SIMPLIFIED, *TRADITIONAL), told) == [told]


def test_lines_without_text_stay_without():
    lines = [CheckedReading("", None, ()), *(CheckedReading(text, 0.998, ()) for text in SIMPLIFIED)]
    assert in_page_script(lines) == lines
