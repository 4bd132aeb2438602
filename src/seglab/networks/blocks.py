"""What a U-Net is built of: convolution blocks, samplings, normalisations, attention gates."""

import torch
from torch import Tensor, nn
from torch.nn import functional


def convolution_block(block: str, in_channels: int, out_channels: int, norm: str) -> nn.Module:
    """Two convolutions 3×3 by name: ``plain`` or ``residual``; height and width stay."""
    if block == "plain":
        return double_convolution(in_channels, out_channels, norm)
    if block == "residual":
        return ResidualBlock(in_channels, out_channels, norm)
    raise ValueError(f"block: {block!r} is not one of plain, residual")


def double_convolution(in_channels: int, out_channels: int, norm: str) -> nn.Sequential:
    """Twice: convolution 3×3, normalisation, ReLU; height and width stay."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1, bias=False),
        normalisation(norm, out_channels),
        nn.ReLU(inplace=True),
        nn.Conv2d(out_channels, out_channels, kernel_size=3, padding=1, bias=False),
        normalisation(norm, out_channels),
        nn.ReLU(inplace=True),
    )


class ResidualBlock(nn.Module):
    """The basic block of He et al. 2016 (arXiv:1512.03385): a double convolution and a shortcut.

    Float N×in_channels×H×W to N×out_channels×H×W. The last ReLU stands after the sum. The shortcut
    is the identity, or a convolution 1×1 with normalisation where the number of channels changes.
    """

    def __init__(self, in_channels: int, out_channels: int, norm: str) -> None:
        super().__init__()
        self.body = double_convolution(in_channels, out_channels, norm)[:-1]
        self.shortcut: nn.Module = nn.Identity()
        if in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, kernel_size=1, bias=False),
                normalisation(norm, out_channels),
            )

    def forward(self, features: Tensor) -> Tensor:
        """ReLU of double convolution plus shortcut."""
        return functional.relu(self.body(features) + self.shortcut(features))


def first_block(stem: str, block: str, in_channels: int, out_channels: int, norm: str) -> nn.Module:
    """Images to the first level's features, at ``full`` or ``half`` their height and width."""
    if stem == "full":
        return convolution_block(block, in_channels, out_channels, norm)
    if stem == "half":
        return nn.Sequential(
            nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=2, padding=1, bias=False),
            normalisation(norm, out_channels),
            nn.ReLU(inplace=True),
            convolution_block(block, out_channels, out_channels, norm),
        )
    raise ValueError(f"stem: {stem!r} is not one of full, half")


def last_block(stem: str, up: str, in_channels: int, classes: int) -> nn.Module:
    """The first level's features to logits of the images' own size."""
    if stem == "full":
        return nn.Conv2d(in_channels, classes, kernel_size=1)
    inner = max(in_channels // 2, 1)
    return nn.Sequential(
        doubling(up, in_channels, inner),
        nn.ReLU(inplace=True),
        nn.Conv2d(inner, classes, kernel_size=3, padding=1),
    )


class AttentionGate(nn.Module):
    """The additive gate of Oktay et al. 2018 (arXiv:1804.03999) on a skip connection.

    ``skip`` float N×skip_channels×2H×2W is scaled with a coefficient 0–1 for each pixel, found
    from itself and from the next coarser level's ``signal`` N×signal_channels×H×W: on the coarse
    grid, then resampled bilinearly.
    """

    def __init__(self, skip_channels: int, signal_channels: int) -> None:
        super().__init__()
        inner = max(skip_channels // 2, 1)
        self.from_skip = nn.Conv2d(skip_channels, inner, kernel_size=2, stride=2, bias=False)
        self.from_signal = nn.Conv2d(signal_channels, inner, kernel_size=1)
        self.coefficient = nn.Conv2d(inner, 1, kernel_size=1)

    def forward(self, skip: Tensor, signal: Tensor) -> Tensor:
        """The gated skip, of the skip's own shape."""
        combined = functional.relu(self.from_skip(skip) + self.from_signal(signal))
        coefficients = torch.sigmoid(self.coefficient(combined))
        return skip * functional.interpolate(coefficients, scale_factor=2.0, mode="bilinear")


def halving(down: str, channels: int) -> nn.Module:
    """Half the height and width, the same channels."""
    if down == "maxpool":
        return nn.MaxPool2d(kernel_size=2)
    if down == "strided":
        return nn.Conv2d(channels, channels, kernel_size=2, stride=2)
    raise ValueError(f"down: {down!r} is not one of maxpool, strided")


def doubling(up: str, in_channels: int, out_channels: int) -> nn.Module:
    """Twice the height and width."""
    if up == "transpose":
        return nn.ConvTranspose2d(in_channels, out_channels, kernel_size=2, stride=2)
    # The convolution comes first: 1×1 and interpolation commute, and so it is four times cheaper.
    mix = nn.Conv2d(in_channels, out_channels, kernel_size=1)
    if up == "bilinear":
        return nn.Sequential(mix, nn.Upsample(scale_factor=2, mode="bilinear"))
    if up == "nearest":
        return nn.Sequential(mix, nn.Upsample(scale_factor=2, mode="nearest"))
    raise ValueError(f"up: {up!r} is not one of transpose, bilinear, nearest")


def normalisation(norm: str, channels: int) -> nn.Module:
    """Batch norm, or group norm (Wu and He 2018) with the most groups up to 8 that divide."""
    if norm == "batch":
        return nn.BatchNorm2d(channels)
    if norm == "group":
        groups = max(count for count in range(1, 9) if channels % count == 0)
        return nn.GroupNorm(groups, channels)
    raise ValueError(f"norm: {norm!r} is not one of batch, group")
