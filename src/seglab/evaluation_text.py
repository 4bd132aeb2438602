"""An evaluation's figures as lines for a terminal: headline, classes, confusion, groups."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from seglab.comparison_text import aligned
from seglab.views import Views

HEADLINES = ("iou", "dice", "accuracy", "precision", "recall", "boundary_iou", "boundary_f1")
OF_A_CLASS = {
    "precision": "precision",
    "recall": "recall",
    "dice": "F1 (Dice)",
    "boundary_iou": "boundary IoU",
    "boundary_f1": "boundary F1",
    "iou": "IoU",
}
MOST_BREEDS, EACH_END = 8, 3
"""More breeds than that are shown by their ends: so many of the best and of the worst."""
LONGEST_NAME = 24

Figures = Mapping[str, Any]
"""Part of an evaluation's JSON: names to figures ``{"value", "low", "high"}``, and more."""


def evaluation_lines(name: str, content: Figures) -> list[str]:
    """What ``evaluate.py`` says of a run called ``name``, from what ``measure`` gives."""
    own_size = content["size"] == "original" or content["image_size"] is None
    where = "the photos' own size" if own_size else f"{content['image_size']} px"
    looks = Views.from_dict(dict(content)).in_words()
    threshold = "" if content["threshold"] is None else f"threshold {content['threshold']:g}"
    told = [f"{content['images']} {content['split']} images at {where}", threshold, looks]
    blocks = [
        [f"{name} on {', '.join(words for words in told if words)}"],
        _rows("", {figure: (content, figure) for figure in HEADLINES}),
        _of_each_class(content["classes"]),
    ]
    if len(content["classes"]) > 2:
        blocks.append(_confusion(list(content["classes"]), content["confusion"]))
    members = {f"class {_short(one)}": figures for one, figures in content["classes"].items()}
    members |= dict(_groups(content["groups"]))
    blocks.append(_rows("IoU of", {title: (each, "iou") for title, each in members.items()}))
    error = content["calibration"]["expected_calibration_error"]
    blocks.append([f"expected calibration error {_interval(error)}"])
    return "\n\n".join("\n".join(block) for block in blocks).splitlines()


def _rows(title: str, figures: Mapping[str, tuple[Figures, str]]) -> list[str]:
    """Both reductions of a figure in each row, and how many images a group has."""
    grid = [[title, "dataset", "mean image", "images"]]
    for shown, (owner, name) in figures.items():
        both = [_interval(owner[f"{reduction}_{name}"]) for reduction in ("dataset", "mean_image")]
        grid.append([shown, *both, str(owner.get("images", ""))])
    return aligned(grid, (0, 1, 2)).splitlines()


def _of_each_class(classes: Mapping[str, Figures]) -> list[str]:
    """A row a class, figures over all images' pixels; the mean of several is the headline."""
    grid = [["class, dataset", *OF_A_CLASS.values()]]
    for class_name, figures in classes.items():
        values = [figures[f"dataset_{name}"]["value"] for name in OF_A_CLASS]
        grid.append([_short(class_name), *(f"{value:.4f}" for value in values)])
    if len(classes) > 2:
        means = [
            fmean(figures[f"dataset_{name}"]["value"] for figures in classes.values())
            for name in OF_A_CLASS
        ]
        grid.append(["mean", *(f"{mean:.4f}" for mean in means)])
    return aligned(grid, (0,)).splitlines()


def _confusion(names: Sequence[str], matrix: Sequence[Sequence[int]]) -> list[str]:
    """Of each true class's pixels, the share that each class was predicted for."""
    grid = [["truth ↓ predicted →", *map(_short, names), "pixels"]]
    for name, row in zip(names, matrix, strict=True):
        shares = [f"{count / max(sum(row), 1):.1%}" for count in row]
        grid.append([_short(name), *shares, f"{sum(row):,}"])
    return aligned(grid, (0,)).splitlines()


def _groups(groups: Mapping[str, Mapping[str, Figures]]) -> Iterator[tuple[str, Figures]]:
    """Species, terciles of object size, and breeds by rank: of many the best and the worst."""
    for species, figures in groups.get("species", {}).items():
        yield f"species {_short(species)}", figures
    for size, figures in groups.get("object_size", {}).items():
        low, high = (figures[f"foreground_share_{end}"] for end in ("low", "high"))
        yield f"{size} objects ({low:.0%} to {high:.0%} of the image)", figures
    breeds = groups.get("breed", {})
    ranked = sorted(breeds.items(), key=lambda item: -float(item[1]["dataset_iou"]["value"]))
    for place, (breed, figures) in enumerate(ranked, start=1):
        at_an_end = place <= EACH_END or place > len(ranked) - EACH_END
        if at_an_end or len(ranked) <= MOST_BREEDS:
            yield f"breed {_short(breed)} ({place} of {len(ranked)})", figures


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _interval(figure: Mapping[str, float]) -> str:
    return f"{figure['value']:.4f} [{figure['low']:.4f}, {figure['high']:.4f}]"
