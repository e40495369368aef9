"""The schema is the contract that analysts' code relies on, and the data dictionary says the same."""

import pytest

from pipeline.schema.tables import ALL_TABLES, TABLES

CONTRACT = {
    "documents": "source_name byte_size media_type n_pages n_pages_landed n_findings status error_code error_message "
    "n_failed_runs unit_name fiscal_year signatories settings_sha256 pipeline_version models run_id started_at "
    "finished_at",
    "sources": "source_path first_seen",
    "pages": "page_number width_px height_px dpi dpi_source quarter_turns skew_deg to_source form_type form_score "
    "form_runner_up form_runner_up_score title n_tables n_cells mean_confidence signature_status status error_code",
    "lines": "page_number line_index text confidence polygon kind table_index row col",
    "cells": "page_number table_index row col row_span col_span text text_corrected correction_reason confidence "
    "grid_confidence polygon role under_seal options",
    "projects": "project_index first_page last_page form_type title fiscal_year parent_code unit_code unit_name "
    "department project_name amount amount_text amount_unit_read amount_parts total total_text goals goals_text note "
    "confidence needs_review cells",
    "indicators": "project_index page_number table_index row unit_code unit_name project_name level1 level2 level3 "
    "target_text comparator target_number target_unit confidence needs_review cells",
    "rows": "page_number table_index row path path_headers values confidence needs_review cells",
    "signatures": "page_number signature_index name name_read name_source name_confidence candidates printed_name "
    "role date_text date_confidence month day date date_inferred year_source confidence polygon table_index row col "
    "crop_png",
    "stamps": "page_number stamp_index colour shape text confidence polygon crop_png",
    "findings": "page_number project_index table_index row col rule severity message found expected",
}


def test_the_tables_are_those_of_the_contract_and_documents_comes_last():
    assert set(TABLES) == set(CONTRACT)
    assert list(TABLES)[-1] == "documents"


@pytest.mark.parametrize("name", CONTRACT)
def test_a_table_has_the_columns_of_the_contract_after_its_document_id(name):
    assert TABLES[name].schema.names == ["document_id", *CONTRACT[name].split()]
    assert not TABLES[name].schema.field("document_id").nullable


def test_what_is_derived_from_all_documents_is_one_more_table():
    assert set(ALL_TABLES) - set(TABLES) == {"signers"}
    columns = "name n_signatures n_documents first_date last_date names_read name_sources mean_confidence signatures"
    assert ALL_TABLES["signers"].schema.names == columns.split()


@pytest.mark.parametrize("name", ALL_TABLES)
def test_each_column_is_described_in_the_file_by_one_sentence(name):
    descriptions = [field.metadata[b"description"].decode() for field in ALL_TABLES[name].schema]
    assert [d for d in descriptions if not d.endswith(".") or ". " in d] == []


@pytest.mark.parametrize("name", ALL_TABLES)
def test_the_key_is_made_of_columns_that_are_never_null(name):
    schema = ALL_TABLES[name].schema
    assert [column for column in ALL_TABLES[name].key if schema.field(column).nullable] == []
