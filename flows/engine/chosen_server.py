"""A Prefect server that the user chose: by PREFECT_API_URL, or by a profile of Prefect's that PREFECT_PROFILE names."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from flows.engine.settings import NO_PROXY, has_chosen_server, is_loopback, settings_of_environment, told
from pipeline.errors import FlowServerUnreachable

ANSWER_LIMIT_S = 10.0
"""Seconds for the server to answer before anything is started."""


@contextmanager
def chosen_server() -> Iterator[bool]:
    """Have the flows called inside talk to the server that the environment names; yields whether it names one.

    Raises:
        FlowEngineFailed: when a setting is none that Prefect takes, or the profile is not there.
        FlowServerUnreachable: when the server does not answer, or not as Prefect's does.
    """
    if not has_chosen_server():
        yield False
        return
    with settings_of_environment() as settings:
        url = settings.api.url
        if url is None:  # a profile that names none
            yield False
            return
        with told(NO_PROXY if is_loopback(url) else {}):
            _ask(url)
            yield True


def unreachable(error: BaseException) -> FlowServerUnreachable | None:
    """What it means that Prefect gave up, if that is because its server did not answer; else None."""
    seen: BaseException | None = error
    while seen is not None:
        if type(seen).__module__.startswith("httpx") or "Failed to reach API" in str(seen):
            return FlowServerUnreachable(f"the Prefect server stopped answering: {type(seen).__name__}: {seen}")
        seen = seen.__cause__ or seen.__context__
    return None


def _ask(url: str) -> None:
    """Have the server answer one question, which also shows whether it takes our credentials."""
    settings = {"timeout": ANSWER_LIMIT_S}
    try:
        client: Any = importlib.import_module("prefect.client.orchestration").get_client(settings, sync_client=True)
        with client:
            client.read_flows(limit=1)
    except Exception as error:
        words = " ".join(str(error).split()) or type(error).__name__
        raise FlowServerUnreachable(f"{_without_password(url)}: {words}") from error


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
