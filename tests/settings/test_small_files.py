"""What people write is bounded before it is parsed: a file that nobody can have meant costs neither time nor memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ModelMissing, ProfileInvalid, RosterInvalid, SettingsInvalid
from pipeline.forms.profiles import read_profile
from pipeline.models.placing import read_manifest
from pipeline.settings.roster import read_roster
from pipeline.settings.settings import load_settings
from pipeline.settings.small_files import MAX_DEPTH, MAX_KEY_PARTS, MAX_TOML_BYTES, read_text, read_toml, shown

READERS = {
    SettingsInvalid: load_settings,
    ProfileInvalid: read_profile,
    RosterInvalid: read_roster,
    ModelMissing: read_manifest,
}
MEMORY_BYTES, PATIENCE_S = 2 * 2**30, 60


def fifo(path):
    os.mkfifo(path)


def sparse(path):
    with path.open("wb") as file:
        file.truncate(50 * 2**30)


def link_to_endless_zeros(path):
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize(("refusal", "read"), READERS.items())
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Path.mkdir, "Is a directory|no regular file"),
        (fifo, "no regular file"),
        (link_to_endless_zeros, "no regular file"),
        (sparse, "is larger than"),
        (lambda path: path.symlink_to(path), "Too many levels"),
        (lambda path: path.write_bytes(b"# a\n\xff"), ":2: is no UTF-8 text"),
        (lambda path: path.write_text("a = " + 100_000 * "["), ":1: is nested deeper"),
        (lambda path: path.write_text("a = " + 50_000 * "{a="), ":1: is nested deeper"),
        (lambda path: path.write_text("\n[" + "a." * 100_000 + "a]"), ":2: a key has more than"),
        (lambda path: path.write_text(" . ".join(30_000 * ['"a"', "'b'", "c"]) + " = 1"), ":1: a key has more than"),
        (lambda path: path.write_text("a = 1" + 5000 * "0"), "digits"),
        (lambda path: path.write_text("model = [1]\npeople = 3\n"), r"\.toml:\d|\.toml: people"),
    ],
)
def test_a_file_that_nobody_can_have_meant_is_refused_by_its_reader(tmp_path, refusal, read, make, words):
    path = tmp_path / "a.toml"
    make(path)
    with pytest.raises(refusal, match=words) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize(
    "text",
    [
        "[" + "a." * 100_000 + "a]",
        "a." * 100_000 + "a = 1",
        "a" * MAX_TOML_BYTES,
        "'a' . " * 150_000 + "a = 1",
        "a = " + '"""' * 150_000,
        "a = [" + "1.1," * 200_000 + "]",
        "#'" * 400_000 + "\n" + "'\n" * 1000,
        '\\"' * 400_000,
    ],
    ids=["table", "key", "word", "quoted", "quotes", "numbers", "comments", "backslashes"],
)
def test_no_text_takes_long_or_much_memory(tmp_path, text):
    """In a process whose memory is limited, as a test that fails must not take the machine down."""
    (tmp_path / "a.toml").write_text(text)
    check = (
        "import resource, sys, pathlib; from pipeline.errors import SettingsInvalid\n"
        "from pipeline.settings import small_files\n"
        f"resource.setrlimit(resource.RLIMIT_AS, ({MEMORY_BYTES}, {MEMORY_BYTES}))\n"
        "try: small_files.read_toml(pathlib.Path(sys.argv[1]), SettingsInvalid)\n"
        "except SettingsInvalid: pass"
    )
    subprocess.run([sys.executable, "-c", check, str(tmp_path / "a.toml")], check=True, timeout=PATIENCE_S)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + MAX_DEPTH * "[" + MAX_DEPTH * "]",
        "a." * (MAX_KEY_PARTS - 1) + "a = 1",
        "a = '" + 100 * "[" + "'\nb = '" + 100 * "a." + "'",
        "# " + 100 * "[" + 100 * "a." + "\na = 1",
        'a = """' + 100 * "[\n" + '"""',
        "a = [" + "1.5, " * 100 + "]",
        "a = [" + 100 * "[], " + "]",
        "\ufeffa = 1",
    ],
    ids=["deep", "long", "strings", "comments", "long strings", "numbers", "beside each other", "byte order"],
)
def test_what_only_looks_deep_or_long_is_read(tmp_path, text):
    (tmp_path / "a.toml").write_text(text, encoding="utf-8")
    assert "a" in read_toml(tmp_path / "a.toml", SettingsInvalid)[0]


@given(text=st.text("[]{}.,=\"'#\\\n a1", max_size=60))
def test_any_text_is_read_or_refused(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text)
    try:
        tree, same = read_toml(path, SettingsInvalid)
    except SettingsInvalid as error:
        assert str(error).startswith(str(path))
    else:
        assert (type(tree), same) == (dict, text)


def test_a_text_of_just_the_size_allowed_is_read(tmp_path):
    (tmp_path / "a").write_text(9 * "a")
    assert read_text(tmp_path / "a", 9, RosterInvalid) == 9 * "a"
    with pytest.raises(RosterInvalid, match="is larger than the 8 bytes allowed"):
        read_text(tmp_path / "a", 8, RosterInvalid)


@pytest.mark.parametrize(
    "value", [16**9000, 10_000 * "a", [10_000 * ["a"]], {"a": 5}, None], ids=lambda value: type(value).__name__
)
def test_values_are_shown_in_a_line_of_bearable_length(value):
    assert len(json.dumps(shown(value))) < 120
