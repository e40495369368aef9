"""Ink of stamps is told by its colour, whatever the paper's."""

import numpy as np
import pytest
from drawn_stamps import BLUE, RED, VIOLET, paper, printed, seal_mask, stamped, upright_of

from pipeline.elements import StampColour
from pipeline.stamps.coloured_ink import find_coloured_ink

INKS = {StampColour.RED: RED, StampColour.BLUE: BLUE, StampColour.VIOLET: VIOLET, StampColour.OTHER: (40, 150, 60)}


def tinted(image, tint=(200, 235, 245)):
    return (image.astype(int) * tint // 255).astype(np.uint8)


@pytest.mark.parametrize("tint", [(255, 255, 255), (200, 235, 245), (215, 240, 225)])
@pytest.mark.parametrize("colour", INKS)
def test_ink_of_each_colour_is_in_the_mask_of_its_kind(colour, tint):
    page = printed(paper())
    page = tinted(stamped(page, seal_mask(page.shape, (650, 900), 110), INKS[colour]), tint)
    ink = find_coloured_ink(upright_of(page))
    counts = {kind: int(mask[390:510, 260:390].sum()) for kind, mask in ink.masks.items()}
    assert max(counts, key=counts.__getitem__) is colour


def test_a_page_in_black_on_any_paper_has_none():
    assert find_coloured_ink(upright_of(printed(paper()))) is None
    assert find_coloured_ink(upright_of(tinted(printed(paper())))) is None
