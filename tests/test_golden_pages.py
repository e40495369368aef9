"""Pages with truth, read by the real engines from the file to the landed tables, each held to what it should give."""

import datetime
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

import pypdfium2
import pytest

from pipeline.document import digitise_document
from pipeline.elements import Status
from pipeline.engines.paddle import load_engines
from pipeline.evaluate import Evaluation, evaluate
from pipeline.evaluate.landed import load_landed
from pipeline.evaluate.scoring import normalise
from pipeline.evaluate.truth import load_truth
from pipeline.forms.profiles import load_profiles
from pipeline.landing.landing import land, read_table
from pipeline.landing.rows import RunInfo
from pipeline.landing.transaction import open_output
from pipeline.settings.settings import Settings

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "tests" / "data" / "pages"
SAMPLE = ROOT / "data" / "raw" / "qilian-2023.pdf"
SAMPLE_TRUTH = ROOT / "tests" / "data" / "sample"
SAMPLE_PAGES = (1, 5, 9)
"""Of the sample scan: the page with most skew and a seal, and the two with most rows."""
WORKERS = 2

CORNER_TOLERANCE_PX = 2.0
"""Mean distance of a cell's corners from the true ones; a ruling line is 2-4 px thick."""
SURE_GRID = 0.9
TARGETS, DECLARATION = "performance_target", "goal_declaration"


class Expected(NamedTuple):
    """What a page must give: its form, and the least F1 of exact cell texts and of exact indicators.

    The floors lie one or two cells below what was measured, for models round differently on other processors. `date`
    is False where the date is known to be misread.
    """

    form: str
    exact: float = 1.0
    indicators: float = 1.0
    date: bool = True


EXPECTED = {
    "dev-004-clean": Expected(TARGETS),
    "dev-024-clean": Expected(TARGETS),
    "dev-028-clean": Expected(DECLARATION),
    "dev-006-office": Expected(DECLARATION, exact=0.98, indicators=0.9),
    "dev-030-office": Expected(TARGETS, exact=0.98, indicators=0.9),
    "dev-045-photo": Expected(TARGETS, exact=0.97, indicators=0.85),
    "dev-023-fax": Expected(DECLARATION, exact=0.97, indicators=0.9),
    "dev-039-hard": Expected(DECLARATION, exact=0.89, indicators=0.64, date=False),  # 1.15, read as 1.5
    "dev-042-hard": Expected(TARGETS, exact=0.92, indicators=0.75),
    "dev-t03-turned": Expected(TARGETS, exact=0.74, indicators=0.35),  # 130 dpi, faded, a seal over the table
    "dev-t07-turned": Expected(DECLARATION, exact=0.98, indicators=0.9),
    "dev-t08-turned": Expected(TARGETS, exact=0.89, indicators=0.7),
    "page-01": Expected(TARGETS, exact=0.95, indicators=0.85),
    "page-02": Expected(TARGETS, exact=0.97, indicators=0.9),
    "page-03": Expected(TARGETS, exact=0.97, indicators=0.9),
}


class Golden(NamedTuple):
    """What was read: the documents by name, where they landed, the truth beside it, and the measures."""

    results: dict
    out: Path
    truth: Path
    evaluation: Evaluation

    def measures(self, name):
        (page,) = (page for page in self.evaluation.pages if page.name == name)
        return page.measures

    def reading(self, name):
        """The document and the page of a name."""
        if name in self.results:
            return self.results[name], self.results[name].pages[0]
        return self.results["sample"], self.results["sample"].pages[int(name[-2:]) - 1]


def gather(folder):
    """All pages and their truth in one folder; those of the sample as a PDF of their own, numbered from 1."""
    shutil.copytree(PAGES, folder)
    with pypdfium2.PdfDocument(SAMPLE) as whole, pypdfium2.PdfDocument.new() as chosen:
        chosen.import_pages(whole, [number - 1 for number in SAMPLE_PAGES])
        chosen.save(folder / "sample.pdf")
    for place, number in enumerate(SAMPLE_PAGES, start=1):
        shutil.copy(SAMPLE_TRUTH / f"page-{number:02d}.json", folder / f"page-{place:02d}.json")
    return sorted((path for path in folder.iterdir() if path.suffix != ".json"), key=lambda path: -path.stat().st_size)


@pytest.fixture(scope="session")
def golden(tmp_path_factory):
    folder = tmp_path_factory.mktemp("golden")
    settings = Settings()
    profiles = load_profiles(settings.forms)
    idle = SimpleQueue()
    for _ in range(WORKERS):  # engines are not to be shared between threads
        idle.put(load_engines(settings.models))

    def read(path):
        engines = idle.get()
        try:
            return digitise_document(path, settings, engines, profiles)
        finally:
            idle.put(engines)

    paths = gather(folder / "truth")
    with ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(read, paths))
    now = datetime.datetime.now(datetime.UTC)
    with open_output(folder / "OUT", settings.landing) as output:
        for path, result in zip(paths, results, strict=True):
            land(result, output, RunInfo("golden", now, now, settings.sha256(), "0", (), str(path)))
    by_name = {path.stem: result for path, result in zip(paths, results, strict=True)}
    return Golden(by_name, folder / "OUT", folder / "truth", evaluate(folder / "truth", folder / "OUT"))


def numbers_of(text):
    """The numbers of a text, as written."""
    return re.findall(r"\d+(?:[.,]\d+)*", normalise(text))


def compared(golden):
    """Every true cell: the page's name, its row and col, the true text, and the landed cell."""
    truths = load_truth(golden.truth)
    landed = load_landed(golden.out, [truth.name for truth in truths]).by_name
    for truth in truths:
        found = {cell.place[:2]: cell for cell in landed[truth.name].cells}
        for cell, text in zip(truth.grid.cells, truth.texts, strict=True):
            yield truth.name, (cell.row, cell.col), text, found[cell.row, cell.col]


# --- all of them ------------------------------------------------------------------------------------------------------


def test_every_page_has_an_expectation_and_landed_whole(golden):
    assert {page.name for page in golden.evaluation.pages} == set(EXPECTED)
    assert golden.evaluation.missed == golden.evaluation.ignored == ()
    assert {result.status for result in golden.results.values()} == {Status.LANDED}
    assert read_table(golden.out, "documents").num_rows == len(golden.results)


def test_no_number_lands_without_its_decimal_point_unless_it_is_flagged(golden):
    review, checked, silent = Settings().ocr.review_confidence, 0, []
    for name, place, text, cell in compared(golden):
        document, page = golden.reading(name)
        flagged = {(f.row, f.col) for f in document.findings if f.page_number == page.page_number}
        pointed = [number for number in numbers_of(text) if "." in number]
        checked += len(pointed)
        lost = {number.replace(".", "") for number in pointed} & set(numbers_of(cell.final_text))
        if lost and cell.confidence >= review and place not in flagged:
            silent.append((name, place, text, cell.final_text))
    assert checked > 40
    assert silent == []


def test_of_the_texts_that_ask_for_no_review_one_in_a_hundred_is_wrong_at_most(golden):
    review = Settings().ocr.review_confidence
    sure = [one for one in compared(golden) if one[3].confidence is not None and one[3].confidence >= review]
    wrong = [(name, place, cell.text) for name, place, text, cell in sure if normalise(cell.text) != normalise(text)]
    assert len(sure) > 700
    assert len(wrong) <= len(sure) / 100, wrong


# --- page by page -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPECTED)
def test_the_structure_is_perfect_and_sure(golden, name):
    measures = golden.measures(name)
    assert (measures.structure_f1, measures.structure_perfect) == (1.0, 1.0)
    (table,) = golden.reading(name)[1].tables
    assert table.grid.confidence >= SURE_GRID
    assert table.grid.repairs == ()


@pytest.mark.parametrize("name", EXPECTED)
def test_corners_are_where_they_are_on_the_scan(golden, name):
    assert golden.measures(name).corner_px <= CORNER_TOLERANCE_PX


@pytest.mark.parametrize("name", EXPECTED)
def test_texts_are_read_as_well_as_the_page_allows(golden, name):
    assert golden.measures(name).exact_f1 >= EXPECTED[name].exact


@pytest.mark.parametrize("name", EXPECTED)
def test_the_form_is_recognised_and_its_amount_and_indicators_are_right(golden, name):
    document, page = golden.reading(name)
    (form,) = (form for form in document.interpretation.forms if form.page_number == page.page_number)
    assert form.form_type == EXPECTED[name].form
    measures = golden.measures(name)
    assert measures.by_field["amount"] == 1.0
    assert measures.numbers == 1.0
    assert measures.indicator_f1 >= EXPECTED[name].indicators


@pytest.mark.parametrize("name", EXPECTED)
def test_a_signature_is_found_if_there_is_one_with_its_date(golden, name):
    measures = golden.measures(name)
    assert measures.signature_found in (None, 1.0)
    assert measures.signature_false in (None, 0.0)
    assert measures.signature_extra == 0
    if measures.date is not None and EXPECTED[name].date:
        assert measures.date == 1.0
