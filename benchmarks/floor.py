"""The time that no version of a training step beats on this machine: from its operations, its
bytes, and the machine's measured rates."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from seglab.config import Experiment
from seglab.losses import build_loss
from seglab.networks.catalogue import build_network

CONVOLUTIONS = nn.Conv2d | nn.ConvTranspose2d | nn.Linear
FORMATS = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}


@dataclass(frozen=True)
class Floor:
    """Operations and bytes of one step, the machine's rates, all in SI units."""

    operations: float
    bytes_moved: float
    operations_per_second: float
    bytes_per_second: float

    @property
    def seconds(self) -> float:
        """Of one step: computing and moving at their full rates at the same time."""
        return max(
            self.operations / self.operations_per_second, self.bytes_moved / self.bytes_per_second
        )

    def in_words(self) -> str:
        """A line for the report."""
        return (
            f"{self.operations / 1e9:.0f} G operations at {self.operations_per_second / 1e9:.0f} "
            f"G/s are {1e3 * self.operations / self.operations_per_second:.0f} ms; "
            f"{self.bytes_moved / 1e6:.0f} MB at {self.bytes_per_second / 1e9:.1f} GB/s are "
            f"{1e3 * self.bytes_moved / self.bytes_per_second:.0f} ms"
        )


def measure_floor(experiment: Experiment, precision: str, device: str) -> Floor:
    """The floor of an experiment's step; the multiplications in ``precision``."""
    operations, moved = _of_one_step(experiment, FORMATS[precision].itemsize)
    return Floor(operations, moved, matrix_rate(FORMATS[precision], device), memory_rate(device))


def matrix_rate(dtype: torch.dtype, device: str, side: int = 2048) -> float:
    """Operations a second (a multiply-add is two) of the best of a few matrix products."""
    first, second = (torch.randn(side, side).to(device, dtype) for _ in range(2))
    return 2 * side**3 / _best(lambda: torch.mm(first, second), device)


def memory_rate(device: str, megabytes: int = 256) -> float:
    """Bytes read and written a second by the best of a few copies."""
    source = torch.zeros(megabytes * 2**20, dtype=torch.uint8, device=device)
    target = torch.zeros_like(source)
    return 2 * source.numel() / _best(lambda: target.copy_(source), device)


def _of_one_step(experiment: Experiment, item: int) -> tuple[float, float]:
    """Operations, and the bytes that even a perfectly fused step moves: each convolution's output
    written once and read once for the backward pass, weights read twice, gradients written and
    read, the optimiser's two moments and the weights read and written in float32."""
    network = build_network(experiment)
    size, batch = experiment.data.image_size, experiment.trainer.batch_size
    stored = 0

    def count(_module: nn.Module, _inputs: object, output: torch.Tensor) -> None:
        nonlocal stored
        stored += output.numel()

    for module in network.modules():
        if isinstance(module, CONVOLUTIONS):
            module.register_forward_hook(count)
    images = torch.zeros(2, 3, size, size)
    masks = torch.zeros(2, size, size, dtype=torch.long)
    with FlopCounterMode(display=False) as counter:
        build_loss(experiment)(network(images), masks).backward()  # type: ignore[no-untyped-call]
    weights = sum(parameter.numel() for parameter in network.parameters())
    moved = 2 * item * stored * batch / 2 + weights * (2 * item + 2 * 4 + 6 * 4)
    return counter.get_total_flops() * batch / 2, moved


def _best(act: Callable[[], object], device: str, rounds: int = 7) -> float:
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        act()
        if device == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    return min(seconds[1:])
