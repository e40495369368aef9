"""A TOML file is read strictly: every mistake is named at once, with file, line and what may be."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest

from pipeline.errors import ProfileInvalid, SettingsInvalid
from pipeline.forms.profiles import Profile
from pipeline.settings.settings import Settings
from pipeline.settings.strict_toml import Range, read_strictly


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    size: Annotated[int, Range(1, 9)] = 1

    def __post_init__(self):
        if self.name == "none":
            raise ValueError("name: must name something")


@dataclass(frozen=True, slots=True)
class Whole:
    parts: tuple[Part, ...] = ()
    first: Part | None = None
    colour: Colour = Colour.RED
    folder: Path | None = None
    share: float = 0.5
    words: str | tuple[str, ...] | dict[str, tuple[str, ...]] = ""
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read(tmp_path, text, kind=Whole, refusal=SettingsInvalid):
    path = tmp_path / "file.toml"
    path.write_text(text, encoding="utf-8")
    return read_strictly(path, kind, refusal)


def problems(tmp_path, text, kind=Whole, refusal=SettingsInvalid):
    """What a refused file is told, by line, without the file's own name."""
    with pytest.raises(refusal) as caught:
        read(tmp_path, text, kind, refusal)
    told = [line.removeprefix(f"{tmp_path / 'file.toml'}:").split(": ", 1) for line in str(caught.value).splitlines()]
    return [(int(line), what) for line, what in told]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Whole()),
        ("[[parts]]\nname = 'a'\n[[parts]]\nname = 'b'\nsize = 9", Whole(parts=(Part("a"), Part("b", 9)))),
        ("first = {name = 'a'}", Whole(first=Part("a"))),
        ("colour = 'blue'\nshare = 1", Whole(colour=Colour.BLUE, share=1.0)),
        ("words = 'open'", Whole(words="open")),
        ("words = ['a', 'b']", Whole(words=("a", "b"))),
        ("[words]\na = ['b']", Whole(words={"a": ("b",)})),
    ],
    ids=["nothing", "tables", "a table in a line", "a word and a number", "one kind", "another kind", "a third kind"],
)
def test_fields_are_built_as_their_kinds_say(tmp_path, text, expected):
    assert read(tmp_path, text) == expected


def test_paths_are_relative_to_the_files_folder(tmp_path):
    assert read(tmp_path, "folder = 'a'").folder == tmp_path / "a"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colour = 'rad'", [(1, "colour: must be one of red, blue, got 'rad' (did you mean 'red'?)")]),
        ("\n[[parts]]\nsize = 3", [(2, "parts[1]: name: is missing")]),
        ("[first]\nname = 'a'\nsize = 10", [(3, "first: size: must be from 1 to 9, got 10")]),
        ("[first]\nname = 'none'", [(2, "first: name: must name something")]),
        ("[first]\nnme = 'a'", [(2, "first: unknown key 'nme' (did you mean 'name'?); known keys are name, size")]),
        ("[labels]\na = 3", [(2, "labels: a: must be a list, got 3")]),
    ],
)
def test_a_mistake_says_what_may_be(tmp_path, text, told):
    assert problems(tmp_path, text) == told


@pytest.mark.parametrize(
    ("kind", "refusal", "text", "lines"),
    [
        (Whole, SettingsInvalid, "colour = 3\n[[parts]]\n[first]\nname = 'none'\n[[parts]]\nname = 4", [1, 2, 4, 6]),
        (
            Settings,
            SettingsInvalid,
            "[ocr]\nline_height = 1\nlineheight = 48\n[forms]\nthreshold = 2\n[colour]\n[landing]\nreadable_by = 'you'",
            [2, 3, 5, 6, 8],
        ),
        (
            Profile,
            ProfileInvalid,
            "name = 'a'\nversion = 'b'\n[title]\ntext = '甲'\n[[fields]]\nname = 'unit'\nlabel = '乙'\n"
            "[[fields]]\nname = 'unit_name'\nlabel = '丙'\nrelation = 'left_of'\n[hierarchy]\nvalue = 3\nlevels = []",
            [2, 5, 6, 11, 13],
        ),
    ],
    ids=["any file", "settings", "a profile"],
)
def test_every_mistake_of_a_file_is_named_with_its_line(tmp_path, kind, refusal, text, lines):
    assert [line for line, _ in problems(tmp_path, text, kind, refusal)] == lines
