"""The command line. Each command imports what it needs when it runs, so that help does not wait for an orchestrator."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from flows.process_end import EXIT_INTERRUPTED, end_on_signals, leave
from flows.streams import steady_streams
from flows.timing import counting_from, part_done, process_begun
from pipeline.errors import ProfileInvalid, SignedFormsError, UsageFault
from pipeline.visible import visible_lines

EXIT_FAILED, EXIT_USAGE = 1, 2

app = typer.Typer(
    help="Turns scanned, signed, ruled forms into trustworthy tables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
logger = logging.getLogger(__name__)


def _no_option(folder: Path | None) -> Path | None:
    """What follows an option that wants a folder, unless it is the next option: the folder was forgotten."""
    if folder is not None and str(folder).startswith("-"):
        raise typer.BadParameter(f"needs a folder before {folder} (one of that name is ./{folder})")
    return folder


def _output_folder(folder: Path) -> Path:
    """A folder whose name the libraries that write tables can take."""
    try:
        str(folder.absolute()).encode()
    except UnicodeEncodeError:
        raise typer.BadParameter("its path is no text in this locale; give another, or set LC_ALL=C.UTF-8") from None
    except OSError:
        pass  # the working folder is gone, which the run will tell of
    _no_option(folder)
    return folder


Sources = Annotated[
    list[Path], typer.Argument(metavar="SOURCE…", help="Files (PDF, TIFF, JPEG, PNG, WebP) and folders of them.")
]
Out = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Folder where the tables land.", callback=_output_folder)
]
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="Settings; docs/settings.md lists them all.")
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, metavar="N", help="Documents read at once. [default: as the machine bears]"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


def main() -> None:
    """Run the command line; the process ends with the command's exit status."""
    steady_streams()
    try:
        with counting_from(process_begun()):
            app(prog_name="signed-forms")
    except SignedFormsError as error:  # help that cannot be printed; commands tell of theirs themselves
        _say(error)
        leave(EXIT_FAILED)
    except SystemExit as end:
        leave(end.code if isinstance(end.code, int) else EXIT_FAILED if end.code else 0)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"signed-forms {metadata.version('signed-forms')}")
        raise typer.Exit


@app.callback()
def signed_forms(
    verbose: Annotated[bool, typer.Option("--verbose", help="Show the log and tracebacks as well.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Turns scanned, signed, ruled forms into trustworthy tables."""
    if verbose:
        _show_log()


@app.command()
def digitise(
    sources: Sources,
    out: Out,
    settings: SettingsFile = None,
    workers: Workers = None,
    force: Annotated[bool, typer.Option("--force", help="Read again what has landed.")] = False,
    as_json: AsJson = False,
    debug_images: Annotated[
        Path | None,
        typer.Option(
            "--debug-images",
            metavar="DIR",
            help="Draw what was found on each page, into DIR.",
            callback=_no_option,
        ),
    ] = None,
) -> None:
    """Read scanned forms and land their tables.

    Exit status: 0 all landed, 3 a document is in quarantine or landed in part, 2 bad usage, 1 the run failed.
    """
    with _errors_reported():
        from flows.plan import Options
        from flows.runs import run

        report = run(sources, out, Options(settings, workers or 0, force, debug_images))
        _print(report.as_json() if as_json else "\n".join(report.lines()))
        part_done("end")
    raise typer.Exit(report.exit_status)


@app.command()
def evaluate(
    truth_dir: Annotated[Path, typer.Argument(metavar="TRUTH_DIR", help="Folder of truth files (*.json).")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder whose tables are scored.")],
    as_json: AsJson = False,
) -> None:
    """Score landed tables against ground truth.

    docs/evaluation.md defines truth files and measures.
    """
    with _errors_reported():
        from pipeline.evaluate import as_json as to_json
        from pipeline.evaluate import as_markdown
        from pipeline.evaluate import evaluate as score

        evaluation = score(truth_dir, out)
        _print(json.loads(to_json(evaluation)) if as_json else as_markdown(evaluation))


@app.command()
def export(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder whose tables are exported.")],
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="FILE", help="Excel: a sheet for each table and each page.")
    ] = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="DIR", help="A CSV file for each table.")] = None,
    duckdb: Annotated[
        Path | None, typer.Option("--duckdb", metavar="FILE", help="DuckDB: the tables, and views that join them.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write landed tables to Excel, CSV or DuckDB.

    docs/analysts.md says how to use them.
    """
    if xlsx is csv is duckdb is None:
        raise typer.BadParameter("give --xlsx, --csv or --duckdb")
    with _errors_reported():
        from pipeline.export import Targets
        from pipeline.export import export as write

        exported = write(out, Targets(xlsx, csv, duckdb), replace=force)
        _print(exported.as_json() if as_json else "\n".join(exported.lines()))


@app.command()
def forget(
    document_ids: Annotated[
        list[str], typer.Argument(metavar="DOCUMENT_ID…", help="Ids of documents, or at least 8 digits of each.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder from whose tables they are removed.")],
    as_json: AsJson = False,
) -> None:
    """Remove documents from all tables, and the logs of runs that name them.

    Exit status: 0 all are gone, 2 an id is unknown or fits several documents and nothing was removed, 1 it failed.
    """
    with _errors_reported():
        from pipeline.landing import forget as remove

        removal = remove(out, document_ids)
        _print(removal.as_json() if as_json else "\n".join(removal.lines()))


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check that this machine has what the runs need.

    Exit status: 0 all is well, 1 something is missing.
    """
    with _errors_reported():
        from flows.doctor import examine

        checks = examine()
        if as_json:
            _print({"ok": all(check.ok for check in checks), "checks": [check._asdict() for check in checks]})
        else:
            for check in checks:
                typer.echo(f"{'ok    ' if check.ok else 'WRONG '} {check.name}: {check.detail}")
                if not check.ok:
                    typer.echo(f"       {check.remedy}")
    raise typer.Exit(0 if all(check.ok for check in checks) else EXIT_FAILED)


@app.command()
def serve(
    sources: Sources,
    out: Out,
    cron: Annotated[
        str | None,
        typer.Option("--cron", metavar="'M H D M W'", help="When to run, in local time: '0 2 * * *' at 2:00."),
    ] = None,
    interval: Annotated[
        float | None, typer.Option("--interval", min=1, metavar="SECONDS", help="How often to run, instead of --cron.")
    ] = None,
    settings: SettingsFile = None,
    workers: Workers = None,
) -> None:
    """Digitise on a schedule until stopped.

    What has landed is skipped each time. docs/operations.md says how to keep it running.
    """
    if (cron is None) == (interval is None):
        raise typer.BadParameter("give either --cron or --interval")
    with _errors_reported():
        from flows.plan import Options
        from flows.serve import Schedule, serve_digitise

        serve_digitise(sources, out, Options(settings, workers or 0), Schedule(cron, interval))


profile = typer.Typer(help="Check form profiles and try them on pages; docs/profiles.md says how to write them.")
app.add_typer(profile, name="profile", no_args_is_help=True)


@profile.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Form profiles (*.toml).")],
    as_json: AsJson = False,
) -> None:
    """Check form profiles: every mistake is named with its file, its line and what is allowed.

    Exit status: 0 all are right, 2 one of them is not.
    """
    with _errors_reported():
        from pipeline.errors import ProfileInvalid
        from pipeline.profile_trial import check_profiles

        checked = check_profiles(files)
        problems = [problem for one in checked for problem in one.problems]
        if as_json:
            _print({"ok": not problems, "files": [one._asdict() for one in checked]})
        else:
            _print("\n".join(f"ok     {one.path}: {one.summary}" for one in checked if not one.problems))
        if problems:
            raise ProfileInvalid("\n".join(problems))


@profile.command(name="try")
def try_on_page(
    page: Annotated[Path, typer.Argument(metavar="PAGE", help="An image, or a PDF or TIFF with --page.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The profile to show; without it, the one that fits best.")
    ] = None,
    number: Annotated[int, typer.Option("--page", min=1, metavar="N", help="Page of the file.")] = 1,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Read a page and show what a form profile finds on it, label by label, beside the scores of the others."""
    with _errors_reported():
        from pipeline.engines import load_engines
        from pipeline.profile_trial import profiles_with, read_one_page, try_profiles
        from pipeline.settings import load_settings

        chosen = load_settings(settings)
        tried, profiles = profiles_with(file, chosen.forms)
        reading = read_one_page(page, number, chosen, load_engines(chosen.models))
        trial = try_profiles(reading, profiles, chosen.forms, tried)
        _print(trial.as_json() if as_json else "\n".join(trial.lines()))


@contextmanager
def _errors_reported() -> Iterator[None]:
    """End the process as the error says, in words and without a traceback."""
    end_on_signals()
    try:
        yield
    except (typer.Exit, typer.BadParameter):
        raise
    except KeyboardInterrupt:
        typer.echo("Interrupted. What has landed stays; the same command goes on from there.", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    except Exception as error:  # noqa: BLE001 - the last place where anything can still be said
        from flows.machine import as_ours

        ours = as_ours(error)
        _explain(ours, EXIT_USAGE if isinstance(ours, UsageFault) else EXIT_FAILED)


def _explain(error: SignedFormsError, status: int) -> NoReturn:
    _say(error)
    logger.debug("how it came to this", exc_info=error)
    raise typer.Exit(status) from None


def _say(error: SignedFormsError) -> None:
    said = visible_lines(str(error))
    if not isinstance(error, ProfileInvalid):  # whose mistakes have a line each
        said = said.replace("\n", "\n  ")  # a name must not pass for a line of ours
    typer.echo(f"{error.code}: {said}", err=True)
    if error.remedy:
        typer.echo(error.remedy, err=True)


def _show_log() -> None:
    """Log to standard error; at our own loggers, as Prefect replaces the handlers of the root."""
    from flows.runlog import LineFormatter

    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter())
    for name in ("flows", "pipeline"):
        logging.getLogger(name).setLevel(logging.DEBUG)
        logging.getLogger(name).addHandler(handler)


def _print(what: str | dict[str, Any]) -> None:
    """Print text, or JSON with every character that a stream might refuse spelled out."""
    typer.echo(visible_lines(what) if isinstance(what, str) else json.dumps(what, indent=1))


if __name__ == "__main__":
    main()
