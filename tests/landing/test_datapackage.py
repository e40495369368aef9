"""The package file says to programs what the data dictionary says to people."""

import json

import pytest
from filled_form import FORM, RUN

from flows.batch import derive_signers
from pipeline.landing.datapackage import FILE_NAME, describe_package, package_text, write_datapackage
from pipeline.landing.landing import land, remember_source
from pipeline.landing.transaction import open_output
from pipeline.schema.tables import ALL_TABLES
from pipeline.settings.settings import LandingSettings

RESOURCES = {resource["name"]: resource for resource in describe_package()["resources"]}


def fields(name):
    return {field["name"]: field for field in RESOURCES[name]["schema"]["fields"]}


@pytest.fixture
def output(tmp_path):
    with open_output(tmp_path / "OUT", LandingSettings()) as output:
        yield output


@pytest.mark.parametrize("name", ALL_TABLES)
def test_every_table_is_a_resource_with_its_columns_meanings_and_key(name):
    schema, table = RESOURCES[name]["schema"], ALL_TABLES[name]
    assert [field["name"] for field in schema["fields"]] == table.schema.names
    assert [field["description"] for field in schema["fields"]] == [column.description for column in table.columns]
    assert schema.get("primaryKey", []) == list(table.key)
    assert [field["constraints"]["required"] for field in schema["fields"]] == [not c.nullable for c in table.columns]


@pytest.mark.parametrize("name", ALL_TABLES)
def test_foreign_keys_lead_to_fields_of_resources_that_are_there(name):
    for key in RESOURCES[name]["schema"].get("foreignKeys", []):
        target = key["reference"]
        assert set(key["fields"]) <= fields(name).keys()
        assert set(target["fields"]) <= fields(target["resource"]).keys()
        assert len(key["fields"]) == len(target["fields"])


def test_indicators_lead_to_their_page_and_project():
    assert [key["reference"]["resource"] for key in RESOURCES["indicators"]["schema"]["foreignKeys"]] == [
        "pages",
        "projects",
    ]


@pytest.mark.parametrize(
    ("table", "column", "kind", "constraints"),
    [
        ("documents", "document_id", "string", {"required": True, "pattern": "[0-9a-f]{64}"}),
        ("findings", "severity", "string", {"required": True, "enum": ["info", "warning", "error"]}),
        ("cells", "confidence", "number", {"required": False, "minimum": 0, "maximum": 1}),
        ("cells", "polygon", "array", {"required": True, "minLength": 8, "maxLength": 8}),
        ("cells", "row_span", "integer", {"required": True, "minimum": 1}),
        ("cells", "under_seal", "boolean", {"required": True}),
        ("projects", "amount", "number", {"required": False}),
        ("signatures", "date", "date", {"required": False}),
        ("documents", "started_at", "datetime", {"required": True}),
    ],
)
def test_types_and_constraints_are_those_of_table_schema(table, column, kind, constraints):
    field = fields(table)[column]
    assert (field["type"], field["constraints"]) == (kind, constraints)


def test_bytes_are_texts_of_the_binary_format():
    assert (fields("signatures")["crop_png"]["type"], fields("signatures")["crop_png"]["format"]) == (
        "string",
        "binary",
    )


def test_paths_are_patterns_relative_to_the_package_that_match_the_landed_files(output):
    land(FORM, output, RUN)
    derive_signers(output)
    for resource in json.loads((output.folder / FILE_NAME).read_text(encoding="utf-8"))["resources"]:
        assert len([*output.folder.glob(resource["path"])]) == 1


def test_landing_writes_the_package_once_and_again_only_where_it_is_gone_or_outdated(output):
    land(FORM, output, RUN)
    path = output.folder / FILE_NAME
    before = path.stat()
    assert path.read_text(encoding="utf-8") == package_text()
    land(FORM, output, RUN)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    path.write_text("{}")
    land(FORM, output, RUN)
    assert path.read_text(encoding="utf-8") == package_text()


def test_a_run_that_skips_everything_puts_a_missing_package_back(output):
    land(FORM, output, RUN)
    (output.folder / FILE_NAME).unlink()
    remember_source(output, FORM.source.document_id, RUN)
    assert (output.folder / FILE_NAME).exists()


def test_a_draft_that_a_killed_run_left_is_overwritten(output):
    (output.folder / f".{FILE_NAME}").write_text("half of a pack")
    write_datapackage(output.folder)
    assert [path.name for path in output.folder.glob("*.json")] == [FILE_NAME]
    assert not (output.folder / f".{FILE_NAME}").exists()
