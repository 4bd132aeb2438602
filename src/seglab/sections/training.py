"""Loss, optimiser and trainer: how a network is trained."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from seglab.sections.section import Epochs, Section

SINGLE_LOSSES = Literal[
    "bce",
    "weighted_bce",
    "dice",
    "cross_entropy",
    "weighted_cross_entropy",
    "focal",
    "tversky",
    "lovasz",
    "jaccard",
]
SOFTMAX_LOSSES = {"cross_entropy", "weighted_cross_entropy"}
"""Losses of at least two channels."""
MONITORS = Literal["val_dataset_iou", "val_mean_image_iou", "val_dice", "val_accuracy", "val_loss"]


class Loss(Section):
    """What training minimises."""

    name: Literal[
        "bce",
        "weighted_bce",
        "dice",
        "bce_dice",
        "cross_entropy",
        "weighted_cross_entropy",
        "cross_entropy_dice",
        "focal",
        "tversky",
        "lovasz",
        "jaccard",
        "sum",
    ] = Field("bce_dice", description="loss; the _dice ones are plain sums; sum: see parts")
    parts: dict[SINGLE_LOSSES, Annotated[float, Field(gt=0, le=1e6)]] = Field(
        {}, description="sum: name of each part to its weight, such as {bce: 1, lovasz: 0.5}"
    )
    focal_gamma: float = Field(2.0, ge=0, le=10, description="focal: exponent of 1 - probability")
    tversky_alpha: float = Field(
        0.3, ge=0, le=1, description="tversky: weight of false alarms; the rest is that of misses"
    )
    dice_smooth: float = Field(
        1.0, ge=0, le=1e6, description="Dice: pixels added above and below the fraction line"
    )
    dice_over: Literal["image", "batch"] = Field(
        "image", description="Dice: mean of each image's, or one over the pooled batch"
    )
    positive_weight: float | Literal["auto"] = Field(
        "auto",
        description="weighted_bce: weight of a foreground pixel (above 0); auto: background pixels "
        "for each foreground pixel of the training split",
    )
    class_weights: list[Annotated[float, Field(gt=0, le=1e6)]] | Literal["auto"] = Field(
        "auto",
        description="weighted_cross_entropy: weight of a pixel of each class, background first; "
        "auto: by how rare the class is in the training split",
    )

    @property
    def weights(self) -> dict[str, float]:
        """Every part that is summed, and its weight."""
        if self.name == "sum":
            return {str(name): weight for name, weight in self.parts.items()}
        sums = {"bce_dice": ("bce", "dice"), "cross_entropy_dice": ("cross_entropy", "dice")}
        return dict.fromkeys(sums.get(self.name, (self.name,)), 1.0)


class Optimizer(Section):
    """How the weights move."""

    name: Literal["adam", "adamw", "sgd"] = Field("adamw", description="optimiser")
    learning_rate: float = Field(
        4e-3, gt=0, le=100, description="learning rate; with a schedule the highest one"
    )
    weight_decay: float = Field(0.01, ge=0, le=10, description="weight decay")
    momentum: float = Field(0.9, ge=0, lt=1, description="momentum (sgd alone)")
    schedule: Literal["onecycle", "cosine", "constant"] = Field(
        "onecycle", description="learning rate over the whole training, changed at every step"
    )
    pct_start: float = Field(0.3, gt=0, lt=1, description="onecycle: share of steps that rise")
    div_factor: float = Field(25.0, ge=1, le=1e9, description="onecycle: highest over first rate")
    gradient_clip: float = Field(
        1.0, ge=0, le=1e9, description="largest L2 norm of the gradient; 0 is off"
    )


class Trainer(Section):
    """How long, on what, how exactly."""

    max_epochs: int = Field(30, ge=1, le=100_000, description="passes over the training split")
    batch_size: int = Field(32, ge=1, le=65_536, description="images a step, on each device")
    seed: int = Field(0, ge=0, lt=2**31, description="seed of weights, order, augmentation")
    workers: Annotated[int, Field(ge=0, le=256)] | Literal["auto"] = Field(
        "auto",
        description="processes that prepare batches; 0: the training itself does; auto: 0 on a CPU",
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", description="where it computes")
    devices: int = Field(
        1, ge=1, le=1024, description="processes on each machine, one a GPU; see docs/scaling.md"
    )
    nodes: int = Field(1, ge=1, le=65_536, description="machines")
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        "auto", description="number format of the forward pass; auto: the hardware's fast one"
    )
    tune: Literal["auto", "off"] = Field(
        "auto",
        description="auto: try for a few seconds how a step runs fastest here, and remember it",
    )
    deterministic: bool = Field(
        False, description="only algorithms that repeat exactly, slower on a GPU"
    )
    monitor: MONITORS = Field("val_dataset_iou", description="the figure that names the best epoch")
    ema_decay: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="validate and save a moving average of the weights: the share of it kept at "
        "each step, such as 0.998; 0 is off",
    )
    early_stopping: Epochs = Field(
        0, description="stop after this many epochs without a better monitor; 0 is off"
    )
    checkpoint_every: Epochs = Field(
        0, description="keep the weights of every so-many-th epoch too; 0 is off"
    )
    loggers: list[Literal["tensorboard", "wandb"]] = Field(
        [], description="where metrics and a few predictions go besides metrics.csv"
    )

    @field_validator("tune", mode="before")
    @classmethod
    def _off_is_a_word(cls, value: Any) -> Any:
        """YAML reads a bare off as false."""
        return "off" if value is False else value

    @property
    def images_a_step(self) -> int:
        """Images of a step over all devices of all machines."""
        return self.batch_size * self.devices * self.nodes
