"""CTC probabilities -> what else the characters of a greedy reading may be.

Where the best class of a time step is not sure, the second best is what the recogniser half read: another character in
its place, none, or one where none was read. A correction need not guess what a smudge looks like.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Hypothesis

SURE = 0.98
"""Steps this sure have no doubt worth a look."""
LEAST = 0.01
"""What is less probable was not half read."""


class BestPath(NamedTuple):
    """The greedy reading's way through the time steps, each field (time steps,).

    `classes` are the most probable ones, `peaks` their probabilities, partners' included; `rows` tells where the
    probabilities of a step are, which does not matter for steps that are `SURE`.
    """

    classes: NDArray[np.intp]
    peaks: NDArray[np.float32]
    rows: NDArray[np.intp]


def run_starts(classes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Where time steps begin that are next to each other and of one class: (time steps,) -> (runs,)."""
    begins = np.ones(len(classes), np.bool_)
    np.not_equal(classes[1:], classes[:-1], out=begins[1:])
    return begins.nonzero()[0]


def find_hypotheses(
    probabilities: NDArray[np.float32],
    path: BestPath,
    alphabet: Sequence[str],
    partner: NDArray[np.intp] | None = None,
) -> tuple[Hypothesis, ...]:
    """What may stand in the place of each unsure character, and between two of them.

    Args:
        probabilities: (rows, classes), each summing to 1; class 0 is the blank.
        path: through the time steps.
        alphabet: the character of each class.
        partner: of each class, another for the same character in another width, or itself.

    Returns:
        By place; the most probable second class of a character's surest step, or of a run of blanks.

    Example:
        >>> steps = np.array([[0.1, 0.5, 0.4], [0.9, 0.005, 0.095]], dtype=np.float32)
        >>> path = BestPath(steps.argmax(1), steps.max(1), np.arange(2))
        >>> [(d.start, d.stop, d.text) for d in find_doubts(steps, path, ("", "日", "目"))]
        [(0, 1, '目')]
    """
    best, peaks, rows = path
    if peaks.min(initial=1.0) >= SURE:
        return ()
    starts = run_starts(best)
    classes = best[starts]
    shown = classes > 0
    read = classes[shown]
    places: NDArray[np.intp] = np.cumsum(shown) - shown
    surest = np.where(shown, np.maximum.reduceat(peaks, starts), np.minimum.reduceat(peaks, starts))
    hypotheses: list[Hypothesis] = []
    for run in np.flatnonzero(surest < SURE).tolist():
        cls, place = int(classes[run]), int(places[run])
        step = int(starts[run]) + int((peaks[starts[run] :] == surest[run]).argmax())
        beside = read[max(0, place - 1) : place + 1]  # of a blank: they reach into it, and are no doubt
        known = np.array([cls] if cls else [cls, *beside])
        twins = known if partner is None else partner[known]
        hypotheses += _second(probabilities[rows[step]], (*known, *twins), alphabet, (place, place + bool(cls)))
    return tuple(hypotheses)


def _second(
    step: NDArray[np.float32], known: Sequence[int], alphabet: Sequence[str], place: tuple[int, int]
) -> list[Hypothesis]:
    """The most probable class that is not known, where it is probable at all."""
    rest = step.copy()
    rest[list(known)] = 0
    second = int(rest.argmax())
    return [Hypothesis(*place, alphabet[second], float(rest[second]))] if rest[second] >= LEAST else []
