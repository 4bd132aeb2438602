"""Drawn pets: always the same, laid out as the official set, and not to be told by colour."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from seglab.data.synthetic import DrawnPair, draw_pair, write_dataset

BACKGROUND, BORDER = 2, 3
BREED_COUNT = 10


@pytest.fixture(scope="module")
def pairs() -> list[DrawnPair]:
    """Four rounds of all breeds, twice over: 80 pairs."""
    return [draw_pair(seed=0, index=index, size=96) for index in range(80)]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("drawn") / "pets", count=40, size=48, seed=3)


def read_list(dataset: Path, name: str) -> dict[str, tuple[int, int, int]]:
    lines = (dataset / "annotations" / name).read_text().splitlines()
    rows = [line.split(" ") for line in lines if not line.startswith("#")]
    return {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in rows}


def intersection_over_union(predicted: np.ndarray, wanted: np.ndarray) -> float:
    return np.count_nonzero(predicted & wanted) / np.count_nonzero(predicted | wanted)


def test_same_arguments_give_same_bytes_and_others_do_not() -> None:
    first, again, other_seed, other_index = (
        draw_pair(seed, index, 64) for seed, index in ((1, 5), (1, 5), (2, 5), (1, 15))
    )
    assert first.image.tobytes() == again.image.tobytes()
    assert first.trimap.tobytes() == again.trimap.tobytes()
    assert first.image.tobytes() != other_seed.image.tobytes()
    assert first.image.tobytes() != other_index.image.tobytes()
    assert first.breed == other_index.breed


@pytest.mark.parametrize("size", [32, 96, 300])
def test_pair_has_the_asked_size_and_type(size: int) -> None:
    pair = draw_pair(0, 3, size)
    assert pair.image.shape == (size, size, 3)
    assert pair.trimap.shape == (size, size)
    assert pair.image.dtype == pair.trimap.dtype == np.uint8


@pytest.mark.parametrize(("seed", "index", "size"), [(-1, 0, 64), (0, -1, 64), (0, 0, 31)])
def test_impossible_arguments_are_refused(seed: int, index: int, size: int) -> None:
    with pytest.raises(ValueError, match="got"):
        draw_pair(seed, index, size)


def test_trimaps_hold_three_values_and_a_pet_of_fair_size(pairs: list[DrawnPair]) -> None:
    shares = []
    for pair in pairs:
        assert set(np.unique(pair.trimap).tolist()) == {1, 2, 3}
        shares.append(float((pair.trimap != BACKGROUND).mean()))
    assert min(shares) > 0.05
    assert max(shares) < 0.85
    assert 0.25 < np.mean(shares) < 0.45


def test_breeds_of_both_species_take_turns(pairs: list[DrawnPair]) -> None:
    cats = {pair.breed for pair in pairs if pair.species == "cat"}
    dogs = {pair.breed for pair in pairs if pair.species == "dog"}
    assert len(cats) >= 4
    assert len(dogs) >= 4
    assert all(name[0].isupper() for name in cats)
    assert all(name[0].islower() for name in dogs)


def test_no_single_threshold_finds_the_pets(pairs: list[DrawnPair]) -> None:
    pet = np.stack([pair.trimap != BACKGROUND for pair in pairs])
    for name, channel in colour_channels(pairs).items():
        inside = np.cumsum(np.bincount(channel[pet], minlength=256))
        outside = np.cumsum(np.bincount(channel[~pet], minlength=256))
        below = inside / (inside[-1] + outside)
        above = (inside[-1] - inside) / (inside[-1] + outside[-1] - outside)
        assert max(below.max(), above.max()) < 0.5, name


def colour_channels(pairs: list[DrawnPair]) -> dict[str, np.ndarray]:
    image = np.concatenate([pair.image for pair in pairs])
    shape = (len(pairs), *pairs[0].trimap.shape)
    planes = np.dstack(
        [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), image, cv2.cvtColor(image, cv2.COLOR_RGB2HSV)]
    )
    return {name: planes[..., place].reshape(shape) for place, name in enumerate("LRGBHSV")}


@pytest.mark.parametrize("cut", [0.5, 0.4, 0.3])
def test_no_colour_histogram_finds_the_pets(pairs: list[DrawnPair], cut: float) -> None:
    cells = np.stack([pair.image for pair in pairs]).astype(int) // 16 @ np.array([256, 16, 1])
    pet = np.stack([pair.trimap != BACKGROUND for pair in pairs])
    fitted = np.arange(len(pairs)) // BREED_COUNT % 2 == 0
    inside = np.bincount(cells[fitted][pet[fitted]], minlength=4096)
    total = np.bincount(cells[fitted].ravel(), minlength=4096)
    chance = (inside + pet[fitted].mean()) / (total + 1)
    predicted = chance[cells[~fitted]] > cut
    assert intersection_over_union(predicted, pet[~fitted]) < 0.5


def test_layout_and_lists_are_the_official_ones(dataset: Path) -> None:
    everything = read_list(dataset, "list.txt")
    trainval, test = read_list(dataset, "trainval.txt"), read_list(dataset, "test.txt")
    header = (dataset / "annotations" / "list.txt").read_text().splitlines()[:4]
    assert [line.startswith("#") for line in header] == [True, True, True, False]
    assert len(everything) == 40
    assert {**trainval, **test} == everything
    assert not trainval.keys() & test.keys()
    assert len(trainval) == len(test) == 20
    for half in (trainval, test):
        assert {species for _, species, _ in half.values()} == {1, 2}
        assert {class_id for class_id, _, _ in half.values()} == set(range(1, BREED_COUNT + 1))
    for name, (_, species, _) in everything.items():
        assert (dataset / "images" / f"{name}.jpg").is_file()
        assert (dataset / "annotations" / "trimaps" / f"{name}.png").is_file()
        assert species == (1 if name[0].isupper() else 2)
    assert len(list((dataset / "images").iterdir())) == 40


def test_identifiers_follow_the_sorted_breeds(dataset: Path) -> None:
    rows = {
        (name.rsplit("_", 1)[0], *numbers)
        for name, numbers in read_list(dataset, "list.txt").items()
    }
    by_class = sorted(rows, key=lambda row: row[1])
    assert [row[0] for row in by_class] == sorted((row[0] for row in rows), key=str.lower)
    for species in (1, 2):
        assert [row[3] for row in by_class if row[2] == species] == [1, 2, 3, 4, 5]


def test_written_pairs_are_the_drawn_ones(dataset: Path) -> None:
    for index in (0, 7, 13, 39):
        pair = draw_pair(3, index, 48)
        name = f"{pair.breed}_{index // BREED_COUNT + 1}"
        path = dataset / "annotations" / "trimaps" / f"{name}.png"
        trimap = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(trimap, pair.trimap)
        picture = cv2.imread(str(dataset / "images" / f"{name}.jpg"))[..., ::-1]
        assert np.abs(picture.astype(int) - pair.image).mean() < 12


def test_progress_counts_every_pair_and_nothing_else_is_left(tmp_path: Path) -> None:
    seen: list[int] = []
    write_dataset(tmp_path / "pets", count=5, size=32, progress=seen.append)
    assert seen == [1, 2, 3, 4, 5]
    assert [path.name for path in tmp_path.iterdir()] == ["pets"]


def test_existing_root_is_kept(tmp_path: Path) -> None:
    root = tmp_path / "pets"
    root.mkdir()
    (root / "mine.txt").write_text("mine")
    assert write_dataset(root, count=3, size=32) == root
    assert [path.name for path in root.iterdir()] == ["mine.txt"]


def test_root_made_by_someone_else_meanwhile_is_kept(tmp_path: Path) -> None:
    root = tmp_path / "pets"

    def make_root(_done: int) -> None:
        root.mkdir(exist_ok=True)
        (root / "theirs.txt").write_text("theirs")

    write_dataset(root, count=2, size=32, progress=make_root)
    assert [path.name for path in root.iterdir()] == ["theirs.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["pets"]


@pytest.mark.parametrize("count", [4, 40])
def test_interrupted_writing_leaves_nothing(tmp_path: Path, count: int) -> None:
    def interrupt(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_dataset(tmp_path / "pets", count=count, size=32, progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_impossible_datasets_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="count"):
        write_dataset(tmp_path / "pets", count=0)


def test_drawing_needs_no_learning_framework() -> None:
    check = "import sys, seglab.data.synthetic; print({'torch', 'albumentations'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
