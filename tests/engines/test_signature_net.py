"""The network sees a page's strokes against its paper, and marks pens, not print, ruling or a blank page."""

import cv2
import numpy as np
import pytest
from margin_pages import blank, draw_print, draw_table

from pipeline.engines.signature_net import (
    CELL_PX,
    LONG_SIDE_PX,
    PADDED_PX,
    SignatureNet,
    load_signature_net,
    network_input,
)


def scrawl(image, left, top):
    """A looping line of a pen, with a flourish below it."""
    wide, tall, color = 260, 90, (120, 50, 30)
    t = np.linspace(0, 1, 240)
    x = left + wide * (t + 0.06 * np.sin(11 * np.pi * t))
    y = top + tall * (0.5 + 0.45 * np.sin(13 * np.pi * t) * (1 - 0.6 * t))
    cv2.polylines(image, [np.stack([x, y], 1).astype(np.int32)], False, color, 3, cv2.LINE_AA)
    sweep = [[left - 20, top + tall], [left + wide // 2, top + tall - 14], [left + wide + 30, top + tall - 30]]
    cv2.polylines(image, [np.array(sweep)], False, color, 3, cv2.LINE_AA)
    return image


def letter():
    """A page with lines of text and room for a name below them."""
    image = np.full((1700, 1200, 3), 250, np.uint8)
    for row in range(18):
        draw_print(image, 120, 140 + 50 * row, letters=38)
    return image


@pytest.fixture(scope="module")
def net():
    return load_signature_net(1)


def test_the_input_holds_each_pixel_of_the_page_and_its_colours():
    page = np.full((100, 130, 3), 255, np.uint8)
    page[40, 60], page[40, 61], page[41, 60] = 0, 128, 64
    values = network_input(page)
    assert values.shape == (1, 6, PADDED_PX, 96)
    assert values[0, :4, 20, 30] == pytest.approx([1.0, 127 / 255, 191 / 255, 0.0], abs=0.01)
    assert not values[0, :, 30:].any()
    blue = np.full((64, 64, 3), (255, 0, 0), np.uint8)
    assert network_input(blue)[0, 4:, 5, 5] == pytest.approx([2.0, 0.0], abs=0.01)


def test_shade_and_tint_of_the_paper_are_no_ink():
    shaded = np.full((256, 1024, 3), 200, np.uint8)
    shaded[:] = np.linspace(120, 255, 1024).astype(np.uint8)[None, :, None]
    assert network_input(shaded)[0, :4].max() < 0.1


def test_bare_paper_is_no_signature_whatever_the_network_says():
    """A place where people often sign, with grain and a speck: the network may expect a name there."""
    page = np.full((640, 640, 3), 235, np.uint8)
    page += np.random.default_rng(1).integers(-6, 7, page.shape, dtype=np.int8).view(np.uint8)
    page[300:303, 300:303] = 40
    heat = SignatureNet(
        lambda values: np.full((1, 1, values.shape[2] // 4, values.shape[3] // 4), 9.0, np.float32)
    ).find(page)
    assert heat.probabilities.max() > 0.99
    assert (heat.probabilities > 0.5).sum() <= 9


def test_a_smudge_is_no_signature_whatever_the_network_says():
    page = np.full((640, 640, 3), 235, np.uint8)
    page[280:360, 260:400] = 150
    page = cv2.GaussianBlur(page, (0, 0), 12)
    sure = SignatureNet(lambda values: np.full((1, 1, values.shape[2] // 4, values.shape[3] // 4), 9.0, np.float32))
    assert sure.find(page).probabilities.max() == 0


def test_a_signature_is_marked_where_it_stands_and_print_is_not(net):
    image = scrawl(letter(), 640, 1250)
    heat = net.find(image)
    assert heat.cell_px == pytest.approx(CELL_PX * 1700 / LONG_SIDE_PX)
    rows, columns = np.nonzero(heat.probabilities > 0.5)
    assert len(rows) > 20
    assert rows.min() * heat.cell_px >= 1200 and rows.max() * heat.cell_px <= 1380
    assert columns.min() * heat.cell_px >= 580 and columns.max() * heat.cell_px <= 960


@pytest.mark.parametrize(
    "image", [letter(), draw_print(draw_table(blank()), 300, 200), blank()], ids=["letter", "form", "blank"]
)
def test_print_and_ruling_alone_are_not_marked(net, image):
    assert net.find(image).probabilities.max() < 0.5


@pytest.mark.parametrize("size", [(1, 1), (40, 3000), (3000, 40), (700, 480)])
def test_pages_of_any_size_have_a_cell_for_each_of_their_squares(net, size):
    heat = net.find(np.full((*size, 3), 255, np.uint8))
    rows, columns = heat.probabilities.shape
    assert (rows - 1) * heat.cell_px < size[0] <= rows * heat.cell_px + 1
    assert (columns - 1) * heat.cell_px < size[1] <= columns * heat.cell_px + 1


def test_what_a_page_says_does_not_depend_on_its_resolution(net):
    image = scrawl(letter(), 640, 1250)
    twice = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    assert net.find(twice).probabilities == pytest.approx(net.find(image).probabilities, abs=0.25)
