"""``evaluate.py``: measure a run on a split and keep the result in its folder."""

import shlex
from pathlib import Path
from statistics import fmean
from typing import Any

from seglab.commands.arguments import Parser, add_views, share, views_of

TABLE = ("iou", "dice", "accuracy", "precision", "recall", "boundary_iou", "boundary_f1")


def main(argv: list[str], project: Path) -> int:
    """Evaluate as the command line says; ``project`` holds ``models/``."""
    parser = Parser("Measure a run on a split; the results go into its folder.")
    parser.add_argument("run", help="run folder, or its name in models/")
    parser.add_argument("--split", choices=("val", "test"), default="test", help="[default test]")
    parser.add_argument(
        "--at",
        choices=("network", "original"),
        default="network",
        help="measure at the network's size or at the photos' own [default network]",
    )
    parser.add_argument("--data.root", dest="root", metavar="DIR", help="where the data lies now")
    parser.add_argument(
        "--threshold",
        type=share,
        help="from which probability on a pixel is foreground [default: the best on validation]",
    )
    add_views(parser)
    parser.add_argument(
        "--backend", choices=("auto", "onnx", "torch"), default="auto", help="[default auto]"
    )
    options = parser.parse_args(argv)
    views = views_of(options)

    from seglab import hardware, measuring
    from seglab.console import Console
    from seglab.inference import load
    from seglab.run_list import find_run

    run = find_run(options.run, project / "models")
    console = Console()
    predictor = load(run, options.backend, views=views)
    dataset = measuring.data_for(run, options.root)
    measuring.check_unseen(run, dataset, options.split)
    threshold = options.threshold
    if threshold is None:
        threshold = measuring.threshold_on_validation(predictor, dataset, console)
    content, table = measuring.measure(
        predictor, dataset, options.split, options.at, threshold, console
    )
    device = "cpu" if predictor.backend == "onnx" else hardware.resolve_device("auto")
    content["environment"] = hardware.environment(project, device, "fp32")
    content["command"] = shlex.join(["python", "evaluate.py", *argv])
    run.write_evaluation(content, table)
    for line in _lines(run.name, content):
        console.line(line)
    console.line(f"→ {run.evaluation_path(options.split, options.at, views)}")
    return 0


def _lines(name: str, content: dict[str, Any]) -> list[str]:
    own_size = content["size"] == "original" or content["image_size"] is None
    where = "the photos' own size" if own_size else f"{content['image_size']} px"
    threshold = "" if content["threshold"] is None else f", threshold {content['threshold']:g}"
    lines = [f"{name} on {content['images']} {content['split']} images at {where}{threshold}", ""]
    lines.append(f"{'':<14} {'dataset':<26} mean image")
    lines += [f"{figure:<14} {_pair(content, figure)}" for figure in TABLE]
    for class_name, figures in content["classes"].items():
        lines.append(f"{class_name[:20]} IoU".ljust(14) + f" {_pair(figures, 'iou')}")
    if len(content["classes"]) > 2:
        lines += ["", *_of_each_class(content["classes"])]
        lines += ["", *_confusion(list(content["classes"]), content["confusion"])]
    lines.append("")
    for grouping in ("species", "object_size"):
        for group, figures in content["groups"].get(grouping, {}).items():
            lines.append(f"{group:<14} {_pair(figures, 'iou')}  {figures['images']} images")
    error = content["calibration"]["expected_calibration_error"]
    lines.append(f"expected calibration error {_interval(error)}")
    return lines


def _of_each_class(classes: dict[str, dict[str, Any]]) -> list[str]:
    """A row a class, figures over all images' pixels; the headline is their mean."""
    from seglab.comparison_text import aligned

    names = {"precision": "precision", "recall": "recall", "dice": "F1 (Dice)", "iou": "IoU"}
    grid = [["class, dataset", *names.values()]]
    for class_name, figures in classes.items():
        values = [figures[f"dataset_{name}"]["value"] for name in names]
        grid.append([class_name[:20], *(f"{value:.4f}" for value in values)])
    means = [fmean(each[f"dataset_{name}"]["value"] for each in classes.values()) for name in names]
    grid.append(["mean", *(f"{mean:.4f}" for mean in means)])
    return aligned(grid, (0,)).splitlines()


def _confusion(names: list[str], matrix: list[list[int]]) -> list[str]:
    """Of each true class's pixels, the share that each class was predicted for."""
    from seglab.comparison_text import aligned

    grid = [["truth ↓ predicted →", *(name[:20] for name in names), "pixels"]]
    for name, row in zip(names, matrix, strict=True):
        shares = [f"{count / max(sum(row), 1):.1%}" for count in row]
        grid.append([name[:20], *shares, f"{sum(row):,}"])
    return aligned(grid, (0,)).splitlines()


def _pair(figures: dict[str, Any], name: str) -> str:
    return f"{_interval(figures[f'dataset_{name}']):<26} {_interval(figures[f'mean_image_{name}'])}"


def _interval(figure: dict[str, float]) -> str:
    return f"{figure['value']:.4f} [{figure['low']:.4f}, {figure['high']:.4f}]"
