"""The boxes of a cell's text are its options."""

import pytest

from pipeline.text.options import Option, read_options


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("☑新购□更新□维修", [("新购", True), ("更新", False), ("维修", False)]),
        ("是否进口：□是、☑否", [("是", False), ("否", True)]),
        ("□", [("", False)]),
        ("同意☑ 不同意□", [("同意", True), ("不同意", False)]),
        ("☒ Yes  ☐ No", [("Yes", True), ("No", False)]),
    ],
)
def test_each_box_is_an_option_with_the_label_after_it(text, options):
    assert read_options(text) == tuple(Option(*option) for option in options)


@pytest.mark.parametrize("text", ["", None, "口头", "√"])
def test_a_text_without_boxes_has_no_options(text):
    assert read_options(text) is None
