"""What a CTC recogniser's last layer sees -> probabilities, of the time steps alone that are not surely blank.

Between and beside characters, at half of the time steps, nothing is read, and the blank's own score tells those for
next to nothing: they need no scores of all characters. The steps that are left, of many lines at once, are scored as
they would have been (blank pruning).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

ROWS = 48
"""Time steps scored at once, 75 kB each: with 16 each costs a sixth more, as the weights are fetched for fewer of them,
and with 128 too, as their scores no longer stay in the processor's cache."""

Features: TypeAlias = NDArray[np.float32]
"""What the last layer sees of a line, (time steps, features)."""
Probabilities: TypeAlias = NDArray[np.float32]
"""(time steps, classes), each row summing to 1."""


class CtcHead:
    """Scores features against the alphabet.

    Args:
        run: gives the probabilities of features, row by row.
        blank: (features,) the weights of the blank.
        bias: added to the blank's score.
        sure: from this score on the blank is surely the best class.
    """

    def __init__(self, run: Callable[[Features], Probabilities], blank: Features, bias: float, sure: float) -> None:
        self.probabilities = run
        self._blank = blank
        self._bias = bias
        self._sure = sure

    def unsure_steps(self, lines: Iterable[Features]) -> Iterator[tuple[Probabilities, NDArray[np.bool_]]]:
        """Of each line the probabilities of the steps that are not surely blank, and (all its steps,) which they are.

        Lines are scored together; what one is scored does not depend on the others.
        """
        waiting: list[tuple[Features, NDArray[np.bool_]]] = []
        for features in lines:
            unsure = features @ self._blank + self._bias < self._sure
            waiting.append((features[unsure], unsure))
            if sum(len(kept) for kept, _ in waiting) >= ROWS:
                yield from self._scored(waiting)
                waiting.clear()
        yield from self._scored(waiting)

    def _scored(
        self, lines: Sequence[tuple[Features, NDArray[np.bool_]]]
    ) -> Iterator[tuple[Probabilities, NDArray[np.bool_]]]:
        if not lines:
            return
        probabilities = self.probabilities(np.concatenate([kept for kept, _ in lines]))
        ends = np.cumsum([len(kept) for kept, _ in lines])
        for (kept, unsure), end in zip(lines, ends, strict=True):
            yield probabilities[end - len(kept) : end], unsure
