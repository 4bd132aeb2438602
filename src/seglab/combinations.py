"""Which keys of an experiment contradict each other, each valid by itself."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seglab.config import Experiment

BINARY_LOSSES = ("bce", "weighted_bce", "bce_dice")
CROSS_ENTROPY_LOSSES = ("cross_entropy", "cross_entropy_dice")


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
    if data.image_size < network.stride:
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
    elif experiment.output == "sigmoid" and loss.name in CROSS_ENTROPY_LOSSES:
        problems.append(f"loss.name: {loss.name} needs network.output softmax, not sigmoid")
    elif experiment.output == "softmax" and loss.name in BINARY_LOSSES:
        problems.append(
            f"loss.name: {loss.name} is for one sigmoid channel, here are "
            f"{experiment.class_count} softmax channels; use cross_entropy, cross_entropy_dice "
            "or dice"
        )
    if loss.positive_weight != "auto" and loss.positive_weight <= 0:
        problems.append(f"loss.positive_weight: {loss.positive_weight} is not above 0")
    return problems
