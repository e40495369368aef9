"""Landed tables -> a workbook, CSV files or a database."""

from __future__ import annotations

from pipeline.export.exporting import Exported, Targets, export

__all__ = [
    "Exported",
    "Targets",
    "export",
]
