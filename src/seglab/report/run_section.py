"""One run in detail: its figures, its classes, where they are mistaken for each other."""

from collections.abc import Callable, Mapping
from typing import Any

from seglab.console import duration, magnitude
from seglab.errors import RunError, SeglabError
from seglab.measured import Measured
from seglab.report.behaviour import calibration, groups, threshold
from seglab.report.markup import (
    Markup,
    element,
    joined,
    notice,
    paragraph,
    scrolling,
    section,
    table,
)
from seglab.report.numbers import count, percent, with_interval
from seglab.report.samples import samples
from seglab.run_evaluations import EVALUATION_FORMAT
from seglab.runs import Run

FIGURES = {
    "iou": "IoU",
    "dice": "Dice (F1)",
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "boundary_iou": "Boundary IoU",
    "boundary_f1": "Boundary F1",
}

OF_SEVERAL = "Means over all classes (a pixel takes its most likely one: no threshold),"

Content = Mapping[str, Any]
Part = Callable[[Run, Content], Markup]


def run_section(run: Run, name: str, anchor: str, measured: Measured, apart: str) -> Markup:
    """All of a run's evaluation; ``apart`` says why it stands apart, empty where it does not."""
    parts: list[str] = [paragraph(_described(run), class_="quiet")]
    try:
        content = run.evaluation(measured.split, measured.size, measured.views)
    except RunError:
        content = None  # the reason is in ``apart``
    if content is None or content.get("format") != EVALUATION_FORMAT:
        parts.append(notice(f"No figures on the {measured.split} split: {apart}"))
        return section(name, *parts, anchor=anchor)
    if apart:
        parts.append(notice(f"Not compared: {apart}"))
    parts += [_attempt(make, run, content) for make in (_figures, _classes, _confusion)]
    beside = [_attempt(make, run, content) for make in (threshold, calibration)]
    columns = [element("div", part) for part in beside if part]
    parts.append(element("div", *columns, class_="beside"))
    parts += [_attempt(make, run, content) for make in (groups, samples)]
    return section(name, *parts, anchor=anchor)


def _attempt(make: Part, run: Run, content: Content) -> Markup:
    """What ``make`` gives, or a sentence where the run's file is not as it should be."""
    try:
        return make(run, content)
    except SeglabError as error:
        return notice(str(error))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        told = f"{error} is missing" if isinstance(error, KeyError) else "its layout is another"
        return notice(f"A part of the evaluation in {run.folder} cannot be shown: {told}.")


def _described(run: Run) -> str:
    """The experiment in a line, as far as ``config.json`` tells."""
    words = []
    try:
        settings, loss = run.experiment.network, run.experiment.loss
        words += [f"Network {settings.in_words}", f"loss {loss.name}"]
    except RunError as error:
        words.append(str(error))
    parameters, result = run.config["network"].get("parameters"), run.config.get("result")
    if isinstance(parameters, int):
        words.append(f"{magnitude(parameters)} parameters")
    if isinstance(result, dict) and {"epochs", "best_epoch", "seconds"} <= result.keys():
        words.append(f"{result['epochs']} epochs, the best {result['best_epoch']}")
        words.append(f"{duration(result['seconds'])} of training")
    else:
        words.append("training not finished")
    excluded = run.config["data"].get("excluded")
    if excluded:
        samples_left = "1 sample" if len(excluded) == 1 else f"{count(len(excluded))} samples"
        words.append(f"{samples_left} left out of training and validation (data.exclude)")
    return "; ".join(words) + "."


def _figures(_run: Run, content: Content) -> Markup:
    rows = [
        [
            title,
            with_interval(content[f"dataset_{name}"]),
            with_interval(content[f"mean_image_{name}"]),
        ]
        for name, title in FIGURES.items()
    ]
    names = list(content["classes"])
    of = f"Figures of {names[1]}, the foreground," if len(names) == 2 else OF_SEVERAL
    note = (
        f"{of} with 95 % intervals over {count(content['images'])} images "
        f"({content['interval']['method']}). Dataset: the pixels of all images "
        f"pooled; mean image: each image's figure, averaged. Accuracy is the share of pixels whose "
        f"class is right. Boundary IoU looks at a band inside the outlines, boundary F1 at the "
        f"outlines with a tolerance: {_distances(content['boundary'])}."
    )
    head = ["", "Dataset", "Mean image"]
    title = element("h3", "Figures")
    return joined([title, table(head, rows, label="Figures"), paragraph(note, class_="notes")])


def _distances(boundary: Mapping[str, float]) -> str:
    shares = [f"{100 * boundary[name]:g}" for name in ("iou_distance", "f1_tolerance")]
    words = f"{' and '.join(shares)} % of the diagonal"
    if "iou_distance_pixels" in boundary:
        words += (
            f", here {boundary['iou_distance_pixels']} and {boundary['f1_tolerance_pixels']} pixels"
        )
    return words


def _classes(_run: Run, content: Content) -> Markup:
    classes = content["classes"]
    if len(classes) == 2:
        return Markup()
    columns = {
        "dataset_iou": "Dataset IoU",
        "mean_image_iou": "Mean image IoU",
        "dataset_dice": "Dataset Dice",
        "dataset_precision": "Dataset precision",
        "dataset_recall": "Dataset recall",
        "dataset_boundary_iou": "Dataset boundary IoU",
    }
    rows = [
        [name, *(with_interval(figures[column]) for column in columns)]
        for name, figures in classes.items()
    ]
    found = table(["Class", *columns.values()], rows, label="By class", class_="stacked")
    return joined([element("h3", "By class"), found])


def _confusion(_run: Run, content: Content) -> Markup:
    names, matrix = list(content["classes"]), content["confusion"]
    head = [element("th", "Truth ↓ predicted →", scope="col", class_="text")]
    head += [element("th", name, scope="col") for name in names]
    lines = []
    for name, pixels in zip(names, matrix, strict=True):
        total = sum(pixels)
        shares = [at / total if total else 0.0 for at in pixels]
        cells = [
            element(
                "td",
                percent(part),
                element("br"),
                element("small", count(at)),
                style=f"--share:{part:.3f}",
            )
            for part, at in zip(shares, pixels, strict=True)
        ]
        lines.append(element("tr", element("th", name, scope="row", class_="text"), *cells))
    grid = element(
        "table",
        element("thead", element("tr", *head)),
        element("tbody", *lines),
        class_="confusion",
    )
    note = (
        "Of the pixels that are truly the row's class: the share predicted as each, and how many."
    )
    return joined(
        [
            element("h3", "Confusion"),
            scrolling(grid, "Confusion"),
            paragraph(note, class_="notes"),
        ]
    )
