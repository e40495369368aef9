"""Where a table is cut by a page break: which cells at the top of the next page are the rest of those above the break.

Only what the cells show decides: a cell left blank under an entry goes on with it, as long as the entries of the levels
above it do; programs that print a merged cell's text in its middle leave it blank above the break instead. What has
text of its own under an entry is a new cell, but for the few cuts that cannot be anything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.elements import CellReading, FindingRule
from pipeline.forms import FieldName, LabelledTable, Level
from pipeline.text import has_content, one_line, parse_target


@dataclass(frozen=True, slots=True)
class Merge:
    """A column in which the cells above and below the break are one; `rule` says so in the findings, None needs not."""

    col: int
    rule: FindingRule | None = None
    found: str | None = None


@dataclass(frozen=True, slots=True)
class Seam:
    """The cells above and below a page break, by the column of the merged table in which they begin."""

    table: LabelledTable
    above: Mapping[int, CellReading]
    below: Mapping[int, CellReading]

    def pair(self, col: int) -> tuple[CellReading, CellReading] | None:
        """The cells at a column, if both take up the same columns and the upper one is no label."""
        above, below = self.above.get(col), self.below.get(col)
        if above is None or below is None or above.cell.col_span != below.cell.col_span:
            return None
        return None if self.table.is_label(above) else (above, below)

    def goes_on(self, col: int) -> bool:
        """Whether a cell was left blank under an entry."""
        pair = self.pair(col)
        return pair is not None and has_content(pair[0].text) and not has_content(pair[1].text)

    def comes_late(self, col: int) -> bool:
        """Whether a cell of several rows is blank above the break and has its text below it."""
        pair = self.pair(col)
        if pair is None or pair[0].cell.row_span == 1:
            return False
        return not has_content(pair[0].text) and has_content(pair[1].text)

    def repeats(self, col: int) -> bool:
        """Whether a cell repeats the entry above it, or both are blank."""
        pair = self.pair(col)
        return pair is not None and one_line(pair[0].text) == one_line(pair[1].text)


def find_merges(seam: Seam) -> tuple[Merge, ...]:
    """The columns in which the table's cells are cut by the page break, each once."""
    same = _same_project(seam)
    project = tuple(_project_merges(seam)) if same else ()
    stubs, stubs_go_on = _stub_merges(seam) if same else ((), False)
    leaf = tuple(_leaf_merges(seam)) if stubs_go_on and seam.table.columns else ()
    taken = {*seam.table.project_columns.values(), *seam.table.hierarchy_columns}
    rest = (Merge(col) for col in seam.below if col not in taken and _beside(seam, col))
    return tuple({merge.col: merge for merge in (*rest, *project, *stubs, *leaf)}.values())


def _same_project(seam: Seam) -> bool:
    """Whether the first row below the break is of the project above it: nothing there names another one.

    A name without a code and an amount, below a project that has them, is the rest of that project's name. So is any
    text that says less than the project above does, where the first level's entry goes on: a project begins with one.
    """
    keys = seam.table.key_columns
    named = {name for name, col in keys.items() if not (seam.goes_on(col) or seam.repeats(col) or seam.comes_late(col))}
    left_out = any(seam.goes_on(col) for col in keys.values())
    paired = all(seam.pair(keys[name]) is not None for name in named)
    entry_goes_on = len(seam.table.columns) > 2 and seam.goes_on(seam.table.hierarchy_columns[0])
    return not named or (left_out and paired and (named == {FieldName.PROJECT_NAME} or entry_goes_on))


def _project_merges(seam: Seam) -> Iterator[Merge]:
    for name, col in seam.table.project_columns.items():
        pair = seam.pair(col)
        late = seam.comes_late(col)
        if pair is None or seam.repeats(col) or not (late or has_content(pair[0].text)):
            continue
        if seam.goes_on(col):
            yield Merge(col)
        elif name is FieldName.GOALS and not late:
            yield Merge(col, FindingRule.CONTINUED_FROM_PREVIOUS_PAGE, pair[1].text)
        else:
            yield Merge(col, FindingRule.TEXT_JOINED_ACROSS_PAGES, pair[1].text)


def _stub_merges(seam: Seam) -> tuple[tuple[Merge, ...], bool]:
    """The level columns but the last, outermost first, and whether all of them go on."""
    merges: list[Merge] = []
    levels, cols = seam.table.profile.hierarchy.levels[:-1], seam.table.hierarchy_columns
    for level, col in zip(levels, cols, strict=False):
        pair = seam.pair(col)
        if pair is not None and seam.goes_on(col):
            merges.append(Merge(col, FindingRule.CONTINUED_FROM_PREVIOUS_PAGE, one_line(pair[0].text)))
        elif pair is not None and (seam.comes_late(col) or _word_is_cut(level, *pair)):
            merges.append(Merge(col, FindingRule.TEXT_JOINED_ACROSS_PAGES, pair[1].text))
        elif not seam.repeats(col):
            return tuple(merges), False
    return tuple(merges), True


def _word_is_cut(level: Level, above: CellReading, below: CellReading) -> bool:
    """Whether both parts make a word that the level may hold, which the upper one is not."""
    words = level.words() or frozenset()
    if not (has_content(above.text) and has_content(below.text)):
        return False
    return one_line(f"{above.text or ''}{below.text or ''}") in words and one_line(above.text) not in words


def _leaf_merges(seam: Seam) -> Iterator[Merge]:
    """An indicator's row that is cut: below the break stands the rest of its name or of its value, never of both."""
    name, value = seam.table.hierarchy_columns[-2:]
    of_name, of_value = seam.pair(name), seam.pair(value)
    if of_name is None or of_value is None or not any(has_content(above.text) for above, _ in (of_name, of_value)):
        return
    name_goes_on, value_goes_on = has_content(of_name[1].text), has_content(of_value[1].text)
    if name_goes_on == value_goes_on or (value_goes_on and _two_values(*of_value)):
        return
    for col, (_, below), said in ((name, of_name, name_goes_on), (value, of_value, value_goes_on)):
        yield Merge(col, FindingRule.TEXT_JOINED_ACROSS_PAGES, below.text) if said else Merge(col)


def _two_values(above: CellReading, below: CellReading) -> bool:
    """Whether the cells hold a number each: two values, not one that was cut."""
    return all(parse_target(reading.text).number is not None for reading in (above, below))


def _beside(seam: Seam, col: int) -> bool:
    """Whether a cell outside all columns that have a meaning goes on, such as a caption beside all rows."""
    return seam.goes_on(col) or (seam.pair(col) is not None and seam.repeats(col))
