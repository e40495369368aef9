"""What the cells of a form are to it."""

from __future__ import annotations

HEADER_ROLE, VALUE_ROLE, NOTE_ROLE, EMPTY_ROLE = "header", "value", "note", "empty"
LEVEL_ROLES = ("level1", "level2", "level3")
