"""The best and worst images of a run on the page, or the reason why there are none."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from seglab.errors import SeglabError
from seglab.report.markup import Markup, element, joined, notice, paragraph
from seglab.report.numbers import share
from seglab.report.pictures import TRUTH_COLOUR, Picture, best_and_worst, prediction_colours
from seglab.run_marks import hex_colour
from seglab.runs import Run


def samples(run: Run, content: Mapping[str, Any]) -> Markup:
    """Best and worst images by their IoU in the evaluation's table, or why there are none."""
    title = element("h3", "Best and worst images")
    try:
        worst, best = best_and_worst(run, content)
    except SeglabError as error:
        return joined([title, notice(f"No pictures: {error}")])
    caption = (
        "By IoU of the image",
        " at the photo's own size" if content["size"] == "original" else "",
        ", drawn at the network's size. ",
        _legend(run),
    )
    return joined(
        [
            title,
            paragraph(*caption, class_="notes"),
            element("h4", "Worst"),
            _grid(worst),
            element("h4", "Best") if best else "",
            _grid(best),
        ]
    )


def _grid(pictures: Sequence[Picture]) -> Markup:
    figures = []
    for picture in pictures:
        source = "data:image/jpeg;base64," + base64.b64encode(picture.jpeg).decode()
        described = f"{picture.name}, IoU {share(picture.iou)}"
        image = element("img", src=source, alt=f"{described}: outlines of truth and prediction")
        name = element("b", picture.name)
        words = element("figcaption", name, f"IoU {share(picture.iou)}")
        figures.append(element("figure", image, words))
    return element("div", *figures, class_="pictures")


def _legend(run: Run) -> Markup:
    class_names = run.class_names
    entries = [("truth", TRUTH_COLOUR)]
    for class_id, colour in prediction_colours(len(class_names), run.class_colours).items():
        of = f", {class_names[class_id]}" if len(class_names) > 2 else ""
        entries.append((f"prediction{of}", colour))
    swatches = [
        joined([element("span", class_="swatch", style=f"background:{hex_colour(colour)}"), words])
        for words, colour in entries
    ]
    return joined(swatches, "\u2003")
