"""Manifests of models: what they say, what is wrong with them, and what goes without saying."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ModelMissing
from pipeline.models.manifest import Carrier, Model, Role, Traits, read_manifest
from pipeline.models.placing import SHIPPED

READER = '[[model]]\nname = "reader"\nrole = "recogniser"\n'


@pytest.mark.parametrize(
    "text",
    [
        "[[model]",
        "models = []",
        '[[model]]\nname = "reader"',
        '[[model]]\nname = "reader"\nrole = "typist"',
        f'{READER}colour = "red"',
        '[[model]]\nname = "a"\nrole = "detector"\n[[model]]\nname = "b"\nrole = "detector"',
    ],
    ids=["no toml", "no models", "no role", "unknown role", "unknown key", "two of a role"],
)
def test_a_manifest_that_makes_no_sense_is_refused_by_its_path(tmp_path, text):
    path = tmp_path / "manifest.toml"
    path.write_text(text)
    with pytest.raises(ModelMissing, match=r"manifest\.toml"):
        read_manifest(path)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("whole_numbers = true", "unknown key 'whole_numbers' (its name is 'int8' now)"),
        ("reduced_height = 32", "reduced_height: goes with reduced_height_confidence; name both or neither"),
        ("reduced_height_confidence = 0.9", "reduced_height: goes with reduced_height_confidence"),
        ("reduced_height = 48\nreduced_height_confidence = 0.9", "reduced_height: must be less than line_height, 48"),
        ("reduced_height = 4\nreduced_height_confidence = 0.9", "reduced_height: must be from 16 to 1,024, got 4"),
        ("line_height = 9", "line_height: must be from 16 to 1,024, got 9"),
        ("int8_features = [-9]", "int8_features: must be two numbers with 0 between them, the smaller one first"),
        ("int8_features = [-9, 9, 9]", "int8_features: must be two numbers"),
        ("int8_features = [9, -9]", "int8_features: must be two numbers"),
        ("int8_features = [-9, 1e99]", "int8_features[2]: must be from -1,000,000.0 to 1,000,000.0"),
    ],
)
def test_what_is_said_of_a_recogniser_must_be_possible(tmp_path, said, problem):
    path = tmp_path / "manifest.toml"
    path.write_text(READER + said)
    with pytest.raises(ModelMissing) as refused:
        read_manifest(path)
    assert problem in str(refused.value)


def test_what_is_not_said_of_a_recogniser_spares_no_work(tmp_path):
    path = tmp_path / "manifest.toml"
    path.write_text(READER)
    (model,) = read_manifest(path)
    assert model.traits == Traits(48, None, None, None, False, None)


def test_what_is_known_of_the_built_in_recogniser():
    recogniser, *others = read_manifest(SHIPPED / "manifest.toml")
    assert recogniser.traits == Traits(48, 32, 0.994, 26.0, True, (-64.0, 96.0))
    assert [other.traits for other in others] == [Traits()] * 2


words = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='"\\'), min_size=1)


@given(st.lists(st.builds(Carrier, words, words, words), max_size=3), words, st.sampled_from(Role))
def test_a_manifest_reads_back_as_it_was_written(tmp_path_factory, carriers, name, role):
    path = tmp_path_factory.mktemp("manifest") / "manifest.toml"
    listed = ", ".join(f'{{package = "{c.package}", version = "{c.version}", member = "{c.member}"}}' for c in carriers)
    path.write_text(f'[[model]]\nname = "{name}"\nrole = "{role}"\nsize = 1\ncarriers = [{listed}]\n')
    assert read_manifest(path) == (Model(name=name, role=role, size=1, carriers=tuple(carriers)),)
