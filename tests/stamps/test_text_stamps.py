"""Words are stamps where their ink, their slant or a frame of their own tells them from print."""

import pytest
from drawing import inked
from drawn_stamps import BLACK, BLUE, RED, faxed, paper, printed, stamped, upright_of, words_mask

from pipeline.elements import LineKind, TextLine
from pipeline.stamps.coloured_ink import find_coloured_ink
from pipeline.stamps.text_stamps import coloured_clusters, stamped_lines


def line(text, box, **cell):
    left, top, right, bottom = box
    return TextLine(text, 0.98, ((left, top), (right, top), (right, bottom), (left, bottom)), LineKind.OTHER, **cell)


def copy_line(page, *, turn_deg=0.0, framed=True, **cell):
    """What is found of a page with a stamp COPY on it, and how it is read."""
    page = inked(page, words_mask(page.shape, (500, 700), "COPY", turn_deg=turn_deg, framed=framed), BLACK)
    upright = upright_of(faxed(page))
    return stamped_lines(upright, [line("COPY", (437, 680, 563, 719), **cell)])


@pytest.mark.parametrize(("ink", "colour"), [(RED, "red"), (BLUE, "blue")])
def test_words_in_coloured_ink_are_a_cluster(ink, colour):
    page = printed(paper(), bottom=600)
    page = stamped(page, words_mask(page.shape, (600, 900), "PAID", turn_deg=12, framed=False), ink)
    (cluster,) = coloured_clusters(find_coloured_ink(upright_of(page)), [])
    assert (cluster.colour, cluster.words) == (colour, True)


def test_a_page_printed_in_colour_has_no_clusters_nor_has_what_is_known():
    page = printed(paper(), words="Heading", ink=BLUE)
    assert list(coloured_clusters(find_coloured_ink(upright_of(page)), [])) == []
    page = stamped(paper(), words_mask((1400, 1000), (600, 900), "PAID", framed=False), BLUE)
    ink = find_coloured_ink(upright_of(page))
    (cluster,) = coloured_clusters(ink, [])
    assert list(coloured_clusters(ink, [cluster.outline])) == []


def test_a_black_stamp_word_in_a_frame_of_its_own_is_a_stamp():
    (found,) = copy_line(printed(paper(), bottom=500))
    (left, top), _, (right, bottom), _ = found.quad
    assert (left, top, right, bottom) == pytest.approx((419, 662, 581, 738), abs=14)


def test_the_same_word_in_plain_print_or_in_a_cell_is_none():
    assert copy_line(paper(), framed=False) == []
    assert copy_line(paper(), table_index=0, row=0, col=0) == []


def test_a_slanted_word_is_a_stamp_without_a_frame():
    upright = upright_of(printed(paper()))
    slanted = TextLine("COPY", 0.98, ((400, 720), (520, 690), (530, 730), (410, 760)), LineKind.OTHER)
    assert [found.text for found in stamped_lines(upright, [slanted])] == ["COPY"]
    assert stamped_lines(upright, [TextLine("Hello", 0.98, slanted.polygon, LineKind.OTHER)]) == []
