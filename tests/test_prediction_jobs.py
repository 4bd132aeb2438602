"""Which photos, under which names."""

from pathlib import Path

import pytest

from seglab.prediction_jobs import plan

KINDS = ("mask", "overlay", "copy")


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def outputs(named: list[str], results: Path) -> list[str]:
    jobs, _ = plan(named, results, KINDS)
    paths = [job.output(kind) for job in jobs for kind in KINDS]
    assert len({str(path).casefold() for path in paths}) == len(paths)
    return [str(job.output("mask").relative_to(results)) for job in jobs]


def test_a_folder_keeps_its_tree(tmp_path: Path) -> None:
    touch(tmp_path / "in", "a.jpg", "deep/er/a.jpg", "notes.txt", ".hidden.png")
    assert outputs([str(tmp_path / "in")], tmp_path / "out") == [
        "a_mask.png",
        "deep/er/a_mask.png",
    ]


def test_two_folders_stay_apart(tmp_path: Path) -> None:
    touch(tmp_path, "one/a.jpg", "two/a.jpg")
    found = outputs([str(tmp_path / "one"), str(tmp_path / "two")], tmp_path / "out")
    assert found == ["one/a_mask.png", "two/a_mask.png"]


def test_names_never_collide(tmp_path: Path) -> None:
    touch(tmp_path, "one/a.jpg", "two/a.png", "two/A.jpg", "three/a.png", "four/a_mask.png")
    named = ["one/a.jpg", "two/a.png", "two/A.jpg", "three/a.png", "four/a_mask.png"]
    found = outputs([str(tmp_path / name) for name in named], tmp_path / "out")
    assert found == [
        "a_mask.png",
        "a-png_mask.png",
        "A-jpg_mask.png",
        "a-2_mask.png",
        "a_mask-png_mask.png",  # its copy would be the first photo's mask
    ]


def test_globs_are_expanded_and_keep_their_tree(tmp_path: Path) -> None:
    touch(tmp_path, "in/a.jpg", "in/deep/a.jpg", "in/deep/er/a.jpg", "in/c.txt", "in/out/a.jpg")
    tree = outputs([str(tmp_path / "in" / "**" / "*.jpg")], tmp_path / "in" / "out")
    assert tree == ["a_mask.png", "deep/a_mask.png", "deep/er/a_mask.png"]
    assert outputs([str(tmp_path / "in" / "*.jpg")], tmp_path) == ["a_mask.png"]
    assert outputs([str(tmp_path / "in" / "d*" / "a.jpg")], tmp_path) == ["deep/a_mask.png"]


def test_globs_are_found_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "a.jpg", "deep/a.jpg")
    monkeypatch.chdir(tmp_path)
    assert outputs(["*.jpg", "*/*.jpg"], Path("out")) == ["a_mask.png", "deep/a_mask.png"]


def test_a_name_with_brackets_is_a_file_first(tmp_path: Path) -> None:
    touch(tmp_path, "a[1].jpg")
    assert outputs([str(tmp_path / "a[1].jpg")], tmp_path / "out") == ["a[1]_mask.png"]


def test_earlier_results_inside_the_folder_are_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "results/a_mask.png")
    assert outputs([str(tmp_path)], tmp_path / "results") == ["a_mask.png"]


@pytest.mark.parametrize("named", ["absent.jpg", "*.absent"])
def test_what_is_not_there_is_named(tmp_path: Path, named: str) -> None:
    jobs, missing = plan([str(tmp_path / named)], tmp_path / "out", KINDS)
    assert not jobs
    assert [entry.shown for entry in missing] == [str(tmp_path / named)]


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    _, missing = plan([str(tmp_path)], tmp_path / "out", KINDS)
    assert missing[0].reason == "the folder holds no photos"
