"""Tables and profiles -> which form they fill in, which cells are labels, fields and indicators."""

from __future__ import annotations

from pipeline.forms.fields import FieldReading
from pipeline.forms.indicators import Leaf, misplaced
from pipeline.forms.labelled_table import LabelledTable
from pipeline.forms.layout import Block, TableLayout, lay_out_table
from pipeline.forms.profile_parts import Field, FieldName, Grammar, Level
from pipeline.forms.profiles import UNKNOWN, Profile, load_profiles, profiles_digest, read_each, read_profile
from pipeline.forms.recognition import Attempt, RecognisedPage, label_table, rank_profiles, recognise_page
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
    "TableLayout",
    "label_table",
    "lay_out_table",
    "load_profiles",
    "misplaced",
    "profiles_digest",
    "rank_profiles",
    "read_each",
    "read_profile",
    "read_title",
    "recognise_page",
]
