"""How the runs learned: loss and IoU over the epochs, of training and validation."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from seglab.curve_names import class_ious, metric_name
from seglab.curves import Curve, best_epoch
from seglab.errors import RunError
from seglab.plots import curve_figure, small_figures
from seglab.report.charts import chart
from seglab.report.markup import Markup, element, notice, section
from seglab.run_marks import marks
from seglab.runs import Run

READING = (
    "Solid: validation; dotted: training, on augmented images and while the weights still move. "
    "The ring is the epoch whose weights were kept."
)
LEGEND_ROW = 20
FEW_EPOCHS = 10
DRAWN = {
    "loss": "Lower is better; losses of different kinds cannot be set against each other.",
    "dataset_iou": "Dataset IoU at threshold 0.5, all pixels pooled; higher is better.",
}


def curves_section(runs: Sequence[Run], names: Mapping[Path, str]) -> Markup:
    """Two charts of all runs; a sentence for each run without rows."""
    found = marks(runs)
    curves, told = [], []
    for run in runs:
        name, mark = names[run.folder], found[run.folder]
        try:
            rows = run.metrics()
        except RunError as error:
            told.append(notice(f"{name}: {error}"))
            continue
        if rows.empty or "epoch" not in rows:
            told.append(notice(f"{name}: no epoch is recorded in {run.metrics_path.name}."))
            continue
        best = best_epoch(rows, _monitor(run))
        # plotly reads tags in names.
        curves.append(Curve(escape(name, quote=False), rows, mark.colour, mark.symbol, best))
    charts = [_chart(curves, metric, words) for metric, words in DRAWN.items()] if curves else []
    drawn = element("div", *charts, class_="beside") if charts else ""
    return section("Training curves", *told, drawn, _classes(curves), anchor="curves")


def _classes(curves: Sequence[Curve]) -> Markup | str:
    """A small chart a class, in the runs' colours; nothing for two classes."""
    metrics = class_ious([curve.rows for curve in curves])
    if not metrics:
        return ""
    listed = ", ".join(metric_name(metric) for metric in metrics)
    words = "Dataset IoU of each class; the dataset IoU above is their mean. Colours as above."
    return chart(small_figures(curves, metrics), f"{listed} over the epochs", words)


def _chart(curves: Sequence[Curve], metric: str, words: str) -> Markup:
    several = len(curves) > 1
    figure = curve_figure(curves, metric, height=340 + LEGEND_ROW * len(curves) * several)
    figure.update_layout(
        margin={"t": 16},
        legend={"y": -0.2, "yanchor": "top"},
        showlegend=several,
    )
    epochs = max(len(curve.rows) for curve in curves)
    figure.update_xaxes(automargin=True, dtick=1 if epochs <= FEW_EPOCHS else None)
    figure.update_yaxes(automargin=True)
    described = f"{metric_name(metric)} over the epochs, {len(curves)} runs"
    return chart(figure, described, f"{words} {READING}")


def _monitor(run: Run) -> str:
    trainer = run.config["experiment"].get("trainer")
    return str(trainer.get("monitor", "")) if isinstance(trainer, dict) else ""
