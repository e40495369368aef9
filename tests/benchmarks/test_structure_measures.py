"""How tables found on a page are counted by its truth: in place, perfect, missed, made up, wrong and sure."""

import importlib

import pytest

measures = importlib.import_module("benchmarks.structure_measures")
Cell, Table, Page, Truth = (getattr(measures, name) for name in ("PlacedCell", "FoundTable", "FoundPage", "TruePage"))


def cells(rows, cols, texts="", **named):
    """A plain grid; its texts are the letters of a word, row by row."""
    places = [(row, col) for row in range(rows) for col in range(cols)]
    return tuple(Cell(row, col, text=texts[index : index + 1], **named) for index, (row, col) in enumerate(places))


def count(true, *found, page_doubted=False, **named):
    tables = tuple(table if isinstance(table, Table) else Table(table) for table in found)
    counts = measures.count_page(Truth("page", tuple(true), **named), Page(tables, page_doubted))
    return {name: value for name, value in counts._asdict().items() if value}


def merged(table):
    """The first two cells of a table as one."""
    return (table[0]._replace(col_span=2), *table[2:])


def moved(table, rows, cols=0):
    return tuple(cell._replace(row=cell.row + rows, col=cell.col + cols) for cell in table)


SQUARE = cells(2, 2, "abcd")


def test_a_table_with_every_cell_in_place_is_perfect_and_calm():
    assert count([SQUARE], SQUARE) == {
        "pages": 1, "tables": 1, "true": 4, "landed": 4, "placed": 4, "perfect": 1, "calm": 1
    }  # fmt: skip


@pytest.mark.parametrize(
    "found",
    [
        Table(SQUARE, doubted=True),
        Table((*SQUARE[:3], SQUARE[3]._replace(confidence=0.89))),
    ],
)
def test_a_perfect_table_with_a_warning_or_an_unsure_cell_is_not_calm(found):
    counts = count([SQUARE], found)
    assert counts["perfect"] == 1
    assert "calm" not in counts


def test_cells_are_in_place_with_both_spans_alone():
    counts = count([SQUARE], merged(SQUARE))
    assert (counts["landed"], counts["placed"], counts["sure_grids"]) == (3, 2, 1)
    assert "perfect" not in counts


@pytest.mark.parametrize(
    ("found", "page_doubted", "sure"),
    [
        (Table(merged(SQUARE)), False, 1),
        (Table(merged(SQUARE), doubted=True), False, 0),
        (Table(merged(SQUARE)), True, 0),
        (Table((merged(SQUARE)[0]._replace(confidence=0.5), *merged(SQUARE)[1:])), False, 0),
        (Table(SQUARE[:2]), False, 1),  # cells that only lack: sure where all that landed are
        (Table((SQUARE[0]._replace(confidence=0.5), SQUARE[1])), False, 0),
    ],
)
def test_a_wrong_table_is_sure_where_nobody_is_told_and_a_misplaced_cell_is_sure(found, page_doubted, sure):
    assert count([SQUARE], found, page_doubted=page_doubted).get("sure_grids", 0) == sure


@pytest.mark.parametrize(("rows", "cols", "placed"), [(-15, -3, 4), (15, 3, 4), (16, 0, 2), (0, 4, 2)])
def test_rows_and_columns_are_moved_together_within_bounds(rows, cols, placed):
    assert count([SQUARE], moved(SQUARE, rows, cols)).get("placed") == placed


def test_texts_tell_how_far_a_table_is_moved():
    found = cells(3, 1, "abc")[1:]
    assert count([cells(3, 1, "abc")], moved(found, -1))["placed"] == 2
    placed_by_texts = measures._best_match(cells(3, 1, "abc"), cells(2, 1, "bc"))
    assert (placed_by_texts.rows, placed_by_texts.placed) == (-1, 2)


def test_blank_cells_are_no_text_that_is_the_same():
    blank = {cell.place: cell.text for cell in cells(1, 2)}
    assert measures._match(cells(1, 2), blank, 0, 0).fit == 2
    assert measures._match(cells(1, 2, "ab"), {(0, 0, 1, 1): "a", (0, 1, 1, 1): "c"}, 0, 0).fit == 3


def test_a_table_that_nothing_takes_is_extra_and_one_that_nothing_fits_is_not_found():
    counts = count([SQUARE, cells(3, 1)], SQUARE)
    assert (counts["tables"], counts["not_found"], counts["true"]) == (2, 1, 7)
    counts = count([SQUARE], SQUARE, cells(1, 3), Table(cells(1, 3, confidence=0.5)))
    assert (counts["extra"], counts["landed"], counts["perfect"], counts["sure_grids"]) == (2, 10, 1, 1)


def test_tables_are_matched_best_fit_first_whatever_their_order():
    first, second = cells(2, 2, "abcd"), cells(3, 2, "efghij")
    counts = count([first, second], second, first)
    assert (counts["perfect"], counts["placed"]) == (2, 10)


def test_the_alternative_that_fits_best_is_taken():
    assert count([SQUARE], cells(4, 1), alternatives=((cells(4, 1),),))["perfect"] == 1


def test_rows_below_an_open_end_are_not_judged():
    assert count([SQUARE], cells(3, 2), open_end=True)["perfect"] == 1
    assert "perfect" not in count([SQUARE], cells(3, 2))


def test_nothing_found_where_nothing_is_is_right():
    assert count([]) == {"pages": 1}
    assert measures.count_page(Truth("page", ()), Page()).structure == 1.0


def test_structure_is_the_f1_of_cells_in_place():
    counts = measures.total([measures.Counts(true=4, landed=4, placed=4), measures.Counts(true=4, landed=0)])
    assert counts.structure == pytest.approx(8 / 12)


def test_cells_in_place_are_paired_with_those_of_their_table_that_is_moved():
    other = cells(2, 2, "wxyz")
    found = Page((Table(moved(merged(SQUARE), 1)), Table(other)))
    pairs = list(measures.placed_cells(Truth("page", (other, SQUARE), ((SQUARE,),)), found))
    assert sorted((true.text, table, landed.place) for true, table, landed in pairs) == [
        *(("c", 0, (2, 0, 1, 1)), ("d", 0, (2, 1, 1, 1))),
        *(("w", 1, (0, 0, 1, 1)), ("x", 1, (0, 1, 1, 1)), ("y", 1, (1, 0, 1, 1)), ("z", 1, (1, 1, 1, 1))),
    ]
