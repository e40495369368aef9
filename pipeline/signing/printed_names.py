"""A signature and the print around it -> the printed name of who signed, and the role, where both are beyond doubt.

People sign over, above or beside their printed name, and below or beside their role. What stands nearest counts, and
only where it can be nothing else: a line that is neither a name nor a role ends the search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.elements import BBox, Polygon
from pipeline.imaging import bounding_box, mm_to_px
from pipeline.signing.labels import SigningLabels, find_labels, signing_labels
from pipeline.signing.names_in_print import name_in, role_in
from pipeline.signing.page_texts import PageText, before, shared_across, shared_down
from pipeline.signing.places import SigningPlace

SURE = 0.95
"""Names and roles are taken from lines that are read as surely as this."""
REACH_MM = 12.0
"""A printed name or role stands no further below or above a signature than this."""
BESIDE_MM = 25.0
"""A label such as 负责人： stands no further before a signature than this."""
NEXT_LINE = 1.8
"""What belongs to a line stands below it, from top to top, within this many of its heights."""
SAME_COLUMN = 0.3
"""A line is below or above a signature where they share this of the narrower one's width."""
SAME_ROW = 0.5
"""A line is beside a signature where they share this of its height."""
INSIDE = 0.5
"""A signature is in a place with this share of its box."""


class Printed(NamedTuple):
    """The printed name and the role of who signed; None for what is not printed, or not beyond doubt."""

    name: str | None = None
    role: str | None = None

    def or_else(self, other: Printed) -> Printed:
        """What is known here, and of what is not, what the other knows."""
        return Printed(self.name or other.name, self.role or other.role)


def name_and_role(
    signature: Polygon,
    texts: Sequence[PageText],
    places: Sequence[SigningPlace],
    dpi: float,
    labels: SigningLabels | None = None,
) -> Printed:
    """The printed name beside, below or under a signature, and the role.

    Args:
        signature: its polygon in upright pixels.
        texts: of the page.
        places: where it is meant to be signed.
        dpi: of the page.
        labels: whose words are no names; those of all languages by default.
    """
    known = labels or signing_labels()
    box = bounding_box(signature)
    printed = [text for text in texts if text.printed and text.confidence >= SURE]
    found = _below(box, printed, dpi, known).or_else(_before(box, printed, dpi, known))
    for place in sorted(places, key=lambda place: -_inside(box, bounding_box(place.polygon))):
        if _inside(box, bounding_box(place.polygon)) >= INSIDE:
            found = found.or_else(Printed(place.printed_name, place.role))
            break
    return found if found.role else found.or_else(Printed(None, _role_above(box, printed, dpi, known)))


def _below(box: BBox, printed: Sequence[PageText], dpi: float, labels: SigningLabels) -> Printed:
    """A name in the lines that begin beneath a signature's upper part, with the role in the line after it, or before.

    The lines are looked at from top to bottom; the first that is neither, and no label, ends it.
    """
    name, role, last = None, None, None
    for text in _beneath(box, printed, mm_to_px(REACH_MM, dpi)):
        if last is not None and text.box.top - last.box.top > NEXT_LINE * max(last.box.height, text.box.height):
            break
        found, what = name_in(text.text, labels), role_in(text.text, labels)
        if name is None and found:
            name = found
            role = role or what
        elif role is None and what:
            role = what
        elif not find_labels(text.text, labels):
            break
        last = text
    return Printed(name, role)


def _beneath(box: BBox, printed: Sequence[PageText], reach: float) -> Iterator[PageText]:
    """The lines in a box's column from its upper part on, the next line of each within reach, from top to bottom."""
    end = box.bottom + reach
    for text in sorted(printed, key=lambda text: text.box.top):
        own = text.box
        in_column = shared_across(own, box) >= SAME_COLUMN * min(own.width, box.width)
        middle = (own.top + own.bottom) / 2
        if (
            in_column
            and middle > box.top + box.height / 4
            and own.top <= end
            and own.width <= 3 * max(box.width, reach)
        ):
            end = max(end, own.bottom + own.height)
            yield text


def _before(box: BBox, printed: Sequence[PageText], dpi: float, labels: SigningLabels) -> Printed:
    """What the nearest line in the same row says before a signature: 负责人：, or 负责人：张三 over which it stands."""
    row = [
        text
        for text in printed
        if shared_down(text.box, box) >= SAME_ROW * min(text.box.height, box.height)
        and -box.width <= before(text.box, box) <= mm_to_px(BESIDE_MM, dpi)
        and text.box.left < box.left
    ]
    nearest = min(row, key=lambda text: abs(before(text.box, box)), default=None)
    if nearest is None or not find_labels(nearest.text, labels):
        return Printed()
    return Printed(name_in(nearest.text, labels), role_in(nearest.text, labels))


def _role_above(box: BBox, printed: Sequence[PageText], dpi: float, labels: SigningLabels) -> str | None:
    """The role in the line right above a signature, as 「Le Président,」 in letters."""
    above = [
        text
        for text in printed
        if box.bottom - text.box.bottom >= 0
        and text.box.bottom > box.top - mm_to_px(REACH_MM, dpi)
        and (text.box.top + text.box.bottom) / 2 <= box.top + box.height / 4
        and shared_across(text.box, box) >= SAME_COLUMN * min(text.box.width, box.width)
    ]
    nearest = max(above, key=lambda text: text.box.bottom, default=None)
    if nearest is None or any(_is_named_in(text, nearest, labels) for text in printed):
        return None
    return role_in(nearest.text, labels)


def _is_named_in(text: PageText, role: PageText, labels: SigningLabels) -> bool:
    """Whether a line is the name that stands right above a role: then the role is that person's, who signed above."""
    near = 0 < role.box.top - text.box.top <= NEXT_LINE * max(role.box.height, text.box.height)
    return near and shared_across(text.box, role.box) > 0 and name_in(text.text, labels) is not None


def _inside(box: BBox, place: BBox) -> float:
    """The share of a box that is in a place."""
    across, down = shared_across(box, place), shared_down(box, place)
    return across * down / max(box.area, 1.0) if across > 0 and down > 0 else 0.0
