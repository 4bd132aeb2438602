"""Data and augmentation: what a network is shown."""

from typing import Annotated, Literal

from pydantic import Field

from seglab.sections.section import Section

HexColour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Fraction = Annotated[float, Field(gt=0, lt=1)]


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
    colours: dict[str, HexColour] = Field(
        {},
        description="class name to its colour in pictures and legends, such as {pet: '#e69f00'}; "
        "the others have one of a palette for colour-blind people",
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
    close_up: float = Field(
        0.0, ge=0, le=1, description="probability of a part of the picture instead of the whole"
    )
    translate: float = Field(0.1, ge=0, lt=1, description="largest shift, share of the size")
    background_blur: float = Field(
        0.0,
        ge=0,
        le=1,
        description="probability of a background out of focus; what the masks hold stays sharp",
    )
    colour: float = Field(
        0.2, ge=0, le=1, description="largest change of brightness, contrast and saturation, share"
    )
    blur: float = Field(0.05, ge=0, le=1, description="probability of a slight blur")
    noise: float = Field(0.05, ge=0, le=1, description="probability of slight noise")
    erase: float = Field(
        0.0, ge=0, le=1, description="probability of one rectangle erased from the image alone"
    )
