"""Where a page asks for a signature, lukewarm strokes are one, and cold ink leaves the page unsure, named."""

from types import SimpleNamespace

import numpy as np
import pytest
from margin_pages import InkDetector, RuleRecogniser, blank, draw_pen, draw_print, upright_page
from readings import box, table

from pipeline.elements import Cell, Severity, SignatureStatus
from pipeline.engines import Engines, SignatureHeat
from pipeline.page.signing import find_all_signatures
from pipeline.settings import Settings, SignatureSettings

LABEL = "经办人签字："


class Finder:
    """Marks one box (left, top, right, bottom) of a page of 1240 x 900 px."""

    def __init__(self, box=(0, 0, 0, 0), probability=0.0):
        self.box, self.probability, self.shown = box, probability, 0

    def find(self, image):
        self.shown += 1
        values = np.full((90, 124), 0.01, np.float32)
        left, top, right, bottom = (edge // 10 for edge in self.box)
        values[top:bottom, left:right] = self.probability
        return SignatureHeat(values, 10.0)


def signed_page(image, finder, settings=None, tables=()):
    grids = tuple(table.grid for table in tables)
    layout = SimpleNamespace(upright=upright_page(image), grids=grids, dewarped=None)
    engines = Engines(RuleRecogniser(long=LABEL, short="公开表"), InkDetector(), None, (), finder)
    return find_all_signatures(layout, tables, engines, settings or Settings())


def asking(*, pen):
    """A page with a printed label, and strokes behind it."""
    image = draw_print(blank(), 100, 760, letters=8)
    return draw_pen(image, 340, 745) if pen else image


PEN = (330, 740, 540, 810)


def test_a_page_that_asks_and_where_nobody_wrote_is_unsigned():
    assert signed_page(asking(pen=False), Finder()).status is SignatureStatus.UNSIGNED


def test_cold_ink_where_the_page_asks_leaves_it_unsure_and_is_named():
    signed = signed_page(asking(pen=True), Finder())
    assert (signed.status, signed.signatures) == (SignatureStatus.UNSURE, ())
    (finding,) = signed.findings
    assert str(finding.rule) == "signature_unsure"
    assert "签字" in finding.message


@pytest.mark.parametrize(
    ("pen_at", "status"),
    [((340, 745), SignatureStatus.SIGNED), ((800, 300), SignatureStatus.UNSURE)],
    ids=["where it asks", "elsewhere"],
)
def test_lukewarm_strokes_are_a_signature_where_the_page_asks_for_one(pen_at, status):
    left, top = pen_at
    image = draw_pen(asking(pen=False), left, top)
    signed = signed_page(image, Finder((left - 10, top - 5, left + 200, top + 65), 0.55))
    assert signed.status is status


def test_hot_strokes_are_a_signature_wherever_they_are():
    signed = signed_page(draw_pen(blank(), 800, 300), Finder((790, 290, 1000, 370), 0.99))
    assert signed.status is SignatureStatus.SIGNED


def test_an_unsigned_page_says_that_its_scan_ends_at_its_table():
    picture, (left, top, right, bottom) = blank()[:700], (30, 30, 1210, 670)
    tables = (table([(Cell(0, 0, 1, 1, box(left, top, right, bottom)), "")]),)
    cut = signed_page(picture, Finder(), tables=tables)
    assert cut.status is SignatureStatus.UNSIGNED
    assert [(str(finding.rule), finding.severity) for finding in cut.findings] == [
        ("signature_out_of_sight", Severity.WARNING)
    ]
    with_room = (table([(Cell(0, 0, 1, 1, box(left, top, right, 400)), "")]),)
    assert signed_page(picture, Finder(), tables=with_room).findings == ()
    signed = signed_page(draw_pen(picture, 800, 300), Finder((790, 290, 1000, 370), 0.99), tables=tables)
    assert "signature_out_of_sight" not in [str(finding.rule) for finding in signed.findings]


def test_nothing_is_looked_for_where_the_settings_say_so():
    finder = Finder(PEN, 0.99)
    off = Settings(signature=SignatureSettings(enabled=False))
    assert signed_page(asking(pen=True), finder, off).signatures == ()
    assert finder.shown == 0
