"""The engines on PaddleOCR and ONNX Runtime; no other module imports either.

PaddleOCR loads the models and prepares pages for detection and orientation. Lines are prepared and decoded here,
because its own reading gives one confidence for a whole line, and pads short lines to a width that most cells lack.
Its `predict` also takes names of files and addresses of pages: it is only ever given arrays.
"""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.engines.greedy_decoding import decode, twins
from pipeline.engines.protocols import DetectedLine, Engines, LineReading, Turn
from pipeline.errors import EngineFailed, ModelMissing
from pipeline.imaging import polygon
from pipeline.models import (
    CONFIG,
    WEIGHTS,
    CtcHead,
    PlacedModel,
    Role,
    blank_of,
    clear_denormals,
    exactness_probe,
    load_network,
    place_models,
    quantise,
    quantised_head,
    split_off_head,
    with_dynamic_height,
)
from pipeline.settings import ModelSettings

LINE_HEIGHT = 48
"""Height in pixels of the lines that the recogniser was trained on."""
REDUCED_HEIGHT = 32
"""Height at which clear lines are read as well, in half the time. At 28 and 24 pixels a tenth and a fifth fewer lines
are clear, so nothing is saved."""
MIN_WIDTH = 64
"""Narrowest input in pixels at the usual height; narrower lines, such as a lone digit, are padded with middle gray."""
MAX_WIDTH = 3200
"""Widest input in pixels at the usual height; longer lines are squeezed, as PaddleOCR does."""
REMEMBERED = 12
"""Lines of which is kept what the graph said: those that told which way up a page is are read again among all its
lines, to the pixel, and those of a margin that look signed are scored again."""
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

KEEPS_MEMORY = False
"""Whether a session keeps what its largest inputs took: 1 to 2 % of its time, for 70 MiB."""
Run: TypeAlias = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""A graph of one input and one output."""
_Crop: TypeAlias = tuple[int, bool, tuple[int, ...], bytes]
"""A crop by the height at which it is read, whether exactly, its shape, and the digest of its pixels."""


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
        recogniser=_recogniser(placed[Role.RECOGNISER], threads, whole_numbers=settings.whole_numbers),
        detector=PaddleDetector(_load("TextDetection", placed[Role.DETECTOR], threads)),
        orienter=PaddleOrienter(_load("DocImgOrientationClassification", orienter, threads)) if orienter else None,
        digests=tuple((model.name, model.sha256) for model in placed.values()),
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

    def __init__(self, characters: Sequence[str], usual: Network, exact: Network, low_height: int) -> None:
        self._usual = usual
        self._exact = exact
        self._low_height = low_height
        self._alphabet = ("", *characters)
        self._twins = twins(self._alphabet)
        self._lately: dict[_Crop, NDArray[np.float32]] = {}

    @property
    def alphabet(self) -> tuple[str, ...]:
        """The character of each class; class 0 is the CTC blank, spelled ""."""
        return self._alphabet

    def read(self, crops: Sequence[Image], *, low: bool = False, exact: bool = False) -> list[LineReading]:
        """Read line crops of any size, (height, width, 3) BGR, in order; a crop without pixels reads as "".

        `low` lines are read at `REDUCED_HEIGHT`, where the model takes it; `exact` ones in floats throughout, where
        others are read partly in int8. The same pixels are not read again at once.
        """
        height = self._low_height if low else LINE_HEIGHT
        network = self._exact if exact else self._usual
        whole = [index for index, crop in enumerate(crops) if crop.size]
        readings = [LineReading("", 0.0, ())] * len(crops)
        outputs = self._outputs([crops[i] for i in whole], height, network)
        for index, reading in zip(whole, self._decoded(outputs, network.head), strict=True):
            readings[index] = reading
        return readings

    def log_probabilities(self, crop: Image) -> NDArray[np.float32]:
        """Natural-log class probabilities of one crop, (time steps, classes); no time steps without pixels."""
        if not crop.size:
            return np.empty((0, len(self._alphabet)), dtype=np.float32)
        (output,) = self._outputs([crop], LINE_HEIGHT, self._usual)
        head = self._exact.head  # what is little probable counts, too
        probabilities = output if head is None else head.probabilities(output)
        logs: NDArray[np.float32] = np.maximum(probabilities, np.finfo(np.float32).tiny)
        return np.log(logs, out=logs)

    def _decoded(self, outputs: Iterator[NDArray[np.float32]], head: CtcHead | None) -> Iterator[LineReading]:
        if head is None:
            return (decode(probabilities, self._alphabet, self._twins) for probabilities in outputs)
        steps = head.unsure_steps(outputs)
        return (decode(probabilities, self._alphabet, self._twins, unsure) for probabilities, unsure in steps)

    def _outputs(self, crops: Sequence[Image], height: int, network: Network) -> Iterator[NDArray[np.float32]]:
        """What a network's body says of each crop: class probabilities, or what the last layer sees.

        What it said of the last ones is remembered, by their pixels.
        """
        exact = network is self._exact
        keys = [(height, exact, crop.shape, blake2b(crop.tobytes()).digest()) for crop in crops]
        known = {key: self._lately[key] for key in keys if key in self._lately}  # before the others push it out
        for key, crop in zip(keys, crops, strict=True):
            output = known[key] if key in known else network.body(line_input(crop, height))[0]
            self._lately[key] = output
            if len(self._lately) > REMEMBERED:
                del self._lately[next(iter(self._lately))]
            yield output


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


def _recogniser(model: PlacedModel, threads: int, *, whole_numbers: bool) -> PaddleRecogniser:
    """The recogniser, its graph made cheaper where it can be: low lines, no last layer, whole numbers."""
    with _failing_as(model):
        graph = load_network(model.folder / WEIGHTS)
        low_height = REDUCED_HEIGHT if with_dynamic_height(graph) else LINE_HEIGHT
        layer = None if model.blank_threshold is None else split_off_head(graph)
        predictor = _load("TextRecognition", model, threads, graph).paddlex_predictor
        head, quick_head = _heads(layer, model.blank_threshold, threads)
        usual = exact = Network(lambda line: predictor.runner(x=[line])[0], head)
        if whole_numbers and model.whole_numbers and multiplies_exactly() and quantise(graph):
            usual = Network(_runner(graph, threads), quick_head)
        return PaddleRecogniser(predictor.post_op.character[1:], usual, exact, low_height)


def _heads(
    layer: onnx.ModelProto | None, blank_threshold: float | None, threads: int
) -> tuple[CtcHead, CtcHead] | tuple[None, None]:
    """A recogniser's last layer, in floats and in whole numbers; None where it was not taken off."""
    if layer is None or blank_threshold is None:
        return None, None
    weights, bias = blank_of(layer)
    exact, quick = (_runner(model, threads) for model in (layer, quantised_head(layer)))
    return CtcHead(exact, weights, bias, blank_threshold), CtcHead(quick, weights, bias, blank_threshold)


def multiplies_exactly() -> bool:
    """Whether this machine's products of whole numbers are right: only then lines are read in them."""
    model, values, wanted = exactness_probe()
    return bool((_runner(model, 1)(values) == wanted).all())


def _runner(model: onnx.ModelProto, threads: int) -> Run:
    """A model of one input and one output, as a function."""
    os.environ.update(OFFLINE)
    onnxruntime = importlib.import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.enable_cpu_mem_arena = KEEPS_MEMORY
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    (name,) = (value.name for value in session.get_inputs())

    def run(values: NDArray[np.float32]) -> NDArray[np.float32]:
        output: NDArray[np.float32] = session.run(None, {name: values})[0]
        return output

    return run


def _load(kind: str, model: PlacedModel, threads: int, graph: onnx.ModelProto | None = None) -> Any:
    """One of PaddleOCR's models, without weights that cost much and do nothing; its own graph, or that one."""
    with _failing_as(model), tempfile.TemporaryDirectory(prefix="signed-forms-") as scratch:
        folder = Path(scratch)
        graph = load_network(model.folder / WEIGHTS) if graph is None else graph
        clear_denormals(graph)
        onnx.save(graph, folder / WEIGHTS)
        shutil.copyfile(model.folder / CONFIG, folder / CONFIG)
        return getattr(_paddleocr(), kind)(
            model_name=model.name,
            model_dir=scratch,
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
