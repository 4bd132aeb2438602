"""``python -m seglab.figures``: the figures in ``sample_images/``, drawn with matplotlib.

``architecture`` is the U-Net of a configuration, ``result`` what a run makes of the cat photo, and
``metrics`` the curves of that run, or of another one that it went on from.
"""

import sys
from pathlib import Path
from typing import Any

from seglab.commands.script import run_script
from seglab.config import Experiment
from seglab.experiment_parser import experiment_parser, parse_experiment
from seglab.files import replacing
from seglab.labels import class_colour
from seglab.metrics import CLASS_IOU
from seglab.runs import Run

PROJECT = Path(__file__).resolve().parents[2]
ENCODER, DECODER, LOWEST, LINE = "#56B4E9", "#E69F00", "#0072B2", "#555555"
PANELS = {
    "loss": "loss",
    "dataset_iou": "dataset IoU",
    "mean_image_iou": "mean image IoU",
    "accuracy": "accuracy",
}


def draw_architecture(experiment: Experiment, path: Path) -> None:
    """The U-Net as boxes: channels above, side of the feature maps below."""
    from seglab.networks.unet import level_widths

    pyplot = _pyplot()
    settings, size = experiment.network, experiment.data.image_size
    depth = settings.depth
    widths = level_widths(settings.base_channels, depth, settings.max_channels)
    first = 2 if settings.stem == "half" else 1
    figure, axis = pyplot.subplots(figsize=(2.4 + 1.7 * depth, 1.5 + 1.0 * depth))

    def box(column: int, level: int, colour: str) -> None:
        height = 0.62
        axis.add_patch(
            pyplot.Rectangle((column - 0.3, -level - height / 2), 0.6, height, color=colour, lw=0)
        )
        side = -(-size // (first * 2**level))
        axis.text(
            column,
            -level,
            f"{widths[level]}\n{side}²",
            ha="center",
            va="center",
            fontsize=9,
        )

    def arrow(start: tuple[float, float], end: tuple[float, float], **style: Any) -> None:
        axis.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": LINE, **style})

    last = 2 * depth
    for level in range(depth):
        box(level, level, ENCODER)
        box(last - level, level, DECODER)
        arrow((level + 0.33, -level), (last - level - 0.33, -level), linestyle=":")
        arrow((level + 0.1, -level - 0.33), (level + 0.9, -level - 0.67))
        arrow((last - level - 0.9, -level - 0.67), (last - level - 0.1, -level - 0.33))
    box(depth, depth, LOWEST)
    axis.texts[-1].set_color("white")
    arrow((-0.85, 0), (-0.33, 0))
    arrow((last + 0.33, 0), (last + 0.85, 0))
    axis.text(-0.9, 0, f"photo\n3 × {size}²", ha="right", va="center", fontsize=9)
    axis.text(
        last + 0.9,
        0,
        f"{experiment.output}\n{experiment.output_channels} × {size}²",
        ha="left",
        va="center",
        fontsize=9,
    )
    legend = (
        f"Each box: twice convolution 3×3, {settings.norm} norm, ReLU.   ↘ {settings.down}   "
        f"↗ {settings.up}   ⋯ concatenation"
    )
    axis.text(depth, -depth - 0.75, legend, ha="center", fontsize=9)
    axis.set_xlim(-1.9, last + 1.9)
    axis.set_ylim(-depth - 1.0, 0.6)
    axis.set_axis_off()
    _save(figure, path)


def draw_metrics(run: Run, path: Path) -> None:
    """Loss, IoU and accuracy of a run by epoch, training dashed, the best epoch marked; of
    several classes the IoU of each."""
    pyplot = _pyplot()
    rows = run.rows()
    epochs = [row["epoch"] for row in rows]
    classes = [name for name in rows[0] if name.startswith(f"val_{CLASS_IOU}")] if rows else []
    panels = len(PANELS) + bool(classes)
    figure, axes = pyplot.subplots(1, panels, figsize=(3.25 * panels, 3.2), layout="constrained")
    best = run.config.get("result", {}).get("best_epoch")
    for axis, (name, title) in zip(axes, PANELS.items(), strict=False):
        axis.plot(
            epochs, [row[f"train_{name}"] for row in rows], "--", color=DECODER, label="train"
        )
        axis.plot(epochs, [row[f"val_{name}"] for row in rows], color=LOWEST, label="validation")
        axis.set_title(title, fontsize=10)
    for class_id, name in enumerate(classes):
        colour = [part / 255 for part in class_colour(class_id, run.class_colours)]
        label = name.removeprefix(f"val_{CLASS_IOU}").replace("$", r"\$")
        axes[-1].plot(epochs, [row[name] for row in rows], color=colour, label=f"\u200b{label}")
    if classes:
        axes[-1].set_title("IoU of each class, validation", fontsize=10)
        axes[-1].legend(frameon=False, fontsize=9)
    for axis in axes:
        if best:
            axis.axvline(best, color=LINE, linewidth=0.8, linestyle=":")
        axis.set_xlabel("epoch", fontsize=9)
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(frameon=False, fontsize=9)
    figure.suptitle(f"{run.name}; dotted: best epoch", fontsize=10, x=0.01, ha="left")
    _save(figure, path)


def draw_result(run: Run, photo: Path, path: Path) -> None:
    """Photo, overlay and mask beside each other."""
    from seglab.inference import load

    segmentation = load(run).segment(photo)
    mask = segmentation.mask > 0
    pictures = (segmentation.image, segmentation.overlay(), mask)
    figure, axes = _pyplot().subplots(1, 3, figsize=(12, 2.8), layout="constrained")
    for axis, picture in zip(axes, pictures, strict=True):
        axis.imshow(picture, cmap="gray")
        axis.set_axis_off()
    _save(figure, path)


def main(argv: list[str]) -> int:
    """Draw the figures: of the configuration given, of ``--run`` and of ``--curves``."""
    parser = experiment_parser(
        "Draw the architecture and a run's metrics.", PROJECT / "config.yaml"
    )
    parser.add_argument("--run", metavar="RUN", help="run folder [default: see models/DEFAULT]")
    parser.add_argument("--curves", metavar="RUN", help="run in metrics.png [default: --run's]")
    parser.add_argument("-o", "--output", metavar="DIR", default=str(PROJECT / "sample_images"))
    parser.add_argument("--debug", action="store_true", help="tracebacks, not one-line errors")
    experiment, options = parse_experiment(parser, argv)
    from seglab.run_list import find_run

    folder = Path(options["output"])
    draw_architecture(experiment, folder / "architecture.png")
    run = find_run(options["run"], PROJECT / "models")
    # A run that only rounds off what others learnt has few epochs to show.
    curves = find_run(options["curves"] or options["run"], PROJECT / "models")
    draw_metrics(curves, folder / "metrics.png")
    draw_result(run, PROJECT / "sample_images" / "chelsea.png", folder / "result.png")
    print(f"architecture.png, metrics.png and result.png → {folder}")
    return 0


def _pyplot() -> Any:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def _save(figure: Any, path: Path) -> None:
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=130, bbox_inches="tight", facecolor="white")
    _pyplot().close(figure)


if __name__ == "__main__":
    sys.exit(run_script(main))
