"""What ``predict.py`` writes of a photo, each file under its final name only when it is whole."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from seglab import overlays
from seglab.errors import UsageError
from seglab.files import replacing, write_bytes
from seglab.inference import Predictor
from seglab.labels import BACKGROUND
from seglab.photos import Photo
from seglab.prediction_jobs import Job
from seglab.segmentation import PhotoMask

PROBABILITY = "prob_"


def kinds_of(
    class_names: tuple[str, ...], mask_only: bool, cutout: bool, probabilities: bool
) -> list[str]:
    """The results of each photo, in the order in which they are written: the mask comes last, so
    that where it is, all is. Raises ``UsageError``."""
    kinds = [] if mask_only else ["copy"]
    if cutout:
        kinds.append("cutout")
    if probabilities:
        kinds += [f"{PROBABILITY}{name}" for name in _probability_names(class_names)]
    if not mask_only:
        kinds.append("overlay")
    return [*kinds, "mask"]


def segment_and_write(
    job: Job, photo: Photo, predictor: Predictor, threshold: float, kinds: Sequence[str]
) -> tuple[PhotoMask, float, dict[str, Path]]:
    """Segment ``photo`` and write the ``kinds`` of results: what was found, the seconds it took,
    and the file of each kind.

    Memory: the mask, a plane for each class that is asked for, and the photo's pixels where a
    result shows them. Raises ``ImageError``, ``OSError`` and ``ValueError``.
    """
    names = predictor.class_names
    levels = {kind: names.index(kind.removeprefix(PROBABILITY)) for kind in kinds if _level(kind)}
    if "cutout" in kinds:
        levels["cutout"] = 1 if len(names) == 2 else BACKGROUND
    if {"cutout", "overlay"} & set(kinds):
        _ = photo.pixels  # decoded once: the network's image is made of them where it can be
    found, seconds = predictor.mask(photo, threshold, set(levels.values()))
    files = {kind: job.output(kind) for kind in kinds}
    for kind, path in files.items():
        if kind == "copy":
            _copy(job, path)
        elif kind == "mask":
            write_bytes(path, overlays.mask_png(found.mask, len(names), predictor.colours))
        elif kind == "overlay":
            drawn = overlays.outlined_overlay(
                photo.pixels, found.mask, in_place=True, colours=predictor.colours
            )
            write_bytes(path, overlays.encode_png(drawn))
        elif kind == "cutout":
            level = found.levels[levels[kind]]
            alpha = level if len(names) == 2 else 255 - level
            write_bytes(path, overlays.encode_png(overlays.with_alpha(photo.pixels, alpha)))
        else:
            write_bytes(path, overlays.encode_png(found.levels[levels[kind]]))
    return found, seconds, files


def _level(kind: str) -> bool:
    return kind.startswith(PROBABILITY)


def _probability_names(class_names: tuple[str, ...]) -> tuple[str, ...]:
    names = class_names[1:] if len(class_names) == 2 else class_names
    if any("/" in name or name.startswith(".") for name in names):
        raise UsageError(f"--prob: class names {', '.join(names)} cannot be part of file names")
    return names


def _copy(job: Job, path: Path) -> None:
    if isinstance(job.source, bytes):
        write_bytes(path, job.source)
    elif not (path.exists() and path.samefile(job.source)):
        with replacing(path) as temporary:
            shutil.copyfile(job.source, temporary)
