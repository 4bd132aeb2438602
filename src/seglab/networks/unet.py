"""U-Net after Ronneberger, Fischer and Brox 2015 (arXiv:1505.04597), with padded convolutions.

The down-sampling and the up-sampling are chosen by name; everything else stays the same, so that
a comparison compares these.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional


class UNet(nn.Module):
    """Images float N×in_channels×H×W to logits N×classes×H×W, for any H and W.

    ``depth`` halvings; level ``k`` has ``base_channels · 2^k`` channels. ``down``: ``maxpool``
    2×2 or ``strided`` (convolution 2×2 with stride 2). ``up``: ``transpose`` (transposed
    convolution 2×2 with stride 2), or ``bilinear`` or ``nearest`` interpolation followed by a
    convolution 1×1; each halves the channels. ``norm``: ``batch`` or ``group`` (8 groups or
    fewer). ``dropout``: probability of dropping a channel of the lowest level.
    """

    def __init__(
        self,
        in_channels: int = 3,
        classes: int = 1,
        base_channels: int = 64,
        depth: int = 4,
        down: str = "maxpool",
        up: str = "transpose",
        norm: str = "batch",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        widths = [base_channels * 2**level for level in range(depth + 1)]
        self.stride = 2**depth
        self.stem = double_convolution(in_channels, widths[0], norm)
        self.halvings = nn.ModuleList(halving(down, width) for width in widths[:-1])
        self.encoders = nn.ModuleList(
            double_convolution(width, width * 2, norm) for width in widths[:-1]
        )
        self.dropout = nn.Dropout2d(dropout)
        self.doublings = nn.ModuleList(doubling(up, width * 2) for width in reversed(widths[:-1]))
        self.decoders = nn.ModuleList(
            double_convolution(width * 2, width, norm) for width in reversed(widths[:-1])
        )
        self.head = nn.Conv2d(base_channels, classes, kernel_size=1)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the images' own height and width."""
        height, width = images.shape[-2:]
        features = self.stem(pad_to_stride(images, self.stride))
        skips = []
        for halve, encode in zip(self.halvings, self.encoders, strict=True):
            skips.append(features)
            features = encode(halve(features))
        features = self.dropout(features)
        for double, decode in zip(self.doublings, self.decoders, strict=True):
            features = decode(torch.cat([skips.pop(), double(features)], dim=1))
        logits: Tensor = self.head(features)
        return logits[..., :height, :width]


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


def halving(down: str, channels: int) -> nn.Module:
    """Half the height and width, the same channels."""
    if down == "maxpool":
        return nn.MaxPool2d(kernel_size=2)
    if down == "strided":
        return nn.Conv2d(channels, channels, kernel_size=2, stride=2)
    raise ValueError(f"down: {down!r} is not one of maxpool, strided")


def doubling(up: str, channels: int) -> nn.Module:
    """Twice the height and width, half the channels."""
    if up == "transpose":
        return nn.ConvTranspose2d(channels, channels // 2, kernel_size=2, stride=2)
    # The convolution comes first: 1×1 and interpolation commute, and so it is four times cheaper.
    mix = nn.Conv2d(channels, channels // 2, kernel_size=1)
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


def pad_to_stride(images: Tensor, stride: int) -> Tensor:
    """Repeat the last row and column until height and width are multiples of ``stride``."""
    height, width = images.shape[-2:]
    bottom, right = -height % stride, -width % stride
    return functional.pad(images, (0, right, 0, bottom), mode="replicate")
