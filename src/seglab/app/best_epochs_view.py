"""The table of best epochs on the page of training curves."""

from collections.abc import Sequence

import pandas
import streamlit as st

from seglab.app import readings
from seglab.curve_names import class_ious, metric_name, monitor_in_words
from seglab.curves import best_epoch
from seglab.runs import Run

NUMBERS = {
    "val_dataset_iou": "Dataset IoU",
    "val_mean_image_iou": "Mean image IoU",
    "val_accuracy": "Accuracy",
    "val_loss": "Loss",
    "train_loss": "Training loss",
}


def show(drawn: Sequence[Run]) -> None:
    """The best epoch of each run and what it reached, of several classes each class too."""
    tables = {run.name: readings.table(run) for run in drawn}
    numbers = NUMBERS | {
        f"val_{metric}": metric_name(metric) for metric in class_ious([*tables.values()])
    }
    lines = []
    for run in drawn:
        rows, trainer = tables[run.name], run.experiment.trainer
        if rows.empty or "epoch" not in rows:
            continue
        epoch = best_epoch(rows, trainer.monitor)
        best = rows[rows["epoch"] == epoch]
        line: dict[str, object] = {
            "Run": run.name,
            "Epochs": f"{len(rows)} of {trainer.max_epochs}",
            "Finished": run.finished,
            "Best epoch": epoch or None,
            "Chosen by": monitor_in_words(trainer.monitor),
        }
        for column, label in numbers.items():
            known = len(best) > 0 and column in best
            line[label] = float(best[column].iloc[0]) if known else None
        lines.append(line)
    st.subheader("Best epochs")
    st.caption("Measured on the validation split, at the epoch whose weights were kept.")
    st.dataframe(
        pandas.DataFrame(lines),
        hide_index=True,
        width="stretch",
        key="best_epochs",
        alt="The best epoch of each run",
        placeholder="–",
        column_config={
            "Best epoch": st.column_config.NumberColumn(help="The epoch whose weights were kept"),
            **{
                label: st.column_config.NumberColumn(label, format="%.3f")
                for label in numbers.values()
            },
        },
    )
