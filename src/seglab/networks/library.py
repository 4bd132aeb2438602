"""Networks of segmentation-models-pytorch (Iakubovskii 2019), with any of its encoders.

Built without any download; weights of an encoder are put in afterwards, once, when a training
begins (``encoder_weights``).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from seglab.errors import UsageError
from seglab.schema import nearest

STRIDE = 32
SMALLEST = {"pan": 128}
"""Least padded side: the attention pyramid of PAN halves the lowest level three times more."""


class LibraryNetwork(nn.Module):
    """Images float N×3×H×W to logits N×classes×H×W, for any H and W, as our own U-Net."""

    def __init__(self, name: str, encoder: str, classes: int) -> None:
        """Random weights. Raises ``UsageError`` where the encoder is unknown or does not fit."""
        super().__init__()
        import segmentation_models_pytorch as library

        check_encoder(encoder)
        self.encoder_name = encoder
        self.smallest = SMALLEST.get(name, STRIDE)
        try:
            self.network: nn.Module = library.create_model(
                name.removeprefix("smp_"),  # its U-Net is not ours
                encoder_name=encoder,
                encoder_weights=None,
                in_channels=3,
                classes=classes,
            )
        except Exception as error:  # some of timm's fail in ways of their own
            raise UsageError(
                f"network.encoder: {encoder} does not work with {name} ({_reason(error)}); try "
                "resnet34"
            ) from error

    @property
    def encoder(self) -> nn.Module:
        """The part that first weights are read into, and that training may spare."""
        return self.network.get_submodule("encoder")

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the images' own height and width."""
        height, width = images.shape[-2:]
        bottom, right = self._padding(height), self._padding(width)
        padded = functional.pad(images, (0, right, 0, bottom), mode="replicate")
        logits: Tensor = self.network(padded)
        return logits[..., :height, :width]

    def _padding(self, side: int) -> int:
        return max(-side % STRIDE, self.smallest - side)


def check_takes(network: LibraryNetwork, side: int) -> None:
    """Refuse an encoder that is made for images of another size. Raises ``UsageError``."""
    was_training = network.training
    network.eval()
    try:
        with torch.no_grad():
            network(torch.zeros(1, 3, side, side))
    except (AssertionError, RuntimeError, TypeError, ValueError) as error:
        raise UsageError(
            f"network.encoder: {network.encoder_name} does not take images of {side} pixels "
            f"({_reason(error)}); change data.image_size, or try resnet34"
        ) from error
    finally:
        network.train(was_training)


def check_encoder(name: str) -> None:
    """Refuse what neither the library nor timm knows. Raises ``UsageError``.

    timm itself would fetch a description named ``hf-hub:…`` and open one named ``local-dir:…``,
    which a stranger's ``config.json`` could ask for.
    """
    import timm

    known = encoder_names()
    if name in known or (name.startswith("tu-") and timm.is_model(name[3:])):
        return
    others = [f"tu-{other}" for other in timm.list_models()] if name.startswith("tu-") else known
    raise UsageError(
        f"network.encoder: there is no encoder {name}{nearest(name, list(others)) or ';'} "
        "python -m seglab.networks --list names them"
    )


def encoder_names() -> tuple[str, ...]:
    """The library's encoders; others of timm are given as ``tu-<name>``."""
    import segmentation_models_pytorch as library

    return tuple(sorted(library.encoders.encoders))


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:120].rstrip(" .")
