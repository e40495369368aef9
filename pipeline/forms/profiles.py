"""forms/*.toml -> Profile: how a form type is recognised and what its cells mean. An unknown key is an error.

A profile is data: nothing in the code knows a form by name. `docs/profiles.md` explains every key to an archivist.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rapidfuzz import fuzz

from pipeline.errors import ProfileInvalid
from pipeline.forms.profile_parts import NO_HIERARCHY, Field, Hierarchy, TitleRule, check_label
from pipeline.settings import FormSettings, find_lines, read_strictly, read_toml
from pipeline.text import WAN_PER_UNIT, one_line

UNKNOWN = "unknown"
"""The form type of a page that no profile fits; no profile may be called so."""

BUILT_IN = Path(__file__).parent
"""The folder of the profiles that come with the package."""

MIN_NOTE_SIMILARITY = 0.5
"""A note begins with its label (备注), of which one sign of two may be misread."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A form type. `header_row` names labels that stand side by side; `anchors` further texts that tell the form.

    `words` are frequent in the form's open texts: they help where a character is in doubt.
    """

    name: str
    version: int
    title: TitleRule
    hierarchy: Hierarchy = NO_HIERARCHY
    fields: tuple[Field, ...] = ()
    header_row: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    note: str | None = None
    money_unit: str = "万元"
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could not be landed."""
        if self.money_unit not in WAN_PER_UNIT:
            raise ValueError(f"money_unit: must be one of {', '.join(WAN_PER_UNIT)}, got {self.money_unit!r}")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name) or self.name == UNKNOWN:
            raise ValueError(f"name: must be lower case letters, digits and _, and not {UNKNOWN!r}, got {self.name!r}")
        for key, labels in (("header_row", self.header_row), ("anchors", self.anchors)):
            for place, label in enumerate(labels, 1):
                check_label(f"{key}[{place}]", label)
        check_label("note", self.note)
        if not self.labels:
            raise ValueError("needs a label to be recognised by: hierarchy, fields, header_row or anchors")

    @property
    def labels(self) -> tuple[str, ...]:
        """Every header text of the form, once, in the profile's order: the anchors it is recognised by."""
        of_fields = (label for entry in self.fields for label in entry.labels)
        return tuple(dict.fromkeys((*self.header_row, *of_fields, *self.hierarchy.headers, *self.anchors)))

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """All texts that the profile knows to be right."""
        entries = (word for level in self.hierarchy.levels for word in sorted(level.words() or ()))
        choices = (choice for entry in self.fields for choice in entry.choices)
        return (self.title.text, *self.labels, *entries, *choices, *self.words)

    def is_note(self, text: str | None) -> bool:
        """Whether a text begins like the form's closing note, of whose label one sign may be misread."""
        start = (one_line(text) or "")[: len(self.note or "")]
        return self.note is not None and fuzz.ratio(start, self.note) / 100 >= MIN_NOTE_SIMILARITY


def load_profiles(settings: FormSettings) -> tuple[Profile, ...]:
    """The built-in profiles and those of the user's folder, by name; a user's profile replaces a built-in namesake.

    Raises:
        ProfileInvalid: when a file cannot be read, names an unknown key, or a value has the wrong kind; the message
            names the file and the key.
    """
    folders = [BUILT_IN]
    if settings.folder is not None:
        folders.append(settings.folder)
    by_name: dict[str, Profile] = {}
    for folder in folders:
        by_name.update(_read_folder(folder))
    return tuple(by_name[name] for name in sorted(by_name))


def read_profile(path: Path) -> Profile:
    """One profile from its file.

    Raises:
        ProfileInvalid: as for `load_profiles`.
    """
    return read_strictly(path, Profile, ProfileInvalid)


def profiles_digest(profiles: tuple[Profile, ...]) -> str:
    """SHA-256 (hex) of what the profiles say, wherever their files lie."""
    said = json.dumps([asdict(profile) for profile in profiles], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def read_each(paths: Iterable[Path]) -> Iterator[tuple[Path, Profile | ProfileInvalid]]:
    """Profiles one by one, or what is wrong with them: a file at fault does not keep the others from being read.

    Two files of one folder that have the same name are a mistake of the second.
    """
    names: set[tuple[Path, str]] = set()
    for path in paths:
        try:
            profile = read_profile(path)
            if (path.parent, profile.name) in names:
                raise _name_taken(path, profile)
        except ProfileInvalid as error:
            yield path, error
        else:
            names.add((path.parent, profile.name))
            yield path, profile


def _name_taken(path: Path, profile: Profile) -> ProfileInvalid:
    """The mistake of a file whose profile has the name of another one in its folder."""
    line = find_lines(read_toml(path, ProfileInvalid)[1])["name",]
    return ProfileInvalid(f"{path}:{line}: name: {profile.name!r} is taken by another file of the same folder")


def _read_folder(folder: Path) -> dict[str, Profile]:
    by_name: dict[str, Profile] = {}
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - a glob is silent about a folder that cannot be listed
    except OSError as error:
        raise ProfileInvalid(f"{folder}: cannot be listed: {error.strerror}") from error
    for _, profile in read_each(folder / name for name in names if name.endswith(".toml") and name[0] != "."):
        if isinstance(profile, ProfileInvalid):
            raise profile
        by_name[profile.name] = profile
    return by_name
