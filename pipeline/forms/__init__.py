"""Tables and profiles -> which form they fill in, which cells are labels, fields and indicators."""

from __future__ import annotations

from pipeline.forms.fields import FieldReading, amount_of, amount_parts, read_fields, text_of
from pipeline.forms.indicators import Leaf, find_leaves, hierarchy_columns, key_columns, misplaced, project_columns
from pipeline.forms.profiles import (
    Field,
    FieldName,
    Grammar,
    Level,
    Profile,
    Relation,
    Rows,
    load_profiles,
    name_taken,
    profiles_digest,
    read_profile,
)
from pipeline.forms.projects import Block, find_blocks, find_note, group_rows, is_note
from pipeline.forms.recognition import (
    UNKNOWN,
    Attempt,
    LabelledTable,
    RecognisedPage,
    before_colon,
    label_table,
    rank_profiles,
    recognise_page,
    similarity,
)
from pipeline.forms.titles import read_title

__all__ = [
    "UNKNOWN",
    "Attempt",
    "Block",
    "Field",
    "FieldName",
    "FieldReading",
    "Grammar",
    "LabelledTable",
    "Leaf",
    "Level",
    "Profile",
    "RecognisedPage",
    "Relation",
    "Rows",
    "amount_of",
    "amount_parts",
    "before_colon",
    "find_blocks",
    "find_leaves",
    "find_note",
    "group_rows",
    "hierarchy_columns",
    "is_note",
    "key_columns",
    "label_table",
    "load_profiles",
    "misplaced",
    "name_taken",
    "profiles_digest",
    "project_columns",
    "rank_profiles",
    "read_fields",
    "read_profile",
    "read_title",
    "recognise_page",
    "similarity",
    "text_of",
]
