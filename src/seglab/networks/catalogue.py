"""From an experiment to its network, and from a network to something that takes photos."""

from typing import Any

import torch
from torch import Tensor, nn

from seglab.config import Experiment
from seglab.networks.entries import NETWORKS, OF_TRAINING
from seglab.networks.library import LibraryNetwork, check_takes
from seglab.networks.unet import UNet
from seglab.preprocessing import Preprocessing


def build_network(experiment: Experiment) -> nn.Module:
    """The network an experiment describes, freshly initialised, without any download.

    Raises ``UsageError`` where a library network and its encoder do not go together.
    """
    settings = experiment.network
    entry = NETWORKS[settings.name]
    chosen = {key: getattr(settings, key) for key in entry.keys if key not in OF_TRAINING}
    network: nn.Module = entry.load()(
        classes=experiment.output_channels, **entry.arguments, **chosen
    )
    return network


class PhotoNetwork(nn.Module):
    """A network with the one path's normalisation in front.

    Images N×H×W×3 with values 0–255 (uint8 or float) to logits float32 N×C×H×W.
    """

    def __init__(self, network: nn.Module, preprocessing: Preprocessing) -> None:
        super().__init__()
        self.network = network
        self.preprocessing = preprocessing

    def forward(self, images: Tensor) -> Tensor:
        """Logits."""
        logits: Tensor = self.network(self._normalised(images))
        return logits.float()

    def supervised_logits(self, images: Tensor) -> list[Tensor]:
        """What training takes the loss of: the logits, then those of coarser levels, if any."""
        if not isinstance(self.network, UNet):
            return [self(images)]
        found = self.network.supervised_logits(self._normalised(images))
        return [logits.float() for logits in found]

    def _normalised(self, images: Tensor) -> Tensor:
        normalised: Tensor = self.preprocessing.normalise(images.float())
        return normalised.permute(0, 3, 1, 2).contiguous()


class ProbabilityNetwork(nn.Module):
    """What is exported: images as in ``PhotoNetwork`` to probabilities float32 N×classes×H×W.

    A sigmoid's single channel becomes two, so that the output means the same for every task.
    """

    def __init__(self, photo_network: PhotoNetwork, output: str) -> None:
        super().__init__()
        self.photo_network = photo_network
        self.output = output

    def forward(self, images: Tensor) -> Tensor:
        """Probabilities that sum to 1 over the classes."""
        return probabilities(self.photo_network(images), self.output)


def probabilities(logits: Tensor, output: str) -> Tensor:
    """Logits N×C×H×W to probabilities N×classes×H×W by ``sigmoid`` or ``softmax``."""
    if output == "softmax":
        return torch.softmax(logits, dim=1)
    foreground = torch.sigmoid(logits)
    return torch.cat([1 - foreground, foreground], dim=1)


def probability_network(experiment: Experiment, preprocessing: Preprocessing) -> ProbabilityNetwork:
    """A fresh ``ProbabilityNetwork`` of an experiment."""
    return ProbabilityNetwork(
        PhotoNetwork(build_network(experiment), preprocessing), experiment.output
    )


def parameter_count(network: nn.Module) -> int:
    """Number of trainable parameters."""
    return sum(weights.numel() for weights in network.parameters() if weights.requires_grad)


def layer_table(network: nn.Module, image_size: int) -> list[dict[str, Any]]:
    """A row for each layer: name, kind, output shape, parameters, multiply-adds.

    Of what prediction runs: the auxiliary heads of deep supervision have no row. Multiply-adds
    are those of convolutions (bias not counted) for one image S×S.
    """
    rows: list[dict[str, Any]] = []

    def record(name: str) -> Any:
        def hook(module: nn.Module, _inputs: Any, output: Tensor) -> None:
            multiply_adds = 0
            if isinstance(module, nn.ConvTranspose2d):
                inner = output.shape[-1] * output.shape[-2] // (module.stride[0] * module.stride[1])
                multiply_adds = module.weight.numel() * inner
            elif isinstance(module, nn.Conv2d):
                multiply_adds = module.weight.numel() * output.shape[-1] * output.shape[-2]
            rows.append(
                {
                    "layer": name,
                    "kind": type(module).__name__,
                    "output": "×".join(str(side) for side in output.shape[1:]),
                    "parameters": sum(weights.numel() for weights in module.parameters()),
                    "multiply_adds": multiply_adds,
                }
            )

        return hook

    silent = nn.ReLU | nn.Dropout2d | nn.Identity
    leaves = [
        (name, module)
        for name, module in network.named_modules()
        if not list(module.children()) and not isinstance(module, silent)
    ]
    handles = [module.register_forward_hook(record(name)) for name, module in leaves]
    was_training = network.training
    network.eval()
    with torch.no_grad():
        network(torch.zeros(1, 3, image_size, image_size))
    network.train(was_training)
    for handle in handles:
        handle.remove()
    return rows


def multiply_adds(network: nn.Module, image_size: int) -> int:
    """Multiply-adds of all convolutions and matrix products for one image S×S.

    Raises ``UsageError`` where a library network does not take that size.
    """
    if isinstance(network, UNet):
        return sum(row["multiply_adds"] for row in layer_table(network, image_size))
    if isinstance(network, LibraryNetwork):
        check_takes(network, image_size)
    from torch.utils.flop_counter import FlopCounterMode

    was_training = network.training
    network.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 3, image_size, image_size))
    network.train(was_training)
    return int(counter.get_total_flops()) // 2
