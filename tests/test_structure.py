"""The project's own rules, checked on its own files: who may import what, how long things grow, what no file says."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(path for folder in ("pipeline", "flows") for path in (ROOT / folder).rglob("*.py"))
PIPELINE = [path for path in MODULES if path.is_relative_to(ROOT / "pipeline")]

MAX_MODULE_LINES = 350
MAX_FUNCTION_LINES = 60
MAY_BE_LONGER = {
    "pipeline/elements.py": "declarations alone, which are read as one list",
    "pipeline/tables.py": "the same",
    "pipeline/errors.py": "the same",
}
NO_TEST_FILE = {"pipeline/engines.py": "records and protocols alone: nothing runs"}
TESTED_BESIDE = {
    "pipeline/blocks.py": ("test_hierarchy.py", "parts of one interpretation, each seen by the records it leads to"),
    "pipeline/fields.py": ("test_hierarchy.py", "the same"),
    "pipeline/leaves.py": ("test_hierarchy.py", "the same"),
    "pipeline/hierarchy_rules.py": ("test_row_doubts.py", "seen by the findings it leads to"),
    "pipeline/joined.py": ("test_continuation.py", "seen by the records of pages that continue each other"),
    "pipeline/seams.py": ("test_continuation.py", "the same"),
    "pipeline/profile_file.py": ("test_profiles.py", "seen by the profiles it reads and the problems it tells of"),
    "pipeline/recognition.py": ("test_hierarchy.py", "the same, and with headers misread"),
    "pipeline/table_parts.py": ("test_stub_rows.py", "seen by the rows that come of the parts"),
    "pipeline/titles.py": ("test_hierarchy.py", "the same, and with titles in pieces"),
    "pipeline/decoder_ends.py": ("test_decoder_image.py", "needs the real codecs' files, cut short there"),
    "pipeline/decoder_mending.py": ("test_decoder_image.py", "mends what the real codecs refuse or fill in there"),
    "pipeline/decoder_plugins.py": ("test_decoder_image.py", "names the codecs that are tried there"),
    "pipeline/decoder_protocol.py": ("test_decoder.py", "the messages are of use only between both ends"),
    "pipeline/decoder_template.py": ("test_intake_start.py", "what it is for shows in the copies it makes"),
    "pipeline/decoder_tiff.py": ("test_decoder_image.py", "one of the image formats tried there"),
    "pipeline/intake_process.py": ("test_intake.py", "a process of its own, tried with real crashes and endless loops"),
}
"""Modules whose behaviour shows only beside another's, with the file that tests them, and why there."""

ORCHESTRATION_AND_WEB = {"prefect", "fastapi", "flask", "starlette", "uvicorn", "aiohttp", "django", "typer", "flows"}
RECOGNISERS = {"paddleocr", "paddlex", "onnxruntime"}
MAKERS = {"mkdir", "makedirs", "touch", "write_bytes", "write_text", "copyfile", "hardlink_to", "symlink_to"}
"""Calls that make files or folders with whatever mode the umask leaves, and follow links."""
MAY_MAKE_FILES = {
    "pipeline/folder.py": "where all others have theirs made",
    "pipeline/models.py": "weights and dictionaries, which are public and may serve many users",
    "pipeline/paddle.py": "the same, in a temporary folder of its own",
    "pipeline/export/csv_files.py": "in a folder that nobody else enters, from which the files are moved",
    "flows/orchestrator.py": "in a folder that nobody else enters",
    "flows/flow_history.py": "the same",
}

UNSAFE_SERIALISERS = {"pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}

UNWANTED_IN_TEXT = {
    "a path of one machine": re.compile(r"(?<![\w.}/])/(?:home|root|work|Users)/\w"),
    "a package registry": re.compile(r"\b(?:pypi|pythonhosted|anaconda)\.org\b|(?<!\w)--(?:extra-)?index-url\b"),
}
MAY_MENTION = {"tests/test_structure.py": "holds the patterns themselves"}


def name(path):
    return path.relative_to(ROOT).as_posix()


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(path):
    """The top-level packages that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module.split(".")[0])
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", None) == "import_module":
            found |= {arg.value.split(".")[0] for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    return found


def tracked_files():
    """Files that git tracks, or would if they were added."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout, so there is no list of the project's files")
    return [path for line in listing.splitlines() if (path := ROOT / line).is_file()]


def text_of(path):
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_there_are_modules_to_check():
    assert {"pipeline/elements.py", "pipeline/evaluate/truth.py"} <= {name(path) for path in PIPELINE}


@pytest.mark.parametrize("path", PIPELINE, ids=name)
def test_the_pipeline_knows_no_orchestrator_and_no_web_framework(path):
    assert not imported(path) & ORCHESTRATION_AND_WEB


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "paddle.py"], ids=name)
def test_only_the_paddle_module_imports_the_recognisers(path):
    assert not imported(path) & RECOGNISERS


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_nothing_is_read_from_pickles(path):
    assert not imported(path) & UNSAFE_SERIALISERS


def makes_files(call):
    """Whether a call makes a file or a folder by itself."""
    called = getattr(call.func, "attr", getattr(call.func, "id", None))
    modes = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    modes += [word.value.value for word in call.keywords if word.arg == "mode" and isinstance(word.value, ast.Constant)]
    opens_to_write = called == "open" and any(set(mode) & set("wax+") and len(mode) <= 3 for mode in modes)
    is_of_os = isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", None) == "os"
    makes = any(getattr(arg, "attr", None) == "O_CREAT" for arg in ast.walk(call)) and called == "open" and is_of_os
    return called in MAKERS or opens_to_write or makes


@pytest.mark.parametrize("path", [path for path in MODULES if name(path) not in MAY_MAKE_FILES], ids=name)
def test_files_and_folders_are_made_where_they_are_made_for_their_owner_alone(path):
    calls = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    assert [ast.unparse(call) for call in calls if makes_files(call)] == []


@pytest.mark.parametrize(
    "code",
    ["p.mkdir()", "p.open('wb')", "open(p, mode='a')", "os.open(p, os.O_WRONLY | os.O_CREAT)", "p.write_text('')"],
)
def test_making_a_file_is_recognised(code):
    assert makes_files(ast.parse(code).body[0].value)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_modules_and_functions_stay_short(path):
    functions = (n for n in ast.walk(tree_of(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    long = {f.name: lines for f in functions if (lines := f.end_lineno - f.lineno + 1) > MAX_FUNCTION_LINES}
    assert not long
    assert name(path) in MAY_BE_LONGER or len(path.read_text(encoding="utf-8").splitlines()) <= MAX_MODULE_LINES


def test_every_pipeline_module_and_every_room_has_its_tests():
    plain = {path for path in PIPELINE if path.parent == ROOT / "pipeline" and path.name != "__init__.py"}
    rooms = {path.parent for path in PIPELINE if path.parent != ROOT / "pipeline"}
    untested = {name(path) for path in plain | rooms if not (ROOT / "tests" / f"test_{path.stem}.py").is_file()}
    assert untested == set(NO_TEST_FILE) | set(TESTED_BESIDE)
    assert all((ROOT / "tests" / file).is_file() for file, _ in TESTED_BESIDE.values())


def test_every_package_is_installed():
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    packages = {path.parent.relative_to(ROOT).as_posix().replace("/", ".") for path in MODULES}
    assert {package for package in packages if f'"{package}"' not in settings} == set()


@pytest.mark.parametrize("what", UNWANTED_IN_TEXT)
def test_no_file_names(what):
    texts = {name(path): text_of(path) for path in tracked_files() if name(path) not in MAY_MENTION}
    assert [file for file, text in texts.items() if UNWANTED_IN_TEXT[what].search(text)] == []


@pytest.mark.parametrize(
    ("what", "text"),
    [("a path of one machine", "open('/" + "root/x')"), ("a package registry", "https://py" + "pi.org/simple")],
)
def test_unwanted_text_is_recognised(what, text):
    assert UNWANTED_IN_TEXT[what].search(text)


def test_every_exception_names_a_file_that_exists():
    exceptions = MAY_MENTION | MAY_BE_LONGER | MAY_MAKE_FILES | NO_TEST_FILE | TESTED_BESIDE
    assert all((ROOT / file).is_file() and reason for file, reason in exceptions.items())
