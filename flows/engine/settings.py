"""What Prefect is told, and by whom: by this program and by the environment, never by a file of the working folder.

Prefect also takes settings from `.env`, `prefect.toml` and `pyproject.toml` of the working folder, and one of them
names a logging configuration, which may call anything. A folder of scans may hold anything, so Prefect reads its
settings while the working folder is another.
"""

from __future__ import annotations

import importlib
import ipaddress
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.errors import FlowEngineFailed

CHOSEN_SERVER = ("PREFECT_API_URL", "PREFECT_PROFILE")
"""Variables of the environment by which the user names a server, and a profile of Prefect's that may name one."""
NO_PROXY = dict.fromkeys(("no_proxy", "NO_PROXY"), "*")
"""The loopback is no proxy's business. With a list of hosts instead, HTTP clients would still set up a SOCKS proxy, and
fail where they cannot."""
SAFE_FOLDER = Path(__file__).resolve().parent
"""A folder with nothing but this program in it."""


@contextmanager
def away_from_working_folder() -> Iterator[None]:
    """Have this program's own folder as the working folder, and the present one again afterwards.

    The working folder is the whole process's: no other thread may be at work with relative paths meanwhile. One that
    was removed is left and entered like any other, as it is held open.
    """
    try:
        here = os.open(".", getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY)
    except OSError:  # nothing in it can be named, so nothing needs it
        here = None
    os.chdir(SAFE_FOLDER)
    try:
        yield
    finally:
        if here is not None:
            os.fchdir(here)
            os.close(here)


@contextmanager
def told(words: Mapping[str, str], wishes: Mapping[str, str] | None = None) -> Iterator[None]:
    """Have variables in the environment, here and in the processes that are started meanwhile.

    Args:
        words: what they are, whatever the user has set.
        wishes: what they are where the user has set nothing.
    """
    before = dict(os.environ)
    os.environ.update({**(wishes or {}), **before, **words})
    try:
        yield
    finally:
        for name in {*words, *(wishes or {})}:
            os.environ.pop(name, None)
            if name in before:
                os.environ[name] = before[name]


@contextmanager
def settings_of_environment() -> Iterator[Any]:
    """Have Prefect read its settings now, in case that it was imported, and read them, before; yields the settings.

    Raises:
        FlowEngineFailed: when a value is none that Prefect takes, or the profile that is named is not there.
    """
    name = os.environ.get("PREFECT_PROFILE", "")
    with away_from_working_folder():
        try:
            context = importlib.import_module("prefect.context").SettingsContext
            prefect = importlib.import_module("prefect.settings")
            settings = prefect.Settings()
        except ValueError as error:
            raise FlowEngineFailed(f"Prefect's settings: {' '.join(str(error).split())}") from error
    with context(profile=prefect.Profile(name=name or "signed-forms"), settings=settings):
        if name and name not in prefect.load_profiles().names:
            raise FlowEngineFailed(f"PREFECT_PROFILE names the profile {name!r}, which Prefect does not know")
        yield settings


def built_in_files() -> dict[str, str]:
    """The files with which Prefect comes, for what it would otherwise look for in its home folder."""
    spec = find_spec("prefect")
    if spec is None or spec.origin is None:
        raise FlowEngineFailed("Prefect is not installed")
    home = Path(spec.origin).parent
    return {
        "PREFECT_LOGGING_CONFIG_PATH": str(home / "logging" / "logging.yml"),
        "PREFECT_PROFILES_PATH": str(home / "settings" / "profiles.toml"),
    }


def has_chosen_server() -> bool:
    """Whether the environment may name a server."""
    return any(os.environ.get(name) for name in CHOSEN_SERVER)


def is_loopback(url: str) -> bool:
    """Whether a URL is one of this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
