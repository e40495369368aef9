"""Lines as the recogniser wants them; the engines on crops of the sample scan."""

import importlib
import os
import subprocess
import sys

import numpy as np
import onnx
import pypdfium2
import pytest
from placed_models import model_folder, weights_file

from pipeline.engines import paddle
from pipeline.engines.greedy_decoding import decode
from pipeline.engines.paddle import MAX_WIDTH, MIN_WIDTH, line_input, load_engines
from pipeline.engines.protocols import ReducedHeight
from pipeline.engines.sessions import run_network
from pipeline.errors import EngineFailed, ModelMissing
from pipeline.models import SIGNATURE_NET
from pipeline.models.placing import SHIPPED, TREE
from pipeline.settings.settings import ModelSettings
from pipeline.text.normalise import half_width

SAMPLE = TREE / "data" / "raw" / "qilian-2023.pdf"
TITLE = "祁连县人大常委会办公室2023年部门预算项目支出绩效目标公开表"


@pytest.fixture(scope="module")
def page():
    """Page 1 of the sample at its own 200 dpi, (1795, 2480, 3) BGR."""
    with pypdfium2.PdfDocument(SAMPLE) as document:
        return np.ascontiguousarray(document[0].render(scale=200 / 72).to_numpy()[:, :, :3])


@pytest.fixture(scope="module")
def title(page):
    """The page's title, slightly aslant."""
    return page[215:285, 640:1870]


@pytest.fixture(scope="module")
def engines():
    return load_engines(ModelSettings())


@pytest.fixture(scope="module")
def in_floats():
    """A recogniser that reads every line in floats throughout."""
    return load_engines(ModelSettings(int8=False)).recogniser


@pytest.fixture(scope="module")
def lines(engines, page):
    """The lines that the detector finds on the page, (height, width, 3) BGR each."""
    quads = [np.array(line.polygon) for line in engines.detector.detect(page)]
    boxes = [(*quad.min(axis=0).astype(int), *quad.max(axis=0).astype(int)) for quad in quads]
    return [np.ascontiguousarray(page[top:bottom, left:right]) for left, top, right, bottom in boxes]


# --- preparing lines ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("height", "width", "line_width"),
    [(48, 500, 500), (24, 250, 500), (96, 1001, 500), (48, 10, MIN_WIDTH), (200, 1, MIN_WIDTH), (10, 5000, MAX_WIDTH)],
)
def test_lines_keep_their_shape_between_the_narrowest_and_the_widest_input(height, width, line_width):
    assert line_input(np.zeros((height, width, 3), dtype=np.uint8), 48).shape == (1, 3, 48, line_width)


def test_black_is_minus_one_white_is_one_and_padding_is_between_them():
    crop = np.zeros((48, 20, 3), dtype=np.uint8)
    crop[:, 10:] = 255
    values = line_input(crop, 48)[0, 0, 0]
    assert (values[:10] == -1).all()
    assert (values[10:20] == 1).all()
    assert (values[20:] == 0).all()


def test_each_level_of_each_channel_is_scaled_alike():
    crop = np.arange(48 * 100 * 3, dtype=np.int64).reshape(48, 100, 3).astype(np.uint8)
    expected = (crop.transpose(2, 0, 1) / np.float32(255) - np.float32(0.5)) / np.float32(0.5)
    np.testing.assert_array_equal(line_input(crop, 48)[0], expected)


def test_colours_keep_opencv_order():
    crop = np.zeros((48, 100, 3), dtype=np.uint8)
    crop[:, :, 0] = 255
    assert line_input(crop, 48)[0, :, 0, 0].tolist() == [1, -1, -1]


# --- the engines --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_title_of_the_sample_is_read_with_a_confidence_for_each_character(engines, title):
    (reading,) = engines.recogniser.read([title])
    assert reading.text == TITLE
    assert len(reading.char_confidences) == len(TITLE)
    assert min(reading.char_confidences) > 0.99
    assert reading.confidence == pytest.approx(np.mean(reading.char_confidences))


def test_networks_take_memory_from_what_all_of_them_share(monkeypatch):
    onnxruntime = importlib.import_module("onnxruntime")
    made, session = [], onnxruntime.InferenceSession
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda *a, **k: made.append(a[1]) or session(*a, **k))
    values = np.random.default_rng(0).random((1, 6, 64, 64), np.float32)
    first, second = (run_network(SIGNATURE_NET, 1)(values) for _ in range(2))
    assert [options.get_session_config_entry("session.use_env_allocators") for options in made] == ["1", "1"]
    np.testing.assert_array_equal(first, second)
    (name,) = (value.name for value in session(str(SIGNATURE_NET)).get_inputs())
    np.testing.assert_array_equal(session(str(SIGNATURE_NET)).run(None, {name: values})[0], first)


@pytest.mark.slow
@pytest.mark.parametrize("reduced", [False, True])
def test_characters_are_seen_where_they_stand_in_the_crop(engines, title, reduced):
    whole, narrow = engines.recogniser.read([title, title[:, : round(1.4 * title.shape[0])]], reduced=reduced)
    assert list(whole.places) == sorted(whole.places)
    assert 0 < whole.places[0] < whole.places[-1] < 1
    assert all(0 < place < 1 for place in narrow.places)
    shown = [place * 1.4 * title.shape[0] / title.shape[1] for place in narrow.places[:1]]
    assert shown == pytest.approx(whole.places[:1], abs=0.02)


def test_readings_come_in_order_and_do_not_depend_on_each_other(engines, title):
    crops = [title, np.zeros((0, 0, 3), np.uint8), title[:, :40], np.full((30, 90, 3), 255, np.uint8), title[:, :400]]
    together = engines.recogniser.read(crops)
    assert together == [engines.recogniser.read([crop])[0] for crop in crops]
    assert engines.recogniser.read([]) == []


def forbid(monkeypatch, recogniser):
    """Have the recogniser fail if it runs its network on a line."""

    def body(_):
        raise AssertionError("it was read")

    monkeypatch.setattr(recogniser, "_usual", recogniser._usual._replace(body=body))


@pytest.mark.slow
def test_probabilities_of_a_line_that_was_read_at_its_own_height_need_no_second_look(engines, title, monkeypatch):
    first = engines.recogniser.log_probabilities(title)
    (reading,) = engines.recogniser.read([title])
    forbid(monkeypatch, engines.recogniser)
    np.testing.assert_array_equal(engines.recogniser.log_probabilities(reading.seen), first)
    with pytest.raises(AssertionError, match="read"):
        engines.recogniser.log_probabilities(title)


@pytest.mark.slow
@pytest.mark.parametrize("how", [{"reduced": True}, {"exact": True}])
def test_of_other_readings_nothing_is_kept_that_would_give_other_probabilities(engines, title, how):
    (reading,) = engines.recogniser.read([title], **how)
    assert reading.text == TITLE
    assert reading.seen is None


@pytest.mark.slow
def test_a_crop_without_pixels_or_without_ink_reads_as_an_empty_text(engines):
    blank = np.full((40, 200, 3), 255, dtype=np.uint8)
    for crop in (np.zeros((0, 20, 3), np.uint8), np.zeros((20, 0, 3), np.uint8), blank):
        assert [reading[:4] for reading in engines.recogniser.read([crop])] == [("", 0.0, (), ())]


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(1, 1), (3, 400), (400, 3), (1, 4000)])
def test_crops_of_any_shape_are_read_without_failing(engines, title, shape):
    reading = engines.recogniser.read([np.resize(title, (*shape, 3))])[0]
    assert len(reading.char_confidences) == len(reading.text)


@pytest.mark.slow
def test_what_is_little_probable_is_scored_in_floats(engines, title):
    recogniser = engines.recogniser
    logs = recogniser.log_probabilities(title)
    features = recogniser._usual.body(line_input(title, 48))[0]
    np.testing.assert_allclose(np.exp(logs), recogniser._exact.head.probabilities(features), atol=1e-6)
    assert np.abs(np.exp(logs) - recogniser._usual.head.probabilities(features)).max() > 1e-5


@pytest.mark.slow
def test_log_probabilities_are_distributions_over_the_alphabet_and_decode_to_the_reading(engines, title):
    recogniser = engines.recogniser
    logs = recogniser.log_probabilities(title)
    assert logs.shape[1] == len(recogniser.alphabet)
    assert np.exp(logs).sum(axis=1) == pytest.approx(1, abs=1e-3)
    assert np.isfinite(logs).all()
    assert decode(np.exp(logs), recogniser.alphabet).text == TITLE


@pytest.mark.slow
def test_the_alphabet_is_the_blank_the_characters_in_the_weights_and_the_space(engines):
    alphabet = engines.recogniser.alphabet
    properties = onnx.load(weights_file("PP-OCRv6_small_rec")).metadata_props
    (characters,) = (entry.value for entry in properties if entry.key == "character")
    assert alphabet == ("", *characters.split("\n"), " ")
    assert len(set(alphabet)) == 18_710


@pytest.mark.slow
def test_texts_and_scores_agree_with_paddleocrs_own_reading(in_floats, lines):
    """Its score takes a character's first step, ours its best one; it pads the lines under 320 pixels."""
    peer = importlib.import_module("paddleocr").TextRecognition(
        model_name="PP-OCRv6_small_rec", model_dir=str(model_folder("PP-OCRv6_small_rec")), engine="onnxruntime"
    )
    padded = {False: 0, True: 0}
    for crop in lines:
        ours = decode(np.exp(in_floats.log_probabilities(crop)), in_floats.alphabet)
        (theirs,) = peer.predict(crop)
        short = 48 * crop.shape[1] < 320 * crop.shape[0]
        if short and min(ours.confidence, theirs["rec_score"]) < 0.9:
            continue  # the padding may turn what is doubtful anyway
        padded[short] += 1
        assert ours.text == theirs["rec_text"] == in_floats.read([crop])[0].text
        if not short:
            assert ours.confidence == pytest.approx(theirs["rec_score"], abs=0.02)
    assert padded[False] >= 4
    assert padded[True] >= 30


@pytest.mark.slow
def test_clear_lines_read_in_int8_as_in_floats(engines, in_floats, lines):
    for reduced in (True, False):
        readings = zip(
            engines.recogniser.read(lines, reduced=reduced), in_floats.read(lines, reduced=reduced), strict=True
        )
        clear = [(ours, theirs) for ours, theirs in readings if min(ours.char_confidences, default=0) > 0.98]
        assert len(clear) >= 0.7 * len(lines)
        assert [half_width(ours.text) for ours, _ in clear] == [half_width(theirs.text) for _, theirs in clear]


@pytest.mark.slow
def test_what_is_read_exactly_is_read_in_floats(engines, in_floats, lines):
    exact, floats = engines.recogniser.read(lines, exact=True), in_floats.read(lines)
    assert [reading.text for reading in exact] == [reading.text for reading in floats]
    for ours, theirs in zip(exact, floats, strict=True):
        assert ours.char_confidences == pytest.approx(theirs.char_confidences, abs=1e-5)
    assert engines.recogniser.read(lines) != exact


@pytest.mark.slow
def test_where_the_processor_cuts_off_products_lines_are_read_in_floats(in_floats, lines, monkeypatch):
    runner = paddle.run_network
    cut_off = np.full((4, 32), 32 * 32_767, np.float32)
    monkeypatch.setattr(paddle, "run_network", lambda n, t: (lambda _: cut_off) if n.stem == "probe" else runner(n, t))
    assert not paddle.reads_in_int8(ModelSettings())
    recogniser = load_engines(ModelSettings()).recogniser
    assert recogniser.read(lines[:9]) == in_floats.read(lines[:9])


@pytest.mark.slow
def test_lines_are_read_in_int8_where_settings_and_processor_allow_it():
    assert paddle.reads_in_int8(ModelSettings())
    assert not paddle.reads_in_int8(ModelSettings(int8=False))


@pytest.mark.slow
def test_the_recogniser_tells_the_heights_that_the_manifest_has_for_it(engines):
    assert engines.recogniser.line_height == 48
    assert engines.recogniser.reduced_height == ReducedHeight(32, 0.994)


@pytest.mark.slow
def test_the_detector_finds_the_title_and_lists_lines_from_top_to_bottom(engines, page):
    lines = engines.detector.detect(page[:330])
    heights = [np.mean([y for _, y in line.polygon]) for line in lines]
    assert heights == sorted(heights)
    title = max(lines, key=lambda line: line.polygon[1][0] - line.polygon[0][0])
    (left, top), (right, _), (_, bottom), (_, low) = title.polygon
    assert left < right
    assert top < low
    assert (left, right) == pytest.approx((640, 1866), abs=30)
    assert (top, bottom) == pytest.approx((209, 285), abs=30)
    assert all(0.6 <= line.confidence <= 1 for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(0, 100, 3), (5, 5, 3), (400, 600, 3)])
def test_a_blank_image_of_any_size_has_no_lines(engines, shape):
    assert engines.detector.detect(np.full(shape, 255, dtype=np.uint8)) == []


@pytest.mark.slow
@pytest.mark.parametrize("turned", [0, 1, 2, 3])
def test_the_orienter_undoes_a_counter_clockwise_turn(engines, page, turned):
    turn = engines.orienter.orient(np.rot90(page, turned))
    assert (turned + turn.quarter_turns) % 4 == 0
    assert 0.5 < turn.confidence <= 1


@pytest.mark.slow
def test_the_engines_say_which_weights_they_run(engines):
    assert [name for name, _ in engines.digests] == [
        "PP-OCRv6_small_rec",
        "PP-OCRv6_small_det",
        "PP-LCNet_x1_0_doc_ori",
        "signature_net",
    ]
    assert all(len(sha256) == 64 for _, sha256 in engines.digests)


@pytest.mark.slow
def test_weights_that_are_no_network_are_an_engine_failure_that_names_the_model(tmp_path):
    for name in ("PP-OCRv6_small_rec", "PP-OCRv6_small_det"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "inference.onnx").write_bytes(b"not a network")
        (tmp_path / name / "inference.yml").write_bytes((SHIPPED / name / "inference.yml").read_bytes())
    with pytest.raises(EngineFailed, match="PP-OCRv6_small_rec"):
        load_engines(ModelSettings(folder=tmp_path))


def test_a_folder_of_ones_own_without_a_detector_is_refused(tmp_path):
    (tmp_path / "reader").mkdir()
    (tmp_path / "manifest.toml").write_text('[[model]]\nname = "reader"\nrole = "recogniser"\n')
    for name in ("inference.onnx", "inference.yml"):
        (tmp_path / "reader" / name).touch()
    with pytest.raises(ModelMissing, match="detector"):
        load_engines(ModelSettings(folder=tmp_path))


def test_importing_the_module_loads_neither_paddleocr_nor_onnx_runtime():
    script = "import sys, pipeline.engines.paddle; print({'paddleocr', 'paddlex', 'onnxruntime'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout == "set()\n"
