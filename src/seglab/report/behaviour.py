"""How a run behaves: over the threshold, in what it claims to be sure of, by group of images."""

from collections.abc import Mapping
from typing import Any

from seglab.calibration import BINS
from seglab.evaluation_plots import groups_figure, reliability_figure, threshold_figure
from seglab.report.charts import chart
from seglab.report.markup import Markup, element, joined, paragraph, table
from seglab.report.numbers import count, percent, share, with_interval
from seglab.runs import Run

LISTED = {"species": "Species", "object_size": "Object size"}


def threshold(run: Run, content: Mapping[str, Any]) -> Markup:
    """The sweep on validation and the threshold used; nothing where several classes need none."""
    used = content["threshold"]
    if used is None:
        return Markup()
    title = element("h3", "Threshold")
    sweep = run.threshold_curve()
    if sweep is None:
        words = f"No threshold was swept on validation; {used:g} is used."
        return joined([title, paragraph(words)])
    caption = (
        "IoU of the foreground over the probability from which a pixel counts as such, on "
        f"{count(sweep['images'])} validation images: chosen there, never on the test. "
        f"The run's figures hold for {used:g}."
    )
    described = f"IoU over the threshold, best at {sweep['value']:g}"
    return joined([title, chart(threshold_figure(sweep, used), described, caption)])


def calibration(_run: Run, content: Mapping[str, Any]) -> Markup:
    """Reliability: how sure against how right."""
    found = content["calibration"]
    error = with_interval(found["expected_calibration_error"])
    caption = (
        "How often the most likely class is right, over the probability given to it; on the dotted "
        "line it is right as often as it says. Below: the share of pixels at each confidence. "
        "Expected calibration error: ",
        error,
        f" (mean distance from the line over pixels, {BINS} bins).",
    )
    drawn = chart(reliability_figure(found["bins"]), "Accuracy over confidence", caption)
    return joined([element("h3", "Calibration"), drawn])


def groups(_run: Run, content: Mapping[str, Any]) -> Markup:
    """By species and object size as a table, by breed drawn as intervals."""
    found = content["groups"]
    rows = []
    for grouping, title in LISTED.items():
        for name, group in found.get(grouping, {}).items():
            rows.append(
                [
                    f"{title}: {name}",
                    _foreground(group),
                    count(group["images"]),
                    with_interval(group["dataset_iou"]),
                    with_interval(group["mean_image_iou"]),
                ]
            )
    head = ["Group", "Foreground", "Images", "Dataset IoU", "Mean image IoU"]
    parts = [
        element("h3", "By group"),
        table(head, rows, "Object size: thirds of the images by the truth's share of foreground."),
    ]
    if found.get("breed"):
        parts.append(_breeds(found["breed"], content["dataset_iou"]["value"]))
    return joined(parts)


def _foreground(group: Mapping[str, Any]) -> str:
    if "foreground_share_low" not in group:
        return ""
    return f"{percent(group['foreground_share_low'])} to {percent(group['foreground_share_high'])}"


def _breeds(breeds: Mapping[str, Mapping[str, Any]], overall: float) -> Markup:
    ordered = sorted(breeds, key=lambda name: -breeds[name]["dataset_iou"]["value"])
    caption = (
        "Dataset IoU by breed, the best on top, number of images in brackets; lines are 95 % "
        f"intervals over images. Dotted: all images together, {share(overall)}."
    )
    rows = [
        [
            name,
            count(breeds[name]["images"]),
            with_interval(breeds[name]["dataset_iou"]),
            with_interval(breeds[name]["mean_image_iou"]),
        ]
        for name in ordered
    ]
    listed = table(["Breed", "Images", "Dataset IoU", "Mean image IoU"], rows, label="By breed")
    return joined(
        [
            element("h3", "By breed"),
            chart(groups_figure(breeds, overall), "Dataset IoU by breed", caption),
            element("details", element("summary", "The breeds as a table"), listed),
        ]
    )
