"""Lines of keys: every key of a TOML file is found, on the line where it stands."""

from __future__ import annotations

import json
import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.settings.toml_lines import find_lines


def paths(value, at=()):
    """The paths of every key and list entry of a parsed document."""
    yield at
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*at, key))
    if isinstance(value, list):
        for place, inner in enumerate(value, 1):
            yield from paths(inner, (*at, place))


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2", ("b",), 2),
        ("# a = 0\n\na = 1", ("a",), 3),
        ("[t]\na = 1", ("t", "a"), 2),
        ("[t.u]\na = 1", ("t",), 1),
        ("[[t]]\na = 1\n[[t]]\na = 2", ("t", 2, "a"), 4),
        ("[[t]]\n[[t.u]]\na = 1\n[[t]]\n[[t.u]]\na = 2", ("t", 2, "u", 1, "a"), 6),
        ("[[t]]\n[t.u]\na = 1\n[[t]]\n[t.u]\na = 2", ("t", 2, "u", "a"), 6),
        ("a = [\n  1, # one\n  2,\n]", ("a", 2), 3),
        ("a = [[1], [\n2]]\nb = 1", ("a", 2, 1), 2),
        ("a = {b = 1, c = [\n{d = 1}]}", ("a", "c", 1, "d"), 2),
        ('a = """\nb = 1\n"""\nb = 2', ("b",), 4),
        ('a = """x""\\"""""\nb = 2', ("b",), 2),
        ("a = '''\nb = 1'''\nb = 2", ("b",), 3),
        ('a = "\\"]"\nb = 1', ("b",), 2),
        ("a = '\\'\nb = 1", ("b",), 2),
        ("a = 1979-05-27 07:32:00\nb = 1", ("b",), 2),
        ("a . 'b' . \"c\" = 1", ("a", "b", "c"), 1),
        ('"\\u4e00" = 1', ("一",), 1),
        ("a = [ ]\r\nb = { }\r\nc = 1", ("c",), 3),
    ],
)
def test_a_key_is_found_on_its_line(text, path, line):
    tomllib.loads(text)
    assert find_lines(text)[path] == line


TEXTS = st.text("ab\"'\\#=[]{},.\n 一", max_size=6)
SCALARS = st.one_of(TEXTS, st.integers(), st.booleans())
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=5)
TREES = st.recursive(
    st.dictionaries(TEXTS, VALUES, max_size=3),
    lambda inner: st.dictionaries(TEXTS, st.one_of(inner, st.lists(inner, min_size=1, max_size=2), VALUES), max_size=3),
    max_leaves=8,
)


def spelt(value):
    """A value as TOML, its list entries on lines of their own."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[ # [\n" + "".join(f"{spelt(one)},\n" for one in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(key)} = {spelt(one)}" for key, one in value.items()) + "}"
    return json.dumps(value)


def quoted(text):
    if re.fullmatch(r"[^'\n]*", text):
        return f"'{text}'"
    return json.dumps(text)


def document(tree, at=()):
    """A tree as TOML text: plain values first, then its tables and lists of tables under headers of their own."""
    tables = {key: one for key, one in tree.items() if isinstance(one, dict)}
    lists = {k: v for k, v in tree.items() if isinstance(v, list) and v and all(isinstance(one, dict) for one in v)}
    plain = {key: one for key, one in tree.items() if key not in tables and key not in lists}
    text = "".join(f"\n{quoted(key)} = {spelt(one)} # = '\n" for key, one in plain.items())
    for key, one in tables.items():
        text += f"[{'.'.join(map(quoted, (*at, key)))}]\n" + document(one, (*at, key))
    for key, several in lists.items():
        for one in several:
            text += f"[[{'.'.join(map(quoted, (*at, key)))}]] # x\n" + document(one, (*at, key))
    return text


@given(TREES)
def test_every_key_and_entry_of_any_document_is_found_and_no_other(tree):
    text = document(tree)
    assert tomllib.loads(text) == tree
    assert set(find_lines(text)) == set(paths(tree))


@given(TREES)
def test_the_line_of_a_key_holds_the_key(tree):
    text = document(tree)
    lines = text.split("\n")
    for path, line in find_lines(text).items():
        if path and isinstance(path[-1], str):
            assert quoted(path[-1]) in lines[line - 1]
