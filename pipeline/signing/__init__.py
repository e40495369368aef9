"""A page as read -> where it is meant to be signed, which places are empty, and who is named there."""

from __future__ import annotations

from pipeline.signing.cut_scans import is_cut_to_tables
from pipeline.signing.labels import SigningLabels, signing_labels
from pipeline.signing.page_texts import PageText, cell_texts
from pipeline.signing.places import PlaceKind, SigningPlace, find_signing_places
from pipeline.signing.printed_names import Printed, name_and_role

__all__ = [
    "PageText",
    "PlaceKind",
    "Printed",
    "SigningLabels",
    "SigningPlace",
    "cell_texts",
    "find_signing_places",
    "is_cut_to_tables",
    "name_and_role",
    "signing_labels",
]
