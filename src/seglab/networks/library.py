"""Networks of segmentation-models-pytorch (Iakubovskii 2019), with any of its encoders.

Built without any download; weights of an encoder are put in afterwards, once, when a training
begins (``encoder_weights``).
"""

from torch import Tensor, nn
from torch.nn import functional

from seglab.errors import UsageError

STRIDE = 32
SMALLEST = {"pan": 128}
"""Least padded side: the attention pyramid of PAN halves the lowest level three times more."""


class LibraryNetwork(nn.Module):
    """Images float N×3×H×W to logits N×classes×H×W, for any H and W, as our own U-Net."""

    def __init__(self, name: str, encoder: str, classes: int) -> None:
        """Random weights. Raises ``UsageError`` where the encoder is unknown or does not fit."""
        super().__init__()
        import segmentation_models_pytorch as library

        self.smallest = SMALLEST.get(name, STRIDE)
        try:
            self.network: nn.Module = library.create_model(
                name.removeprefix("smp_"),  # its U-Net is not ours
                encoder_name=encoder,
                encoder_weights=None,
                in_channels=3,
                classes=classes,
            )
        except (KeyError, ValueError, RuntimeError, NotImplementedError) as error:
            raise UsageError(
                f"network.encoder: {encoder} does not work with {name} "
                f"({' '.join(str(error).split())[:120]}); try resnet34"
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


def encoder_names() -> tuple[str, ...]:
    """The library's encoders; others of timm are given as ``tu-<name>``."""
    import segmentation_models_pytorch as library

    return tuple(sorted(library.encoders.encoders))
