"""Pages, pens and fonts -> a trained network as PyTorch's weights and as ONNX; the package says how to run it.

python -m benchmarks.signature_net.train [SHARE=]PAGES... --unsigned [SHARE=]PAGES... --pens DIR --fonts DIR
    [--held-out PAGES...] [--start FILE] [--steps N] [--tuning-steps N]
    [--last-steps N] [--threads N] [--seed N] --out FILE
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.signature_net.network import CHANNELS, SignatureNetwork, functional, nn, torch
from benchmarks.signature_net.notes import read_fonts
from benchmarks.signature_net.pages import SignedPage, read_pages, unlike
from benchmarks.signature_net.painting import painted_over
from benchmarks.signature_net.pens import cut_pens, read_pens
from benchmarks.signature_net.windows import Materials, Source, Window, draw_windows

BATCH = 8
RATE, TUNING_RATE, LAST_RATE = 3e-3, 1.5e-3, 8e-4
"""Highest learning rates of the first part, and of the others, which are to keep what was learnt."""
PAINTED_SHARE = 0.3
"""How often a signed page is drawn painted over, for each time that it is drawn as it is."""
WARM_UP = 0.1
"""Share of the steps in which the learning rate rises."""
DECAY = 1e-2
LARGEST_GRADIENT = 5.0
AVERAGING = 0.995
"""What is kept is a mean of the weights of the last 200 steps or so: they sway less than the last step's."""
HARDEST = 600
"""So many cells of a window, one in nine, count by themselves: print that looks like pen, and faint signatures."""
SMOOTHING = 20.0
"""Cells that are added to both sides of the dice coefficient, so that windows without a signature do not rule it."""
REPORTED, SAVED = 50, 250
"""Steps between two lines of the log, and between two copies of the weights."""
OPSET = 13

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""Values (N, 6, 288, 288), cells and weights (N, 1, 72, 72)."""


class WindowStream(torch.utils.data.IterableDataset):
    """Windows without end, drawn in a process of its own."""

    def __init__(self, materials: Materials, seed: int) -> None:
        self._materials, self._seed = materials, seed

    def __iter__(self) -> Iterator[Window]:
        return draw_windows(self._materials, self._seed)


def batches(materials: Materials, seed: int) -> Iterator[Batch]:
    """Batches of windows without end, the same for the same seed: one process draws, so that their order is one."""
    stream = WindowStream(materials, seed)
    loader = torch.utils.data.DataLoader(
        stream, batch_size=BATCH, num_workers=1, prefetch_factor=6, collate_fn=_as_batch
    )
    return iter(loader)


def _as_batch(windows: list[Window]) -> Batch:
    values, cells, weights = (torch.from_numpy(np.stack(part)) for part in zip(*windows, strict=True))
    return values, cells, weights


def loss_of(logits: torch.Tensor, cells: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Twice the cross entropy, in which signatures count three times, half that of the hardest cells, and dice loss."""
    entropy = functional.binary_cross_entropy_with_logits(logits, cells, reduction="none") * weights
    more = 1 + 2 * cells
    mean = (entropy * more).sum() / (weights * more).sum()
    hardest = entropy.flatten(1).topk(HARDEST, 1).values.mean()
    found = logits.sigmoid() * weights
    overlap = 2 * (found * cells).sum() + SMOOTHING
    dice = 1 - overlap / (found.sum() + (cells * weights).sum() + SMOOTHING)
    return 2 * mean + 0.5 * hardest + dice


def trained(network: nn.Module, windows: Iterator[Batch], steps: int, rate: float, out: Path) -> nn.Module:
    """The mean of a network's weights over the last of so many steps; copies are written to `out` on the way."""
    averaged = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=WARM_UP)
    total = 0.0
    for step in range(1, steps + 1):
        values, cells, weights = next(windows)
        loss = loss_of(network(values.to(memory_format=torch.channels_last)), cells, weights)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        schedule.step()
        _average(averaged, network, min(AVERAGING, step / (step + 19)))
        total += loss.item()
        if step % REPORTED == 0:
            print(f"step {step}: mean loss {total / REPORTED:.4f}", flush=True)
            total = 0.0
        if step % SAVED == 0:
            torch.save(averaged.state_dict(), out)
    torch.save(averaged.state_dict(), out)
    return averaged


@torch.no_grad()
def _average(averaged: nn.Module, network: nn.Module, kept: float) -> None:
    """Move the averaged weights towards a network's, in place; of counts there is no mean."""
    for mean, value in zip(averaged.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.dtype.is_floating_point:
            mean.mul_(kept).add_(value, alpha=1 - kept)
        else:
            mean.copy_(value)


def export(network: nn.Module, file: Path) -> None:
    """Write a network as ONNX: `page` (1, 6, height, width), both multiples of 32, to `logits`."""
    axes = {"page": {2: "height", 3: "width"}, "logits": {2: "rows", 3: "columns"}}
    network.eval()
    torch.onnx.export(
        network,
        (torch.zeros(1, CHANNELS, 512, 384),),
        str(file),
        dynamo=False,
        opset_version=OPSET,
        input_names=["page"],
        output_names=["logits"],
        dynamic_axes=axes,
    )


def read_sources(folders: Iterable[str], held_out: Sequence[SignedPage], *, signed: bool) -> list[Source]:
    """Pages of folders, each written [SHARE=]FOLDER, without those that look like held-out ones."""
    sources = []
    for written in folders:
        share, _, folder = written.rpartition("=")
        pages = [page for page in unlike(read_pages(Path(folder)), held_out) if signed or not page.boxes]
        sources.append(Source(pages, float(share or 1), signed))
    return sources


def painted_sources(sources: Iterable[Source], seed: int) -> list[Source]:
    """The signed pages of sources as if nobody had signed them."""
    rng = np.random.default_rng(seed)
    return [
        Source([painted_over(page, rng) for page in source.pages if page.boxes], PAINTED_SHARE * source.share, False)
        for source in sources
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", help="[SHARE=]FOLDER of pages on which signatures are marked")
    parser.add_argument("--unsigned", nargs="+", required=True, help="[SHARE=]FOLDER of pages without signatures")
    parser.add_argument("--pens", type=Path, required=True, help="names in pen, as PNG")
    parser.add_argument("--fonts", type=Path, required=True, help="script fonts, for fine-tuning")
    parser.add_argument("--held-out", type=Path, nargs="+", default=[], help="pages by which the network is judged")
    parser.add_argument("--start", type=Path, help="weights to begin with, such as those of an earlier run")
    parser.add_argument("--steps", type=int, default=2600, help="of the first part")
    parser.add_argument("--tuning-steps", type=int, default=1500, help="of fine-tuning")
    parser.add_argument("--last-steps", type=int, default=0, help="with signed pages painted over")
    parser.add_argument("--threads", type=int, default=1, help="for the network; drawing takes another")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="where the weights go; ONNX goes beside them")
    return parser


def main(arguments: Iterable[str] | None = None) -> None:
    """Train a network and write it."""
    options = _parser().parse_args(None if arguments is None else list(arguments))
    cv2.setNumThreads(1)  # else the process that draws, a fork, waits for threads that it does not have
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    held_out = [page for folder in options.held_out for page in read_pages(folder)]
    signed = read_sources(options.pages, held_out, signed=True)
    unsigned = read_sources(options.unsigned, held_out, signed=False)
    cuts = cut_pens(page for source in signed for page in source.pages)
    plain = Materials([*signed, *unsigned], cuts + 2 * read_pens(options.pens))
    noted = plain._replace(fonts=read_fonts(options.fonts), pictures=unsigned[0].pages)
    network = SignatureNetwork().to(memory_format=torch.channels_last)
    if options.start:
        network.load_state_dict(torch.load(options.start, weights_only=True))
    if options.steps:
        network = trained(network, batches(plain, options.seed), options.steps, RATE, options.out)
    if options.tuning_steps:
        windows = batches(noted, options.seed + 1)
        network = trained(network, windows, options.tuning_steps, TUNING_RATE, options.out)
    if options.last_steps:
        last = noted._replace(sources=[*noted.sources, *painted_sources(signed, options.seed)])
        windows = batches(last, options.seed + 2)
        network = trained(network, windows, options.last_steps, LAST_RATE, options.out)
    export(network, options.out.with_suffix(".onnx"))


if __name__ == "__main__":
    main()
