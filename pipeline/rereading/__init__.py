"""The cells of a page as read -> the same, with text that does not run in lines of its own read the way it runs."""

from __future__ import annotations

from pipeline.rereading.rereading import reread_cells

__all__ = ["reread_cells"]
