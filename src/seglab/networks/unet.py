"""U-Net after Ronneberger, Fischer and Brox 2015 (arXiv:1505.04597), with padded convolutions.

The samplings, the blocks and what is added to them are chosen by name; everything else stays the
same, so that a comparison compares these.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from seglab.networks.blocks import (
    AttentionGate,
    convolution_block,
    doubling,
    first_block,
    halving,
    last_block,
)


class UNet(nn.Module):
    """Images float N×in_channels×H×W to logits N×classes×H×W, for any H and W.

    ``depth`` halvings; level ``k`` has ``base_channels · 2^k`` channels, at most ``max_channels``
    where that is not 0. ``down``: ``maxpool`` 2×2 or ``strided`` (convolution 2×2 with stride 2).
    ``up``: ``transpose`` (transposed convolution 2×2 with stride 2), or ``bilinear`` or
    ``nearest`` interpolation after a convolution 1×1; each to the channels of the level above.
    ``norm``: ``batch`` or ``group`` (8 groups or fewer). ``dropout``: probability of dropping a
    channel of the lowest level. ``block``: ``plain`` or ``residual`` (arXiv:1512.03385).
    ``stem``: ``full``, or ``half``: the first convolution halves height and width and the head
    doubles them again, so that every level is twice as coarse: for the same time four times the
    channels and twice the field of view.

    ``attention``: ``none``, or ``gate`` on every skip connection but the first, whose features
    are too plain to be gated (arXiv:1804.03999). ``deep_supervision``: a head on each other level
    of the decoder as well (Lee et al. 2015, arXiv:1409.5185), for ``supervised_logits`` alone.
    Both draw their first weights last: the plain network's are the same with and without them.
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
        block: str = "plain",
        attention: str = "none",
        deep_supervision: bool = False,
        max_channels: int = 0,
        stem: str = "full",
    ) -> None:
        super().__init__()
        widths = level_widths(base_channels, depth, max_channels)
        steps = list(pairwise(widths))
        upwards = steps[::-1]
        self.stride = 2 ** (depth + (stem == "half"))
        self.stem = first_block(stem, block, in_channels, widths[0], norm)
        self.halvings = nn.ModuleList(halving(down, fine) for fine, _ in steps)
        self.encoders = nn.ModuleList(
            convolution_block(block, fine, coarse, norm) for fine, coarse in steps
        )
        self.dropout = nn.Dropout2d(dropout)
        self.doublings = nn.ModuleList(doubling(up, coarse, fine) for fine, coarse in upwards)
        self.decoders = nn.ModuleList(
            convolution_block(block, 2 * fine, fine, norm) for fine, _ in upwards
        )
        self.head = last_block(stem, up, widths[0], classes)
        self.gates = nn.ModuleList()
        if attention == "gate":
            self.gates.extend(AttentionGate(fine, coarse) for fine, coarse in upwards[:-1])
        elif attention != "none":
            raise ValueError(f"attention: {attention!r} is not one of none, gate")
        self.auxiliary_heads = nn.ModuleList()
        if deep_supervision:
            self.auxiliary_heads.extend(
                nn.Conv2d(fine, classes, kernel_size=1) for fine, _ in upwards[:-1]
            )

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the images' own height and width."""
        logits: Tensor = self.head(self._decoded(images)[-1])
        return _crop(logits, images)

    def supervised_logits(self, images: Tensor) -> list[Tensor]:
        """What training takes the loss of, finest first; one element without deep supervision.

        ``forward``'s logits, then each auxiliary head's, up-sampled bilinearly to the same shape.
        """
        *coarse, finest = self._decoded(images)
        logits = self.head(finest)
        found = [
            functional.interpolate(head(features).float(), logits.shape[-2:], mode="bilinear")
            for head, features in zip(self.auxiliary_heads, coarse, strict=False)
        ]
        return [_crop(each, images) for each in [logits, *found[::-1]]]

    def _decoded(self, images: Tensor) -> list[Tensor]:
        """The features of every level of the decoder, from coarse to fine."""
        features = self.stem(pad_to_stride(images, self.stride))
        skips = []
        for halve, encode in zip(self.halvings, self.encoders, strict=True):
            skips.append(features)
            features = encode(halve(features))
        features = self.dropout(features)
        decoded = []
        for level, (double, decode) in enumerate(zip(self.doublings, self.decoders, strict=True)):
            skip = skips.pop()
            if level < len(self.gates):
                skip = self.gates[level](skip, features)
            features = decode(torch.cat([skip, double(features)], dim=1))
            decoded.append(features)
        return decoded


def level_widths(base_channels: int, depth: int, max_channels: int = 0) -> list[int]:
    """Channels of each level, from the images' own size to the lowest: ``depth + 1`` of them."""
    widths = [base_channels * 2**level for level in range(depth + 1)]
    return [min(width, max_channels) for width in widths] if max_channels else widths


def pad_to_stride(images: Tensor, stride: int) -> Tensor:
    """Repeat the last row and column until height and width are multiples of ``stride``."""
    height, width = images.shape[-2:]
    bottom, right = -height % stride, -width % stride
    return functional.pad(images, (0, right, 0, bottom), mode="replicate")


def _crop(logits: Tensor, images: Tensor) -> Tensor:
    height, width = images.shape[-2:]
    return logits[..., :height, :width]
