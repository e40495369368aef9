"""The architecture: six channels of half a page's size -> a logit for each 8 x 8 pixels of the page.

Depthwise separable convolutions, a pyramid of five levels and the way back up to the second: 0.34 million weights, few
enough for a processor.
"""

from __future__ import annotations

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as error:
    raise ImportError(
        "the network is trained with PyTorch, which nothing else here needs: pip install torch"
    ) from error

__all__ = ["SignatureNetwork", "functional", "nn", "torch"]  # PyTorch too, so that its lack is said here alone

CHANNELS = 6
WIDTHS = (16, 32, 56, 88, 128)
"""Channels of each level."""
FIRST_LOGIT = -3.0
"""At first every cell is 5 % a signature's, as about so few are: training need not learn that."""


class Convolution(nn.Sequential):
    """A convolution of all channels with batch normalisation and hard swish."""

    def __init__(self, inward: int, outward: int, size: int = 1, stride: int = 1) -> None:
        super().__init__(*_normalised(inward, outward, size, stride), nn.Hardswish())


class Linear(nn.Sequential):
    """A convolution of one pixel with batch normalisation alone."""

    def __init__(self, inward: int, outward: int) -> None:
        super().__init__(*_normalised(inward, outward, 1))


class Depthwise(nn.Sequential):
    """A convolution of each channel by itself with batch normalisation alone."""

    def __init__(self, width: int, size: int, stride: int = 1) -> None:
        super().__init__(*_normalised(width, width, size, stride, groups=width))


def _normalised(inward: int, outward: int, size: int, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    convolution = nn.Conv2d(inward, outward, size, stride, size // 2, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(outward)]


class Residual(nn.Module):
    """What a depthwise convolution and two of one pixel, twice as wide between them, add to their input."""

    def __init__(self, width: int, size: int = 5) -> None:
        super().__init__()
        self.added = nn.Sequential(Depthwise(width, size), Convolution(width, 2 * width), Linear(2 * width, width))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """(N, width, H, W) to the same shape."""
        return values + self.added(values)


class Level(nn.Sequential):
    """Half the size, and two residuals."""

    def __init__(self, inward: int, outward: int, size: int = 5) -> None:
        halving = nn.Sequential(Depthwise(inward, 5, stride=2), Convolution(inward, outward))
        super().__init__(halving, Residual(outward, size), Residual(outward, size))


class Merge(nn.Module):
    """A level, with what the smaller one below it knows added."""

    def __init__(self, below: int, width: int) -> None:
        super().__init__()
        self.narrowed = Convolution(below, width)
        self.residual = Residual(width, 3)

    def forward(self, values: torch.Tensor, below: torch.Tensor) -> torch.Tensor:
        """(N, width, H, W) and (N, below, H / 2, W / 2) to (N, width, H, W)."""
        enlarged = functional.interpolate(self.narrowed(below), scale_factor=2, mode="nearest")
        return self.residual(values + enlarged)


class SignatureNetwork(nn.Module):
    """(N, 6, H, W) with H and W multiples of 32 to logits (N, 1, H / 4, W / 4)."""

    def __init__(self) -> None:
        super().__init__()
        first, second, third, fourth, fifth = WIDTHS
        self.stem = nn.Sequential(
            Convolution(CHANNELS, first, 3, stride=2), Depthwise(first, 3), Convolution(first, first)
        )
        self.levels = nn.ModuleList(
            [Level(first, second, 3), Level(second, third), Level(third, fourth), Level(fourth, fifth)]
        )
        self.merges = nn.ModuleList([Merge(fifth, fourth), Merge(fourth, third), Merge(third, second)])
        self.head = nn.Conv2d(second, 1, 1)
        nn.init.constant_(self.head.bias, FIRST_LOGIT)

    def forward(self, page: torch.Tensor) -> torch.Tensor:
        """The logits of a page or window."""
        values = self.stem(page)
        seen = []
        for level in self.levels:
            values = level(values)
            seen.append(values)
        for merge, level_values in zip(self.merges, reversed(seen[:-1]), strict=True):
            values = merge(level_values, values)
        return self.head(values)
