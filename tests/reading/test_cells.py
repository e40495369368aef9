"""Each cell is read line by line, and a blank one is not the same as one that could not be read."""

import cv2
import numpy as np
import pytest
from drawing import PAPER, PRINT_PX, Table, inked, print_text, rule, sealed, sheet, stamp_mask, upright
from fake_engines import FakeRecogniser

from pipeline.dewarp.dewarping import dewarp
from pipeline.elements import LineKind
from pipeline.grid.grids import build_grids
from pipeline.grid.tiling import Span
from pipeline.imaging.geometry import bounding_box
from pipeline.layout.layout import analyse_layout
from pipeline.reading.cells import BLANK_CONFIDENCE, join_lines, recognise_cells
from pipeline.reading.line_cuts import cut_cell_line
from pipeline.recognition.cascade import Padding
from pipeline.settings.settings import GridSettings

TABLE = Table(rows=(200, 300, 400), cols=(100, 420, 740, 1060))
"""Two rows of three cells, each with room for three lines."""
SECOND = Table(rows=(500, 600, 700), cols=(100, 420, 740))


def lines_in(image, cell, letters, table=TABLE):
    """Print lines of these many letters into the cell, from its top."""
    row, col = cell
    for number, count in enumerate(letters):
        print_text(image, table.cols[col] + 20, table.rows[row] + 12 + number * 28, count, seed=number)
    return image


def read(image, *readings, tables=(TABLE,), **recogniser):
    """The tables as read, and the recogniser that read them."""
    for table in tables:
        rule(image, table)
    return read_ruled(image, *readings, **recogniser)


def read_ruled(image, *readings, line_height=48, **recogniser):
    page = upright(image)
    dewarped = dewarp(page)
    grids = build_grids(dewarped, GridSettings())
    fake = FakeRecogniser(*readings, **recogniser)
    fake.line_height = line_height
    return recognise_cells(analyse_layout(page, dewarped, grids), fake), fake


def only_cell(image, *readings, **recogniser):
    """The reading of the first cell."""
    (table,), _ = read(image, *readings, **recogniser)
    return table.at(0, 0)


# --- what is read, and in which order ---------------------------------------------------------------------------------


def test_cells_are_read_in_reading_order_and_lines_from_top_to_bottom():
    image = sheet()
    for cell, letters in {(1, 2): [2], (0, 0): [3, 4], (0, 2): [5], (1, 0): [6, 2, 3]}.items():
        lines_in(image, cell, letters)
    (table,), _ = read(image, "一", "二", "三", "四", "五", "六", "七")
    assert [reading.text for reading in table.cells] == ["一二", "", "三", "四五六", "", "七"]
    assert [[line.text for line in reading.lines] for reading in table.cells] == [
        ["一", "二"],
        [],
        ["三"],
        ["四", "五", "六"],
        [],
        ["七"],
    ]


def test_all_lines_of_a_page_are_read_in_one_call():
    image = lines_in(sheet(), (0, 0), [3, 4])
    lines_in(image, (1, 1), [5])
    lines_in(image, (0, 1), [2], SECOND)
    _, recogniser = read(image, tables=(TABLE, SECOND))
    assert [len(crops) for crops in recogniser.calls] == [4]


def test_each_table_gets_the_readings_of_its_own_cells():
    image = lines_in(sheet(), (0, 0), [3])
    lines_in(image, (0, 1), [2], SECOND)
    (upper, lower), _ = read(image, "上", "下", tables=(TABLE, SECOND))
    assert (upper.at(0, 0).text, lower.at(0, 1).text) == ("上", "下")
    assert (upper.at(0, 0).lines[0].table_index, lower.at(0, 1).lines[0].table_index) == (0, 1)


def test_a_page_without_tables_has_no_readings():
    assert read(print_text(sheet(), 100, 100, 20), tables=())[0] == ()


def test_a_spanning_cell_is_read_once():
    merged = Table(TABLE.rows, TABLE.cols, merged=(Span(0, 0, 2, 1),))
    image = print_text(sheet(), 120, 290, 5)
    (table,), _ = read(image, "跨行", tables=(merged,))
    assert table.at(0, 0) is table.at(1, 0)
    assert table.at(1, 0).text == "跨行"


def test_a_line_knows_its_cell_and_stands_inside_it():
    image = lines_in(sheet(), (1, 1), [4, 2])
    (table,), _ = read(image)
    reading = table.at(1, 1)
    cell = bounding_box(reading.cell.polygon)
    for line, top, letters in zip(reading.lines, (312, 340), (4, 2), strict=True):
        assert (line.kind, line.table_index, line.row, line.col) == (LineKind.CELL, 0, 1, 1)
        box = bounding_box(line.polygon)
        assert cell.left < box.left < box.right < cell.right
        assert box.left == pytest.approx(440, abs=3)
        assert box.top == pytest.approx(top, abs=3)
        assert box.bottom == pytest.approx(top + PRINT_PX, abs=3)
        assert box.width <= letters * PRINT_PX * 1.2


# --- blank, unread, read ----------------------------------------------------------------------------------------------


def test_a_cell_without_ink_is_verified_blank():
    reading = only_cell(sheet())
    assert (reading.text, reading.confidence, reading.lines) == ("", BLANK_CONFIDENCE, ())


def test_ink_that_reads_as_nothing_is_unread_not_blank():
    reading = only_cell(lines_in(sheet(), (0, 0), [3]), otherwise="")
    assert (reading.text, reading.confidence) == (None, None)
    assert [(line.text, line.confidence) for line in reading.lines] == [("", None)]


def test_lines_that_read_as_nothing_leave_the_others_text():
    reading = only_cell(lines_in(sheet(), (0, 0), [3, 4, 2]), "上", "", "下", otherwise="")
    assert reading.text == "上下"
    assert reading.confidence is not None
    assert len(reading.lines) == 3


def test_a_cell_is_as_sure_as_its_least_sure_line():
    reading = only_cell(lines_in(sheet(), (0, 0), [3, 4]), ("上", 0.999), ("下", 0.95), ("下", 0.95))
    confidences = [line.confidence for line in reading.lines]
    assert reading.confidence == min(confidences) == confidences[1] < confidences[0]


def test_a_doubtful_line_is_read_again_and_its_other_readings_are_kept_in_place():
    image = lines_in(sheet(), (0, 0), [3, 4])
    (table,), recogniser = read(image, "前", *[("1OO", 0.6)] * 2, ("100", 0.97), ("1OO", 0.5))
    reading = table.at(0, 0)
    assert reading.text == "前100"
    assert reading.alternatives == ("前1OO",)
    assert [len(crops) for crops in recogniser.calls] == [2, 1, 1, 1]


@pytest.mark.parametrize(
    ("texts", "joined"),
    [
        ([], ""),
        (["祁连县", "公室"], "祁连县公室"),
        (["page", "count"], "page count"),
        (["共12", "3页"], "共123页"),
        (["15.", "00"], "15.00"),
        (["A", "级"], "A级"),
        (["级", "A"], "级A"),
        (["a", "", "b"], "a b"),
        (["end.", "Next"], "end.Next"),
    ],
)
def test_lines_are_joined_with_a_space_only_between_latin_words(texts, joined):
    assert join_lines(texts) == joined


# --- seals ------------------------------------------------------------------------------------------------------------


def test_cells_that_a_seal_touches_are_marked_and_no_others():
    image = sealed(rule(sheet(), TABLE), (260, 250), 40)
    (table,), _ = read_ruled(image)
    assert [reading.under_seal for reading in table.cells] == [True, False, False, False, False, False]


def test_a_seal_alone_is_no_text():
    (table,), _ = read_ruled(sealed(rule(sheet(), TABLE), (260, 250), 40))
    assert table.at(0, 0).text == ""


def test_text_under_a_seal_is_read_without_the_seal():
    plain = lines_in(rule(sheet(), TABLE), (0, 0), [6])
    _, clean = read_ruled(plain)
    _, stamped = read_ruled(sealed(plain, (200, 220), 40))
    (one,), (other,) = clean.calls[0], stamped.calls[0]
    other = cv2.resize(other, one.shape[1::-1])
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.95


def test_a_doubtful_line_under_a_seal_is_also_read_with_the_seal():
    plain = lines_in(rule(sheet(), TABLE), (0, 0), [6])
    doubtful = [("l5", 0.6)] * 4
    _, clear = read_ruled(plain, *doubtful)
    (table,), stamped = read_ruled(sealed(plain, (200, 220), 40), *doubtful, ("15", 0.9995))
    assert [len(crops) for crops in (*clear.calls, *stamped.calls)] == [1, 1, 1, 1, 1, 1, 1, 2]
    assert (table.at(0, 0).text, table.at(0, 0).alternatives) == ("15", ("l5",))
    unmixed, with_seal = stamped.calls[1][0], stamped.calls[3][1]
    assert with_seal.shape == unmixed.shape
    darker = (unmixed.astype(int) - with_seal)[:, :, 0]
    assert (darker > 15).mean() > 0.02  # the ring


def test_cells_under_a_copied_seal_are_marked_and_a_doubtful_line_is_also_read_with_the_seal_removed():
    plain = lines_in(rule(sheet(), TABLE), (0, 0), [6])
    stamped = inked(plain, stamp_mask(plain.shape, (200, 220), 75), (130, 130, 130))
    (table,), recogniser = read_ruled(stamped, ("l5", 0.6), otherwise="15", confidence=0.6)
    marked = [reading.under_seal for reading in table.cells]
    assert marked == [True, False, False, True, False, False]
    _, first, _, last = recogniser.calls
    removed = last[len(first)]
    paler = removed.astype(int) - first[0]
    assert (paler[:, :, 0] > 40).mean() > 0.05  # the seal
    assert removed.min() < 60  # the text


# --- crops ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("height", [40, 48])
def test_crops_have_the_height_that_the_recogniser_wants_dark_on_white(height):
    _, recogniser = read(lines_in(sheet(), (0, 0), [6]), confidence=0.95, line_height=height)
    (crop,) = recogniser.calls[1]
    assert crop.shape[0] == height
    assert crop.shape[2] == 3
    assert crop.dtype == np.uint8
    assert np.median(crop) > 230
    assert crop.min() < 100


def test_a_crop_shows_the_whole_line_and_no_ruling():
    _, recogniser = read(lines_in(sheet(), (0, 0), [6]), confidence=0.95)
    (low,), (crop,) = recogniser.calls
    assert low.shape[0] / crop.shape[0] == pytest.approx(2 / 3, rel=0.02)
    assert low.shape[1] / crop.shape[1] == pytest.approx(2 / 3, rel=0.02)
    edge = np.concatenate([crop[:, :3].ravel(), crop[:, -3:].ravel(), crop[:2].ravel(), crop[-2:].ravel()])
    assert edge.min() > 200
    width_of_ink = np.ptp(np.nonzero((crop[:, :, 0] < 128).any(axis=0))[0])
    height_of_ink = np.ptp(np.nonzero((crop[:, :, 0] < 128).any(axis=1))[0])
    assert width_of_ink / height_of_ink == pytest.approx(6 * 1.15, rel=0.15)


def test_specks_are_painted_over_and_the_page_is_not_changed():
    image = lines_in(rule(sheet(), TABLE), (0, 0), [6])
    image[222:225, 113:116] = 0  # before the line, at mid-height: dust, as there is more of it
    image[222:225, 360:364] = image[250:253, 180:183] = image[249:252, 300:303] = 0
    page = upright(image)
    before = page.image.copy(), page.ink.darkness.copy()
    dewarped = dewarp(page)
    (line,) = analyse_layout(page, dewarped, build_grids(dewarped, GridSettings())).lines
    assert line.ink.specks[:1] == (line.ink.marks[0].box,)
    paper = cv2.bitwise_not(page.ink.darkness)
    cut = cut_cell_line(dewarped, paper, line.ink, 48, Padding(0.6, 0.15))
    with_speck = cut_cell_line(dewarped, paper, line.ink._replace(specks=()), 48, Padding(0.6, 0.15))
    assert with_speck[:, :20].min() < 128
    assert cut[:, :20].min() > PAPER - 30
    np.testing.assert_array_equal(cut[:, 30:], with_speck[:, 30:])
    np.testing.assert_array_equal(page.image, before[0])
    np.testing.assert_array_equal(page.ink.darkness, before[1])


@pytest.mark.parametrize(
    ("text", "again", "landed"), [("125", "-125", "-125"), ("125", "125", "125"), ("合计", None, "合计")]
)
def test_a_number_beside_which_something_was_painted_over_is_read_with_it_and_doubted(text, again, landed):
    """A flat mark before digits may be a sign on a page with dust, too; before other text it is dust."""
    image = lines_in(rule(sheet(), TABLE), (0, 0), [3])
    image[221:222, 109:113] = 0
    image[222:225, 360:364] = image[250:253, 180:183] = image[249:252, 300:303] = 0
    (table,), recogniser = read_ruled(image, *filter(None, (text, again)), confidence=0.9999)
    reading = table.at(0, 0)
    assert reading.text == landed
    assert len(recogniser.calls) == (1 if again is None else 2)
    assert (reading.confidence < 0.95) == (again is not None)


def test_a_soft_cut_has_the_same_ink_without_its_hard_edges():
    page = upright(lines_in(rule(sheet(), TABLE), (0, 0), [6]))
    dewarped = dewarp(page)
    (line,) = analyse_layout(page, dewarped, build_grids(dewarped, GridSettings())).lines
    paper = cv2.bitwise_not(page.ink.darkness)
    hard, soft = (
        cut_cell_line(dewarped, paper, line.ink, 48, Padding(0.3, 0.15, softness)) for softness in (0.0, 0.05)
    )
    assert soft.shape == hard.shape
    assert soft.mean() == pytest.approx(hard.mean(), abs=2)
    steepest = [np.abs(np.diff(cut[..., 0].astype(int))).max() for cut in (hard, soft)]
    assert steepest[1] < 0.6 * steepest[0]


def test_more_padding_leaves_more_paper():
    page = upright(lines_in(rule(sheet(), TABLE), (0, 0), [6]))
    dewarped = dewarp(page)
    (line,) = analyse_layout(page, dewarped, build_grids(dewarped, GridSettings())).lines
    paper = cv2.bitwise_not(page.ink.darkness)
    tight, loose = (
        cut_cell_line(dewarped, paper, line.ink, 48, padding) for padding in (Padding(0, 0), Padding(1, 0.5))
    )
    assert (tight < 128).mean() > 2 * (loose < 128).mean()
