"""First weights of a library network's encoder: the library's own, or a file's."""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from seglab.config import Network
from seglab.errors import UsageError
from seglab.networks.library import LibraryNetwork
from seglab.untrusted_files import check, load_tensors

IMAGENET = "imagenet"
HUB_SECONDS = 10
"""How long the hub may take to answer at all."""

Channels = tuple[float, float, float]


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


@dataclass(frozen=True)
class InputStatistics:
    """Mean and standard deviation of red, green and blue, for values in 0–1, and where they were
    found, in words."""

    mean: Channels
    std: Channels
    origin: str


def input_statistics(settings: Network) -> InputStatistics | None:
    """What the encoder's first weights were trained with: as the config says, else as the weights
    themselves do. ``None`` where neither says it. Raises ``UsageError``.

    A file says it beside its tensors: ``mean`` and ``std``, three numbers each, in what
    ``torch.save`` wrote beside ``state_dict``, and as JSON in the metadata of ``.safetensors``.
    """
    weights = settings.encoder_weights
    if settings.encoder_mean != "auto" and settings.encoder_std != "auto":
        mean, std = settings.encoder_mean, settings.encoder_std
        return _checked(mean, std, "as network.encoder_mean and encoder_std say")
    if weights == IMAGENET:
        return _downloaded_statistics(settings.encoder)
    if weights == "none":
        return None
    found = _beside_the_tensors(Path(weights))
    if "mean" not in found or "std" not in found:
        return None
    try:
        return _checked(found["mean"], found["std"], f"as {weights} says")
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"network.encoder_weights: mean and std in {weights} are not three numbers each, from "
            "0 to 1; mend them, or give network.encoder_mean and encoder_std"
        ) from error


def _checked(mean: Sequence[float], std: Sequence[float], origin: str) -> InputStatistics:
    """Raises ``TypeError`` and ``ValueError`` for what are not three numbers from 0 to 1."""
    values = [float(value) for value in (*mean, *std)]
    if len(mean) != 3 or len(std) != 3 or not all(0 <= value <= 1 for value in values):
        raise ValueError("not three numbers from 0 to 1")
    if not all(values[3:]):
        raise ValueError("a standard deviation of 0")
    return InputStatistics(
        (values[0], values[1], values[2]), (values[3], values[4], values[5]), origin
    )


def _beside_the_tensors(path: Path) -> dict[str, Any]:
    """What a file of weights holds besides them. Raises ``UsageError`` and ``ValueError``."""
    if path.suffix != ".safetensors":
        content = _content(path)
        return content if isinstance(content, dict) and "state_dict" in content else {}
    from safetensors import safe_open

    _content(path)  # says what is wrong with a file that cannot be read
    with safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
    try:
        return {name: json.loads(metadata[name]) for name in ("mean", "std") if name in metadata}
    except ValueError:
        return {"mean": "", "std": ""}


def _downloaded_statistics(encoder: str) -> InputStatistics:
    import segmentation_models_pytorch as library

    try:
        with _hub():
            found = library.encoders.get_preprocessing_params(encoder, IMAGENET)
    except Exception as error:  # the hub's errors share no base class
        raise _not_downloaded(encoder) from error
    scale = max(found.get("input_range") or [1])
    mean, std = ([float(value) / scale for value in found[name]] for name in ("mean", "std"))
    return _checked(mean, std, f"as those weights of {encoder} were trained")


def _downloaded(encoder: str) -> dict[str, Tensor]:
    import segmentation_models_pytorch as library

    try:
        with _hub():
            # Of timm's encoders the name alone says which weights; the library warns of another.
            weights = True if encoder.startswith("tu-") else IMAGENET
            built = library.encoders.get_encoder(encoder, weights=weights)
    except Exception as error:  # the hub's errors share no base class
        raise _not_downloaded(encoder) from error
    content: dict[str, Tensor] = built.state_dict()
    return content


@contextmanager
def _hub() -> Iterator[None]:
    """Where the hub does not answer, what was downloaded before serves, or the hub fails at once:
    by itself it tries five times, half a minute, and tells each try in two lines."""
    from huggingface_hub import constants

    logger = logging.getLogger("huggingface_hub")
    before = logger.level, constants.HF_HUB_OFFLINE
    logger.setLevel(logging.ERROR)
    constants.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE or not _answers(constants.ENDPOINT)
    try:
        yield
    finally:
        logger.setLevel(before[0])
        constants.HF_HUB_OFFLINE = before[1]


def _answers(address: str) -> bool:
    from huggingface_hub import get_session

    try:
        get_session().head(address, timeout=HUB_SECONDS)
    except Exception:  # of one library today, of another in the next version
        return False
    return True


def _not_downloaded(encoder: str) -> UsageError:
    return UsageError(
        f"network.encoder_weights: those of {encoder} for imagenet cannot be downloaded here; give "
        "a file of them, or train from scratch with --network.encoder_weights none"
    )


def _from_file(path: Path) -> dict[str, Tensor]:
    """The tensors by the encoder's names. Raises ``UsageError``."""
    content = _content(path)
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict) or not all(isinstance(v, Tensor) for v in content.values()):
        raise UsageError(f"network.encoder_weights: {path} is no state dict of tensors")
    return {str(name).removeprefix("encoder."): value for name, value in content.items()}


def _content(path: Path) -> Any:
    """What a file holds, read without running code. Raises ``UsageError``."""
    import safetensors
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            check(path)
            return load_file(path)
        return load_tensors(path, legacy=True)
    except FileNotFoundError as error:
        raise UsageError(f"network.encoder_weights: there is no file {path}") from error
    except (OSError, RuntimeError, ValueError, safetensors.SafetensorError) as error:
        raise UsageError(
            f"network.encoder_weights: {path} holds no tensors that can be read"
        ) from error
