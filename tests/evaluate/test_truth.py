"""Truth files: what they hold, and what is said about those that do not."""

from __future__ import annotations

import json
import re

import pytest

from pipeline.errors import TruthInvalid
from pipeline.evaluate.truth import load_truth, read_truth

CELL = {"row": 0, "col": 0, "row_span": 1, "col_span": 1, "text": "甲"}
SQUARE = [[10, 0], [20, 0], [20, 5], [10, 5]]
SIGNED = {"name": "王五", "date": "3.30", "name_polygon": SQUARE, "date_polygon": SQUARE}


def read(tmp_path, **keys):
    path = tmp_path / "page-clean.json"
    path.write_text(json.dumps({"n_rows": 1, "n_cols": 1, "cells": [CELL], **keys}), encoding="utf-8")
    return read_truth(path)


def test_the_least_truth_file_is_a_table(tmp_path):
    page = read(tmp_path)
    assert page.texts == ("甲",)
    assert page.grid.cells[0].polygon == ()
    assert (page.record, page.signed, page.signature) == (None, None, None)


def test_a_null_signature_says_that_the_page_is_unsigned(tmp_path):
    assert read(tmp_path, signature=None).signed is False


@pytest.mark.parametrize(("source", "expected"), [({}, "font"), ({"signature_source": "pen"}, "pen")])
def test_a_signature_is_of_a_font_unless_it_says_pen(tmp_path, source, expected):
    assert read(tmp_path, signature=SIGNED, **source).signature.source == expected


@pytest.mark.parametrize(
    ("turns", "corner"),
    [(0, (10, 0)), (1, (0, 90)), (2, (90, 50)), (3, (50, 10))],
)
def test_polygons_follow_the_quarter_turns_of_a_file_of_100_by_50_pixels(tmp_path, turns, corner):
    scan = {"width": 100, "height": 50, "rotated_quarter_turns_ccw": turns}
    page = read(tmp_path, cells=[CELL | {"polygon": SQUARE}], scan=scan)
    assert page.grid.cells[0].polygon[0] == corner


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"n_rows": 0}, "n_rows must be a whole number from 1 to 1000, got 0"),
        ({"n_cols": 2}, "cells: not a tiling of 1 x 2 slots"),
        ({"cells": {}}, "cells must be a list, got {}"),
        ({"cells": [{"row": 0}]}, "cells[0]: col must be a whole number"),
        ({"cells": [CELL | {"row_span": True}]}, "cells[0]: row_span must be a whole number from 1 to 1000, got true"),
        ({"cells": [CELL | {"text": 5}]}, "cells[0]: text must be a text or null, got 5"),
        ({"cells": [CELL | {"polygon": SQUARE[:3]}]}, "cells[0]: polygon must have 4 points, got 3"),
        ({"cells": [CELL | {"polygon": [1, 2, 3]}]}, "cells[0]: polygon must be a list of [x, y] points"),
        ({"cells": [CELL | {"polygon": ["ab"] * 4}]}, "cells[0]: polygon must be a list of [x, y] points"),
        ({"record": {}}, "record: indicators must be a list, got null"),
        ({"record": {"indicators": ["x"]}}, 'record.indicators[0]: must be an object, got "x"'),
        ({"signature": {"name": "王五"}}, "signature: needs a name and a name_polygon"),
        ({"signature": SIGNED, "signature_source": "stamp"}, 'signature_source must be "pen" or "font"'),
        ({"scan": {"rotated_quarter_turns_ccw": 1}}, "scan: width must be a whole number"),
    ],
)
def test_a_fault_is_named_with_file_and_key(tmp_path, keys, message):
    with pytest.raises(TruthInvalid, match=r"page-clean\.json: .*" + re.escape(message)):
        read(tmp_path, **keys)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"[]"])
def test_a_file_that_is_no_json_object_is_refused(tmp_path, content):
    path = tmp_path / "page.json"
    path.write_bytes(content)
    with pytest.raises(TruthInvalid, match=r"page\.json"):
        read_truth(path)


def test_a_folder_without_truth_is_refused(tmp_path):
    with pytest.raises(TruthInvalid, match="holds no truth file"):
        load_truth(tmp_path)


def test_truth_is_read_in_the_order_of_its_names(tmp_path):
    for name in ("b", "a"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"n_rows": 1, "n_cols": 1, "cells": [CELL]}))
    assert [page.name for page in load_truth(tmp_path)] == ["a", "b"]
