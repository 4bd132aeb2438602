"""Pictures of the images a run segments best and worst, with outlines of truth and prediction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np

from seglab.data.sample import Dataset, Split
from seglab.data.sources import is_there
from seglab.errors import DataError, RunError
from seglab.inference import Predictor, load
from seglab.labels import BACKGROUND, IGNORE, NONE_CHOSEN, Colour, Colours, class_colour
from seglab.measuring import data_for
from seglab.run_evaluations import DEFAULT_THRESHOLD
from seglab.runs import Run
from seglab.segmentation import mask_from
from seglab.views import Views

EACH = 4
"""How many of the best and how many of the worst."""

LARGEST = 512
"""Pictures are drawn at twice the network's size where that is no more pixels a side."""

TRUTH_COLOUR: Colour = (255, 255, 255)
CASING: Colour = (0, 0, 0)
FOREGROUND_COLOUR = class_colour(2)
"""Where there is one class only: the first class's blue is lost on a dark coat."""

JPEG_QUALITY = 85


@dataclass(frozen=True)
class Picture:
    """``jpeg`` of the photo called ``name`` with both outlines; its ``iou`` 0–1."""

    name: str
    iou: float
    jpeg: bytes


def best_and_worst(run: Run, content: Mapping[str, Any]) -> tuple[list[Picture], list[Picture]]:
    """The worst images of an evaluation, the worst first, and the best, the best first.

    Needs the photos and the weights. Raises ``SeglabError`` that says what is absent.
    """
    split = cast(Split, content["split"])
    views = Views.from_dict({"flip": False} | dict(content))
    table = run.evaluation_table(split, content["size"], views)
    if table is None or not {"name", "iou"} <= set(table.columns):
        path = run.evaluation_path(split, content["size"], views, ".csv")
        raise RunError(f"{path} is not here")
    if not (run.onnx_path.exists() or run.checkpoint_path.exists()):
        raise RunError(
            f"the weights ({run.checkpoint_path.name} or {run.onnx_path.name}) are not in "
            f"{run.folder}"
        )
    if not is_there(run.experiment):
        raise DataError(f"the photos are not under {run.experiment.data.root}")
    dataset = data_for(run, None)
    if dataset.fingerprint() != content["data"]["fingerprint"]:
        raise DataError(f"{dataset.root} holds other images or splits than were measured")
    ordered = table.sort_values(["iou", "name"])
    chosen = list(zip(ordered["name"], ordered["iou"], strict=True))
    worst, best = chosen[:EACH], chosen[EACH:][-EACH:][::-1]
    predictor = load(run, views=views)
    threshold = DEFAULT_THRESHOLD if content["threshold"] is None else content["threshold"]
    drawn = list(_pictures(predictor, dataset, split, [*worst, *best], threshold))
    return drawn[: len(worst)], drawn[len(worst) :]


def outlined(
    image: np.ndarray,
    truth: np.ndarray,
    predicted: np.ndarray,
    classes: int,
    chosen: Colours = NONE_CHOSEN,
) -> np.ndarray:
    """RGB uint8 of an image S×S×3, enlarged, with outlines of two masks uint8 S×S of class ids.

    The truth's is white, the prediction's in ``prediction_colours``.
    """
    scale = 2 if 2 * max(image.shape[:2]) <= LARGEST else 1
    size = (image.shape[1] * scale, image.shape[0] * scale)
    picture = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)
    colours = prediction_colours(classes, chosen)
    lines: list[tuple[np.ndarray, Colour]] = []
    for mask, own in ((truth, None), (predicted, colours)):
        large = cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST)
        for class_id in np.unique(large):
            if class_id in (BACKGROUND, IGNORE):
                continue
            outlines, _ = cv2.findContours(
                (large == class_id).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE
            )
            colour = own[int(class_id)] if own else TRUTH_COLOUR
            lines += [(outline, colour) for outline in outlines]
    # A dark line beneath them all, so that they are seen on a light coat as well.
    cv2.drawContours(picture, [outline for outline, _ in lines], -1, CASING, 4, cv2.LINE_AA)
    for outline, colour in lines:
        cv2.drawContours(picture, [outline], -1, colour, 2, cv2.LINE_AA)
    return np.asarray(picture)


def prediction_colours(classes: int, chosen: Colours = NONE_CHOSEN) -> dict[int, Colour]:
    """The colour of each class's outline, background without one."""
    if classes == 2:
        return {1: chosen.get(1, FOREGROUND_COLOUR)}
    return {class_id: class_colour(class_id, chosen) for class_id in range(1, classes)}


def _pictures(
    predictor: Predictor,
    dataset: Dataset,
    split: Split,
    chosen: Sequence[tuple[str, float]],
    threshold: float,
) -> Iterator[Picture]:
    places = {record.name: place for place, record in enumerate(dataset.records(split))}
    for name, iou in chosen:
        if name not in places:
            raise DataError(f"{dataset.root} has no {split} image {name}")
        sample = dataset.read(split, places[name])
        if predictor.preprocessing.takes_crops:
            image, truth = sample.image, sample.mask
            probabilities = predictor.probabilities(image)
        else:
            image, truth = sample.at_network_size(predictor.preprocessing)
            probabilities = predictor.network_probabilities(image[None])[0]
        predicted = mask_from(probabilities, threshold)
        classes = len(predictor.class_names)
        picture = outlined(image, truth, predicted, classes, predictor.colours)
        _, encoded = cv2.imencode(
            ".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        )
        yield Picture(name, float(iou), encoded.tobytes())
