"""The sections of an experiment: every key with its range, default and description."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from seglab.networks.entries import NETWORKS, OF_ALL

Fraction = Annotated[float, Field(gt=0, lt=1)]
Epochs = Annotated[int, Field(ge=0, le=100_000)]

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


class Section(BaseModel):
    """What all sections share: unknown keys refused, no change after validation."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _true_is_no_number(cls, value: Any, info: ValidationInfo) -> Any:
        """pydantic reads true and false as 1 and 0 where a number is wanted."""
        if (
            isinstance(value, bool)
            and cls.model_fields[str(info.field_name)].annotation is not bool
        ):
            raise PydanticCustomError("true_is_no_number", "true and false are no numbers")
        return value


class Data(Section):
    """Which images, which masks, and how they become class ids at the network's size."""

    source: Literal["oxford_pet", "folder", "synthetic"] = Field(
        "oxford_pet", description="oxford_pet, your own folder, or drawn pets (synthetic)"
    )
    root: str = Field("data", min_length=1, description="folder of the dataset")
    image_size: int = Field(128, ge=8, le=4096, description="side of the network's input, pixels")
    resize: Literal["stretch", "letterbox"] = Field(
        "stretch", description="stretch to the square, or keep the aspect ratio and pad"
    )
    crop: bool = Field(
        False,
        description="train on random squares of image_size at the photos' own resolution; "
        "prediction and evaluation then go in tiles",
    )
    target: Literal["binary", "trimap"] = Field(
        "binary", description="foreground against background, or the trimap's classes"
    )
    border: Literal["auto", "foreground", "background", "ignore", "class"] = Field(
        "auto",
        description="what a trimap's border counts as; auto: foreground (binary), class (trimap)",
    )
    classes: dict[str, list[Annotated[int, Field(ge=0, le=255)]]] = Field(
        {"background": [0], "foreground": [255]},
        min_length=2,
        max_length=255,
        description="source folder: class name to the mask values that mean it, background first",
    )
    ignore_values: list[Annotated[int, Field(ge=0, le=255)]] = Field(
        [], description="source folder: mask values that no loss and no metric counts"
    )
    validation: Fraction | Literal["test"] = Field(
        0.1, description="share of the training part held out, 0-1, or test: the test part itself"
    )
    test: Fraction = Field(
        0.15, description="source folder without train/ and test/: share held out for the test, 0-1"
    )
    split_seed: int = Field(0, ge=0, description="seed of the seeded splits; trainer.seed is apart")
    folds: int = Field(
        0,
        ge=0,
        le=100,
        description="cross-validation: all parts pooled and dealt into so many folds, one of them "
        "the test part; 0: the parts as they are",
    )
    fold: int = Field(
        1, ge=1, le=100, description="which fold is the test part; experiments.py runs all"
    )
    exclude: str = Field(
        "",
        description="file of sample names, one a line, or a CSV of tags: those samples are left "
        "out of training and validation; empty: none",
    )
    drawn_count: int = Field(400, ge=16, le=100_000, description="source synthetic: pairs to draw")
    drawn_size: int = Field(
        256, ge=32, le=1024, description="source synthetic: side of a drawing, pixels"
    )
    drawn_seed: int = Field(0, ge=0, description="source synthetic: seed of the drawings")
    cache: bool = Field(True, description="keep decoded, resized images on disk, memory-mapped")

    @property
    def treatment(self) -> Literal["stretch", "letterbox", "crop"]:
        """How a photo becomes a square."""
        return "crop" if self.crop else self.resize


class Augmentation(Section):
    """What training does to image and mask. All but ``flip`` is times ``strength``."""

    strength: float = Field(1.0, ge=0, le=3, description="factor on all below but flip; 0: none")
    flip: float = Field(0.5, ge=0, le=1, description="probability of a left-right flip")
    rotate: float = Field(15.0, ge=0, le=180, description="largest rotation, degrees")
    scale: float = Field(0.2, ge=0, lt=1, description="largest zoom in or out, share of the size")
    translate: float = Field(0.1, ge=0, lt=1, description="largest shift, share of the size")
    colour: float = Field(
        0.2, ge=0, le=1, description="largest change of brightness, contrast and saturation, share"
    )
    blur: float = Field(0.05, ge=0, le=1, description="probability of a slight blur")
    noise: float = Field(0.05, ge=0, le=1, description="probability of slight noise")
    erase: float = Field(
        0.0, ge=0, le=1, description="probability of one rectangle erased from the image alone"
    )


class Network(Section):
    """The network: our U-Net, whose samplings and blocks are swapped here, or a library's."""

    name: str = Field(
        "unet",
        description="unet is ours, the others segmentation-models-pytorch's (docs/networks.md)",
        json_schema_extra=lambda entry: entry.update(enum=list(NETWORKS)),
    )
    encoder: str = Field(
        "resnet34", min_length=1, description="encoder of a library network, such as mit_b0"
    )
    encoder_weights: str = Field(
        "none",
        min_length=1,
        description="first weights of the encoder: none, imagenet (downloads), or a file",
    )
    encoder_rate: float = Field(
        1.0, gt=0, le=100, description="factor on the learning rate for the encoder's weights"
    )
    encoder_warmup: Epochs = Field(
        0, description="epochs at the beginning in which the encoder's weights stand still"
    )
    base_channels: int = Field(16, ge=1, le=1024, description="channels of the first level")
    max_channels: int = Field(
        0, ge=0, le=65_536, description="most channels of a level, doubled until then; 0: no limit"
    )
    depth: int = Field(4, ge=1, le=8, description="number of down-samplings")
    down: Literal["maxpool", "strided"] = Field(
        "maxpool", description="halving: max pool 2x2, or convolution 2x2 with stride 2"
    )
    up: Literal["transpose", "bilinear", "nearest"] = Field(
        "transpose",
        description="doubling: transposed convolution 2x2, or interpolation and convolution 1x1",
    )
    norm: Literal["batch", "group"] = Field("batch", description="normalisation after convolutions")
    dropout: float = Field(0.0, ge=0, lt=1, description="probability of dropping a channel")
    block: Literal["plain", "residual"] = Field(
        "plain", description="two convolutions 3x3, or the same with a shortcut around them"
    )
    stem: Literal["full", "half"] = Field(
        "full", description="size of the first level; half: twice as coarse, much faster"
    )
    attention: Literal["none", "gate"] = Field(
        "none", description="gates on the skip connections, but for the first"
    )
    deep_supervision: bool = Field(
        False, description="in training a loss on each coarser level of the decoder too"
    )
    output: Literal["auto", "sigmoid", "softmax"] = Field(
        "auto", description="one sigmoid channel, or a softmax channel a class; auto: by task, loss"
    )

    @field_validator("name")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in NETWORKS:
            raise PydanticCustomError("unknown_network", "no such network")
        return value

    @property
    def known_keys(self) -> tuple[str, ...]:
        """The keys of this section that the chosen network has."""
        return (*OF_ALL, *NETWORKS[self.name].keys)

    @property
    def in_words(self) -> str:
        """The network as a line of a log names it."""
        if "encoder" in self.known_keys:
            first = "" if self.encoder_weights == "none" else f" from {self.encoder_weights}"
            return f"{self.name}, encoder {self.encoder}{first}"
        if self.name != "unet":
            return self.name
        words = [self.name, f"{self.base_channels} channels", f"depth {self.depth}"]
        words.append(f"{self.down} and {self.up}")
        words += ["residual blocks"] * (self.block == "residual")
        words += ["half stem"] * (self.stem == "half") + ["gates"] * (self.attention == "gate")
        words += ["deep supervision"] * self.deep_supervision
        return ", ".join(words)

    @property
    def stride(self) -> int:
        """How much coarser than the image the lowest level is."""
        if self.name != "unet":
            return 32
        return int(2 ** (self.depth + (self.stem == "half")))


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
