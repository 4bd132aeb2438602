"""A dataset of drawn pets in the layout of Oxford-IIIT Pet: no download, always the same."""

import os
import shutil
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from seglab.data.drawn_breeds import BREEDS, Breed, Species
from seglab.data.drawn_occluders import choose_occluders, relight
from seglab.data.drawn_pets import draw_animal
from seglab.data.drawn_scenes import draw_scene
from seglab.data.drawn_texture import ByteArray, FloatArray, blend, paint_shape

PET, BACKGROUND, BORDER = 1, 2, 3
SMALLEST_SIZE = 32

# Drawn larger and then shrunk: that smooths all edges, and makes small sizes the same pictures.
_DRAWING_SIZE = 320
_OVERSIZE = 1.25
_JPEG_QUALITY = 92


@dataclass(frozen=True)
class DrawnPair:
    """One picture and its mask.

    image is uint8 H x W x 3, RGB; trimap is uint8 H x W with 1 pet, 2 background, 3 border.
    """

    image: ByteArray
    trimap: ByteArray
    breed: str
    species: Species


def draw_pair(seed: int, index: int, size: int) -> DrawnPair:
    """Draw pair number `index` (from 0) of the dataset `seed`, size x size pixels.

    The same arguments always give the same bytes; the breeds take turns with the index.
    Raises ValueError for a negative seed or index and for a size under 32.
    """
    if seed < 0 or index < 0:
        raise ValueError(f"seed and index must not be negative, got {seed} and {index}")
    if size < SMALLEST_SIZE:
        raise ValueError(f"size must be at least {SMALLEST_SIZE}, got {size}")
    generator = np.random.default_rng([seed, index])
    breed = _breed_of(index)
    canvas = max(_DRAWING_SIZE, round(_OVERSIZE * size))
    image, visible = _draw_large(generator, breed, canvas)
    shrunk = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    coverage = cv2.resize(visible, (size, size), interpolation=cv2.INTER_AREA)
    lit = relight(generator, np.asarray(shrunk, np.float32))
    return DrawnPair(
        np.round(lit * 255).astype(np.uint8), _trimap(coverage > 0.5, size),
        breed.name, breed.species,
    )  # fmt: skip


def write_dataset(
    root: Path,
    count: int = 400,
    size: int = 256,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Draw `count` pairs into the folder `root`, half for training and half for the test.

    Everything is drawn in a folder beside root which takes root's name at the very end, so root
    is whole or absent; a root that already holds something is kept as it is. progress is called
    with the number of pairs done so far. Returns root. Raises ValueError for a count under 1, and
    as draw_pair does; OSError where root cannot be written.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    if _holds_something(root):
        return root
    root.parent.mkdir(parents=True, exist_ok=True)
    draft = root.parent / f".{root.name}-{uuid.uuid4().hex}"
    try:
        _fill(draft, count, size, seed, progress)
        _rename_unless_taken(draft, root)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return root


def _draw_large(
    generator: np.random.Generator, breed: Breed, canvas: int
) -> tuple[FloatArray, FloatArray]:
    """The picture (canvas x canvas x 3) and the coverage of the animal's visible part."""
    side, height = generator.uniform(0.2, 0.65), generator.uniform(0.6, 1.0)
    light = np.array([side * generator.choice([-1.0, 1.0]), height, generator.uniform(0.3, 0.7)])
    light = (light / np.linalg.norm(light)).astype(np.float32)
    animal = draw_animal(generator, breed, canvas, light)
    image = draw_scene(generator, canvas, animal.ground_row, light)
    image *= 1 - np.float32(generator.uniform(0.35, 0.6)) * animal.shadow[..., None]
    blend(image, animal.colour, animal.silhouette)
    blend(image, (0.93, 0.92, 0.90), animal.whiskers)
    occluders, hidden = choose_occluders(generator, animal.silhouette, animal.ground_row)
    for shape in occluders:
        paint_shape(image, shape, None, (float(light[0]), -float(light[1])))
    return image, animal.silhouette * (1 - hidden)


def _trimap(visible: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], size: int) -> ByteArray:
    reach = max(2, round(size / 60))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    mask = visible.astype(np.uint8)
    # Outside the picture counts as more of the same, so its edge is no outline.
    padded = cv2.copyMakeBorder(mask, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    inner = cv2.erode(padded, disc)[reach:-reach, reach:-reach]
    outer = cv2.dilate(padded, disc)[reach:-reach, reach:-reach]
    trimap = np.full(mask.shape, BORDER, np.uint8)
    trimap[inner == 1] = PET
    trimap[outer == 0] = BACKGROUND
    return trimap


def _breed_of(index: int) -> Breed:
    return BREEDS[index % len(BREEDS)]


def _name_of(index: int) -> str:
    return f"{_breed_of(index).name}_{index // len(BREEDS) + 1}"


def _holds_something(root: Path) -> bool:
    return root.exists() and not (root.is_dir() and not any(root.iterdir()))


def _fill(
    draft: Path, count: int, size: int, seed: int, progress: Callable[[int], None] | None
) -> None:
    (draft / "images").mkdir(parents=True)
    (draft / "annotations" / "trimaps").mkdir(parents=True)
    executor = ThreadPoolExecutor(max_workers=os.cpu_count() or 1)
    try:
        for done, _ in enumerate(
            executor.map(lambda index: _write_pair(draft, seed, index, size), range(count)), 1
        ):
            if progress is not None:
                progress(done)
    finally:
        executor.shutdown(cancel_futures=True)
    _write_lists(draft / "annotations", count)


def _write_pair(draft: Path, seed: int, index: int, size: int) -> None:
    pair = draw_pair(seed, index, size)
    name = _name_of(index)
    picture = cv2.cvtColor(pair.image, cv2.COLOR_RGB2BGR)
    jpeg = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    for path, pixels, options in (
        (draft / "images" / f"{name}.jpg", picture, jpeg),
        (draft / "annotations" / "trimaps" / f"{name}.png", pair.trimap, []),
    ):
        encoded, data = cv2.imencode(path.suffix, pixels, options)
        if not encoded:
            raise OSError(f"could not encode {path.name}")
        path.write_bytes(data.tobytes())


def _write_lists(annotations: Path, count: int) -> None:
    """The lists of all, trainval and test; in each breed every other pair is for the test."""
    ordered = sorted(BREEDS, key=lambda breed: breed.name.lower())
    classes = {breed.name: number for number, breed in enumerate(ordered, 1)}
    members = {kind: [breed for breed in ordered if breed.species == kind] for kind in ("cat", "dog")}
    lines = []
    for index in range(count):
        breed = _breed_of(index)
        within = members[breed.species].index(breed) + 1
        species = 1 if breed.species == "cat" else 2
        lines.append(f"{_name_of(index)} {classes[breed.name]} {species} {within}\n")
    rounds = [index // len(BREEDS) for index in range(count)]
    header = [
        "#Image CLASS-ID SPECIES BREED-ID\n",
        f"#CLASS-ID: 1-{len(BREEDS)} SPECIES: 1:Cat 2:Dog\n",
        f"#BREED-ID: 1-{len(members['cat'])}:Cat 1-{len(members['dog'])}:Dog\n",
    ]
    parts = {
        "list.txt": header + sorted(lines, key=str.lower),
        "trainval.txt": [line for line, turn in zip(lines, rounds, strict=True) if turn % 2 == 0],
        "test.txt": [line for line, turn in zip(lines, rounds, strict=True) if turn % 2 == 1],
    }
    for name, content in parts.items():
        (annotations / name).write_text("".join(content), encoding="utf-8")


def _rename_unless_taken(draft: Path, root: Path) -> None:
    try:
        draft.rename(root)
    except OSError:
        if not _holds_something(root):
            raise
