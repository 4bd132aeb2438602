"""Several runs on one photo: where their masks disagree."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from seglab import disagreement
from seglab.app import widgets
from seglab.app.answers import Seen
from seglab.app.pictures import encode_jpeg
from seglab.labels import Colour


def show(seen: Sequence[Seen]) -> None:
    """A picture of the disagreement, its share, and each pair's."""
    names = [one.answer.run.name for one in seen]
    all_classes = [one.answer.run.class_names for one in seen]
    masks = disagreement.alike([one.mask for one in seen], all_classes)
    share = float(disagreement.disagreement(masks).mean())
    st.subheader("Where they disagree")
    st.markdown(f"**{share:.1%}** of the pixels, at the thresholds chosen above.")
    with st.grid(2, min_column_width=300):
        with st.container():
            st.image(
                encode_jpeg(disagreement.picture(seen[0].image, masks)),
                width="stretch",
                alt=f"Where {', '.join(names)} disagree",
            )
            _legend(names, len(set(all_classes)) == 1 and len(all_classes[0]) > 2)
        with st.container():
            if len(seen) > 2:
                _pairs(names, masks)
            if len(set(all_classes)) > 1:
                st.caption("These runs know different classes: compared is foreground or not.")


def _pairs(names: Sequence[str], masks: Sequence[np.ndarray]) -> None:
    shares = disagreement.pairwise(masks)
    st.dataframe(
        {"Differs from": list(names)}
        | {name: [f"{share:.1%}" for share in shares[:, at]] for at, name in enumerate(names)},
        hide_index=True,
        width="stretch",
        key="pairs",
        alt="Share of the pixels in which each two models differ",
    )


def _legend(names: Sequence[str], classes: bool) -> None:
    entries: list[tuple[str, Colour]] = [("not all say the same", disagreement.FIRST_ALONE)]
    if len(names) == 2:
        entries = [
            (f"only {names[0]} sees foreground", disagreement.FIRST_ALONE),
            (f"only {names[1]} does", disagreement.SECOND_ALONE),
        ]
        if classes:
            entries.append(("another class", disagreement.OTHER_CLASS))
    widgets.swatches(entries)
