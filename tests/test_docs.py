"""The docs say what the program does: every command, option, setting and error, and no file that is not there."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
import typer

from flows.cli import app
from pipeline.errors import DocumentError, EnvironmentFault, SignedFormsError, UsageFault
from pipeline.settings.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parent.parent
README_FILE = ROOT / "README.md"
README = README_FILE.read_text(encoding="utf-8")
ERRORS = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
PAGES = [*(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md")), *(ROOT / "docs").glob("*.md")]


def commands(group, prefix=""):
    """Every command by its words, those of groups too."""
    for name, command in group.commands.items():
        yield f"{prefix}{name}", command
        yield from commands(command, f"{prefix}{name} ") if hasattr(command, "commands") else ()


COMMANDS = dict(commands(typer.main.get_command(app)))


def options():
    for name, command in COMMANDS.items():
        for parameter in command.params:
            yield pytest.param(command, parameter, id=f"{name} {parameter.name}")


def tree(kind):
    """Every error class, the base left out."""
    for child in kind.__subclasses__():
        yield child
        yield from tree(child)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_a_line_in_the_readme(name):
    assert COMMANDS[name].help
    assert f"signed-forms {name}" in README


@pytest.mark.parametrize(("command", "parameter"), [*options()])
def test_every_option_has_help_and_a_line_in_the_readme(command, parameter):
    assert parameter.help
    if parameter.param_type_name == "option":
        assert f"`{parameter.opts[0]}" in README


@pytest.mark.parametrize("option", sorted(set(re.findall(r"`(--[a-z-]+)", README))))
def test_the_readme_names_no_option_that_is_not_there(option):
    known = {name for command in COMMANDS.values() for parameter in command.params for name in parameter.opts}
    assert option in known | {"--verbose", "--version"}


def test_every_setting_is_described_with_its_default():
    described = {}
    for section, body in re.findall(r"^## `\[(\w+)\]`[^\n]*\n(.*?)(?=^## |\Z)", SETTINGS, re.MULTILINE | re.DOTALL):
        for key, default in re.findall(r"^\| `(\w+)`(?: \*)? \| (?:`([^`]+)`|none) \|", body, re.MULTILINE):
            described[section, key] = tomllib.loads(f"value = {default}")["value"] if default else None
            if described[section, key] == []:
                described[section, key] = ()
    defaults = Settings()
    sections = {entry.name: getattr(defaults, entry.name) for entry in fields(Settings)}
    assert described == {
        (name, entry.name): getattr(section, entry.name)
        for name, section in sections.items()
        if is_dataclass(section)
        for entry in fields(section)
    }


def test_settings_marked_as_not_deciding_rows_do_not_decide_them(tmp_path):
    section, marked = None, []
    for line in SETTINGS.splitlines():
        section = (re.match(r"## `\[(\w+)\]`", line) or [None, section])[1]
        if key := re.match(r"\| `(\w+)` \*", line):
            marked.append((section, key[1]))
    in_landing = [("landing", "readable_by"), ("landing", "lock_timeout_s")]
    assert marked == [("intake", "follow_links"), ("models", "folder"), ("models", "threads"), *in_landing]
    values = {"folder": '"elsewhere"', "threads": "3", "readable_by": '"group"', "lock_timeout_s": "9.0"}
    values["follow_links"] = "true"
    for section, key in marked:
        file = tmp_path / f"{key}.toml"
        file.write_text(f"[{section}]\n{key} = {values[key]}\n")
        assert load_settings(file).sha256() == Settings().sha256()


@pytest.mark.parametrize("kind", [*tree(SignedFormsError)], ids=lambda kind: kind.__name__)
def test_every_error_says_what_to_do(kind):
    if not kind.__subclasses__():
        assert kind.remedy.endswith(".")
        assert re.fullmatch(r"[A-Z_]+", kind.code)


@pytest.mark.parametrize("branch", [DocumentError, EnvironmentFault, UsageFault], ids=lambda kind: kind.__name__)
def test_every_error_is_in_the_docs_as_it_is_told(branch):
    """The tables of docs/errors.md, in the order of the module: code, what it means, what to do."""
    _, section = re.split(rf"^## .*`{branch.fault}`.*$", ERRORS, flags=re.MULTILINE)
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \| (.+?) \|$", section.partition("\n## ")[0], re.MULTILINE)
    leaves = [kind for kind in branch.__subclasses__() if not kind.__subclasses__()]
    assert rows == [(kind.code, kind.__doc__.strip(), kind.remedy) for kind in leaves]


def test_error_codes_are_told_apart():
    codes = [kind.code for kind in tree(SignedFormsError)]
    assert sorted(set(codes)) == sorted(codes)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_to_files_that_exist(page):
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_modules_named_in_the_docs_exist(page):
    named = set(re.findall(r"\b((?:pipeline|flows|tests|benchmarks)/[\w/]+\.py)\b", page.read_text(encoding="utf-8")))
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", [README_FILE, ROOT / "docs" / "evaluation.md"], ids=lambda path: path.name)
def test_what_library_examples_import_is_there(page):
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    imports = [line for block in blocks for line in block.splitlines() if line.startswith("from pipeline")]
    assert imports
    assert [line for line in imports if re.match(r"from pipeline\.\w+\.", line)] == []
    exec("\n".join(imports), {})
