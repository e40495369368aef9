"""What stands in the place of each part that finds grids when benchmarks/stranger_ablation.py takes it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import IntEnum, auto
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from benchmarks import ruled_pages
from benchmarks.substitutes import (
    Substitute,
    false,
    level,
    nothing,
    one_paper,
    undivided,
    without_ruling,
    without_second_opinion,
)
from pipeline.dewarp import deskewing, dewarping, find_fills, ridges, tracing
from pipeline.elements import Image, Ink, Upright
from pipeline.grid import border_scores, cell_confidence, grids, ruled_areas, settling, tiling
from pipeline.grid.line_doubts import LineDoubts, Overruns
from pipeline.grid.settling import RuledArea
from pipeline.ink import separation as ink
from pipeline.intake import documents, resolution

Scores = NDArray[np.float64]
Slots = Sequence[tuple[float, float]]
make_profile = border_scores._profile


class Since(IntEnum):
    """From which stage on a page is looked at anew when a part is taken out; what is before stays as built."""

    FILE = auto()
    PAGE = auto()
    UPRIGHT = auto()
    DEWARPED = auto()


class Part(NamedTuple):
    """A part that can be taken out, and what stands in its place."""

    since: Since
    substitutes: tuple[Substitute, ...]


def as_it_is(value: Any, *_: object) -> Any:
    """The first of what is given, as it is."""
    return value


def none_of_them(*_: object) -> tuple[()]:
    """Nothing of its kind is found."""
    return ()


def no_indices(*_: object) -> list[int]:
    """No line is told from the others."""
    return []


def none_alone(*_: object) -> frozenset[object]:
    """No stroke is alone."""
    return frozenset()


def resolution_without_print(image: Image, stated: tuple[float, float] | None, scale: float = 1.0) -> Any:
    """A page's resolution as its file states it, or as that of A4."""
    with mock.patch.object(resolution, "print_size", nothing):
        return resolution.page_resolution(image, stated, scale)


def stated_scale(upright: Upright) -> float:
    """The resolution of a page as it is stated or guessed."""
    return upright.dpi


def profile_in_place(place: float, contrast: Any, _: object = (), assumed: float | None = None) -> Any:
    """A line's profile at its place alone, wherever its pieces lie."""
    return border_scores.profile_line(place, contrast, (), assumed)


def all_visible(place: float, own: slice, contrast: Any) -> Any:
    """A profile in which what hides a line counts as a gap."""
    profile = make_profile(place, own, contrast)
    return replace(profile, visible=np.ones_like(profile.visible))


def each_alone(line: Any, slots: Slots) -> list[tuple[float, int]]:
    """Scores of a line's borders, each in whichever row is best for it."""
    return [line.best(slot) for slot in slots]


def best_border(line: int, along: Scores, *_: object) -> float:
    """How surely a line is ruling: its best border, wherever that ends."""
    return float(along[line].max())


def without_line_doubts(area: RuledArea, *_: object) -> LineDoubts:
    """Nothing speaks against the lines of a table."""
    return LineDoubts((), Overruns((), (), (), ()), np.ones(len(area.rows)), np.ones(len(area.cols)))


def not_inside(areas: Sequence[RuledArea]) -> list[RuledArea]:
    """Areas that are not inside another one."""
    inside = ruled_areas._inside
    return [own for own in areas if not any(other is not own and inside(own.box, other.box) for other in areas)]


def print_left_in_fills(own: Ink, px_per_mm: float) -> Ink:
    """Ink in which dark fills stay as dark as they are, though it is known that there are some."""
    fills = find_fills(own.darkness, px_per_mm)
    return own if fills is None else replace(own, with_colours=own.ruling)


def plain_ridge(darkness: Image, px_per_mm: float, fills: Image | None = None) -> Image:
    """The ridges of a page as at first sight."""
    return ridges.line_ridge(darkness, px_per_mm, fills)


GRID_PARTS = {
    "resolution checked by the print": Part(
        Since.FILE, (Substitute(documents, "page_resolution", resolution_without_print),)
    ),
    "the small angle": Part(Since.PAGE, (Substitute(deskewing, "measure_skew", level),)),
    "paper and its shadows divided out": Part(Since.PAGE, (Substitute(ink, "normalise_illumination", one_paper),)),
    "dark fills kept as ink": Part(Since.PAGE, (Substitute(ink, "_without_fills", as_it_is),)),
    "print in fills": Part(Since.PAGE, (Substitute(deskewing, "with_print_in_fills", print_left_in_fills),)),
    "seals unmixed by colour": Part(Since.PAGE, (Substitute(ink, "_is_coloured", false),)),
    "coloured rules": Part(Since.PAGE, (Substitute(ink, "has_coloured_rules", false),)),
    "curves": Part(Since.UPRIGHT, (Substitute(dewarping, "find_ruling_lines", without_ruling),)),
    "scale by the thickness of rules": Part(Since.UPRIGHT, (Substitute(dewarping, "_ruling_dpi", stated_scale),)),
    "dashes": Part(Since.UPRIGHT, (Substitute(tracing, "find_pace", nothing),)),
    "edges of fills and rules in them": Part(
        Since.UPRIGHT, (Substitute(tracing, "find_fills", nothing), Substitute(ruled_areas, "find_fills", nothing))
    ),
    "thick rules": Part(Since.UPRIGHT, (Substitute(ridges, "_misses_thick_lines", false),)),
    "a second look for bars": Part(Since.DEWARPED, (Substitute(ridges, "bar_ridge", plain_ridge),)),
    "pieces scored where they lie": Part(Since.DEWARPED, (Substitute(ruled_areas, "profile_line", profile_in_place),)),
    "lines that bend are followed": Part(Since.DEWARPED, (Substitute(border_scores, "_followed", level),)),
    "borders in line with sure ones": Part(Since.DEWARPED, (Substitute(border_scores, "_in_place", each_alone),)),
    "what hides a rule is no gap": Part(Since.DEWARPED, (Substitute(border_scores, "_profile", all_visible),)),
    "bare ends": Part(Since.DEWARPED, (Substitute(border_scores, "BARE_ENDS", 1.0),)),
    "a line of one border meets others": Part(Since.DEWARPED, (Substitute(settling, "_proof", best_border),)),
    "strokes beside a rule": Part(Since.DEWARPED, (Substitute(settling, "_second_strokes", no_indices),)),
    "strokes of a title": Part(Since.DEWARPED, (Substitute(settling, "_stray_borders", no_indices),)),
    "streaks": Part(Since.DEWARPED, (Substitute(settling, "_streaks", no_indices),)),
    "frames": Part(Since.DEWARPED, (Substitute(settling, "_is_framed", false),)),
    "double borders": Part(Since.DEWARPED, (Substitute(settling, "_without_double_border", as_it_is),)),
    "gaps between tables": Part(Since.DEWARPED, (Substitute(settling, "_first_gap", nothing),)),
    "tables in a cell": Part(Since.DEWARPED, (Substitute(ruled_areas, "_outermost", not_inside),)),
    "open sides": Part(Since.DEWARPED, (Substitute(ruled_areas, "open_sides", none_of_them),)),
    "sides that the scan cuts off": Part(Since.DEWARPED, (Substitute(ruled_areas, "cut_sides", none_of_them),)),
    "rows across open tables": Part(Since.DEWARPED, (Substitute(ruled_areas, "_rows_across", none_of_them),)),
    "lower scores in high rows": Part(Since.DEWARPED, (Substitute(settling, "_raised", as_it_is),)),
    "dissection of odd cells": Part(Since.DEWARPED, (Substitute(tiling, "dissect", undivided),)),
    "rules without columns named": Part(
        Since.DEWARPED, (Substitute(ruled_areas, "rules_without_columns", none_of_them),)
    ),
    "line doubts": Part(Since.DEWARPED, (Substitute(grids, "doubt_lines", without_line_doubts),)),
    "lone strokes forgiven": Part(Since.DEWARPED, (Substitute(cell_confidence, "_lone_strokes", none_alone),)),
    "cross-check": Part(Since.DEWARPED, (Substitute(ruled_pages, "cross_check", without_second_opinion),)),
}
"""What is taken out, one at a time, and what stands in its place; which way is up is settled before."""

QUICK = (
    *(as_it_is, false, level, nothing, no_indices, none_of_them, none_alone),
    *(not_inside, print_left_in_fills, resolution_without_print, stated_scale, undivided),
)
"""Substitutes that can be asked beside the parts as built: where they answer alike, nothing is looked at anew."""
