"""How a column runs follows from which way it reads well."""

import pytest

from pipeline.elements import BBox
from pipeline.engines import LineReading
from pipeline.layout import InkLine
from pipeline.recognition import CheckedReading
from pipeline.rereading.column_cuts import Running
from pipeline.rereading.columns import Column
from pipeline.rereading.turned_text import DISSENT, column_order, either, which_way


def read(text, confidence=0.999):
    return LineReading(text, confidence if text else 0.0, (confidence,) * len(text))


def column(count, left=0):
    lines = tuple(InkLine(BBox(left, 30 * i, left + 20, 30 * i + 20), ()) for i in range(count))
    return Column(BBox(left, 0, left + 20, 30 * count - 10), lines)


@pytest.mark.parametrize(
    ("stacked", "down", "up", "running"),
    [
        (read("课堂组织"), read("课堂组织"), read("深", 0.32), Running.STACKED),
        (read("2023年度"), read("２０２３年度"), read("2", 0.67), Running.STACKED),
        (read("品", 0.4), read("数量指标"), read(""), Running.DOWN),
        (read("TP", 0.3), read("After Lunch"), read("Attr Lch", 0.34), Running.DOWN),
        (read("数次查检全安"), read(""), read("安全检查次数"), Running.UP),
        (read("月12年2320", 0.96), read("202212月", 0.3), read("2023年12月"), Running.UP),
        (read("十三"), read("十川", 0.97), read("三十"), Running.UP),
        (read("Nas", 0.68), read("Serr ln", 0.4), read("Serial N"), Running.UP),
    ],
)
def test_the_way_in_which_all_of_a_column_reads_surely_is_how_it_runs(stacked, down, up, running):
    assert which_way([stacked], [down], [up]) == (running, True)


@pytest.mark.parametrize(
    ("stacked", "down", "up"),
    [
        (read("H", 0.4), read("pH"), read("Hd", 0.99)),  # the same upside down
        (read("1", 0.4), read("6891"), read("1689")),
        (read("日口中"), read("日目中"), read("中口日")),
    ],
)
def test_what_reads_surely_both_ways_is_never_sure(stacked, down, up):
    _, sure = which_way([stacked], [down], [up])
    assert not sure


def test_a_turned_line_that_reads_surely_is_doubted_where_upright_characters_say_more_for_the_other_way():
    running, sure = which_way([read("单位名称")], [read("单位名称", 0.85)], [read("中")])
    assert (running, sure) == (Running.UP, False)


def test_characters_that_read_well_upright_alone_are_stacked_in_doubt():
    assert which_way([read("一二三")], [read("111111", 0.85)], [read("[1", 0.24)]) == (Running.STACKED, False)


def test_what_reads_well_in_no_way_is_no_column():
    assert which_way([read("器", 0.1)], [read("f rt", 0.3)], [read("CF", 0.4)]) is None


def test_all_columns_of_a_cell_count_together():
    running = which_way(
        [read("x", 0.2), read("y", 0.2)], [read("一"), read("金", 0.3)], [read("二", 0.95), read("资金来源")]
    )
    assert running == (Running.UP, True)


# --- two views of stacked characters ----------------------------------------------------------------------------------


def test_two_views_that_agree_are_as_sure_as_the_surer_one():
    assert either(CheckedReading("2019年", 0.9, ()), CheckedReading("２０１９年", 0.99, ())) == ("2019年", 0.99, (), ())


def test_a_poor_view_that_says_otherwise_counts_for_nothing():
    assert either(CheckedReading("编号", 0.998, ()), CheckedReading("編号", 0.5, ())).confidence == 0.998


def test_two_good_views_that_differ_are_doubted_and_the_other_is_an_alternative():
    reading = either(CheckedReading("土木", 0.998, ()), CheckedReading("士木", DISSENT, ()))
    assert reading.text == "土木" and reading.confidence < 0.95
    assert reading.alternatives == ("士木",)


# --- the order of columns ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ((4,), (True, True)),
        ((2, 4), (False, True)),
        ((1, 3, 3), (False, True)),
        ((3, 3), (False, False)),
        ((4, 2), (True, False)),
        ((2, 3, 4), (False, False)),
    ],
)
def test_columns_are_read_from_the_right_where_only_the_left_one_is_short(lengths, expected):
    columns = [column(count, 30 * i) for i, count in enumerate(lengths)]
    assert column_order(columns) == expected
