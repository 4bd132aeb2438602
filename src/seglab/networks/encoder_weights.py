"""First weights of a library network's encoder: the library's own, or a file's."""

from pathlib import Path
from typing import Any

from torch import Tensor

from seglab.errors import UsageError
from seglab.networks.library import LibraryNetwork

IMAGENET = "imagenet"


def load_encoder_weights(network: LibraryNetwork, encoder: str, weights: str) -> None:
    """Put ``weights`` (``none``, ``imagenet``, or a file) into the network's encoder.

    ``imagenet`` downloads into the library's cache. A file is a state dict of the encoder, or of a
    network with an ``encoder.`` in front of its names: ``.safetensors``, or what ``torch.save``
    wrote (read without running code). Raises ``UsageError`` with what is wrong, offline too.
    """
    if weights == "none":
        return
    found = _downloaded(encoder) if weights == IMAGENET else _from_file(Path(weights))
    part = network.encoder
    wanted = part.state_dict()
    # A shallower network uses fewer levels of the same encoder: what it lacks is left out.
    missing = [name for name in wanted if name not in found]
    wrong = [name for name in wanted if name in found and found[name].shape != wanted[name].shape]
    if missing or wrong:
        name = (missing or wrong)[0]
        raise UsageError(
            f"network.encoder_weights: {weights} is not of {encoder} ({len(missing)} tensors are "
            f"missing, {len(wrong)} have another shape, such as {name})"
        )
    part.load_state_dict({name: found[name] for name in wanted})


def input_statistics(encoder: str, weights: str) -> tuple[list[float], list[float]] | None:
    """Mean and standard deviation (RGB, for values in 0–1) that the weights were trained with.

    ``None`` where the weights bring none: then ImageNet's stand. Raises ``UsageError``.
    """
    if weights != IMAGENET:
        return None
    import segmentation_models_pytorch as library

    try:
        found = library.encoders.get_preprocessing_params(encoder, IMAGENET)
    except Exception as error:  # the hub's errors share no base class
        raise _not_downloaded(encoder) from error
    scale = max(found.get("input_range") or [1])
    return (
        [float(value) / scale for value in found["mean"]],
        [float(value) / scale for value in found["std"]],
    )


def _downloaded(encoder: str) -> dict[str, Tensor]:
    import segmentation_models_pytorch as library

    try:
        content: dict[str, Tensor] = library.encoders.get_encoder(
            encoder, weights=IMAGENET
        ).state_dict()
    except Exception as error:  # the hub's errors share no base class
        raise _not_downloaded(encoder) from error
    return content


def _not_downloaded(encoder: str) -> UsageError:
    return UsageError(
        f"network.encoder_weights: those of {encoder} for imagenet cannot be downloaded here; give "
        "a file of them, or train from scratch with --network.encoder_weights none"
    )


def _from_file(path: Path) -> dict[str, Tensor]:
    import pickle

    import safetensors
    import torch
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            content: Any = load_file(path)
        else:
            content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise UsageError(f"network.encoder_weights: there is no file {path}") from error
    except (
        OSError,
        RuntimeError,
        EOFError,
        ValueError,
        pickle.UnpicklingError,
        safetensors.SafetensorError,
    ) as error:
        raise UsageError(
            f"network.encoder_weights: {path} holds no tensors that can be read"
        ) from error
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict) or not all(isinstance(v, Tensor) for v in content.values()):
        raise UsageError(f"network.encoder_weights: {path} is no state dict of tensors")
    return {str(name).removeprefix("encoder."): value for name, value in content.items()}
