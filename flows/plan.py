"""What a run has to do: which documents to read, which have landed already, which cannot be read at all."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from flows.looking import Looker
from flows.machine import cores
from flows.outcome import DocumentOutcome, Ending, PageOutcome
from flows.sources import PassedOver, list_files
from flows.workers.protocol import Sources
from pipeline.errors import SourceChanged, SourceUnreadable
from pipeline.forms import load_profiles, profiles_digest
from pipeline.landing import document_file, landed
from pipeline.models import place_models, shipped_digests
from pipeline.settings import Settings, load_settings, read_roster, roster_digest

_DIGESTS: dict[tuple[Path | int, ...], str] = {}
"""Of each file, once for as long as its state is the same: a run plans twice, before and inside its flow."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What may be chosen of a run beside its sources and its output folder."""

    settings: Path | None = None
    """A settings file; None for the defaults."""
    workers: int = 0
    """Documents read at once; 0 for as many as the machine bears."""
    force: bool = False
    """Whether documents that have landed are read again."""
    debug_images: Path | None = None
    """A folder for a picture of each page."""


AS_USUAL = Options()


@dataclass(frozen=True, slots=True)
class Identity:
    """What decides a document's rows beside its bytes; what landed under the same is not read again.

    `models` are (name, SHA-256) pairs.
    """

    settings: Settings
    settings_sha256: str
    models: tuple[tuple[str, str], ...]
    pipeline_version: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The paths of each document to read, by its `document_id`, and how the others have ended already."""

    to_read: dict[str, Sources]
    skipped: tuple[DocumentOutcome, ...]
    failed: tuple[DocumentOutcome, ...]
    ignored: tuple[str, ...]
    passed_over: tuple[PassedOver, ...]

    @property
    def endings(self) -> tuple[DocumentOutcome, ...]:
        """How the documents ended that need not be read."""
        return (*self.skipped, *self.failed)


def identify(options: Options) -> Identity:
    """Settle what the run's rows depend on; places the models where they are not yet.

    Raises:
        SettingsInvalid: when the settings file is at fault.
        ProfileInvalid: when a form profile is.
        RosterInvalid: when the roster is.
        ModelMissing: when a model is nowhere to be found.
        ModelMismatch: when a model's weights are not the manifest's.
    """
    settings = load_settings(options.settings)
    profiles = load_profiles(settings.forms)
    models = place_models(settings.models)
    roster = settings.signature.roster
    names = (roster_digest(read_roster(roster)),) if roster else ()
    shipped = shipped_digests()
    digests = (profiles_digest(profiles), *names, *(model.digest for model in models), *(sha for _, sha in shipped))
    used = (*((model.name, model.sha256) for model in models), *shipped)
    return Identity(settings, settings.sha256(*digests), used, version("signed-forms"))


def make_plan(sources: Sequence[Path], out: Path, options: Options, identity: Identity) -> Plan:
    """List the sources' files, tell contents apart, and find what has landed.

    Raises:
        SourceMissing: when a source is neither a file nor a folder.
        SourceUnreadable: when a source does not answer, or is a folder that cannot be listed.
    """
    own = [out] if options.debug_images is None else [out, options.debug_images]
    with Looker(cores()) as looker:
        listing = list_files(sources, looker, leave_out=own, follow_links=identity.settings.intake.follow_links)
        digests = _digests(listing.files, looker)
    failed = list(listing.unreadable)
    contents: dict[str, Sources] = {}
    for path, digest in zip(listing.files, digests, strict=True):
        if isinstance(digest, OSError):
            failed.append((path, SourceUnreadable(f"{path.name} cannot be read: {digest.strerror}")))
        else:
            contents[digest] = (*contents.get(digest, ()), str(path))
    known = {} if options.force else {name: _landed(name, paths, out, identity) for name, paths in contents.items()}
    return Plan(
        to_read={name: paths for name, paths in contents.items() if known.get(name) is None},
        skipped=tuple(outcome for outcome in known.values() if outcome),
        failed=tuple(unreadable((str(path),), error) for path, error in failed),
        ignored=tuple(map(str, listing.ignored)),
        passed_over=listing.passed_over,
    )


def unreadable(sources: Sources, error: SourceUnreadable | SourceChanged) -> DocumentOutcome:
    """How a document ended whose file cannot be read, or holds another content by now."""
    return DocumentOutcome(sources, None, Ending.FAILED, error_code=error.code, error_message=str(error))


def _digests(paths: Sequence[Path], looker: Looker) -> list[str | OSError]:
    """The `document_id` of each file, or why it cannot be read."""
    states = looker.ask_all("state", [(path,) for path in paths])
    found = dict(zip(paths, states, strict=True))
    new = [path for path, state in found.items() if not isinstance(state, OSError) and (path, *state) not in _DIGESTS]
    for path, digest in zip(new, looker.ask_all("digest", [(path,) for path in new]), strict=True):
        if isinstance(digest, OSError):
            found[path] = digest
        else:
            _DIGESTS[path, *found[path]] = digest
    return [state if isinstance(state, OSError) else _DIGESTS[path, *state] for path, state in found.items()]


def _landed(document_id: str, sources: Sources, out: Path, identity: Identity) -> DocumentOutcome | None:
    """How a document ended in an earlier run; None when it is to be read."""
    known = landed(out, document_id, identity.settings_sha256, identity.pipeline_version)
    if known is None or known.is_tried_again:
        return None
    status = Ending(known.status)
    return DocumentOutcome(
        sources=sources,
        document_id=document_id,
        status=status,
        skipped=True,
        error_code=known.error_code,
        error_message=known.error_message,
        pages=_pages_not_landed(out, document_id) if status is Ending.PARTIAL else (),
        findings=known.n_findings,
    )


def _pages_not_landed(out: Path, document_id: str) -> tuple[PageOutcome, ...]:
    try:
        rows = pq.read_table(document_file(out, "pages", document_id)).to_pylist()
    except (OSError, pa.ArrowException):
        logger.warning("the landed pages of %s cannot be read", document_id)
        return ()
    return tuple(
        PageOutcome(row["page_number"], Ending(row["status"]), row["error_code"], None, 0, 0.0, 0.0)
        for row in rows
        if Ending(row["status"]) is not Ending.LANDED
    )
