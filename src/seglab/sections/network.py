"""The network: what is trained."""

from typing import Annotated, Literal, TypeVar

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from seglab.networks.entries import NETWORKS, OF_ALL
from seglab.sections.section import Epochs, Section

Mean = Annotated[float, Field(ge=0, le=1)]
Deviation = Annotated[float, Field(gt=0, le=1)]
Value = TypeVar("Value")
OfChannels = Annotated[list[Value], Field(min_length=3, max_length=3)]


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
    encoder_mean: OfChannels[Mean] | Literal["auto"] = Field(
        "auto",
        description="mean of red, green and blue, 0-1, that encoder_weights were trained with; "
        "auto: as the weights say, else ImageNet's",
    )
    encoder_std: OfChannels[Deviation] | Literal["auto"] = Field(
        "auto", description="their standard deviation, in the same way"
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
