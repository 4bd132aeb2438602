"""Every network by name: where its class stands and which keys of the section network it knows.

No network is imported here: the schema reads the names. To add one's own: docs/networks.md.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seglab.errors import UsageError

OF_TRAINING = (
    "encoder_weights",
    "encoder_mean",
    "encoder_std",
    "encoder_rate",
    "encoder_warmup",
)
"""Keys that say how an encoder is trained; all others are arguments of the network's class."""

OF_ALL = ("name", "output")
"""Keys that every network has."""


@dataclass(frozen=True)
class Entry:
    """``where``: ``module:Class``. The class is called with ``classes`` (channels of its logits),
    with the settings named in ``keys`` and with ``arguments``, which stand fixed.
    """

    where: str
    keys: tuple[str, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def load(self) -> Any:
        """The class. Raises ``UsageError`` where it cannot be imported."""
        module, _, name = self.where.partition(":")
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise UsageError(f"network.name: {self.where} cannot be imported ({error})") from error


def _library(name: str) -> Entry:
    keys = ("encoder", *OF_TRAINING)
    return Entry("seglab.networks.library:LibraryNetwork", keys, {"name": name})


NETWORKS: dict[str, Entry] = {
    "unet": Entry(
        "seglab.networks.unet:UNet",
        (
            "base_channels",
            "max_channels",
            "depth",
            "down",
            "up",
            "norm",
            "dropout",
            "block",
            "stem",
            "attention",
            "deep_supervision",
        ),
    ),
    "smp_unet": _library("smp_unet"),
    "unetplusplus": _library("unetplusplus"),
    "manet": _library("manet"),
    "linknet": _library("linknet"),
    "fpn": _library("fpn"),
    "pspnet": _library("pspnet"),
    "pan": _library("pan"),
    "deeplabv3": _library("deeplabv3"),
    "deeplabv3plus": _library("deeplabv3plus"),
    "upernet": _library("upernet"),
    "segformer": _library("segformer"),
}
"""What ``network.name`` may be."""
