"""The adjacency relations of ICDAR 2013: neighbours that are not blank, across and down, compared as they are."""

import importlib

import pytest

relations = importlib.import_module("benchmarks.relations")
Cell = importlib.import_module("benchmarks.structure_measures").PlacedCell


def table(*rows):
    return tuple(Cell(row, col, text=text) for row, texts in enumerate(rows) for col, text in enumerate(texts))


def found_in(cells):
    return {
        (*one[:2], "across" if one.across else "down", one.blanks): n for one, n in relations.relations(cells).items()
    }


def test_neighbours_are_joined_across_and_down():
    assert found_in(table("ab", "cd")) == {
        ("a", "b", "across", 0): 1, ("c", "d", "across", 0): 1, ("a", "c", "down", 0): 1, ("b", "d", "down", 0): 1
    }  # fmt: skip


def test_blank_cells_are_passed_over_and_counted():
    assert found_in(table(["a", "", "b"])) == {("a", "b", "across", 1): 1}
    assert found_in(table(["a", "", ""])) == {}


def test_a_spanning_cell_has_each_neighbour_once():
    cells = (Cell(0, 0, 2, 1, "a"), Cell(0, 1, 2, 1, "b"), Cell(0, 2, text="c"), Cell(1, 2, text="d"))
    assert found_in(cells) == {
        ("a", "b", "across", 0): 1, ("b", "c", "across", 0): 1, ("b", "d", "across", 0): 1, ("c", "d", "down", 0): 1
    }  # fmt: skip


def test_the_same_contents_at_two_places_are_two_relations():
    assert found_in(table("xx", "xx")) == {("x", "x", "across", 0): 2, ("x", "x", "down", 0): 2}


def test_a_header_that_is_split_costs_what_stood_beside_it():
    true = (Cell(0, 0, 1, 2, "a"), Cell(0, 2, text="b"), *(Cell(1, col, text=text) for col, text in enumerate("cde")))
    split = (Cell(0, 0, text=""), Cell(0, 1, text="a"), *true[1:])
    agreed = relations.agreement([true], [split])
    assert (agreed.shared, agreed.true, agreed.found) == (5, 6, 5)
    assert (agreed.precision, agreed.recall, agreed.f1) == (1.0, pytest.approx(5 / 6), pytest.approx(10 / 11))


def test_tables_need_no_match_and_pages_are_pooled():
    one, two = table("ab"), table("cd")
    assert relations.agreement([one, two], [two, one]) == (2, 2, 2)
    assert relations.agreement([one], []).f1 == 0.0
    assert relations.agreement([], []).f1 == 1.0
    assert relations.pooled([relations.agreement([one], [one]), relations.agreement([two], [])]) == (1, 2, 1)
