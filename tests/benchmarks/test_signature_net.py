"""Windows say which cells are a signature's, pages come with their boxes, and scores count what is found."""

import importlib
import itertools
import json
import sys

import cv2
import numpy as np
import pytest

from benchmarks.signature_net import pages, pens, score, windows
from pipeline.elements import BBox
from pipeline.pen import PenRegion

SIDE = windows.WINDOW_PX
BLACK = pens.Ink((20, 20, 20), 1.0)


def blank():
    return np.full((SIDE, SIDE, 3), 255, np.uint8), np.zeros((SIDE, SIDE), np.float32)


def scribble(height=40, width=120):
    strokes = np.zeros((height, width), np.uint8)
    corners = [[4 + 12 * i, height - 6 if i % 2 else 6] for i in range(width // 12)]
    cv2.polylines(strokes, [np.array(corners, np.int32)], False, 255, 3)
    return strokes


def written(path, image, signatures):
    cv2.imwrite(str(path.with_suffix(".png")), image)
    tree = {"image": f"{path.stem}.png", "signatures": [{"box": box, "kind": "signature"} for box in signatures]}
    path.with_suffix(".json").write_text(json.dumps(tree), encoding="utf-8")


def noise(seed, height=100, width=80):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


def test_the_cells_of_a_pasted_pen_are_marked_and_those_far_from_it_are_not():
    image, pasted = blank()
    pens.paste(image, scribble(), (200, 320), BLACK, pasted)
    window = windows.as_window(image, np.zeros((SIDE, SIDE), np.uint8), pasted)
    rows, columns = np.nonzero(window.cells[0])
    assert (rows.min(), rows.max()) == (320 // 8, 359 // 8)
    assert columns.min() == 200 // 8
    assert columns.max() <= 319 // 8
    assert window.weights[0][window.cells[0] > 0].all()
    assert (window.weights[0] == 0).any()  # the cells around the pen
    assert window.weights[0, :38].all()


def test_of_a_signature_s_box_the_cells_with_ink_count_alone_and_of_the_others_nobody_can_say():
    image, pasted = blank()
    pens.paste(image, scribble(), (200, 320), BLACK)
    boxes = np.zeros((SIDE, SIDE), np.uint8)
    boxes[320:360, 200:480] = 1
    window = windows.as_window(image, boxes, pasted)
    assert window.cells[0, 40:45, 25:39].any()
    assert not window.cells[0, :, 42:].any()
    assert not window.weights[0, 40:45, 42:60].any()
    assert window.weights[0, :, 64:].all()


def test_other_ink_is_no_signature():
    image, pasted = blank()
    pens.paste(image, scribble(), (200, 320), BLACK)
    window = windows.as_window(image, np.zeros((SIDE, SIDE), np.uint8), pasted)
    assert window.values[:4].max() > 0.9
    assert not window.cells.any()
    assert window.weights.all()


def test_the_same_seed_draws_the_same_windows():
    page = pages.SignedPage("one", np.full((1024, 724, 3), 240, np.uint8), ((300.0, 500.0, 420.0, 540.0),))
    plain = pages.SignedPage("two", cv2.resize(noise(1), (724, 1024)), ())
    sources = [windows.Source([page], 2.0, True), windows.Source([plain], 1.0, False)]
    materials = windows.Materials(sources, [scribble()], pictures=[plain])
    first, again = (list(itertools.islice(windows.draw_windows(materials, 7), 6)) for _ in range(2))
    assert all((a == b).all() for one, two in zip(first, again, strict=True) for a, b in zip(one, two, strict=True))
    assert {window.values.shape for window in first} == {(6, SIDE // 2, SIDE // 2)}
    assert any(window.cells.any() for window in first)


def test_pages_are_brought_to_one_size_with_their_boxes(tmp_path):
    written(tmp_path / "a", noise(1, 512, 400), [[10, 20, 110, 60]])
    written(tmp_path / "b", noise(2, 512, 400), [])
    (tmp_path / "c.json").write_text('{"tables": []}', encoding="utf-8")
    first, second = pages.read_pages(tmp_path)
    assert (first.name, first.image.shape, first.boxes) == ("a", (1024, 800, 3), ((20.0, 40.0, 220.0, 120.0),))
    assert second.boxes == ()


def test_images_of_a_folder_without_truth_are_unsigned(tmp_path):
    cv2.imwrite(str(tmp_path / "b.png"), noise(1))
    (tmp_path / "notes.txt").write_text("none", encoding="utf-8")
    assert [(page.name, page.boxes) for page in pages.read_pages(tmp_path)] == [("b", ())]


def test_an_empty_folder_is_said(tmp_path):
    with pytest.raises(ValueError, match="no page"):
        pages.read_pages(tmp_path)


def test_copies_of_held_out_pages_are_left_out():
    sheet = cv2.resize(noise(1, 30, 24), (724, 1024))
    copy = pages.SignedPage("copy", cv2.convertScaleAbs(sheet, alpha=0.8, beta=20), ())
    other = pages.SignedPage("other", cv2.resize(noise(2, 30, 24), (724, 1024)), ())
    assert pages.unlike([copy, other], [pages.SignedPage("sheet", sheet, ())]) == [other]


def test_signatures_are_cut_without_the_print_beside_them():
    image = np.full((1024, 724, 3), 250, np.uint8)
    pens.paste(image, scribble(), (300, 500), BLACK)
    cv2.rectangle(image, (425, 536), (430, 539), (0, 0, 0), -1)
    (cut,) = pens.cut_pens([pages.SignedPage("one", image, ((295.0, 495.0, 435.0, 545.0),))])
    assert cut.shape == (50, 140)
    assert cut[10:40, 10:110].max() == 255
    assert not cut[:, 128:].any()


def test_found_and_false_regions_are_counted_from_a_probability_on():
    blank_page = np.zeros((4, 4, 3), np.uint8)
    signed = pages.SignedPage("a", blank_page, ((0, 0, 100, 40), (500, 500, 600, 540)))
    unsigned = pages.SignedPage("b", blank_page, ())
    regions = [PenRegion(BBox(10, 0, 60, 40), 0.9), PenRegion(BBox(300, 0, 340, 20), 0.4)]
    seen = [(signed, regions), (unsigned, [PenRegion(BBox(0, 0, 8, 8), 0.6)])]
    assert score.count(seen, 0.3) == score.Counts(1, 2, 2, 0, 1, 1, 1)
    assert score.count(seen, 0.7) == score.Counts(1, 2, 0, 0, 1, 0, 1)
    assert score.count(seen, 0.95) == score.Counts(0, 2, 0, 1, 1, 0, 1)


def test_without_pytorch_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "benchmarks.signature_net.network", raising=False)
    with pytest.raises(ImportError, match="pip install torch"):
        importlib.import_module("benchmarks.signature_net.network")
