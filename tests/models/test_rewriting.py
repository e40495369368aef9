"""What is made of a network: the same outputs from fewer operations, as far as the manifest allows it."""

import io
import json

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper
from small_networks import CHARACTERS, CLASSES, DICTIONARY, detector, place, recogniser

from pipeline.errors import EngineFailed
from pipeline.models.placing import place_models
from pipeline.models.preparation import ALPHABET, BLANK, HEAD, HEAD_INT8, NETWORK_INT8, PROBE
from pipeline.models.rewriting import rewritten
from pipeline.settings.settings import ModelSettings

WEIGHTS = "inference.onnx"
LINE = np.random.default_rng(3).normal(size=(1, 3, 48, 320)).astype(np.float32)


def files_of(folder, network, said="", config=DICTIONARY, role="recogniser"):
    place(folder, "one", network, config)
    (folder / "manifest.toml").write_text(f'[[model]]\nname = "one"\nrole = "{role}"\n{said}')
    (model,) = place_models(ModelSettings(folder=folder))
    return rewritten(model, config.encode())


def run(network, values):
    session = onnxruntime.InferenceSession(network)
    return session.run(None, {session.get_inputs()[0].name: values})[0]


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("", set()),
        ("blank_threshold = 2.0", {HEAD, BLANK}),
        ("int8 = true", {NETWORK_INT8, PROBE}),
        ("int8 = true\nint8_features = [-9, 9]", {NETWORK_INT8, PROBE}),
        ("int8 = true\nblank_threshold = 2.0", {HEAD, BLANK, NETWORK_INT8, PROBE}),
        ("int8 = true\nblank_threshold = 2.0\nint8_features = [-9, 9]", {HEAD, BLANK, NETWORK_INT8, HEAD_INT8, PROBE}),
    ],
)
def test_nothing_is_done_that_the_manifest_does_not_allow(tmp_path, said, names):
    assert files_of(tmp_path, recogniser(), said).keys() == {WEIGHTS, ALPHABET, *names}


def test_in_floats_the_probabilities_stay_the_same(tmp_path):
    wanted = run(recogniser().SerializeToString(), LINE)
    plain = files_of(tmp_path / "a", recogniser())
    np.testing.assert_array_equal(run(plain[WEIGHTS], LINE), wanted)
    parted = files_of(tmp_path / "b", recogniser(), "blank_threshold = 2.0")
    features = run(parted[WEIGHTS], LINE)[0]
    np.testing.assert_allclose(run(parted[HEAD], features), wanted[0], atol=1e-6)
    layer = {weight.name: numpy_helper.to_array(weight) for weight in recogniser().graph.initializer}
    assert np.load(io.BytesIO(parted[BLANK])).tolist() == [*layer["MatMul"][:, 0], layer["Add"][0]]


def test_lines_of_a_reduced_height_can_be_read_where_the_manifest_says_so(tmp_path):
    low = LINE[:, :, :32]
    files = files_of(tmp_path, recogniser(), "reduced_height = 32\nreduced_height_confidence = 0.9")
    assert run(files[WEIGHTS], low).shape == (1, 20, CLASSES)
    np.testing.assert_allclose(run(files[WEIGHTS], LINE), run(recogniser().SerializeToString(), LINE), atol=1e-6)
    with pytest.raises(Exception, match="dimensions"):
        run(files_of(tmp_path, recogniser())[WEIGHTS], low)


def test_weights_that_are_nearly_nothing_are_cleared_of_any_model(tmp_path):
    files = files_of(tmp_path, detector(), config="Global: {}\n", role="detector")
    assert files.keys() == {WEIGHTS, "inference.yml"}
    assert files["inference.yml"] == b"Global: {}\n"
    (weights,) = (numpy_helper.to_array(weight) for weight in onnx.load_from_string(files[WEIGHTS]).graph.initializer)
    assert weights[0, 0, 0, 0] == 0
    assert (weights != 0).sum() == weights.size - 1


def test_the_alphabet_is_the_configurations_and_the_space(tmp_path):
    assert json.loads(files_of(tmp_path, recogniser())[ALPHABET]) == [*CHARACTERS, " "]


def test_without_one_in_the_configuration_the_networks_own_characters_serve(tmp_path):
    network = recogniser()
    network.metadata_props.add(key="character", value="\n".join(CHARACTERS))
    assert json.loads(files_of(tmp_path, network, config="Global: {}\n")[ALPHABET]) == [*CHARACTERS, " "]


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ("Global: {}\n", "one: neither inference.yml (PostProcess: character_dict) nor the network lists the char"),
        ("PostProcess: {character_dict: 甲乙}\n", "one: 2 characters, the space and the blank are not 5 classes"),
        ("PostProcess: {character_dict: [甲, 乙, 3]}\n", "each character must be a string; put digits into quotes"),
    ],
)
def test_characters_that_are_not_those_of_the_network_are_refused(tmp_path, config, problem):
    with pytest.raises(EngineFailed) as refused:
        files_of(tmp_path, recogniser(), config=config)
    assert problem in str(refused.value)


def test_a_reduced_height_that_the_network_does_not_take_is_refused(tmp_path):
    network = recogniser()
    del network.graph.value_info[:]  # so that nothing tells what the pooling counts on
    with pytest.raises(EngineFailed, match="one: reduced_height: the network takes lines of one height only"):
        files_of(tmp_path, network, "reduced_height = 32\nreduced_height_confidence = 0.9")


def test_weights_that_change_after_they_were_placed_are_refused(tmp_path):
    place(tmp_path, "one", recogniser(), DICTIONARY)
    (tmp_path / "manifest.toml").write_text('[[model]]\nname = "one"\nrole = "recogniser"\n')
    (model,) = place_models(ModelSettings(folder=tmp_path))
    place(tmp_path, "one", recogniser(8), DICTIONARY)
    with pytest.raises(EngineFailed, match="was changed while it was loaded"):
        rewritten(model, DICTIONARY.encode())
