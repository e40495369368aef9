"""Residual components of a cell -> which are fringes: the side of a rule, or the blur around a line that was read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.imaging import REMNANT_MM, Component

RULE_MM = 1.0
"""The side of a rule is no wider than this: rules of forms are up to 0.5 mm wide, and blur adds as much. Those that
bend, or are drawn twice, were up to 0.98 mm wide in 12 headings of scans."""
RULE_LENGTH = 1.2
"""What runs along a cell's side for so many heights of the page's text is a rule's: no letter or numeral is so long."""
BLUR = 0.2
"""The blur around a line is no thicker than this, in heights of the page's text; those of scans were 0.04 to 0.19."""
BLUR_DARKNESS = 0.35
"""And no darker than this share of the print: it was up to 0.25. Strokes that a line's box had cut off had 0.8."""
ALONG = 0.5
"""Blur has a line that was read along more than this share of one side."""


class Surroundings(NamedTuple):
    """What residual components of a cell are judged by, on the dewarped page.

    `rest` is the cell's darkness without what was read, and `whole` with it, (height, width). `text_height` is in
    pixels, `text_darkness` that of the page's print.
    """

    rest: Image
    whole: Image
    text_height: float
    text_darkness: float
    px_per_mm: float


def is_fringe(component: Component, around: Surroundings) -> bool:
    """Whether a component, in pixels of its cell, is the side of a rule or the blur around a line that was read."""
    return _is_side_of_rule(component, around) or _is_blur(component, around)


def _is_side_of_rule(component: Component, around: Surroundings) -> bool:
    """Whether a component is thin, and runs along a side of its cell into a corner, or for longer than a letter."""
    height, width = around.rest.shape
    near = max(1, round(REMNANT_MM * around.px_per_mm))
    at_sides = component.left < near or component.right > width - near
    at_ends = component.top < near or component.bottom > height - near
    across, down = component.right - component.left, component.bottom - component.top
    long = RULE_LENGTH * around.text_height
    if min(across, down) > RULE_MM * around.px_per_mm:
        return False
    if down > across:
        return at_sides and (at_ends or down >= long)
    return at_ends and (at_sides or across >= long)


def _is_blur(component: Component, around: Surroundings) -> bool:
    """Whether a component is thin and pale, and lies along the box of a line that was read."""
    thickness = min(component.right - component.left, component.bottom - component.top)
    if thickness > BLUR * around.text_height or component.darkest > BLUR_DARKNESS * around.text_darkness:
        return False
    left, top, right, bottom = component[:4]
    sides = (
        (slice(max(0, top - 1), top), slice(left, right)),
        (slice(bottom, bottom + 1), slice(left, right)),
        (slice(top, bottom), slice(max(0, left - 1), left)),
        (slice(top, bottom), slice(right, right + 1)),
    )
    return any(_mostly((around.rest[side] == 0) & (around.whole[side] > 0)) for side in sides)


def _mostly(mask: NDArray[np.bool_]) -> bool:
    return bool(mask.size) and float(mask.mean()) > ALONG
