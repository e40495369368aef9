"""The user units of a PDF's pages are found wherever its pages stand, and nonsense is none."""

import zlib

import numpy as np
import pytest
from malformed import image_pdf, pdf_bytes, stream

from pipeline.decoding.pdf_units import user_units

NOISE = np.random.default_rng(7).integers(0, 256, (61, 83, 3), dtype=np.uint8)


def test_each_page_has_its_own_unit():
    pages = [
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]%s>>" % unit for unit in (b"/UserUnit 3", b"", b"/UserUnit .5")
    ]
    tree = b"<</Type/Pages/Count 3/Kids[5 0 R 6 0 R]>>", b"<</Type/Page/Parent 2 0 R>>"
    inner = b"<</Type/Pages/Parent 2 0 R/Count 2/Kids[3 0 R 4 0 R]>>"
    data = pdf_bytes([b"<</Type/Catalog/Pages 2 0 R>>", tree[0], pages[0], pages[1], inner, pages[2]])

    assert user_units(data) == {1: 3.0, 3: 0.5}


def test_a_unit_in_a_compressed_object_stream_is_found():
    objects = b"<</Type/Catalog/Pages 2 0 R>> <</Type/Pages/Kids[3 0 R]>> <</Type/Page/UserUnit 2>> "
    places = [objects.index(b"<</Type" + kind) for kind in (b"/Catalog", b"/Pages", b"/Page/U")]
    index = b" ".join(b"%d %d" % (n, at) for n, at in enumerate(places, start=1)) + b" "
    packed = stream(b"/Type/ObjStm/N 3/First %d/Filter/FlateDecode" % len(index), zlib.compress(index + objects))

    assert user_units(b"%PDF-1.5\n4 0 obj\n" + packed + b"\nendobj\n") == {1: 2.0}


@pytest.mark.parametrize("kids", [b"[2 0 R]", b"[9 0 R]", b"[]"])
def test_a_page_tree_without_an_end_or_a_page_has_no_units(kids):
    tree = b"<</Type/Pages/Kids%s/UserUnit 2>>" % kids

    assert user_units(pdf_bytes([b"<</Type/Catalog/Pages 2 0 R>>", tree])) in ({}, {1: 2.0})


@pytest.mark.parametrize("unit", [b"0", b"1", b"1000", b"-2", b"x"])
def test_a_unit_that_is_none_is_a_point(unit):
    assert user_units(image_pdf(NOISE, (50, 50), b"/UserUnit " + unit)) == {}
