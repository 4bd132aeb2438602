"""Which keys of an experiment contradict each other, each valid by itself."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seglab.config import Experiment

BINARY_LOSSES = {"bce", "weighted_bce"}
LIBRARY_KEYS = ("encoder", "encoder_weights")
"""Keys of the section network that belong to the library's networks; ``name`` and ``output``
belong to all, every other one to ours."""


def combination_problems(experiment: "Experiment") -> list[str]:
    """Contradictions between keys, each a sentence that begins with the key to change."""
    data, network, loss = experiment.data, experiment.network, experiment.loss
    problems = []
    if data.source == "folder" and (data.target, data.border) != ("binary", "auto"):
        problems.append(
            "data.target and data.border: they are about trimaps; the classes of a folder "
            "are named in data.classes"
        )
    if data.source != "folder":
        if data.target == "binary" and data.border == "class":
            problems.append("data.border: class needs --data.target trimap")
        if data.target == "trimap" and data.border in ("foreground", "background"):
            problems.append(
                f"data.border: with data.target trimap it is class or ignore, not {data.border} "
                "(for two classes use --data.target binary)"
            )
    values = [value for listed in data.classes.values() for value in listed]
    values += data.ignore_values
    if len(values) != len(set(values)):
        twice = sorted({value for value in values if values.count(value) > 1})
        problems.append(f"data.classes: mask value {twice[0]} is listed twice")
    if any(not listed for listed in data.classes.values()):
        problems.append("data.classes: every class needs at least one mask value")
    if data.crop and data.resize != "stretch":
        problems.append(f"data.resize: {data.resize} is no key of data.crop, which resizes nothing")
    problems += _foreign_keys(experiment)
    if network.name == "unet" and data.image_size < network.stride:
        problems.append(
            f"network.depth: {network.depth} halvings"
            + (" after a half stem" if network.stem == "half" else "")
            + f" need data.image_size of at least {network.stride}, not {data.image_size}"
        )
    if network.depth == 1 and (network.attention != "none" or network.deep_supervision):
        problems.append(
            "network.depth: attention and deep_supervision need levels between the first and the "
            "lowest, so a depth of at least 2"
        )
    if 0 < network.max_channels < network.base_channels:
        problems.append(
            f"network.max_channels: {network.max_channels} is less than the first level's "
            f"network.base_channels {network.base_channels}"
        )
    if experiment.output == "sigmoid" and experiment.class_count > 2:
        problems.append(
            f"network.output: sigmoid is for two classes, here are {experiment.class_count}; "
            "use softmax"
        )
    elif experiment.output == "sigmoid" and "cross_entropy" in loss.weights:
        problems.append(f"loss.name: {loss.name} needs network.output softmax, not sigmoid")
    elif experiment.output == "softmax" and BINARY_LOSSES & loss.weights.keys():
        problems.append(
            f"loss.name: {loss.name} is for one sigmoid channel, here are "
            f"{experiment.class_count} softmax channels; use cross_entropy, cross_entropy_dice "
            "or dice"
        )
    if loss.name == "sum" and not loss.parts:
        problems.append("loss.parts: sum needs at least one part, such as {bce: 1, lovasz: 0.5}")
    if loss.name != "sum" and loss.parts:
        problems.append(f"loss.parts: is no key of {loss.name}; use --loss.name sum")
    if loss.positive_weight != "auto" and loss.positive_weight <= 0:
        problems.append(f"loss.positive_weight: {loss.positive_weight} is not above 0")
    return problems


def _foreign_keys(experiment: "Experiment") -> list[str]:
    """Keys that the chosen network does not know, set to something: never ignored silently."""
    network = experiment.network
    ours = network.name == "unet"
    foreign = [
        key
        for key, field in type(network).model_fields.items()
        if key not in ("name", "output")
        and (key in LIBRARY_KEYS) == ours
        and getattr(network, key) != field.default
    ]
    if not foreign:
        return []
    if ours:
        remedy = f"choose another --network.name than unet, or leave {foreign[0]} out"
    else:
        remedy = f"{network.name} has {' and '.join(LIBRARY_KEYS)}"
    return [f"network.{foreign[0]}: is no key of {network.name}; {remedy}"]
