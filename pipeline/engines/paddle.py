"""The engines on PaddleOCR and ONNX Runtime; no other module imports either.

PaddleOCR runs detection and orientation. The recogniser's networks are run, and lines prepared and decoded, here,
because PaddleOCR's own reading gives one confidence for a whole line, and pads short lines to a width that most cells
lack. Its `predict` also takes names of files and addresses of pages: it is only ever given arrays.
"""

from __future__ import annotations

import importlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.engines.ctc_head import CtcHead
from pipeline.engines.greedy_decoding import decode, twins
from pipeline.engines.protocols import DetectedLine, Engines, LineReading, ReducedHeight, Seen, Turn
from pipeline.engines.sessions import KEEPS_MEMORY, OFFLINE, Run, run_network
from pipeline.engines.signature_net import load_signature_net
from pipeline.errors import EngineFailed, ModelMissing
from pipeline.imaging import polygon
from pipeline.models import (
    ALPHABET,
    BLANK,
    HEAD,
    HEAD_INT8,
    NETWORK_INT8,
    PP_OCR_HEIGHT,
    PROBE,
    WEIGHTS,
    PlacedModel,
    PreparedModel,
    Role,
    Traits,
    are_exact,
    place_models,
    prepared,
    probe_values,
    shipped_digests,
)
from pipeline.settings import ModelSettings

MIN_WIDTH = 64
"""Narrowest input in pixels at a height of `PP_OCR_HEIGHT`; narrower lines, such as a lone digit, are padded with
middle gray."""
MAX_WIDTH = 3200
"""Widest input in pixels at that height; longer lines are squeezed, as PaddleOCR does."""
LEVELS = (np.arange(256, dtype=np.float32) / np.float32(255) - np.float32(0.5)) / np.float32(0.5)
"""What the recogniser sees of each level of a pixel: black is -1, white 1."""
DETECTOR_LONG_SIDE = 960
"""Pixels of the longer side at which lines are looked for, PaddleOCR's own default; small images are not enlarged.

On A4 scans, 640 finds the same lines with looser quads, and 1,600 no more of them at three times the cost.
"""
BOX_THRESHOLD = 0.4
"""Least mean text probability of a found line; half of the handwriting that touches print is found only below 0.5."""
UNCLIP_RATIO = 1.5
"""How far a found line's core is widened to its full height: area times this, divided by its perimeter."""


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
        recogniser=_recogniser(placed[Role.RECOGNISER], threads, int8=settings.int8),
        detector=PaddleDetector(_load("TextDetection", placed[Role.DETECTOR], threads)),
        orienter=PaddleOrienter(_load("DocImgOrientationClassification", orienter, threads)) if orienter else None,
        digests=(*((model.name, model.sha256) for model in placed.values()), *shipped_digests()),
        signature_finder=load_signature_net(threads),
    )


class Network(NamedTuple):
    """The recogniser's network: from a line to probabilities, or to what its last layer sees, where that was taken off.

    `body` takes a line as `line_input` gives it, and gives an array of (1, time steps, classes or features).
    """

    body: Run
    head: CtcHead | None


class PaddleRecogniser:
    """Reads lines with PaddleOCR's model, one at a time, and gives each character's confidence.

    With one thread a batch costs as much as its lines do one by one, and a batch's padding changes what is read: here
    a crop's reading never depends on the other crops. Only the last layer, where nothing is padded, takes the time
    steps of many lines at once.
    """

    def __init__(self, characters: Sequence[str], usual: Network, exact: Network, traits: Traits) -> None:
        self._usual = usual
        self._exact = exact
        self._traits = traits
        self._alphabet = ("", *characters)
        self._twins = twins(self._alphabet)

    @property
    def alphabet(self) -> tuple[str, ...]:
        """The character of each class; class 0 is the CTC blank, spelled ""."""
        return self._alphabet

    @property
    def line_height(self) -> int:
        """Height in pixels of the lines that the model was trained on."""
        return self._traits.line_height

    @property
    def reduced_height(self) -> ReducedHeight | None:
        """The height at which clear lines are read as well; None if at no other."""
        height, confidence = self._traits.reduced_height, self._traits.reduced_height_confidence
        return None if height is None or confidence is None else ReducedHeight(height, confidence)

    def read(self, crops: Sequence[Image], *, reduced: bool = False, exact: bool = False) -> list[LineReading]:
        """Read line crops of any size, (height, width, 3) BGR, in order; a crop without pixels reads as "".

        `reduced` lines are read at the reduced height, if there is one; `exact` ones in floats throughout, where others
        are read partly in int8.
        """
        height = (self._traits.reduced_height if reduced else None) or self._traits.line_height
        network = self._exact if exact else self._usual
        whole = [index for index, crop in enumerate(crops) if crop.size]
        readings = [LineReading("", 0.0, ())] * len(crops)
        outputs = (network.body(line_input(crops[index], height))[0] for index in whole)
        keeps = network is self._usual and height == self._traits.line_height
        for index, reading in zip(whole, self._decoded(outputs, network.head, keeps=keeps), strict=True):
            padded = padding_share(crops[index], height)
            readings[index] = reading._replace(places=tuple(place * padded for place in reading.places))
        return readings

    def log_probabilities(self, line: Image | Seen) -> NDArray[np.float32]:
        """Natural-log class probabilities of a crop, or of what its reading kept; no time steps without pixels."""
        if isinstance(line, Seen):
            output = line.output
        elif line.size:
            output = self._usual.body(line_input(line, self._traits.line_height))[0]
        else:
            return np.empty((0, len(self._alphabet)), dtype=np.float32)
        head = self._exact.head  # what is little probable counts, too
        probabilities = output if head is None else head.probabilities(output)
        logs: NDArray[np.float32] = np.maximum(probabilities, np.finfo(np.float32).tiny)
        return np.log(logs, out=logs)

    def _decoded(
        self, outputs: Iterable[NDArray[np.float32]], head: CtcHead | None, *, keeps: bool
    ) -> Iterator[LineReading]:
        """Readings of what a network's body said, each with that where it is to be kept, unless it is large."""
        if head is None:  # a line's probabilities take megabytes
            yield from (decode(probabilities, self._alphabet, self._twins) for probabilities in outputs)
            return
        features = list(outputs)
        for (probabilities, unsure), seen in zip(head.unsure_steps(features), features, strict=True):
            reading = decode(probabilities, self._alphabet, self._twins, unsure)
            yield reading._replace(seen=Seen(seen)) if keeps else reading


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


def line_input(crop: Image, line_height: int) -> NDArray[np.float32]:
    """A (height, width, 3) crop as the recogniser wants it: (1, 3, line height, width at that height), from -1 to 1.

    Widths are those of PaddleOCR for lines of at least its 320 pixels; shorter ones are not padded that far, which
    reads the same and costs a third less.
    """
    line_width, padded_width = _widths(crop, line_height)
    method = cv2.INTER_AREA if len(crop) >= 2 * line_height else cv2.INTER_LINEAR  # which sees two neighbours only
    line = cv2.resize(crop, (line_width, line_height), interpolation=method)
    values = np.zeros((1, 3, line_height, padded_width), dtype=np.float32)
    for channel, shown in zip(values[0], cv2.split(line), strict=True):
        channel[:, :line_width] = cv2.LUT(shown, LEVELS)
    return values


def padding_share(crop: Image, line_height: int) -> float:
    """How wide a crop's input is, in widths of the line that stands in it; 1 where it is not padded."""
    line_width, padded_width = _widths(crop, line_height)
    return padded_width / line_width


def _widths(crop: Image, line_height: int) -> tuple[int, int]:
    """The widths in pixels of a crop as the recogniser wants it: of the line, and with its padding."""
    height, width = crop.shape[:2]
    narrowest, widest = (limit * line_height // PP_OCR_HEIGHT for limit in (MIN_WIDTH, MAX_WIDTH))
    line_width = min(widest, max(1, line_height * width // height))
    return line_width, max(narrowest, line_width)


def _recogniser(model: PlacedModel, threads: int, *, int8: bool) -> PaddleRecogniser:
    """The recogniser: in floats, and in int8 as well where its weights, the settings and the processor allow it."""
    with _failing_as(model), prepared(model) as files:
        exact = usual = Network(run_network(files.folder / WEIGHTS, threads), _head(files, HEAD, model.traits, threads))
        probe, network = files.file(PROBE), files.file(NETWORK_INT8)
        if int8 and probe and network and multiplies_exactly(probe):
            usual = Network(run_network(network, threads), _head(files, HEAD_INT8, model.traits, threads) or exact.head)
        characters = json.loads((files.folder / ALPHABET).read_bytes())
        return PaddleRecogniser(characters, usual, exact, model.traits)


def _head(files: PreparedModel, name: str, traits: Traits, threads: int) -> CtcHead | None:
    """A recogniser's last layer; None where it was not taken off."""
    layer = files.file(name)
    if layer is None or traits.blank_threshold is None:
        return None
    blank = np.load(files.folder / BLANK, allow_pickle=False)
    return CtcHead(run_network(layer, threads), blank[:-1], float(blank[-1]), traits.blank_threshold)


def reads_in_int8(settings: ModelSettings) -> bool:
    """Whether lines are read with int8 weights here: where the settings, the manifest and the processor allow it.

    Raises:
        ModelMissing, ModelMismatch, EngineFailed: as `load_engines` does.
    """
    for model in place_models(settings):
        if model.role is Role.RECOGNISER:
            with _failing_as(model), prepared(model) as files:
                probe = files.file(PROBE)
                return settings.int8 and probe is not None and multiplies_exactly(probe)
    return False


def multiplies_exactly(probe: Path) -> bool:
    """Whether this machine's products of int8 matrices are exact: only then lines are read in them."""
    return are_exact(run_network(probe, 1)(probe_values()))


def _load(kind: str, model: PlacedModel, threads: int) -> Any:
    """One of PaddleOCR's models."""
    with _failing_as(model), prepared(model) as files:
        return getattr(_paddleocr(), kind)(
            model_name=model.name,
            model_dir=str(files.folder),
            engine="onnxruntime",
            engine_config={
                "intra_op_num_threads": threads,
                "inter_op_num_threads": 1,
                "enable_cpu_mem_arena": KEEPS_MEMORY,
            },
        )


@contextmanager
def _failing_as(model: PlacedModel) -> Iterator[None]:
    """Whatever goes wrong while a model is loaded is said of the model."""
    try:
        yield
    except EngineFailed:
        raise
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
