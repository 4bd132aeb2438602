"""Which keys of an experiment contradict each other, each valid by itself."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from seglab.networks.entries import NETWORKS, OF_ALL
from seglab.sections.training import SOFTMAX_LOSSES

if TYPE_CHECKING:
    from seglab.config import Experiment, Network
    from seglab.sections.section import Section

BINARY_LOSSES = {"bce", "weighted_bce"}
OF_ONE_LOSS = {
    "focal_gamma": "focal",
    "tversky_alpha": "tversky",
    "positive_weight": "weighted_bce",
    "class_weights": "weighted_cross_entropy",
}
"""Keys of the section loss that one loss alone knows."""
OF_FOLDERS = ("classes", "ignore_values")
"""Keys of the section data that say what the values in a folder's masks mean."""


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
        problems += [
            f"data.{key}: is about the masks of a folder; those of {data.source} have the classes "
            "that data.target names (a folder of your own: --data.source folder)"
            for key in changed_keys(data)
            if key in OF_FOLDERS
        ]
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
    unnamed = [name for name in data.classes if not name.strip() or not name.isprintable()]
    if unnamed:
        problems.append(
            f"data.classes: {unnamed[0]!r} is no name of a class; it needs characters that can be "
            "seen, on one line"
        )
    nameless = [name for name in data.colours if name not in experiment.class_names]
    if nameless:
        problems.append(
            f"data.colours: there is no class {nameless[0]}, only "
            f"{', '.join(experiment.class_names)}"
        )
    if any(not listed for listed in data.classes.values()):
        problems.append("data.classes: every class needs at least one mask value")
    if data.crop and data.resize != "stretch":
        problems.append(f"data.resize: {data.resize} is no key of data.crop, which resizes nothing")
    if data.folds == 1:
        problems.append("data.folds: 1 fold leaves nothing to train on; take 2 or more, or 0")
    elif data.fold > max(data.folds, 1):
        problems.append(f"data.fold: {data.fold} is not one of data.folds {data.folds}")
    problems += foreign_keys(network, changed_keys(network))
    if (network.encoder_mean == "auto") != (network.encoder_std == "auto"):
        problems.append("network.encoder_std: goes with network.encoder_mean; give both or neither")
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
    elif experiment.output == "sigmoid" and SOFTMAX_LOSSES & loss.weights.keys():
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
    problems += [
        f"loss.{key}: {loss.name} does not use it; take {OF_ONE_LOSS[key]}"
        for key in changed_keys(loss)
        if key in OF_ONE_LOSS and OF_ONE_LOSS[key] not in loss.weights
    ]
    weights = loss.class_weights
    if weights != "auto" and len(weights) != experiment.class_count:
        problems.append(
            f"loss.class_weights: {len(weights)} weights for {experiment.class_count} classes"
        )
    return problems


def changed_keys(section: "Section") -> list[str]:
    """Keys of a section that do not have their default."""
    return [
        key
        for key, field in type(section).model_fields.items()
        if getattr(section, key) != field.get_default(call_default_factory=True)
    ]


def foreign_keys(network: "Network", given: Iterable[str]) -> list[str]:
    """A sentence about the first key of the section network that the chosen one does not know."""
    foreign = [key for key in given if key not in network.known_keys]
    if not foreign:
        return []
    owners = [name for name, entry in NETWORKS.items() if foreign[0] in entry.keys]
    own = [key for key in network.known_keys if key not in OF_ALL]
    shown = ", ".join(owners[:3]) + (", …" if len(owners) > 3 else "")
    return [
        f"network.{foreign[0]}: is no key of {network.name}, it is of {shown}; "
        f"{network.name} has {', '.join(own) or 'none of its own'}"
    ]
