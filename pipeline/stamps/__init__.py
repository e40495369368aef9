"""An upright page, as read -> its seals and stamps as records, and what they say of the page."""

from __future__ import annotations

from pipeline.stamps.detection import SeenPage, find_stamps
from pipeline.stamps.wording import report_stamps

__all__ = ["SeenPage", "find_stamps", "report_stamps"]
