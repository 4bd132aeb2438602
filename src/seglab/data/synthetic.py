"""A dataset of drawn pets in the layout of Oxford-IIIT Pet: no download, always the same."""

import shutil
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from seglab.data.drawing.breeds import BREEDS, breed_of_pair, name_of_pair
from seglab.data.drawing.looks import Species
from seglab.data.drawing.pairs import SMALLEST_SIZE, DrawnPair, draw_pair
from seglab.data.drawing.workers import write_pairs

__all__ = ["DrawnPair", "draw_pair", "folder_name", "write_dataset"]

_SPECIES_NUMBERS: dict[Species, int] = {"cat": 1, "dog": 2}


def folder_name(count: int, size: int, seed: int) -> str:
    """Where a dataset of these three is drawn unless another folder is named."""
    return f"drawn-pets-{count}-{size}px-seed{seed}"


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
    with the number of pairs done so far. Returns root. Raises ValueError for a count under 1, a
    size under 32 or a negative seed; OSError where root cannot be written.
    """
    if count < 1 or size < SMALLEST_SIZE or seed < 0:
        raise ValueError(
            f"count must be at least 1, size at least {SMALLEST_SIZE} and seed at least 0, "
            f"got {count}, {size} and {seed}"
        )
    if _is_taken(root):
        return root
    root.parent.mkdir(parents=True, exist_ok=True)
    draft = root.parent / f".{root.name}-{uuid.uuid4().hex}"
    try:
        _fill(draft, count, size, seed, progress)
        _rename_unless_taken(draft, root)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return root


def _is_taken(root: Path) -> bool:
    """Whether root exists; an empty folder may still be filled."""
    return root.exists() and not (root.is_dir() and not any(root.iterdir()))


def _fill(
    draft: Path, count: int, size: int, seed: int, progress: Callable[[int], None] | None
) -> None:
    images, annotations = draft / "images", draft / "annotations"
    trimaps = annotations / "trimaps"
    images.mkdir(parents=True)
    trimaps.mkdir(parents=True)
    with closing(write_pairs(images, trimaps, count, size, seed)) as pairs_done:
        for done in pairs_done:
            if progress is not None:
                progress(done)
    for name, lines in _lists(count).items():
        (annotations / name).write_text("".join(lines), encoding="utf-8")


def _lists(count: int) -> dict[str, list[str]]:
    """Lines of the list of all pairs and of its halves: every other pair of a breed is a test."""
    breeds = sorted(BREEDS, key=lambda breed: breed.name.lower())
    cats = [breed for breed in breeds if breed.species == "cat"]
    dogs = [breed for breed in breeds if breed.species == "dog"]
    halves: tuple[list[str], list[str]] = ([], [])
    for index in range(count):
        breed = breed_of_pair(index)
        class_id = breeds.index(breed) + 1
        breed_id = (cats if breed.species == "cat" else dogs).index(breed) + 1
        species_id = _SPECIES_NUMBERS[breed.species]
        turn = index // len(BREEDS) % 2
        halves[turn].append(f"{name_of_pair(index)} {class_id} {species_id} {breed_id}\n")
    trainval, test = (sorted(half, key=str.lower) for half in halves)
    header = [
        "#Image CLASS-ID SPECIES BREED-ID\n",
        f"#CLASS-ID: 1-{len(breeds)} SPECIES: 1:Cat 2:Dog\n",
        f"#BREED-ID: 1-{len(cats)}:Cat 1-{len(dogs)}:Dog\n",
    ]
    everything = header + sorted(trainval + test, key=str.lower)
    return {"list.txt": everything, "trainval.txt": trainval, "test.txt": test}


def _rename_unless_taken(draft: Path, root: Path) -> None:
    try:
        draft.rename(root)
    except OSError:
        if not _is_taken(root):
            raise
