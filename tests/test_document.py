"""A document is read page by page; what is wrong with one page, or with the file, is in the result."""

import threading
from contextlib import nullcontext

import cv2
import pytest
from drawing import Table, drawn_form, fill, rule, scanned, sheet
from fake_engines import FakeOrienter, fake_engines

from pipeline import document as document_module
from pipeline.document import decodes, digitise_document, digitise_file
from pipeline.elements import BBox, Missing, SourceFile, Status
from pipeline.engines.protocols import Turn
from pipeline.errors import CorruptFile, EngineFailed, PageTooSmall, SourceChanged
from pipeline.files.opening import open_file
from pipeline.intake.documents import PageFailure, hash_file
from pipeline.settings.settings import IntakeSettings, Settings

UPRIGHT = Turn(0, 1.0)


@pytest.fixture
def opened(monkeypatch):
    """Sets what the document holds, instead of decoding a file."""

    def set_pages(*items):
        class Opened:
            source = SourceFile("/scans/three.tif", "ab" * 32, 999, "image/tiff", len(items))

            def pages(self):
                return iter(items)

            def settle(self):
                pass

        monkeypatch.setattr(document_module, "open_file", lambda path: nullcontext(Opened()))
        monkeypatch.setattr(document_module, "decode_file", lambda file, settings: nullcontext(file))

    return set_pages


def small_form():
    table = Table(rows=(60, 120, 180), cols=(60, 240, 420))
    return fill(rule(sheet(240, 480), table), table)


def form_page(number):
    return scanned(small_form(), page_number=number)


def digitise(*told, path="three.tif", **how):
    """The document read with an orienter that does on each page what it is told."""
    return digitise_document(path, Settings(), fake_engines(orienter=FakeOrienter(*told)), (), **how)


def test_a_file_is_read_from_end_to_end(tmp_path):
    path = tmp_path / "form.png"
    cv2.imwrite(str(path), drawn_form())
    result = digitise_document(path, Settings(), fake_engines(), ())
    assert (result.status, result.error_code, result.error_message) == (Status.LANDED, None, None)
    assert (result.source.document_id, result.source.media_type) == (hash_file(path), "image/png")
    (page,) = result.pages
    assert len(page.tables) == 1


def test_a_file_whose_image_is_cut_lands_in_part_and_says_what_is_missing(tmp_path):
    path = tmp_path / "form.jpg"
    cv2.imwrite(str(path), drawn_form())
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    result = digitise_document(path, Settings(), fake_engines(), ())
    assert (result.status, result.error_code) == (Status.PARTIAL, "TRUNCATED")
    assert "of the page could not be decoded: all below row" in result.error_message
    (finding,) = (finding for finding in result.findings if finding.rule == "image_incomplete")
    assert 10 < int(finding.found.rstrip("%")) < 50


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "EMPTY_FILE"), (b"just some words", "NOT_AN_IMAGE"), (b"GIF89a", "UNSUPPORTED_TYPE")]
)
def test_a_file_that_cannot_be_opened_is_quarantined_with_its_code_and_digest(tmp_path, content, code):
    path = tmp_path / "scan.pdf"
    path.write_bytes(content)
    result = digitise_document(path, Settings(), fake_engines(), ())
    assert (result.status, result.error_code, result.pages) == (Status.QUARANTINED, code, ())
    assert (result.source.document_id, result.source.byte_size) == (hash_file(path), len(content))
    assert result.error_message
    assert result.interpretation.projects == ()


@pytest.mark.parametrize("content", [b"", b"just some words", b"GIF89a", b"%PDF-1.4 and no more"])
def test_a_file_that_is_replaced_while_it_is_refused_is_refused_under_its_own_digest(tmp_path, content):
    path, other = tmp_path / "scan.pdf", tmp_path / "other.pdf"
    path.write_bytes(content)
    other.write_bytes(b"another content")
    refused = hash_file(path)
    with open_file(path) as file:
        other.replace(path)
        result = digitise_file(file, Settings(), fake_engines(), ())
    assert (result.status, result.source.document_id) == (Status.QUARANTINED, refused)
    assert result.source.byte_size == len(content)


def test_a_file_that_is_too_large_is_refused_under_its_own_digest(tmp_path):
    path = tmp_path / "scan.png"
    cv2.imwrite(str(path), drawn_form())
    result = digitise_document(path, Settings(intake=IntakeSettings(max_bytes=9)), fake_engines(), ())
    assert (result.error_code, result.source.document_id) == ("TOO_MANY_BYTES", hash_file(path))


def test_a_file_that_looks_cut_and_is_written_to_this_moment_is_not_judged(tmp_path):
    path = tmp_path / "scan.pdf"
    path.write_bytes(b"%PDF-1.4 and no more")
    with open_file(path) as file, pytest.raises(SourceChanged):
        threading.Timer(0.5, path.write_bytes, [b"%PDF-1.4 and more"]).start()
        digitise_file(file, Settings(), fake_engines(), ())


def test_pages_that_can_be_decoded_now_are_told_without_reading_them(tmp_path):
    path = tmp_path / "form.png"
    cv2.imwrite(str(path), drawn_form())
    with open_file(path) as file:
        assert decodes(file, Settings(), ())
        assert decodes(file, Settings(), (1,))
        assert not decodes(file, Settings(intake=IntakeSettings(max_pixels=1)), (1,))


def test_pages_keep_their_order(opened):
    opened(form_page(1), form_page(2), form_page(3))
    result = digitise()
    assert [page.page_number for page in result.pages] == [1, 2, 3]
    assert result.status is Status.LANDED


def test_a_page_that_cannot_be_decoded_costs_itself(opened):
    opened(form_page(1), PageFailure(2, CorruptFile("the strip ends early")), form_page(3))
    result = digitise()
    assert [page.status for page in result.pages] == [Status.LANDED, Status.QUARANTINED, Status.LANDED]
    assert (result.status, result.error_code) == (Status.PARTIAL, "CORRUPT")
    assert result.error_message.startswith("page 2: the strip ends early")


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ZeroDivisionError("by zero"), "INTERNAL", "ZeroDivisionError: by zero"),
        (cv2.error("bad size"), "INTERNAL", "bad size"),
        (PageTooSmall("no room"), "PAGE_TOO_SMALL", "no room"),
    ],
    ids=["a bug", "a bug in a library", "a refusal"],
)
def test_a_page_that_fails_unexpectedly_is_quarantined_alone(opened, error, code, words):
    opened(form_page(1), form_page(2), form_page(3))
    result = digitise(UPRIGHT, error)
    assert [page.status for page in result.pages] == [Status.LANDED, Status.QUARANTINED, Status.LANDED]
    assert (result.status, result.error_code, result.pages[1].error_code) == (Status.PARTIAL, code, code)
    assert words in result.error_message
    assert [len(page.tables) for page in result.pages] == [1, 0, 1]


@pytest.mark.parametrize("error", [EngineFailed("no session"), MemoryError(), OSError(28, "No space left on device")])
def test_a_fault_of_the_machine_is_not_blamed_on_the_document(opened, error):
    opened(form_page(1), form_page(2))
    with pytest.raises(type(error)):
        digitise(UPRIGHT, error)


def test_a_document_of_which_every_page_fails_is_quarantined(opened):
    opened(PageFailure(1, CorruptFile("a")), PageFailure(2, CorruptFile("b")))
    result = digitise()
    assert (result.status, result.error_code) == (Status.QUARANTINED, "CORRUPT")
    assert len(result.pages) == 2


def test_a_page_that_lands_in_part_makes_a_document_that_does(opened):
    opened(scanned(drawn_form(), page_number=1, missing=Missing(BBox(0, 790, 10, 800))))
    result = digitise()
    assert (result.status, result.error_code) == (Status.PARTIAL, "TRUNCATED")
    assert result.error_message.startswith("page 1: ")


def test_findings_of_all_pages_are_the_documents(opened):
    opened(scanned(sheet(), page_number=1), PageFailure(2, CorruptFile("a")))
    result = digitise()
    assert [(finding.rule, finding.page_number) for finding in result.findings[:2]] == [
        ("no_table", 1),
        ("page_failed", 2),
    ]


def test_each_page_is_reported_when_it_is_done_failed_ones_too(opened):
    opened(form_page(1), PageFailure(2, CorruptFile("a")), form_page(3))
    done = []
    digitise(on_page=lambda number, pages: done.append((number, pages)))
    assert done == [(1, 3), (2, 3), (3, 3)]


def test_debug_images_are_named_after_the_document_and_its_pages(opened, tmp_path):
    opened(form_page(1), PageFailure(2, CorruptFile("a")), form_page(3))
    digitise(debug_images=tmp_path / "pictures")
    assert sorted(path.name for path in (tmp_path / "pictures").glob("*.jpg")) == [
        "three-page-001.jpg",
        "three-page-003.jpg",
    ]
