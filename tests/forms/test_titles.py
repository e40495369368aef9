"""The title of a page is put together from its lines, and read for what it names."""

from __future__ import annotations

import pytest
from form_pictures import PROFILES, TITLE
from readings import line, page

from pipeline.elements import LineKind
from pipeline.forms.titles import read_title

RULE = next(profile.title for profile in PROFILES if profile.name == "performance_target")


def titled(*lines, rule=RULE):
    return read_title(page([], lines), rule)


def test_a_title_names_the_unit_and_the_year():
    title = titled(line(TITLE))
    assert (title.text, title.unit_name, title.year) == (TITLE, "祁连县司法局", 2023)
    assert title.similarity > 0.9


@pytest.mark.parametrize(
    "lines",
    [
        [line(TITLE[:11]), line(TITLE[11:], top=125)],
        [line(TITLE[11:], top=98, left=300), line(TITLE[:11], left=50)],
        [line("祁连县司法局专用章", top=60), line(TITLE)],
        [line(TITLE, kind=LineKind.OTHER)],
    ],
    ids=["over two lines", "in two pieces side by side", "below a seal read as a title", "not seen to be a title"],
)
def test_a_title_is_found_however_it_was_read(lines):
    assert titled(*lines).text == TITLE


def test_a_page_without_the_forms_title_has_its_largest_line_for_one_and_no_likeness():
    title = titled(line("会议签到表"), line("（2021年度）", top=130, kind=LineKind.OTHER))
    assert (title.text, title.similarity, title.unit_name) == ("会议签到表", 0.0, None)


def test_a_page_of_no_known_form_has_its_largest_line_for_a_title():
    assert titled(line("会议签到表"), rule=None).text == "会议签到表"
    assert titled(rule=None).text is None
