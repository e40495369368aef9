"""An image -> ink of the pen and the printer on one side, ink of seals on the other."""

from __future__ import annotations

from pipeline.ink.coloured_seals import find_seals
from pipeline.ink.copied_seals import CopiedSeal, find_copied_seal, remove_copied_seal
from pipeline.ink.rim_fitting import scaled
from pipeline.ink.seal_removal import GraySeal, find_gray_seals, may_hold_seal, remove_gray_seals, sealed_share
from pipeline.ink.separation import normalise_illumination, separate_ink, with_ink_alone
from pipeline.ink.show_through import PalePrint, find_pale_print, without_pale

__all__ = [
    "CopiedSeal",
    "GraySeal",
    "PalePrint",
    "find_copied_seal",
    "find_gray_seals",
    "find_pale_print",
    "find_seals",
    "may_hold_seal",
    "normalise_illumination",
    "remove_copied_seal",
    "remove_gray_seals",
    "scaled",
    "sealed_share",
    "separate_ink",
    "with_ink_alone",
    "without_pale",
]
