"""What the cells of a form are to it."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType, TypeAlias


class CellRole(StrEnum):
    """The roles that cells have on every form."""

    HEADER = "header"
    VALUE = "value"
    NOTE = "note"
    EMPTY = "empty"
    LEVEL1 = "level1"
    LEVEL2 = "level2"
    LEVEL3 = "level3"


FieldRole = NewType("FieldRole", str)
"""The role of cells that hold a field of a project: its profile decides what it is called."""

Role: TypeAlias = CellRole | FieldRole
"""What a cell is for: the same on every form, or a field that its profile names."""

LEVEL_ROLES = (CellRole.LEVEL1, CellRole.LEVEL2, CellRole.LEVEL3)
"""The roles of the hierarchy's entries, outermost first: as many as the `indicators` table has columns for levels."""
