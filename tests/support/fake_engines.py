"""Engines that say what a test tells them to, and remember what they were shown."""

from __future__ import annotations

import numpy as np

from pipeline.engines.protocols import Engines, LineReading, ReducedHeight, Turn


class OfTwoHeights:
    """What a recogniser says of itself that reads clear lines at a reduced height."""

    line_height = 48
    reduced_height = ReducedHeight(32, 0.994)


class FakeRecogniser(OfTwoHeights):
    """Reads the n-th line it is ever shown as the n-th text; lines beyond the last as `otherwise`."""

    alphabet = ("", "a")

    def __init__(self, *readings, otherwise="甲", confidence=0.999):
        self.readings, self.otherwise, self.confidence = list(readings), otherwise, confidence
        self.calls = []
        self.reduced, self.exact = [], []

    def read(self, crops, *, reduced=False, exact=False):
        begin = sum(map(len, self.calls))
        self.reduced.append(reduced)
        self.exact.append(exact)
        self.calls.append(list(crops))
        return [self._reading(index) for index in range(begin, begin + len(crops))]

    def log_probabilities(self, crop):
        return np.log(np.full((8, 2), 0.5, np.float32))

    def _reading(self, index):
        told = self.readings[index] if index < len(self.readings) else self.otherwise
        text, confidence = told if isinstance(told, tuple) else (told, self.confidence)
        return LineReading(text, confidence if text else 0.0, (confidence,) * len(text))


class NoDetector:
    """Finds no lines."""

    def detect(self, image):
        return []


class SteadyOrienter:
    """Says the same of a page and of each of its parts, and remembers what it was shown; of its parts another, if told.

    A part is what is smaller than what it was shown first.
    """

    def __init__(self, turn, of_parts=None):
        self.turn, self.of_parts, self.shown = turn, of_parts or turn, []

    def orient(self, image):
        self.shown.append(image)
        return self.turn if image.shape == self.shown[0].shape else self.of_parts


class FakeOrienter:
    """Says on the n-th page what it was told, raising what is an error; upright beyond the last."""

    def __init__(self, *told):
        self.told = list(told)

    def orient(self, image):
        answer = self.told.pop(0) if self.told else Turn(0, 1.0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def fake_engines(*readings, orienter=None, **recogniser):
    return Engines(FakeRecogniser(*readings, **recogniser), NoDetector(), orienter, ())
