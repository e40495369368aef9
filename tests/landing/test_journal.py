"""A journal entry names files of tables and logs alone, whoever wrote it; anything else is refused by its path."""

import json
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import OutputUnsafe
from pipeline.landing import journal
from pipeline.landing.journal import Placing, Removing, read_entry

WHERE = Path("OUT/.staging/x.json")


def read(tree):
    return read_entry(json.dumps(tree).encode(), WHERE)


def test_entries_come_back_as_they_were_written():
    for entry in (
        Placing("0d" * 32, ("cells", "documents")),
        Placing("signers", ("signers",)),
        Removing((PurePosixPath("documents/a.parquet"), PurePosixPath(".logs/20260101T000000-1.log"))),
        Removing((PurePosixPath("审计 2023/a b.parquet"),)),
    ):
        assert read(entry.as_json()) == entry


NAMES_THAT_LEAD_ELSEWHERE = [
    "",
    ".",
    "..",
    "../cells",
    "/etc/passwd",
    "a/b",
    ".staging",
    ".logs",
    "a\0b",
    "a" * 300,
    "\ud800",
]


@pytest.mark.parametrize("name", NAMES_THAT_LEAD_ELSEWHERE)
def test_names_of_documents_and_tables_that_lead_elsewhere_are_refused(name):
    for entry in ({"document_id": name, "tables": ["cells"]}, {"document_id": "a", "tables": ["cells", name]}):
        with pytest.raises(OutputUnsafe, match=r"x\.json is no journal entry"):
            read(entry)


@pytest.mark.parametrize(
    "file",
    [
        "../documents/a.parquet",
        "documents/../../a.parquet",
        "documents/..",
        "/documents/a.parquet",
        "//etc/passwd",
        "a.parquet",
        "",
        ".",
        "documents/a/b.parquet",
        ".staging/x.json",
        ".flow-engine/prefect.db",
        "documents/.hidden",
        "documents/a\0.parquet",
        "\ud800/a.parquet",
    ],
)
def test_files_that_are_of_no_table_and_no_log_are_refused(file):
    with pytest.raises(OutputUnsafe, match=r"x\.json is no journal entry"):
        read({"removed": ["documents/a.parquet", file]})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b"1e999",
        b"[" * 200_000,
        b"9" * 5_000,
        b'{"removed": "documents/a.parquet"}',
        b'{"removed": [1]}',
        b'{"removed": [["documents/a.parquet"]]}',
        b'{"removed": [], "more": 1}',
        b'{"document_id": 1, "tables": []}',
        b'{"document_id": "a", "tables": "cells"}',
        b'{"document_id": "a", "tables": {"cells": 1}}',
        b'{"document_id": "a", "tables": [null]}',
        b'{"document_id": "a"}',
        b'{"tables": ["cells"]}',
    ],
    ids=lambda content: content[:40].decode(errors="replace"),
)
def test_what_is_no_entry_is_refused_by_its_path(content):
    with pytest.raises(OutputUnsafe, match=r"OUT/\.staging/x\.json is no journal entry"):
        read_entry(content, WHERE)


def test_an_entry_larger_than_any_of_ours_is_not_even_parsed(monkeypatch):
    monkeypatch.setattr(journal.json, "loads", None)
    with pytest.raises(OutputUnsafe, match="more than"):
        read_entry(b" " * (journal.MAX_BYTES + 1), WHERE)


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["removed", "document_id", "tables", "x"]), inner),
)


@given(TREES | st.fixed_dictionaries({"removed": st.lists(st.text("./a-\0 ", max_size=12))}))
def test_whatever_an_entry_says_it_is_ours_or_refused_and_never_leads_out(tree):
    try:
        entry = read(tree)
    except OutputUnsafe:
        return
    parts = (
        [(entry.document_id,), *((table,) for table in entry.tables)]
        if isinstance(entry, Placing)
        else [file.parts for file in entry.files]
    )
    assert all(part not in ("", ".", "..") and "/" not in part for names in parts for part in names)
