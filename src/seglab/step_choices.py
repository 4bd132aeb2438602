"""Ways to compute a training's step: number format, order in memory, compiled or not."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from seglab import hardware
from seglab.config import Experiment
from seglab.data.cache import cache_root

Forward = Callable[[torch.Tensor], list[torch.Tensor]]
"""Images to logits, finest first."""
FORMATS = {"bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Choice:
    """How a step is computed: number format of the forward pass, order of the weights in memory,
    through torch.compile or not."""

    precision: str
    channels_last: bool
    compiled: bool = False

    @property
    def memory_format(self) -> torch.memory_format:
        """For ``network.to``."""
        return torch.channels_last if self.channels_last else torch.contiguous_format

    @property
    def in_words(self) -> str:
        """As a line of a log names it."""
        order = "channels last" if self.channels_last else "contiguous"
        return f"{self.precision}, {order}" + (", compiled" if self.compiled else "")


def rule(experiment: Experiment, device: str) -> Choice:
    """What is taken without trying: half formats run fastest with the channels last, float32 on a
    CPU does not."""
    precision = hardware.resolve_precision(experiment.trainer.precision, device)
    return Choice(precision, channels_last=precision != "fp32")


def chosen(config: Mapping[str, Any], experiment: Experiment, device: str) -> Choice:
    """The choice that a run was begun with, from its ``config.json``: it is kept when it is gone on
    with. The rule's where there is none, or the run goes on on a device without that format."""
    kept = config.get("speed", {}).get("choice")
    if kept is None or (kept["precision"] == "fp16" and device == "cpu"):
        return rule(experiment, device)
    return Choice(**kept)


def candidates(experiment: Experiment, device: str) -> list[Choice]:
    """What is tried, the rule's first. ``trainer.precision auto`` allows the hardware's fast format
    and float32, which is more exact; a format that was named is kept."""
    first = rule(experiment, device)
    formats = [first.precision]
    if experiment.trainer.precision == "auto" and device == "cpu" and first.precision != "fp32":
        formats.append("fp32")
    tried = [Choice(each, order) for each in formats for order in (True, False)]
    return [first, *(choice for choice in tried if choice != first)]


def compiled(forward: Forward) -> Forward:
    """The same through torch.compile, whose results stand with the other caches: the next training
    of the same network begins sooner."""
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache_root() / "torchinductor"))
    faster: Forward = torch.compile(forward)
    return faster
