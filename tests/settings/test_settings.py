"""What the settings file says is what the stages get, and nothing in it is ignored."""

import dataclasses
import json
import typing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import SettingsInvalid
from pipeline.settings.settings import READERS, Readers, Settings, load_settings

SPEED_AND_PLACE = {
    ("intake", "follow_links"),
    ("models", "threads"),
    ("models", "folder"),
    ("forms", "folder"),
    ("signature", "roster"),
    ("landing", "lock_timeout_s"),
    ("landing", "readable_by"),
}
KEYS = [
    (stage.name, key.name)
    for stage in dataclasses.fields(Settings)
    for key in dataclasses.fields(stage.default_factory)
]


def write(tmp_path, text):
    path = tmp_path / "signed-forms.toml"
    path.write_text(text, encoding="utf-8")
    return path


def with_value(stage, key, value):
    return dataclasses.replace(Settings(), **{stage: dataclasses.replace(getattr(Settings(), stage), **{key: value})})


def another(value):
    """A value of the same kind."""
    match value:
        case bool():
            return not value
        case None:
            return Path("elsewhere")
        case tuple():
            return (*value, "Kwitansi oleh")
        case str():
            return next(readers for readers in READERS if readers != value)
        case _:
            return value + 1


def range_of(stage, key):
    """The least and the most that a number may be; None for what is no number."""
    kind = typing.get_type_hints(type(getattr(Settings(), stage)), include_extras=True)[key]
    return typing.get_args(kind)[1] if typing.get_origin(kind) is typing.Annotated else None


def as_toml(tree):
    tables = (
        f"[{stage}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in keys.items()) for stage, keys in tree.items()
    )
    return "\n".join(tables)


@st.composite
def trees(draw):
    """Any choice of keys, each with a value of its kind."""
    tree = {}
    for stage, key in draw(st.lists(st.sampled_from(KEYS), unique=True)):
        default = getattr(getattr(Settings(), stage), key)
        limits = range_of(stage, key)
        kinds = {
            bool: st.booleans,
            int: lambda limits=limits: st.integers(*limits),
            float: lambda limits=limits: st.floats(*limits),
            type(None): lambda: st.text("abcä/é. ", min_size=1),
            tuple: lambda: st.lists(st.text("abcä签. ", min_size=1), max_size=3),
            Readers: lambda: st.sampled_from(READERS),
        }
        tree.setdefault(stage, {})[key] = draw(kinds[type(default)]())
    return tree


# --- reading ----------------------------------------------------------------------------------------------------------


def test_without_a_file_and_with_an_empty_one_the_defaults_hold(tmp_path):
    assert load_settings(None) == load_settings(write(tmp_path, "")) == Settings()


@settings(max_examples=50)
@given(tree=trees())
def test_what_is_written_is_what_is_read_and_the_rest_keeps_its_default(tmp_path_factory, tree):
    folder = tmp_path_factory.mktemp("settings")
    read = dataclasses.asdict(load_settings(write(folder, as_toml(tree))))
    expected = dataclasses.asdict(Settings())
    for stage, keys in tree.items():
        is_path = {key: expected[stage][key] is None for key in keys}
        lists = {key: tuple(value) for key, value in keys.items() if isinstance(value, list)}
        expected[stage] |= {key: folder / value if is_path[key] else value for key, value in keys.items()} | lists
    assert read == expected


def test_a_whole_number_will_do_where_a_fraction_is_meant(tmp_path):
    timeout = load_settings(write(tmp_path, "[intake]\ndecode_timeout_s = 20")).intake.decode_timeout_s
    assert (timeout, type(timeout)) == (20.0, float)


def test_a_folder_is_relative_to_the_settings_file(tmp_path):
    settings = load_settings(write(tmp_path, '[forms]\nfolder = "our/forms"\n[models]\nfolder = "/opt/models"'))
    assert settings.forms.folder == tmp_path / "our" / "forms"
    assert settings.models.folder == Path("/opt/models")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[grid]\nminrows = 3",
            "grid: unknown key 'minrows' (did you mean 'min_rows'?); known keys are min_cols, min_rows, review_con",
        ),
        ("[colour]", "unknown key 'colour'; known keys are forms, grid, intake, landing, models, ocr, signature"),
        ("min_rows = 3", "unknown key 'min_rows'"),
        (
            "[models]\nwhole_numbers = false",
            ":2: models: unknown key 'whole_numbers' (its name is 'int8' now); known keys are folder, int8, threads",
        ),
        ("ocr = 48", "ocr: must be a table, got 48"),
        ("[grid]\nmin_rows = 3.5", "grid: min_rows: must be a whole number, got 3.5"),
        ('[grid]\nmin_rows = "3"', "grid: min_rows: must be a whole number, got '3'"),
        ("[grid]\nmin_rows = true", "grid: min_rows: must be a whole number, got True"),
        ("[intake]\ndecode_timeout_s = false", "intake: decode_timeout_s: must be a number, got False"),
        ("[signature]\nenabled = 1", "signature: enabled: must be true or false, got 1"),
        ("[forms]\nfolder = 3", "forms: folder: must be a path, got 3"),
        ("[grid]\nmin_rows = -3", "grid: min_rows: must be from 1 to 1,000, got -3"),
        ("[forms]\nthreshold = -0.1", "forms: threshold: must be from 0 to 1, got -0.1"),
        ("[ocr\n", "signed-forms.toml:1: Expected"),
        ("[grid]\nmin_rows = 1\nmin_rows = 2", "Cannot overwrite a value"),
        ("[landing]\nlock_timeout_s = inf", ":2: landing: lock_timeout_s: must be from 0 to 31,536,000, got inf"),
        ("[landing]\nlock_timeout_s = nan", "lock_timeout_s: must be from 0 to 31,536,000, got nan"),
        ("[intake]\ndecode_timeout_s = 1e400", "decode_timeout_s: must be from 0.1 to 86,400, got inf"),
        ("[intake]\nmax_pages = 1" + 30 * "0", "max_pages: must be from 1 to 1,000,000, got 1000"),
        ("[intake]\nmax_pages = 1" + 9000 * "0", "signed-forms.toml: "),
        ("[intake]\nmax_pages = 0x1" + 9000 * "0", "max_pages: must be from 1 to 1,000,000, got a number of thousands"),
        ("[forms]\nthreshold = 1" + 400 * "0", "threshold: must be a number, got 1000"),
        ("[grid]\nmin_rows = 1001", "min_rows: must be from 1 to 1,000, got 1001"),
        ('[forms]\nfolder = "a\\u0000b"', "forms: folder: must be a path, got 'a\\x00b'"),
        ("[grid]\nmin_rows = -1\nmin_cols = 0", ":3: grid: min_cols: must be from 1 to 1,000, got 0"),
    ],
)
def test_a_mistake_is_refused_with_its_place(tmp_path, text, words):
    path = write(tmp_path, text)
    with pytest.raises(SettingsInvalid) as error:
        load_settings(path)
    assert words in str(error.value)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(("stage", "key"), KEYS)
def test_every_number_has_a_range_and_its_default_lies_within(stage, key):
    default, limits = getattr(getattr(Settings(), stage), key), range_of(stage, key)
    assert (limits is not None) == (type(default) in (int, float))
    assert limits is None or limits.least <= default <= limits.most


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "signed-forms.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsInvalid, match=r"signed-forms\.toml"):
        load_settings(path)


def test_a_missing_file_is_refused_with_the_reason(tmp_path):
    with pytest.raises(SettingsInvalid, match=r"none\.toml: cannot be read: No such file"):
        load_settings(tmp_path / "none.toml")


# --- digests ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stage", "key"), sorted(set(KEYS) - SPEED_AND_PLACE))
def test_the_digest_changes_with_every_value_that_may_change_rows(stage, key):
    changed = with_value(stage, key, another(getattr(getattr(Settings(), stage), key)))
    assert changed.sha256() != Settings().sha256()


@pytest.mark.parametrize(("stage", "key"), sorted(SPEED_AND_PLACE))
def test_the_digest_does_not_change_with_where_things_are_and_how_fast_they_go(stage, key):
    changed = with_value(stage, key, another(getattr(getattr(Settings(), stage), key)))
    assert changed != Settings()
    assert changed.sha256() == Settings().sha256()


def test_the_digest_covers_what_the_settings_point_at():
    digests = [Settings().sha256(*given) for given in ((), ("a",), ("b",), ("a", "b"), ("b", "a"), ("ab",))]
    assert len(set(digests)) == len(digests)


def test_the_digest_is_hexadecimal_and_the_same_each_time():
    assert Settings().sha256("a") == Settings().sha256("a")
    assert len(bytes.fromhex(Settings().sha256())) == 32


def test_readers_that_nobody_knows_are_refused_with_those_there_are(tmp_path):
    with pytest.raises(SettingsInvalid, match="readable_by: must be one of owner, group, all"):
        load_settings(write(tmp_path, '[landing]\nreadable_by = "world"'))
