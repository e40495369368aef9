"""An image -> ink of the pen and the printer on one side, ink of seals on the other."""

from __future__ import annotations

from pipeline.ink.coloured_seals import find_seals
from pipeline.ink.copied_seals import CopiedSeal, find_copied_seal, remove_copied_seal
from pipeline.ink.seal_removal import GraySeal, find_gray_seals, may_hold_seal, remove_gray_seals, sealed_share
from pipeline.ink.separation import separate_ink, with_ink_alone

__all__ = [
    "CopiedSeal",
    "GraySeal",
    "find_copied_seal",
    "find_gray_seals",
    "find_seals",
    "may_hold_seal",
    "remove_copied_seal",
    "remove_gray_seals",
    "sealed_share",
    "separate_ink",
    "with_ink_alone",
]
