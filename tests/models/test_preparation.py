"""Models are prepared once, kept where that is allowed, and never loaded where what is kept is not what it says."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from small_networks import DICTIONARY, place, recogniser

from pipeline.models import preparation, rewriting
from pipeline.models.__main__ import main
from pipeline.models.placing import place_models
from pipeline.models.preparation import CONTENTS, HEAD, NETWORK_INT8, prepared
from pipeline.settings.settings import ModelSettings

SAID = "blank_threshold = 2.0\nint8 = true\n"


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The user's data folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "signed-forms"


def own(folder, said=SAID, network=None, config=DICTIONARY):
    """A placed recogniser of one's own."""
    place(folder, "reader", network or recogniser(), config)
    (folder / "manifest.toml").write_text(f'[[model]]\nname = "reader"\nrole = "recogniser"\n{said}')
    (placed,) = place_models(ModelSettings(folder=folder))
    return placed


@pytest.fixture
def placed(tmp_path, data):
    return own(tmp_path / "own")


def content(model):
    """What is prepared of a model, by name, and where."""
    with prepared(model) as files:
        return {name: (files.folder / name).read_bytes() for name in files.names}, files.folder


@pytest.fixture
def making(monkeypatch):
    """How often models were made ready, while the test runs."""
    made, make = [], rewriting.rewritten
    monkeypatch.setattr(rewriting, "rewritten", lambda *args: made.append(args) or make(*args))
    return made


def test_a_model_is_prepared_once(placed, making):
    first, again = content(placed), content(placed)
    assert first == again
    assert len(making) == 1
    assert {HEAD, NETWORK_INT8} < first[0].keys()


def test_a_model_of_ones_own_is_prepared_in_the_users_data_folder_and_its_own_stays_as_it_is(placed, data, tmp_path):
    _, folder = content(placed)
    assert folder.parent == data / "prepared"
    assert sorted(path.name for path in (tmp_path / "own").rglob("*")) == [
        "inference.onnx",
        "inference.yml",
        "manifest.toml",
        "reader",
    ]


def test_a_built_in_model_is_prepared_beside_its_weights(monkeypatch):
    model = place_models(ModelSettings())[2]
    _, folder = content(model)
    assert folder.parent == model.folder / "prepared"


def damaged(path):
    path.write_bytes(path.read_bytes()[:-1] + b"?")


@pytest.mark.parametrize("name", [HEAD, "inference.onnx", "alphabet.json", CONTENTS])
@pytest.mark.parametrize(
    "damage",
    [damaged, Path.unlink, lambda path: path.write_bytes(b""), lambda path: path.write_bytes(b"[3]")],
    ids=["changed", "lost", "empty", "something else"],
)
def test_what_is_damaged_is_made_anew_and_mended(placed, making, name, damage):
    whole, folder = content(placed)
    damage(folder / name)
    assert content(placed) == (whole, folder)
    assert content(placed) == (whole, folder)
    assert len(making) == 2


CHANGES = {
    "the weights": {"network": recogniser(8)},
    "the dictionary": {"config": DICTIONARY.replace("甲", "丁")},
    "what is said of it": {"said": "blank_threshold = 2.0"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_it_follows_from_is_in_its_name(placed, tmp_path, change):
    before, folder = content(placed)
    after, other = content(own(tmp_path / "own", **change))
    assert folder != other
    assert before != after


def test_another_version_of_the_rewrites_prepares_anew(placed, monkeypatch, making):
    _, folder = content(placed)
    monkeypatch.setattr(preparation, "VERSION", preparation.VERSION + 1)
    assert content(placed)[1] != folder
    assert len(making) == 2


def test_where_nothing_can_be_kept_it_is_prepared_for_the_moment(placed, data):
    (data / "prepared").parent.mkdir(parents=True)
    (data / "prepared").touch()
    kept, folder = content(placed)
    assert HEAD in kept
    assert not folder.is_relative_to(data)
    assert not folder.exists()


def test_processes_that_prepare_at_once_all_find_the_same_and_leave_nothing_else(placed):
    with ThreadPoolExecutor(8) as workers:
        results = list(workers.map(lambda _: content(placed), range(24)))
    assert all(result == results[0] for result in results)
    kept, folder = results[0]
    assert {path.name for path in folder.iterdir()} == {*kept, CONTENTS}
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_what_another_process_has_not_finished_counts_for_nothing(placed, making):
    whole, folder = content(placed)
    listed = json.loads((folder / CONTENTS).read_bytes())
    (folder / CONTENTS).unlink()
    (folder / next(iter(listed))).unlink()
    assert content(placed) == (whole, folder)
    assert len(making) == 2


LOADED = """
import sys
from pipeline.engines import load_engines
from pipeline.settings import ModelSettings
load_engines(ModelSettings())
print(sorted({"onnx", "pipeline.models.rewriting", "yaml"} & set(sys.modules)))
"""


@pytest.mark.slow
def test_whoever_finds_models_prepared_loads_them_without_onnx():
    for model in place_models(ModelSettings()):
        content(model)
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout == "['yaml']\n"  # which PaddleOCR reads its configurations with


def test_the_command_places_and_prepares_each_model_and_names_it_on_a_line_of_its_own(capsys):
    main()
    names = [line.split() for line in capsys.readouterr().out.splitlines()]
    placed = place_models(ModelSettings())
    assert names == [[model.name, model.sha256[:12], str(model.folder)] for model in placed]
    assert all(list((model.folder / "prepared").iterdir()) for model in placed)
