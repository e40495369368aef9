"""Crops of text lines -> their texts, checked against the ink, the page and known units, with calibrated confidence."""

from __future__ import annotations

from pipeline.recognition.cascade import (
    USUAL,
    CheckedReading,
    Padding,
    calibrated,
    first_cut,
    read_checked,
    read_once_or_twice,
)
from pipeline.recognition.end_colons import with_end_colon
from pipeline.recognition.number_marks import LineInk, check_marks, doubt_odd_commas, reads_as_number, settle_open_marks
from pipeline.recognition.page_script import doubt_unread_script, in_page_script, report_unread_script
from pipeline.recognition.units import with_units

__all__ = [
    "USUAL",
    "CheckedReading",
    "LineInk",
    "Padding",
    "calibrated",
    "check_marks",
    "doubt_odd_commas",
    "doubt_unread_script",
    "first_cut",
    "in_page_script",
    "read_checked",
    "read_once_or_twice",
    "reads_as_number",
    "report_unread_script",
    "settle_open_marks",
    "with_end_colon",
    "with_units",
]
