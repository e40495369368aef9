"""How wide print is for its height tells square pixels from others, on a page on its side, too."""

import numpy as np
import pytest
from scaled_pages import blank, page

from pipeline.intake.print_aspect import PrintAspect, print_aspect


@pytest.mark.parametrize("name", ["dev-024-clean", "dev-030-office", "dev-042-hard"])
def test_print_of_square_pixels_is_not_wider_than_its_rows_are_high(name):
    seen = print_aspect(page(name))

    assert not seen.sideways
    assert 0.4 <= seen.value <= 1.0


def test_print_of_which_every_other_row_is_left_out_is_twice_as_wide():
    image = page("dev-024-clean")
    flat = print_aspect(np.ascontiguousarray(image[::2]))

    assert flat.value > 1.05
    assert flat.squared(2.0) == pytest.approx(print_aspect(image).value, rel=0.3)


def test_rows_of_print_that_run_down_are_told():
    seen = print_aspect(np.ascontiguousarray(np.rot90(page("dev-024-clean"))))

    assert seen.sideways
    assert PrintAspect(0.4, sideways=True).squared(2.0) == 0.8


def test_a_page_without_print_has_no_aspect():
    assert print_aspect(blank(900, 700)) is None
    assert print_aspect(blank(20, 20)) is None
