"""What the rules look at beside a record itself: its cells, what they are for, and its form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from pipeline.elements import (
    LEVEL_ROLES,
    CellReading,
    CellRef,
    CellRole,
    FieldRole,
    Indicator,
    Interpretation,
    PageReading,
    Project,
    Role,
)
from pipeline.forms import FieldName, Profile


@dataclass(frozen=True, slots=True)
class Evidence:
    """A project with its leaves in order, and all that they rest on."""

    project: Project
    leaves: tuple[Indicator, ...]
    profile: Profile
    cells: Mapping[CellRef, CellReading]
    roles: Mapping[CellRef, Role]

    def with_role(self, refs: Iterable[CellRef], role: Role) -> CellRef | None:
        """The first of some cells that has a role."""
        return next((ref for ref in refs if self.roles.get(ref) == role), None)

    def of_field(self, name: FieldName) -> CellRef | None:
        """The first of the project's cells that holds a field, under the field's own name."""
        return self.with_role(self.project.cells, FieldRole(name))

    def value_of(self, leaf: Indicator) -> CellRef | None:
        """The cell of a leaf's value."""
        return self.with_role(leaf.cells, CellRole.VALUE)

    def name_of(self, leaf: Indicator) -> CellRef | None:
        """The cell of a leaf's last level."""
        return self.with_role(leaf.cells, LEVEL_ROLES[len(self.profile.hierarchy.levels) - 1])

    def words_of(self, leaf: Indicator) -> tuple[str | None, ...]:
        """A leaf's entries, one for each level of its form."""
        return (leaf.level1, leaf.level2, leaf.level3)[: len(self.profile.hierarchy.levels)]

    def text(self, ref: CellRef) -> str | None:
        """What a cell says; None where its ink could not be read."""
        return self.cells[ref].text


def gather_evidence(
    pages: Sequence[PageReading], interpretation: Interpretation, profiles: Sequence[Profile]
) -> tuple[Evidence, ...]:
    """The evidence of each project, in order; `pages` as they were understood, with corrected texts."""
    cells = dict(chain.from_iterable(page.readings() for page in pages))
    by_name = {profile.name: profile for profile in profiles}
    leaves: dict[int, list[Indicator]] = {project.project_index: [] for project in interpretation.projects}
    for leaf in interpretation.indicators:
        leaves[leaf.project_index].append(leaf)
    return tuple(
        Evidence(
            project=project,
            leaves=tuple(leaves[project.project_index]),
            profile=by_name[project.form_type],
            cells=cells,
            roles=interpretation.roles,
        )
        for project in interpretation.projects
    )
