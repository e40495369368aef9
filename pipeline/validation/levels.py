"""The ancestors of a leaf: that they are there, that they are words which may stand there, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rapidfuzz import process

from pipeline.elements import LEVEL_ROLES, CellRef, Finding, FindingRule, Indicator
from pipeline.forms import Level
from pipeline.text import has_content
from pipeline.validation.evidence import Evidence
from pipeline.validation.rules import breach


def check_levels(evidence: Evidence) -> Iterator[Finding]:
    """Ancestors that are missing, unknown, under another parent than theirs, or out of order."""
    for leaf in evidence.leaves:
        yield from _check_words(evidence, leaf)
    yield from _check_order(evidence)


def _check_words(evidence: Evidence, leaf: Indicator) -> Iterator[Finding]:
    above: str | None = None
    row = CellRef(leaf.page_number, leaf.table_index, leaf.row, 0)
    levels = evidence.profile.hierarchy.levels
    for depth, (level, word) in enumerate(zip(levels, evidence.words_of(leaf), strict=True)):
        ref = evidence.with_role(leaf.cells, LEVEL_ROLES[depth])
        rule, expected = _broken_rule(level, word, above)
        unread = ref is not None and evidence.text(ref) is None
        if rule is not None and not unread and (has_content(word or "") or depth < len(levels) - 1):
            finding = breach(rule, ref or row, evidence.project, detail=level.header, found=word, expected=expected)
            yield finding if ref else replace(finding, col=None)
        above = word


def _broken_rule(level: Level, word: str | None, above: str | None) -> tuple[FindingRule | None, str | None]:
    """The rule that an entry of a level breaks, if any, and the entry that was to be expected."""
    if word is None or not has_content(word):
        return FindingRule.LEAF_WITHOUT_ANCESTOR, None
    if not level.allows(word, None):
        return FindingRule.LEVEL_OUTSIDE_VOCABULARY, process.extractOne(word, sorted(level.words() or ()))[0]
    if not level.allows(word, above):
        return FindingRule.LEVEL_UNDER_OTHER_PARENT, None
    return None, None


def _check_order(evidence: Evidence) -> Iterator[Finding]:
    """Entries that come back after another one: a form lists all indicators of an entry together.

    The last level is left out, as a name may well stand twice, and so are leaves without all their ancestors.
    """
    left: set[tuple[str | None, ...]] = set()
    before: tuple[str | None, ...] = ()
    for leaf in evidence.leaves:
        words = evidence.words_of(leaf)[:-1]
        if not all(has_content(word or "") for word in words):
            continue
        paths = [words[: depth + 1] for depth in range(len(words))]
        for depth, path in enumerate(paths):
            ref = evidence.with_role(leaf.cells, LEVEL_ROLES[depth])
            if path in left and path != before[: depth + 1] and ref is not None:
                yield breach(FindingRule.LEVEL_OUT_OF_ORDER, ref, evidence.project, found=words[depth])
                break
        left |= {before[: depth + 1] for depth, path in enumerate(paths) if before and path != before[: depth + 1]}
        before = words
