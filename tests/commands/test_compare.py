"""``compare.py``: what it prints and writes, how it ends."""

import json
import shutil
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from seglab.commands import compare
from seglab.errors import RunError, UsageError
from seglab.latency import Latencies
from seglab.runs import Run
from seglab.views import Views
from tests.helpers import PROJECT, disk_pair, run_python
from tests.run_folders import write_evaluated_run, write_evaluation

IOUS = np.array([0.9, 0.8, 0.7, 0.6, 0.5])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with three runs in ``models/``, which a person works in."""
    folder = tmp_path / "project"
    for seed in range(2):
        write_evaluated_run(folder / "models" / f"bce-seed-{seed}", IOUS + seed / 50, seed=seed)
    write_evaluated_run(folder / "models" / "dice", IOUS + 0.1, loss={"name": "dice"})
    monkeypatch.chdir(folder)
    return folder


def call(project: Path, *arguments: object) -> int:
    return compare.main([*map(str, arguments), "--no-timing"], project)


def table_names(text: str) -> list[str]:
    (first, *_) = json.loads(text)["tables"]
    return [row["name"] for row in first["rows"]]


def test_names_folders_and_folders_of_runs_are_the_same(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "models" / "DEFAULT").write_text("dice\n")
    for named in (
        [*(project / "models").iterdir()],  # as the shell writes models/*
        ["bce-seed-0", "bce-seed-1", "dice"],
        ["models/bce-seed-0", "models/bce-seed-1", project / "models" / "dice"],
        ["models"],
        ["models", "dice", "models/bce-seed-1"],
    ):
        assert call(project, *named, "--format", "json") == 0
        assert table_names(capsys.readouterr().out) == ["bce", "dice"]


def test_the_table_is_printed_or_written(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(project, "models") == 0
    printed = capsys.readouterr().out
    assert "0.7200 ± 0.0141" in printed
    assert call(project, "models", "-o", "out/table.txt") == 0
    assert Path("out/table.txt").read_text() == printed
    assert capsys.readouterr().out == "table → out/table.txt\n"


def test_one_run_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(project, "dice") == 0
    assert "0.8100 [0.7900, 0.8300]" in capsys.readouterr().out


def test_a_broken_run_does_not_stop_the_others(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "models" / "dice" / "config.json").write_text("{")
    damaged = project / "models" / "bce-seed-1" / "evaluation-test.json"
    damaged.write_text("[]")
    assert call(project, "bce-seed-0", "bce-seed-1", "dice", "absent", "--format", "json") == 1
    output = capsys.readouterr()
    assert table_names(output.out) == ["bce-seed-0"]
    lines = output.err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("error: ") for line in lines)
    for word in ("config.json: is not JSON", "absent", "bce-seed-1: "):
        assert sum(word in line for line in lines) == 1


def test_a_broken_run_in_a_folder_of_runs_is_named(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "models" / "dice" / "config.json").unlink()
    assert call(project, "models", "--format", "json") == 1
    output = capsys.readouterr()
    assert table_names(output.out) == ["bce"]
    (line,) = output.err.splitlines()
    assert "dice" in line


def test_a_file_that_cannot_be_written(project: Path) -> None:
    with pytest.raises(UsageError, match="models: cannot be written"):
        call(project, "dice", "-o", "models")


def test_what_is_not_evaluated_is_named_with_the_command(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run.open(project / "models" / "dice")
    write_evaluation(run, IOUS, split="val")
    remedy = "python evaluate.py models/bce-seed-0 --split val"
    assert call(project, "bce-seed-0", "dice", "--split", "val") == 1
    output = capsys.readouterr()
    assert remedy in output.out
    assert output.err == ""
    assert call(project, "bce-seed-0", "dice", "--split", "val", "--format", "csv") == 1
    output = capsys.readouterr()
    assert remedy in output.err
    assert remedy not in output.out


def test_without_a_usable_run_it_fails(project: Path) -> None:
    with pytest.raises(RunError, match="no run to compare") as caught:
        call(project, "models", "--at", "original")
    assert len(caught.value.details) == 3
    assert "--at original" in caught.value.details[0]


def test_milliseconds_come_with_their_origin(
    trained: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run.open(shutil.copytree(trained.folder, tmp_path / "timed"))
    write_evaluation(run, IOUS)
    plain = write_evaluated_run(tmp_path / "plain", IOUS, data={"resize": "stretch"})
    assert compare.main([str(run.folder), str(plain.folder), "--format", "json"], PROJECT) == 0
    content = json.loads(capsys.readouterr().out)
    rows = {row["name"]: row for table in content["tables"] for row in table["rows"]}
    assert rows["timed"]["figures"]["cpu_milliseconds"]["value"] > 0
    assert rows["plain"]["figures"]["cpu_milliseconds"] is None
    assert any("take turns" in note for note in content["notes"])


def test_no_network_is_the_fastest_within_the_scatter(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measured(runs: Sequence[Run], *_: Any, **__: Any) -> Latencies:
        times = {run.folder: 10.0 if run.name == "dice" else 12.0 for run in runs}
        return Latencies(times, 0.5, (), "Measured.")

    monkeypatch.setattr("seglab.latency.measure_latencies", measured)
    (project / "sample_images").mkdir()
    shutil.copy(PROJECT / "sample_images" / "chelsea.png", project / "sample_images")
    assert compare.main(["models", "--format", "markdown"], project) == 0
    text = capsys.readouterr().out
    assert "| 10.0 |" in text
    assert "**10.0**" not in text


def test_masks_side_by_side(
    trained: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [Run.open(shutil.copytree(trained.folder, tmp_path / name)) for name in ("a", "b")]
    without = write_evaluated_run(tmp_path / "without", IOUS)
    for run in runs:
        write_evaluation(run, IOUS)
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(14):
        Image.fromarray(disk_pair(number)[0]).save(photos / f"{number:02d}.png")
    (photos / "01.png").write_text("no photo")
    named = [run.folder for run in (*runs, without)]
    sheet = tmp_path / "masks.png"
    assert call(PROJECT, *named, "--masks", photos, "nowhere.png", "--masks_file", sheet) == 1
    output = capsys.readouterr()
    assert f"masks of 11 photos, 2 more left out → {sheet}" in output.out
    lines = output.err.splitlines()
    assert len(lines) == 3
    for word in ("01.png", "nowhere.png", "without"):
        assert sum(word in line for line in lines) == 1
    # 40×48 photos scaled to 240×288: eleven rows of three columns.
    assert Image.open(sheet).size == (3 * (288 + 6) + 6, 28 + 11 * (240 + 6))


def test_the_report_gets_the_same_runs(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    report = types.ModuleType("seglab.report")
    report.write_report = lambda *given, **named: calls.append((given, named))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "seglab.report", report)
    assert call(project, "models", "--report", "page.html") == 0
    (((runs, path), named),) = calls
    assert [run.name for run in runs] == ["bce-seed-0", "bce-seed-1", "dice"]
    assert path == Path("page.html")
    comparison = named.pop("comparison")
    assert [run.name for run in comparison.runs] == ["bce-seed-0", "bce-seed-1", "dice"]
    assert named == {"split": "test", "size": "network", "views": Views()}


def test_averaged_evaluations_are_asked_for_as_they_are_measured(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RunError) as raised:
        call(project, "models", "--flip", "--scales", "1.25", "1", "--no-timing")
    assert any("--split test --flip --scales 1 1.25" in detail for detail in raised.value.details)


@pytest.mark.parametrize(
    "words",
    [[], ["a", "--split", "train"], ["a", "--format", "latex"], ["a", "--masks_file", "x.png"]],
)
def test_wrong_usage_is_one_line(words: list[str], project: Path) -> None:
    with pytest.raises(UsageError) as caught:
        compare.main(words, project)
    assert "\n" not in str(caught.value)


def test_as_a_person_calls_it(project: Path, tmp_path: Path) -> None:
    done = run_python("compare.py", str(project / "models"), "--no-timing", cache=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "bce-seed-1" in done.stdout


def test_it_imports_no_torch(project: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from seglab.commands import compare;"
        f"code = compare.main([{str(project / 'models')!r}], Path('.'));"
        "heavy = {'torch', 'lightning', 'albumentations', 'streamlit', 'matplotlib'};"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else code)"
    )
    done = run_python("-c", code, cache=tmp_path / "cache")
    assert done.returncode == 0, done.stderr
