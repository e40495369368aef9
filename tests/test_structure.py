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
MAX_MODULES = 12
"""Of one room: what is larger is hard to look through."""
MAY_BE_LONGER = {
    "pipeline/errors.py": "declarations alone, which are read as one list",
}
AROUND_ALL = {"errors", "visible", "document", "profile_trial"}
"""The modules at the top of the pipeline: they are about the whole. All others stand in rooms."""
FLOORS = (
    {"document", "profile_trial"},
    {"page"},
    {"signatures", "rereading", "residual", "stamps"},
    {"reading", "signers", "signing", "export"},
    {"grid", "layout"},
    {"dewarp", "recognition", "handwriting", "pen", "correction", "hierarchy", "validation", "landing"},
    {"engines", "intake", "forms", "evaluate", "ink", "schema"},
    {"decoding", "models", "files", "marks"},
    {"codecs", "imaging", "settings", "text"},
    {"elements"},
    {"errors", "visible"},
)
"""The rooms of the pipeline, and the modules at its top: each imports from lower floors alone."""
ENTERED_BY_MODULE = {
    "codecs": "a decoding process imports the codec that it needs, and nothing else",
    "decoding": "it starts without a library, by the name of its module",
}
"""Rooms whose face is empty, and why."""
NO_TEST_FILE = {"pipeline/engines/protocols.py": "records and protocols alone: nothing runs"}
TESTED_AS_ONE = {
    "pipeline/elements": "declarations, seen by what the few methods among them say",
    "pipeline/evaluate": "measures of one evaluation, seen by what they count on landed pages",
    "pipeline/export": "parts of one export, seen by the files they write",
    "pipeline/validation": "checks that show by the findings of whole documents",
}
"""Rooms whose modules are tested together, where they have no tests of their own."""
TESTED_BESIDE = {
    "pipeline/schema/keys.py": ("schema/test_tables.py", "parts of the tables, seen by the data dictionary"),
    "pipeline/schema/document_tables.py": ("schema/test_tables.py", "the same"),
    "pipeline/schema/reading_tables.py": ("schema/test_tables.py", "the same"),
    "pipeline/schema/form_tables.py": ("schema/test_tables.py", "the same"),
    "pipeline/engines/sessions.py": ("engines/test_paddle.py", "seen by the networks that it runs"),
    "pipeline/dewarp/ridges.py": ("dewarp/test_tracing.py", "seen by the lines that are traced on ridges"),
    "pipeline/reading/line_cuts.py": ("reading/test_cells.py", "crops as the recogniser is shown them"),
    "pipeline/reading/line_reading.py": ("reading/test_cells.py", "seen by the texts of the cells"),
    "pipeline/rereading/column_cuts.py": ("rereading/test_rereading.py", "crops as the recogniser is shown them"),
    "pipeline/rereading/page_ink.py": ("rereading/test_rereading.py", "what the cells that are read anew are cut from"),
    "pipeline/rereading/running_over.py": ("rereading/test_rereading.py", "seen by the cells that are joined"),
    "pipeline/rereading/struck_text.py": ("rereading/test_rereading.py", "seen by the corrections that land"),
    "pipeline/signatures/margin_kinds.py": ("signatures/test_margin_lines.py", "seen by the lines that are read"),
    "pipeline/stamps/print_lines.py": ("stamps/test_detection.py", "seen by what is no stamp on a page of print"),
    "pipeline/stamps/stamp_ink.py": ("stamps/test_stamp_text.py", "seen by the text that is read in it"),
    "pipeline/stamps/straight_lines.py": ("stamps/test_stamp_text.py", "pictures as the recogniser is shown them"),
    "pipeline/page/findings.py": ("page/test_read.py", "seen by the findings of whole pages"),
    "pipeline/forms/projects.py": ("forms/test_layout.py", "parts of one layout, seen by what it holds"),
    "pipeline/forms/fields.py": ("forms/test_layout.py", "the same"),
    "pipeline/forms/indicators.py": ("hierarchy/test_interpretation.py", "seen by the indicators that land"),
    "pipeline/forms/profile_parts.py": ("forms/test_profiles.py", "read by the profiles that they are the parts of"),
    "pipeline/hierarchy/merged_table.py": (
        "hierarchy/test_page_breaks.py",
        "seen by the records of pages that continue each other",
    ),
    "pipeline/hierarchy/table_parts.py": ("hierarchy/test_stub_rows.py", "seen by the rows that come of the parts"),
    "pipeline/imaging/print_marks.py": ("intake/test_print_size.py", "seen by the size of print"),
    "pipeline/imaging/sheets.py": ("intake/test_resolution.py", "seen by the resolution of pages that state none"),
    "pipeline/codecs/end_markers.py": ("decoding/test_raster.py", "needs the real codecs' files, cut short there"),
    "pipeline/codecs/plugins.py": ("decoding/test_raster.py", "names the codecs that are tried there"),
    "pipeline/codecs/tiff.py": ("decoding/test_raster.py", "one of the image formats tried there"),
    "pipeline/decoding/mending.py": ("decoding/test_raster.py", "mends what the real codecs refuse or fill in there"),
    "pipeline/decoding/protocol.py": ("decoding/test_child.py", "the messages are of use only between both ends"),
    "pipeline/decoding/template.py": ("intake/test_start.py", "what it is for shows in the copies it makes"),
    "pipeline/intake/process.py": (
        "intake/test_documents.py",
        "a process of its own, tried with real crashes and endless loops",
    ),
}
"""Modules whose behaviour shows only beside another's, with the file that tests them, and why there."""

FINDINGS_MADE = {"Finding", "RowDoubt", "breach"}
"""What makes findings: each takes a `FindingRule`, by place or by name."""
ENUMERATED = {
    *("rule", "severity", "status", "fault", "reason"),
    *("role", "cell_role", "source", "name_source", "year_source"),
}
"""Names of what has an enum of its own: a member that is misspelt is an error, a bare string only never equal."""

ORCHESTRATION_AND_WEB = {"prefect", "fastapi", "flask", "starlette", "uvicorn", "aiohttp", "django", "typer", "flows"}
RECOGNISERS = {"paddleocr", "paddlex", "onnxruntime"}
RUN_NETWORKS = {"pipeline/engines/paddle.py", "pipeline/engines/sessions.py"}
"""Where networks are loaded; all else asks the engines."""
READ_TOML = {"pipeline/settings/small_files.py", "pipeline/settings/toml_lines.py"}
"""Where TOML is parsed, within bounds; all else reads it by `read_strictly`, which names every mistake on its line."""
MAKERS = {"mkdir", "makedirs", "touch", "write_bytes", "write_text", "copyfile", "hardlink_to", "symlink_to"}
"""Calls that make files or folders with whatever mode the umask leaves, and follow links."""
MAY_MAKE_FILES = {
    "pipeline/files/folders.py": "where all others have theirs made",
    "pipeline/models/placing.py": "weights and dictionaries, which are public and may serve many users",
    "pipeline/models/preparation.py": "what is made of the weights, which is as public",
    "pipeline/export/csv_files.py": "in a folder that nobody else enters, from which the files are moved",
    "flows/engine/orchestrator.py": "in a folder that nobody else enters",
    "flows/engine/history.py": "the same",
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
    assert {"pipeline/files/folders.py", "pipeline/evaluate/truth.py"} <= {name(path) for path in PIPELINE}


@pytest.mark.parametrize("path", PIPELINE, ids=name)
def test_the_pipeline_knows_no_orchestrator_and_no_web_framework(path):
    assert not imported(path) & ORCHESTRATION_AND_WEB


@pytest.mark.parametrize("path", [path for path in MODULES if name(path) not in RUN_NETWORKS], ids=name)
def test_only_two_modules_import_the_recognisers(path):
    assert not imported(path) & RECOGNISERS


@pytest.mark.parametrize("path", [path for path in MODULES if name(path) not in READ_TOML], ids=name)
def test_toml_is_read_by_the_one_strict_reader(path):
    assert "tomllib" not in imported(path)


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


def room_of(path):
    """The room of a module of the pipeline, or the module itself at the top."""
    below = path.relative_to(ROOT / "pipeline")
    return below.parts[0] if len(below.parts) > 1 else path.stem


def test_every_module_of_a_room_has_its_tests():
    modules = {path for path in PIPELINE if not path.stem.startswith("__")}
    tested = {
        path
        for path in modules
        if (ROOT / "tests" / path.relative_to(ROOT / "pipeline")).with_name(f"test_{path.stem}.py").is_file()
    }
    apart = {path for path in modules if name(path) in TESTED_BESIDE or name(path.parent) in TESTED_AS_ONE}
    left = {name(path) for path in modules - tested - apart}
    assert left == set(NO_TEST_FILE)
    assert not {name(path) for path in tested} & set(TESTED_BESIDE)
    assert all((ROOT / "tests" / file).is_file() for file, _ in TESTED_BESIDE.values())


def test_rooms_are_small_enough_to_look_through():
    rooms = [path.parent for path in PIPELINE if path.name == "__init__.py"]
    sizes = {name(room): len([path for path in room.glob("*.py") if not path.stem.startswith("__")]) for room in rooms}
    assert {room: size for room, size in sizes.items() if size > MAX_MODULES} == {}


def test_what_stands_at_the_top_of_the_pipeline_is_about_the_whole():
    top = {path.stem for path in PIPELINE if path.parent == ROOT / "pipeline"}
    assert top - {"__init__"} == AROUND_ALL


def arrows(path):
    """The rooms from which a module imports, and the names of their modules where it does not use the face."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "pipeline":
            parts = node.module.split(".")[1:]
            deep = [".".join(parts)] if len(parts) > 1 else []
            inside = [alias.name for alias in node.names] if not parts else []
            deep += [
                f"{parts[0]}.{alias.name}"
                for alias in node.names
                if parts and (ROOT / "pipeline" / parts[0] / f"{alias.name}.py").is_file() and len(parts) == 1
            ]
            yield from ((room, deep) for room in (parts[:1] or inside))


@pytest.mark.parametrize("path", [path for path in PIPELINE if path.parent != path.parents[-1]], ids=name)
def test_rooms_import_from_lower_floors_alone(path):
    floor = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
    own = room_of(path)
    if own == "__init__":
        pytest.skip("the package itself is no room")
    assert [room for room, _ in arrows(path) if room != own and floor[room] <= floor[own]] == []


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_room_is_entered_by_its_face(path):
    own = room_of(path) if path in PIPELINE else None
    entered = [inner for room, deep in arrows(path) for inner in deep if room != own and room not in ENTERED_BY_MODULE]
    assert entered == []


def bare_words(tree):
    """Code that names a rule by a bare string where a finding is made, or compares a rule or the like with one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) in FINDINGS_MADE:
            rules = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "rule")]
            yield from (ast.unparse(node) for rule in rules if is_text(rule))
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(named(side) in ENUMERATED for side in sides) and any(map(is_text, sides)):
                yield ast.unparse(node)


def is_text(node):
    """Whether a node is a bare string, or a list of some."""
    texts = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    return any(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in texts)


def named(node):
    """The last name in a variable, an attribute, a key or a call of `get`."""
    if isinstance(node, ast.Call):
        return named(node.args[0]) if node.args and getattr(node.func, "attr", None) == "get" else None
    if isinstance(node, ast.Subscript):
        return named(node.slice)
    return node.value if isinstance(node, ast.Constant) else getattr(node, "attr", getattr(node, "id", None))


@pytest.mark.parametrize("path", PIPELINE, ids=name)
def test_rules_roles_sources_and_statuses_are_members_of_enums(path):
    assert list(bare_words(tree_of(path))) == []


@pytest.mark.parametrize(
    "code",
    [
        "Finding('page_failed', severity, message)",
        "breach(ref=None, rule='unknown_form')",
        "finding.rule == 'page_failed'",
        "rule in {'page_failed', other}",
        "'value' != cell.role",
        "row['status'] == 'landed'",
        "row.get('name_source') not in ('read', 'roster')",
    ],
)
def test_a_bare_word_is_recognised(code):
    assert list(bare_words(ast.parse(code))) == [ast.unparse(ast.parse(code))]


@pytest.mark.parametrize("path", PIPELINE, ids=name)
def test_modules_of_a_room_import_each_other_not_their_own_face(path):
    own = f"pipeline.{room_of(path)}"
    faces = [node.module for node in ast.walk(tree_of(path)) if isinstance(node, ast.ImportFrom) and node.module == own]
    assert faces == [] or room_of(path) in ENTERED_BY_MODULE


@pytest.mark.parametrize("path", [path for path in PIPELINE if path.name == "__init__.py"], ids=name)
def test_a_face_says_what_comes_in_and_what_goes_out(path):
    if path.parent != ROOT / "pipeline":
        first = (ast.get_docstring(tree_of(path)) or "").splitlines()[0]
        assert " -> " in first
        assert bool(path.parent.name in ENTERED_BY_MODULE) == ("__all__" not in text_of(path))


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
    assert all((ROOT / "pipeline" / room / "__init__.py").is_file() for room in ENTERED_BY_MODULE)
    assert all((ROOT / room).is_dir() for room in TESTED_AS_ONE)
