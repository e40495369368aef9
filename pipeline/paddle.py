"""The engines on PaddleOCR and ONNX Runtime; no other module imports either.

PaddleOCR loads the models and prepares pages for detection and orientation. Lines are prepared and decoded here,
because its own reading gives one confidence for a whole line, and pads short lines to a width that most cells lack.
Its `predict` also takes names of files and addresses of pages: it is only ever given arrays.
"""

from __future__ import annotations

import importlib
import math
import os
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.any_height import place_for_any_height
from pipeline.doubts import find_doubts
from pipeline.elements import Image
from pipeline.engines import DetectedLine, Engines, LineReading, Turn
from pipeline.errors import EngineFailed, ModelMissing
from pipeline.geometry import polygon
from pipeline.models import PlacedModel, Role, place_models
from pipeline.settings import ModelSettings

LINE_HEIGHT = 48
"""Height in pixels of the lines that the recogniser was trained on."""
LOW_HEIGHT = 32
"""Height at which clear lines are read as well, in half the time. At 28 and 24 pixels a tenth and a fifth fewer lines
are clear, so nothing is saved."""
MIN_WIDTH = 64
"""Narrowest input in pixels at the usual height; narrower lines, such as a lone digit, are padded with middle gray."""
MAX_WIDTH = 3200
"""Widest input in pixels at the usual height; longer lines are squeezed, as PaddleOCR does."""
DETECTOR_LONG_SIDE = 960
"""Pixels of the longer side at which lines are looked for, PaddleOCR's own default; small images are not enlarged.

On A4 scans, 640 finds the same lines with looser quads, and 1,600 no more of them at three times the cost.
"""
BOX_THRESHOLD = 0.4
"""Least mean text probability of a found line; half of the handwriting that touches print is found only below 0.5."""
UNCLIP_RATIO = 1.5
"""How far a found line's core is widened to its full height: area times this, divided by its perimeter."""

OFFLINE = {
    "ORT_DISABLE_TELEMETRY": "1",  # else ONNX Runtime, once imported, reports to its makers from native threads
    "PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK": "True",  # else PaddleOCR may ask which model hosts it can reach
}
"""What must be in the environment before either is imported, so that nothing leaves the machine."""


def load_engines(settings: ModelSettings, threads: int = 1) -> Engines:
    """Load the recogniser, the detector and the orienter, in two to three seconds; once in each worker process.

    Args:
        settings: where the models are.
        threads: of each session, where the settings leave it open; the workers together should not have more than
            there are cores.

    Raises:
        ModelMissing: when a model is nowhere to be found.
        ModelMismatch: when a model's weights are not the manifest's.
        EngineFailed: when PaddleOCR or ONNX Runtime cannot load a model.
    """
    placed = {model.role: model for model in place_models(settings)}
    threads = settings.threads or threads
    for role in (Role.RECOGNISER, Role.DETECTOR):
        if role not in placed:
            raise ModelMissing(f"no model is named for the role of {role}")
    orienter = placed.get(Role.ORIENTER)
    return Engines(
        recogniser=_recogniser(placed[Role.RECOGNISER], threads),
        detector=PaddleDetector(_load("TextDetection", placed[Role.DETECTOR], threads)),
        orienter=PaddleOrienter(_load("DocImgOrientationClassification", orienter, threads)) if orienter else None,
        digests=tuple((model.name, model.sha256) for model in placed.values()),
    )


class PaddleRecogniser:
    """Reads lines with PaddleOCR's model, one at a time, and gives each character's confidence.

    With one thread a batch costs as much as its lines do one by one, and a batch's padding changes what is read: here
    a crop's reading never depends on the other crops.
    """

    def __init__(self, recognition: Any, low_height: int = LINE_HEIGHT) -> None:
        predictor = recognition.paddlex_predictor
        self._run = predictor.runner
        self._low_height = low_height
        self._alphabet = ("", *predictor.post_op.character[1:])
        self._twins = twins(self._alphabet)

    @property
    def alphabet(self) -> tuple[str, ...]:
        """The character of each class; class 0 is the CTC blank, spelled ""."""
        return self._alphabet

    def read(self, crops: Sequence[Image], *, low: bool = False) -> list[LineReading]:
        """Read line crops of any size, (height, width, 3) BGR, in order; a crop without pixels reads as "".

        `low` lines are read at `LOW_HEIGHT`, where the model takes it.
        """
        height = self._low_height if low else LINE_HEIGHT
        return [decode(self._probabilities(crop, height), self._alphabet, self._twins) for crop in crops]

    def log_probabilities(self, crop: Image) -> NDArray[np.float32]:
        """Natural-log class probabilities of one crop, (time steps, classes); no time steps without pixels."""
        logs: NDArray[np.float32] = np.log(np.maximum(self._probabilities(crop), np.finfo(np.float32).tiny))
        return logs

    def _probabilities(self, crop: Image, height: int = LINE_HEIGHT) -> NDArray[np.float32]:
        """Class probabilities of one crop, (time steps, classes)."""
        if not crop.size:
            return np.empty((0, len(self._alphabet)), dtype=np.float32)
        probabilities: NDArray[np.float32] = self._run(x=[line_input(crop, height)])[0][0]
        return probabilities


class PaddleDetector:
    """Finds lines with PaddleOCR's model."""

    def __init__(self, detection: Any) -> None:
        self._detection = detection

    def detect(self, image: Image) -> list[DetectedLine]:
        """Text lines of a (height, width, 3) BGR image, from top to bottom."""
        if not image.size:
            return []
        found = self._detection.predict(
            np.ascontiguousarray(image),
            limit_side_len=DETECTOR_LONG_SIDE,
            limit_type="max",
            box_thresh=BOX_THRESHOLD,
            unclip_ratio=UNCLIP_RATIO,
        )[0]
        lines = [
            DetectedLine(polygon(quad), min(1.0, float(score)))
            for quad, score in zip(found["dt_polys"], found["dt_scores"], strict=True)
        ]
        return sorted(lines, key=lambda line: sum(y for _, y in line.polygon))


class PaddleOrienter:
    """Tells which way up a page is with PaddleOCR's model."""

    def __init__(self, classification: Any) -> None:
        self._classification = classification

    def orient(self, image: Image) -> Turn:
        """How to turn a (height, width, 3) BGR page so that its text is upright."""
        best = self._classification.predict(np.ascontiguousarray(image))[0]
        degrees_clockwise_suffered = int(best["label_names"][0])
        return Turn(degrees_clockwise_suffered // 90, float(best["scores"][0]))


def twins(alphabet: Sequence[str]) -> NDArray[np.intp]:
    """For each class, another that stands for the same character in another width, such as ： and :, or itself."""
    first: dict[str, int] = {}
    partner = np.arange(len(alphabet))
    for index, character in enumerate(alphabet):
        other = first.setdefault(unicodedata.normalize("NFKC", character), index)
        if other != index:
            partner[index], partner[other] = other, index
    return partner


def decode(
    probabilities: NDArray[np.float32], alphabet: Sequence[str], partner: NDArray[np.intp] | None = None
) -> LineReading:
    """The best class of each time step, with repeats and blanks dropped (greedy CTC).

    Args:
        probabilities: (time steps, classes), each row summing to 1.
        alphabet: the character of each class; class 0 is the blank.
        partner: of each class, from `twins`: whether a colon is wide or narrow is no doubt about the colon, so the two
            probabilities count together. None counts each class alone.

    Returns:
        The text; a character's confidence is the largest probability within its run of time steps.

    Example:
        >>> decode(np.array([[0.1, 0.9], [0.2, 0.8], [1.0, 0.0], [0.3, 0.7]], dtype=np.float32), ("", "a")).text
        'aa'
    """
    best = probabilities.argmax(axis=1)
    if not len(best):
        return LineReading("", 0.0, ())
    steps = np.arange(len(best))
    peaks = probabilities[steps, best]
    if partner is not None:
        peaks = peaks + np.where(partner[best] != best, probabilities[steps, partner[best]], np.float32(0))
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    runs = [(int(cls), float(peak)) for cls, peak in zip(best[starts], np.maximum.reduceat(peaks, starts), strict=True)]
    confidences = tuple(peak for cls, peak in runs if cls)
    text = "".join(alphabet[cls] for cls, _ in runs if cls)
    doubts = find_doubts(probabilities, best, peaks, alphabet, partner)
    return LineReading(text, math.fsum(confidences) / len(confidences) if confidences else 0.0, confidences, doubts)


def line_input(crop: Image, line_height: int = LINE_HEIGHT) -> NDArray[np.float32]:
    """A (height, width, 3) crop as the recogniser wants it: (1, 3, line height, width at that height), from -1 to 1.

    Widths are those of PaddleOCR for lines of at least its 320 pixels; shorter ones are not padded that far, which
    reads the same and costs a third less.
    """
    height, width = crop.shape[:2]
    narrowest, widest = (limit * line_height // LINE_HEIGHT for limit in (MIN_WIDTH, MAX_WIDTH))
    line_width = min(widest, max(1, line_height * width // height))
    method = cv2.INTER_AREA if height >= 2 * line_height else cv2.INTER_LINEAR  # which sees two neighbours only
    line = cv2.resize(crop, (line_width, line_height), interpolation=method).transpose(2, 0, 1)
    values = np.zeros((1, 3, line_height, max(narrowest, line_width)), dtype=np.float32)
    values[0, :, :, :line_width] = (line / np.float32(255) - np.float32(0.5)) / np.float32(0.5)
    return values


def _recogniser(model: PlacedModel, threads: int) -> PaddleRecogniser:
    """The recogniser, able to read low lines if its graph can be made to take them."""
    with tempfile.TemporaryDirectory(prefix="signed-forms-") as scratch:
        folder = Path(scratch)
        try:
            any_height = place_for_any_height(model.folder, folder)
        except Exception as error:
            raise EngineFailed(f"{model.name}: {type(error).__name__}: {error}") from error
        if not any_height:
            return PaddleRecogniser(_load("TextRecognition", model, threads))
        return PaddleRecogniser(_load("TextRecognition", replace(model, folder=folder), threads), LOW_HEIGHT)


def _load(kind: str, model: PlacedModel, threads: int) -> Any:
    try:
        return getattr(_paddleocr(), kind)(
            model_name=model.name,
            model_dir=str(model.folder),
            engine="onnxruntime",
            engine_config={"intra_op_num_threads": threads, "inter_op_num_threads": 1},
        )
    except Exception as error:
        raise EngineFailed(f"{model.name}: {type(error).__name__}: {error}") from error


def _paddleocr() -> Any:
    """PaddleOCR, imported where it is needed: it takes two seconds and must find its environment prepared.

    The folders that it makes as it is imported serve only inputs other than arrays, so they need not stay.
    """
    os.environ.update(OFFLINE)
    with tempfile.TemporaryDirectory(prefix="signed-forms-") as scratch:
        os.environ["PADDLE_PDX_CACHE_HOME"] = scratch
        return importlib.import_module("paddleocr")
