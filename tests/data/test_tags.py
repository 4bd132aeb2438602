"""Tags on samples, in a CSV of the user's."""

import threading
from pathlib import Path

import pytest

from seglab.data.tags import TAGS, left_out, read_tags, tags_file, write_tag, write_tags
from seglab.errors import DataError
from tests.helpers import tiny_experiment


def test_tags_are_put_on_and_taken_off(tmp_path: Path) -> None:
    path = tmp_path / "tags" / "pets.csv"
    assert read_tags(path) == {}
    write_tag(path, "b", "hard")
    write_tag(path, "a,\nodd", "label wrong")
    write_tag(path, "b", "exclude")
    write_tag(path, "b", "hard")  # twice is once
    assert read_tags(path) == {"a,\nodd": ("label wrong",), "b": ("exclude", "hard")}
    assert path.read_text().splitlines()[0] == "name,tag"
    write_tag(path, "b", "exclude", present=False)
    write_tag(path, "never tagged", "exclude", present=False)
    assert read_tags(path) == {"a,\nodd": ("label wrong",), "b": ("hard",)}


def test_hard_samples_are_not_left_out() -> None:
    tagged = {tag: (tag,) for tag in TAGS} | {"both": ("hard", "exclude"), "own": ("blurred",)}
    assert left_out(tagged) == {"label wrong", "exclude", "both"}


def test_two_who_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "tags.csv"
    writers = [
        threading.Thread(
            target=write_tags, args=(path, [f"{place}-{i}" for i in range(20)], "hard")
        )
        for place in "abcdef"
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(read_tags(path)) == 120


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"name;tag\na;hard\n", "does not begin with the line name,tag"),
        (b"", "does not begin with the line name,tag"),
        (b"name,tag\na\n", "row 2 is not a name and a tag"),
        (b"name,tag\n\xff\xfe,hard\n", "not a CSV in UTF-8"),
    ],
)
def test_a_broken_file_is_a_sentence(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "tags.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=reason):
        read_tags(path)
    with pytest.raises(DataError, match=reason):
        write_tag(path, "a", "hard")
    assert path.read_bytes() == content


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match=r"tags\.csv: cannot be"):
        write_tag(tmp_path / "file" / "tags.csv", "a", "hard")


def test_each_dataset_has_a_file_of_its_own(tmp_path: Path) -> None:
    described = [
        {"source": "oxford_pet", "root": "data"},
        {"source": "synthetic", "drawn_seed": 1},
        {"source": "synthetic", "drawn_seed": 2},
        {"source": "folder", "root": str(tmp_path / "one" / "photos")},
        {"source": "folder", "root": str(tmp_path / "two" / "photos")},
    ]
    files = [tags_file(tmp_path, tiny_experiment(data=data)) for data in described]
    assert len(set(files)) == len(files)
    assert files[0] == tmp_path / "oxford_pet.csv"
    assert files[3].name.startswith("photos-")
    elsewhere = tiny_experiment(data={"source": "oxford_pet", "root": "/another/copy"})
    assert tags_file(tmp_path, elsewhere) == files[0]
