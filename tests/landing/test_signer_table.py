"""The table of signers says who signed what has landed, no more and no less, however it came to land."""

import datetime
import itertools
import json
import shutil
import tempfile
import zlib
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from filled_form import DOCUMENT_ID, FORM, QUARANTINED, RUN, SIGNATURE
from hypothesis import given, settings
from hypothesis import strategies as st
from killing import STEPS, die_at, killed

from flows.batch import derive_signers
from pipeline.elements import NameSource
from pipeline.errors import OutputUnsafe
from pipeline.landing import signer_table
from pipeline.landing.forgetting import forget
from pipeline.landing.landing import land, read_table
from pipeline.landing.signer_table import MADE_FROM, SIGNERS_FILE, TAKEN, read_signers, refresh_signers, signer_rows
from pipeline.landing.transaction import exclusive, open_output
from pipeline.schema.reading_tables import SIGNERS
from pipeline.schema.row_checks import check_rows
from pipeline.schema.tables import ALL_TABLES
from pipeline.settings.settings import LandingSettings

SETTINGS = LandingSettings()
OTHER, THIRD = "cd" * 32, "ef" * 32
READ = replace(
    SIGNATURE, name="加成才", name_read="加成才", name_source=NameSource.READ, name_confidence=0.3, date_inferred=None
)


def document(document_id, *signatures):
    page = replace(FORM.pages[0], signatures=signatures)
    source = replace(FORM.source, document_id=document_id)
    return replace(FORM, source=source, pages=(page, *FORM.pages[1:]))


def land_all(out, *documents):
    with open_output(out, SETTINGS) as output:
        for result in documents:
            land(result, output, RUN)
        derive_signers(output)
    return out


def signers(out):
    return {row["name"]: row for row in read_signers(out).to_pylist()}


@pytest.fixture
def out(tmp_path):
    """Two documents, the first signed twice by one whose name is resolved; the second by him and another."""
    written = replace(SIGNATURE, name_read="贺成才", date=datetime.date(2024, 1, 2), date_inferred=None)
    return land_all(tmp_path / "OUT", document(DOCUMENT_ID, SIGNATURE, written), document(OTHER, READ, SIGNATURE))


def signed(document_id, index, read, date):
    key = {"document_id": document_id, "page_number": 1, "signature_index": index}
    return {**key, "name_read": read, "name_source": "roster", "name_confidence": 0.8, "date": date}


def test_a_name_that_signed_several_documents_is_one_signer_with_all_its_readings(out):
    assert signers(out)["贺成才"] == {
        "name": "贺成才",
        "n_signatures": 3,
        "n_documents": 2,
        "first_date": datetime.date(2023, 3, 30),
        "last_date": datetime.date(2024, 1, 2),
        "names_read": ["贺成オ", "贺成才"],
        "name_sources": ["roster"],
        "mean_confidence": pytest.approx(0.8),
        "signatures": [
            signed(DOCUMENT_ID, 0, "贺成オ", datetime.date(2023, 3, 30)),
            signed(DOCUMENT_ID, 1, "贺成才", datetime.date(2024, 1, 2)),
            signed(OTHER, 1, "贺成オ", datetime.date(2023, 3, 30)),
        ],
    }


def test_a_name_that_no_document_resolved_is_a_signer_of_its_own(out):
    assert list(signers(out)) == ["加成才", "贺成才"]
    assert signers(out)["加成才"]["first_date"] is None


def test_pandas_and_duckdb_read_the_folder_like_any_other_table(out):
    frame = pd.read_parquet(out / "signers")
    assert frame.n_signatures.tolist() == [1, 3]
    counted = duckdb.sql(f"SELECT sum(n_signatures) FROM '{out}/signers/*.parquet'").fetchall()
    assert counted == [(4,)]


def test_signatures_without_a_name_are_nobodys(tmp_path):
    nameless = replace(SIGNATURE, name=None, name_read=None, name_source=NameSource.READ, name_confidence=None)
    out = land_all(tmp_path, document(DOCUMENT_ID, nameless))
    assert read_signers(out).num_rows == 0
    assert pq.read_schema(out / SIGNERS_FILE).names == SIGNERS.schema.names


def test_no_documents_rows_change(out):
    before = read_table(out, "signatures"), read_table(out, "documents")
    with open_output(out, SETTINGS) as output:
        derive_signers(output)
    assert (read_table(out, "signatures"), read_table(out, "documents")) == before


def test_deriving_again_touches_nothing(out):
    before = (out / SIGNERS_FILE).stat()
    with open_output(out, SETTINGS), exclusive(out):
        assert refresh_signers(out) is False
    after = (out / SIGNERS_FILE).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_document_that_lands_later_or_lands_anew_is_taken_up(out):
    land_all(out, document(THIRD, READ), document(OTHER))
    assert {name: row["n_documents"] for name, row in signers(out).items()} == {"加成才": 1, "贺成才": 1}


def test_what_a_killed_run_left_out_is_taken_up_by_the_next_one(out):
    with open_output(out, SETTINGS) as output:
        land(document(THIRD, READ), output, RUN)
    assert signers(out)["加成才"]["n_documents"] == 1
    land_all(out)
    assert signers(out)["加成才"]["n_documents"] == 2


def test_only_the_files_of_documents_that_changed_are_read(out, monkeypatch):
    read = []
    original = signer_table.read_landed
    monkeypatch.setattr(
        signer_table, "read_landed", lambda path, *columns: read.append(path.stem) or original(path, *columns)
    )
    land_all(out, document(THIRD, READ))
    assert read == ["signers", THIRD]
    assert signers(out)["加成才"]["n_documents"] == 2


@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from([DOCUMENT_ID, OTHER, THIRD]), st.integers(0, 3)), min_size=1, max_size=6))
def test_step_by_step_comes_to_the_same_as_all_at_once(landings):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        for document_id, n in landings:
            if n == 3 and (out / "documents" / f"{document_id}.parquet").exists():
                forget(out, [document_id])
            else:
                land_all(out, document(document_id, *[READ, SIGNATURE][: n % 3]))
        stepwise = read_signers(out)
        (out / SIGNERS_FILE).unlink()
        assert read_signers(land_all(out)) == stepwise


@pytest.mark.parametrize("damage", [b"", b"PAR1 nonsense", None], ids=["empty", "nonsense", "missing"])
def test_a_damaged_or_missing_table_is_derived_anew(out, damage):
    before = signers(out)
    (out / SIGNERS_FILE).unlink()
    if damage is not None:
        (out / SIGNERS_FILE).write_bytes(damage)
    land_all(out)
    assert signers(out) == before


def test_a_document_whose_file_is_damaged_is_left_out_and_the_others_are_not(out):
    (out / "signatures" / f"{DOCUMENT_ID}.parquet").write_bytes(b"damaged")
    land_all(out)
    assert signers(out)["贺成才"]["n_signatures"] == 1


def test_a_document_in_quarantine_has_no_signers(tmp_path):
    assert signers(land_all(tmp_path, QUARANTINED)) == {}


def test_without_the_table_there_are_no_signers_yet(tmp_path):
    assert read_signers(tmp_path).num_rows == 0


# --- what it was made from --------------------------------------------------------------------------------------------


@pytest.fixture(params=["signatures", "none"])
def all_tables(request, tmp_path):
    """Every file of an output folder with signers, and of one without."""
    signatures = [SIGNATURE] if request.param == "signatures" else []
    out = land_all(tmp_path / "OUT", document(DOCUMENT_ID, *signatures))
    return sorted(out.glob("*/*.parquet"))


def test_all_that_a_files_footer_says_is_text_as_readers_want_it(all_tables):
    assert {path.parent.name for path in all_tables} == set(ALL_TABLES)
    for path in all_tables:
        said = pq.ParquetFile(path)
        columns = [said.schema_arrow.field(name).metadata or {} for name in said.schema_arrow.names]
        for metadata in (said.metadata.metadata or {}, *columns):
            assert [text.decode("utf-8") for pair in metadata.items() for text in pair]


def test_the_footer_does_not_grow_with_the_documents(out, tmp_path):
    one = land_all(tmp_path / "one", document(DOCUMENT_ID, SIGNATURE))
    sizes = [pq.ParquetFile(folder / SIGNERS_FILE).metadata.metadata for folder in (one, out)]
    assert sizes[0] == sizes[1]


def of_an_earlier_version(out):
    """As the table was before: what it was made from in its footer, as bytes that are no text."""
    (out / MADE_FROM).unlink()
    stamps = signer_table._stamps(out)
    table = pq.read_table(out / SIGNERS_FILE)
    made_from = {b"made_from": zlib.compress(json.dumps(stamps).encode())}
    pq.write_table(table.replace_schema_metadata(made_from), out / SIGNERS_FILE)


def test_a_table_of_an_earlier_version_is_made_anew(out):
    before = signers(out)
    of_an_earlier_version(out)
    assert signers(land_all(out)) == before
    assert b"made_from" not in pq.ParquetFile(out / SIGNERS_FILE).metadata.metadata


NOT_OURS = [b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"documents": 1, "table": 1}', b'{"table": ""}', b"\xff"]


@pytest.mark.parametrize("said", NOT_OURS, ids=lambda said: repr(said[:20]))
def test_what_it_was_made_from_is_believed_only_as_we_wrote_it(out, said):
    before = signers(out)
    (out / MADE_FROM).write_bytes(said)
    assert signers(land_all(out)) == before
    assert json.loads((out / MADE_FROM).read_bytes())["documents"].keys() == {DOCUMENT_ID, OTHER}


def test_what_it_was_made_from_is_believed_only_of_the_very_table(out):
    before = signers(out)
    shutil.copy(out / MADE_FROM, out.parent / "older")
    land_all(out, document(THIRD, READ))
    forget(out, [THIRD])
    (out / SIGNERS_FILE).write_bytes((out / SIGNERS_FILE).read_bytes() + b"!")
    shutil.copy(out.parent / "older", out / MADE_FROM)
    assert signers(land_all(out)) == before


def test_a_link_in_the_place_of_what_it_was_made_from_is_refused(out, tmp_path):
    (tmp_path / "mine").write_bytes((out / MADE_FROM).read_bytes())
    (out / MADE_FROM).unlink()
    (out / MADE_FROM).symlink_to(tmp_path / "mine")
    with pytest.raises(OutputUnsafe, match="is a link"):
        land_all(out)


# --- forgetting -------------------------------------------------------------------------------------------------------


def named_in(out):
    """The ids of documents that the table's rows, or what it was made from, tell of."""
    rows = read_signers(out).to_pylist()
    made_from = json.loads((out / MADE_FROM).read_bytes())["documents"] if (out / MADE_FROM).exists() else {}
    return {key["document_id"] for row in rows for key in row["signatures"]} | made_from.keys()


def test_a_forgotten_document_leaves_the_signers_as_if_it_had_never_landed(out, tmp_path):
    forget(out, [OTHER])
    written = replace(SIGNATURE, name_read="贺成才", date=datetime.date(2024, 1, 2), date_inferred=None)
    without = land_all(tmp_path / "without", document(DOCUMENT_ID, SIGNATURE, written))
    assert read_signers(out) == read_signers(without)
    assert "加成才".encode() not in (out / SIGNERS_FILE).read_bytes()


def test_the_last_document_leaves_a_table_without_rows(out):
    forget(out, [OTHER, DOCUMENT_ID])
    assert read_signers(out).num_rows == 0
    assert (out / SIGNERS_FILE).is_file()


def forget_and_die(out, step):
    die_at(step, STEPS)
    forget(out, [OTHER])


def test_killed_at_any_step_a_forgotten_document_is_not_in_the_signers_after_the_next_start(out, tmp_path):
    for step in itertools.count(1):
        copy = Path(shutil.copytree(out, tmp_path / f"copy-{step}"))
        was_killed = killed(forget_and_die, copy, step)
        with open_output(copy, SETTINGS):
            pass
        landed = set(read_table(copy, "documents")["document_id"].to_pylist())
        assert named_in(copy) <= landed, f"killed before step {step}"
        with open_output(copy, SETTINGS) as output:
            derive_signers(output)
        assert named_in(copy) == landed, f"killed before step {step}"
        if not was_killed:
            break
    assert step > 10


# --- any signatures ---------------------------------------------------------------------------------------------------

DATES = st.none() | st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 1, 1))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "document_id": st.sampled_from([DOCUMENT_ID, OTHER, THIRD]),
            "page_number": st.integers(1, 3),
            "signature_index": st.integers(0, 2),
            "name": st.none() | st.sampled_from(["贺成才", "王涛"]),
            "name_read": st.none() | st.text("贺成才王涛", min_size=1, max_size=3),
            "name_source": st.sampled_from(["read", "roster", "consensus"]),
            "name_confidence": st.none() | st.floats(0, 1),
            "date": DATES,
        }
    ),
    unique_by=lambda row: (row["document_id"], row["page_number"], row["signature_index"]),
)


@given(ROWS, st.randoms())
def test_every_named_signature_is_counted_once_whatever_their_order(rows, random):
    derived = signer_rows(rows)
    check_rows({"signers": derived})
    keys = [tuple(key[c] for c in TAKEN[:3]) for row in derived.to_pylist() for key in row["signatures"]]
    assert sorted(keys) == sorted(tuple(row[c] for c in TAKEN[:3]) for row in rows if row["name"] is not None)
    assert [row["n_signatures"] for row in derived.to_pylist()] == [
        len(row["signatures"]) for row in derived.to_pylist()
    ]
    random.shuffle(rows)
    again = [row | {"mean_confidence": pytest.approx(row["mean_confidence"])} for row in signer_rows(rows).to_pylist()]
    assert derived.to_pylist() == again
