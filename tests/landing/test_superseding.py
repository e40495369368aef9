"""The rows of a file that was read before it was finished go when its path has landed whole, and no others ever."""

import hashlib
from dataclasses import replace

import pytest
from filled_form import FORM, QUARANTINED, RUN
from killing import STEPS, die_at, killed

from pipeline.elements import Status
from pipeline.errors import UNFINISHED
from pipeline.landing.landing import committed_documents, land, remember_source
from pipeline.landing.superseding import supersede
from pipeline.landing.transaction import exclusive, open_output
from pipeline.settings.settings import LandingSettings

SETTINGS = LandingSettings()
WHOLE = b"all that was scanned, from its first page to its last"
HALF = WHOLE[:20]
CUT = replace(QUARANTINED, error_code="TRUNCATED", error_message="the file ends early")
PART = replace(FORM, status=Status.PARTIAL, error_code="TRUNCATED", error_message="page 2: the strip ends early")
LANDED = replace(FORM, status=Status.LANDED)


@pytest.fixture
def scan(tmp_path):
    """A file that is whole."""
    path = tmp_path / "a.pdf"
    path.write_bytes(WHOLE)
    return path


def landed(out, result, content, *paths):
    """Land a document of some content as found at paths; returns its id."""
    document_id = hashlib.sha256(content).hexdigest()
    source = replace(result.source, document_id=document_id, byte_size=len(content))
    with open_output(out, SETTINGS) as output:
        land(replace(result, source=source), output, replace(RUN, source_path=str(paths[0])))
        for path in paths[1:]:
            remember_source(output, document_id, replace(RUN, source_path=str(path)))
    return document_id


def superseded(out, *whole, present=()):
    with open_output(out, SETTINGS), exclusive(out):
        return [gone.document_id for gone in supersede(out, set(map(str, whole)), set(present))]


@pytest.mark.parametrize("code", sorted(UNFINISHED))
@pytest.mark.parametrize("content", [HALF, b"", bytes(len(WHOLE))], ids=["its beginning", "empty", "zeros"])
def test_a_quarantined_state_goes_with_every_row_it_has(tmp_path, scan, code, content):
    out = tmp_path / "OUT"
    state = landed(out, replace(CUT, error_code=code), content, scan)
    whole = landed(out, LANDED, WHOLE, scan)
    assert superseded(out, scan, present=[whole]) == [state]
    assert committed_documents(out) == [whole]
    assert not [path for path in out.rglob("*") if state in path.name]
    assert superseded(out, scan, present=[whole]) == []


def test_the_pages_that_were_there_go_when_the_whole_file_begins_with_them(tmp_path, scan):
    state = landed(tmp_path / "OUT", PART, HALF, scan)
    assert superseded(tmp_path / "OUT", scan) == [state]


@pytest.mark.parametrize("code", ["TRUNCATED", "CORRUPT", "DECODER_TIMEOUT"])
def test_pages_of_another_document_stay_when_its_file_is_replaced(tmp_path, scan, code):
    landed(tmp_path / "OUT", replace(PART, error_code=code), b"yesterday's scan", scan)
    assert superseded(tmp_path / "OUT", scan) == []


@pytest.mark.parametrize("code", ["ENCRYPTED", "TOO_MANY_PAGES", "ROWS_MALFORMED", "UNSUPPORTED_TYPE"])
def test_what_was_refused_for_another_reason_stays(tmp_path, scan, code):
    landed(tmp_path / "OUT", replace(CUT, error_code=code), b"something else", scan)
    assert superseded(tmp_path / "OUT", scan) == []


def test_what_landed_whole_stays_whatever_becomes_of_its_path(tmp_path, scan):
    landed(tmp_path / "OUT", LANDED, HALF, scan)
    assert superseded(tmp_path / "OUT", scan) == []


def test_a_state_that_was_also_found_elsewhere_stays_until_that_is_whole_too(tmp_path, scan):
    state = landed(tmp_path / "OUT", CUT, HALF, scan, tmp_path / "b.pdf")
    assert superseded(tmp_path / "OUT", scan) == []
    assert superseded(tmp_path / "OUT", tmp_path / "b.pdf") == []
    assert superseded(tmp_path / "OUT", scan, tmp_path / "b.pdf") == [state]


def test_a_state_that_is_still_found_somewhere_stays(tmp_path, scan):
    state = landed(tmp_path / "OUT", CUT, HALF, scan)
    assert superseded(tmp_path / "OUT", scan, present=[state]) == []


def test_a_document_whose_sources_cannot_be_read_stays(tmp_path, scan):
    out = tmp_path / "OUT"
    state = landed(out, CUT, HALF, scan)
    (out / "sources" / f"{state}.parquet").write_bytes(b"damaged")
    assert superseded(out, scan) == []


def test_a_path_that_is_not_text_is_known_again(tmp_path):
    path = tmp_path / "a\udce4.pdf"
    path.write_bytes(WHOLE)
    state = landed(tmp_path / "OUT", CUT, HALF, path)
    assert superseded(tmp_path / "OUT", f"{tmp_path}/a\\udce4.pdf") == [state]


def _supersede_dying_at(step, out, path):
    with open_output(out, SETTINGS), exclusive(out):
        die_at(step, STEPS)
        supersede(out, {str(path)}, set())


def test_killed_at_any_step_all_states_are_there_or_the_next_run_finds_none(tmp_path, scan):
    other = tmp_path / "b.pdf"
    other.write_bytes(WHOLE)
    for step in range(1, 200):
        out = tmp_path / f"OUT{step}"
        states = {landed(out, CUT, HALF, scan), landed(out, PART, HALF[:9], scan)}
        was_killed = killed(_supersede_dying_at, step, out, scan)
        with open_output(out, SETTINGS):
            left = {state for state in states if any(state in path.name for path in out.rglob("*"))}
        assert left in (set(), states)
        if not was_killed:
            assert left == set()
            return
    pytest.fail("it never came to its end")
