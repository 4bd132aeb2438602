"""One description of an experiment: the only schema for files, flags, forms and run folders."""

from typing import Any, Literal

from pydantic import Field, model_validator

from seglab.combinations import combination_problems
from seglab.sections.data import Augmentation, Data
from seglab.sections.network import Network
from seglab.sections.section import Section
from seglab.sections.training import SOFTMAX_LOSSES, Loss, Optimizer, Trainer

__all__ = [
    "Augmentation",
    "Data",
    "Experiment",
    "Loss",
    "Network",
    "Optimizer",
    "Section",
    "Trainer",
]


class Experiment(Section):
    """The whole description. ``Experiment()`` is what ``config.yaml`` says.

    Raises ``pydantic.ValidationError`` for unknown keys, wrong values and combinations that
    cannot be trained.
    """

    data: Data = Field(Data(), description="images and masks")
    augmentation: Augmentation = Field(Augmentation(), description="joint augmentation")
    network: Network = Field(Network(), description="network")
    loss: Loss = Field(Loss(), description="loss")
    optimizer: Optimizer = Field(Optimizer(), description="optimiser and schedule")
    trainer: Trainer = Field(Trainer(), description="training")

    @model_validator(mode="after")
    def _check_combinations(self) -> "Experiment":
        for problem in combination_problems(self):
            raise ValueError(problem)
        return self

    @property
    def border(self) -> Literal["foreground", "background", "ignore", "class"]:
        """What the border counts as, ``auto`` resolved."""
        if self.data.border == "auto":
            return "class" if self.data.target == "trimap" else "foreground"
        return self.data.border

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, background first."""
        if self.data.source == "folder":
            return tuple(self.data.classes)
        if self.data.target == "trimap" and self.border == "class":
            return ("background", "pet", "border")
        return ("background", "pet")

    @property
    def class_count(self) -> int:
        """Number of classes, background included."""
        return len(self.class_names)

    @property
    def output(self) -> Literal["sigmoid", "softmax"]:
        """How logits become probabilities, ``auto`` resolved."""
        if self.network.output == "auto":
            softmax = self.class_count > 2 or SOFTMAX_LOSSES & self.loss.weights.keys()
            return "softmax" if softmax else "sigmoid"
        return self.network.output

    @property
    def output_channels(self) -> int:
        """Channels of the network's logits."""
        return 1 if self.output == "sigmoid" else self.class_count

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON or YAML."""
        return self.model_dump(mode="json")
