"""Random hierarchies, drawn as tables and read back: each leaf has its true ancestors, or a finding says otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from cut_tables import cut, full_pages
from hypothesis import given
from hypothesis import strategies as st
from readings import cell, table

from pipeline.elements import Severity
from pipeline.forms.profiles import load_profiles
from pipeline.hierarchy.interpretation import interpret
from pipeline.settings.settings import FormSettings
from pipeline.validation import mark_for_review, validate

SETTINGS = FormSettings()
PROFILES = load_profiles(SETTINGS)
PROFILE = next(profile for profile in PROFILES if profile.name == "performance_target")

TITLE = "祁连县司法局2023年部门预算项目支出绩效目标公开表"
HEADERS = [
    (cell(0, 0), "单位编码"), (cell(0, 1), "单位及项目名称"), (cell(0, 2), "金额 (万元)"), (cell(0, 3), "绩效目标"),
    (cell(0, 4, 2, 4), "绩效指标"), (cell(1, 0), "107"), (cell(1, 1), "祁连县司法局"), (cell(1, 2), ""),
    (cell(1, 3), ""), (cell(2, 0), "合计"), (cell(2, 1), ""), (cell(2, 2), ""), (cell(2, 3), ""),
    (cell(2, 4), "一级指标"), (cell(2, 5), "二级指标"), (cell(2, 6), "三级指标"), (cell(2, 7), "指标值"),
]  # fmt: skip
TOP = 3
STYLES = ["merged", "repeated", "blank"]


@dataclass(frozen=True)
class Entry:
    """A cell of a column of the hierarchy: the texts of its columns, and how many rows it takes up."""

    col: int
    texts: tuple[str, ...]
    rows: int


@st.composite
def forms(draw):
    """Columns of entries, top to bottom: projects beside levels beside leaves; with the true leaves."""
    entries, true = [], []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        project = (f"10700{number}", f"项目{number}", f"{number}.00", f"目标1：做好项目{number}")
        first = len(true)
        for level1 in draw(
            st.lists(st.sampled_from(["产出指标", "效益指标", "满意度指标"]), min_size=1, max_size=3, unique=True)
        ):
            words = PROFILE.hierarchy.levels[1].vocabulary[level1]
            above = len(true)
            for level2 in draw(st.lists(st.sampled_from(words), min_size=1, max_size=3, unique=True)):
                count = draw(st.integers(1, 3))
                names = [f"内容{len(true) + place}" for place in range(count)]
                true += [(project[1], level1, level2, name, f"≥{len(true)}件") for name in names]
                entries += [Entry(5, (level2,), count), *(Entry(6, (name,), 1) for name in names)]
            entries.append(Entry(4, (level1,), len(true) - above))
        entries.append(Entry(0, project, len(true) - first))
    entries += [Entry(7, (leaf[-1],), 1) for leaf in true]
    return entries, true


def drawn(entries, style):
    """The form as a table. Stubs are merged, repeated on each row, or left blank but for the first."""
    cells, row = list(HEADERS), dict.fromkeys((0, 4, 5, 6, 7), TOP)
    for entry in entries:
        for place, text in enumerate(entry.texts):
            first, col = row[entry.col], entry.col + place
            if style == "merged":
                cells.append((cell(first, col, entry.rows), text))
            else:
                below = text if style == "repeated" else ""
                cells += [(cell(first + down, col), below if down else text) for down in range(entry.rows)]
        row[entry.col] += entry.rows
    return table(cells)


def read(pages):
    found = interpret(pages, PROFILES, SETTINGS)
    findings = (*found.findings, *validate(pages, found, PROFILES, len(pages)))
    return mark_for_review(found, findings, 0.9), findings


def leaf_of(indicator):
    return (indicator.project_name, indicator.level1, indicator.level2, indicator.level3, indicator.target_text)


@given(forms(), st.sampled_from(STYLES), st.data())
def test_every_leaf_has_its_ancestors_wherever_pages_break_and_however_stubs_are_drawn(form, style, data):
    entries, true = form
    whole = drawn(entries, style)
    inner = st.integers(TOP + 1, whole.grid.n_rows - 1)
    breaks = sorted(data.draw(st.sets(inner, max_size=3))) if len(true) > 1 else []
    header_rows = data.draw(st.sampled_from([0, TOP]))
    found, findings = read(full_pages(cut(whole, breaks, header_rows), TITLE))
    assert [leaf_of(indicator) for indicator in found.indicators] == true
    assert len(found.projects) == len({leaf[0] for leaf in true})
    serious = {f.rule for f in findings if f.severity is not Severity.INFO}
    assert serious <= ({"stub_left_blank", "leaf_without_project"} if style == "blank" else set())
    assert len([f for f in findings if (f.rule, f.row) == ("continued_from_previous_page", header_rows)]) >= len(breaks)


@given(forms(), st.sampled_from(STYLES), st.data())
def test_a_leaf_whose_stub_is_lost_has_its_true_ancestors_or_needs_review(form, style, data):
    entries, true = form
    whole = drawn(entries, style)
    stubs = [one.cell for one in whole.cells if one.cell.row >= TOP and one.cell.col in (4, 5)]
    lost = data.draw(st.sets(st.sampled_from(stubs), min_size=1, max_size=4))
    damaged = table([(one.cell, "" if one.cell in lost else one.text) for one in whole.cells])
    found, _ = read(full_pages([damaged], TITLE))
    sure = [leaf_of(indicator) for indicator in found.indicators if not indicator.needs_review]
    assert set(sure) <= set(true)
    assert len(found.indicators) == len(true)


@given(forms(), st.sampled_from(["repeated", "blank"]), st.data())
def test_a_leaf_of_a_shifted_row_is_right_or_needs_review(form, style, data):
    entries, true = form
    whole = drawn(entries, style)
    rows = {row: [whole.at(row, col).text for col in range(8)] for row in range(TOP, whole.grid.n_rows)}
    for row in data.draw(st.sets(st.sampled_from(sorted(rows)), min_size=1, max_size=3)):
        col = data.draw(st.integers(0, 7))
        if data.draw(st.booleans()):
            rows[row].insert(col, "")
        else:
            del rows[row][col]
    wide = any(len(texts) > 8 for texts in rows.values())
    body = [
        (cell(row, col), text) for row, texts in rows.items() for col, text in enumerate([*texts, "", ""][: 8 + wide])
    ]
    edge = [(cell(row, 8), "") for row in range(TOP)] if wide else []
    found, findings = read(full_pages([table([*HEADERS, *body, *edge])], TITLE))
    sure = [leaf_of(indicator) for indicator in found.indicators if not indicator.needs_review]
    assert {leaf[1:] for leaf in sure} <= {leaf[1:] for leaf in true}
    lost = len(true) - len(found.indicators)
    assert lost <= sum(f.rule == "row_without_indicator" for f in findings)
