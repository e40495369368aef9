"""What an evaluation says: groups of pages, pages, and what the confidences are worth."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.evaluate.measures import Counts, Measures, measure
from pipeline.evaluate.reliability import Reliability

LISTED_PAGES = 10
"""So many of the worst pages are listed: as many as a person looks at."""


@dataclass(frozen=True, slots=True)
class Group:
    """The pages of one condition, or "all" of them, measured as one."""

    name: str
    counts: Counts

    @property
    def measures(self) -> Measures:
        """What the counts say."""
        return measure(self.counts)


@dataclass(frozen=True, slots=True)
class PageEvaluation:
    """One page of the truth; `landed` is false when no page of that name landed."""

    name: str
    condition: str
    landed: bool
    counts: Counts

    @property
    def measures(self) -> Measures:
        """What the counts say."""
        return measure(self.counts)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Landed tables beside their truth.

    `groups` begins with "all", then one for each condition, in order of name. `cells` tells what `cells.confidence` is
    worth on cells in the right place, `grids` what `cells.grid_confidence` is worth. `missed` names the truth whose
    page never landed, `ignored` the landed pages without truth.
    """

    groups: tuple[Group, ...]
    pages: tuple[PageEvaluation, ...]
    cells: Reliability
    grids: Reliability
    missed: tuple[str, ...]
    ignored: tuple[str, ...]

    def group(self, name: str) -> Group:
        """The group of a condition, or "all".

        Raises:
            KeyError: when no page has that condition.
        """
        for group in self.groups:
            if group.name == name:
                return group
        raise KeyError(name)


def worst_pages(evaluation: Evaluation, count: int = LISTED_PAGES) -> tuple[PageEvaluation, ...]:
    """The pages with the lowest exact F1, then the lowest indicator F1, worst first."""
    ranked = sorted(evaluation.pages, key=lambda page: (page.measures.exact_f1 or 0, page.measures.indicator_f1 or 0))
    return tuple(ranked[:count])
