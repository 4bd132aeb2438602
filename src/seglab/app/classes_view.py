"""Several classes, of an evaluation: figures of each, and which is taken for which."""

from typing import Any

import pandas
import streamlit as st

from seglab.app import widgets

FIGURES = {
    "dataset_iou": "IoU",
    "dataset_dice": "F1 (Dice)",
    "dataset_precision": "Precision",
    "dataset_recall": "Recall",
    "mean_image_iou": "Mean image IoU",
}


def show(content: dict[str, Any], title: str = "By class") -> None:
    """Both tables, folded away; nothing for two classes, whose foreground is the headline, nor of
    an evaluation of an earlier version."""
    if len(content.get("classes", {})) < 3 or "confusion" not in content:
        return
    with st.expander(title):
        st.dataframe(
            figures_table(content["classes"]), width="stretch", alt="Figures of each class"
        )
        st.caption(
            "Of all images' pixels, but for the last column. The headline is the classes' mean."
        )
        st.dataframe(
            confusion_table(content), width="stretch", alt="Each class by what it was predicted as"
        )
        st.caption("Of the pixels that are truly the row's class: the share predicted as each.")


def figures_table(classes: dict[str, dict[str, Any]]) -> pandas.DataFrame:
    """A row a class and their mean, as text."""
    numbers = pandas.DataFrame(
        {
            label: {name: figures[key]["value"] for name, figures in classes.items()}
            for key, label in FIGURES.items()
        }
    )
    numbers.loc["Mean"] = numbers.mean()
    return numbers.map("{:.3f}".format)


def confusion_table(content: dict[str, Any]) -> pandas.DataFrame:
    """Truth by prediction, shares of each row as text."""
    names = list(content["classes"])
    counts = pandas.DataFrame(content["confusion"], index=names, columns=names)
    shares = counts.div(counts.sum(axis=1).clip(lower=1), axis=0)
    found = shares.map("{:.1%}".format)
    found["Pixels"] = counts.sum(axis=1).map(widgets.count)
    return found.rename_axis("Truth ↓ predicted →")
