"""A page as read -> the same with its residual ink read or named, and no cell called blank that is not."""

from __future__ import annotations

from pipeline.residual.residual_ink import ReadPage
from pipeline.residual.residual_text import RecoveredText, recover_residual_text

__all__ = ["ReadPage", "RecoveredText", "recover_residual_text"]
