"""How far a planned run is: missing, interrupted, done, or another experiment's."""

import json
from pathlib import Path
from typing import Any

import pytest

from seglab.suites import PlannedRun, Standing, standing
from tests.suite_runs import begin, end, make_done, measure, planned_suite, write_experiments


@pytest.fixture
def losses(tmp_path: Path) -> Path:
    return write_experiments(tmp_path / "losses")


@pytest.fixture
def planned(losses: Path) -> PlannedRun:
    return planned_suite(losses).runs[0]


def test_from_missing_to_done(planned: PlannedRun) -> None:
    assert standing(planned) == Standing("missing")
    planned.folder.mkdir(parents=True)
    assert standing(planned) == Standing("missing")
    run = begin(planned.folder, planned.experiment)
    assert standing(planned) == Standing("interrupted", "after 1 of 2 epochs")
    end(run)
    assert standing(planned) == Standing("trained", "not evaluated on test")
    measure(run)
    figures = "dataset IoU 0.6100 [0.5900, 0.6300], mean image IoU 0.6000 [0.5800, 0.6200]"
    assert standing(planned) == Standing("done", figures)


def test_done_needs_no_weights(planned: PlannedRun) -> None:
    run = make_done(planned)
    assert not run.checkpoint_path.exists()
    assert not run.onnx_path.exists()
    assert standing(planned).state == "done"


def test_evaluating_needs_weights(planned: PlannedRun) -> None:
    run = end(begin(planned.folder, planned.experiment), weights=False)
    found = standing(planned)
    assert found.state == "trained"
    assert found.stuck
    assert "its weights are not here: bring checkpoint.pth" in found.note
    run.onnx_path.write_bytes(b"")
    assert not standing(planned).stuck


def test_an_evaluation_of_another_version_is_made_anew(planned: PlannedRun) -> None:
    run = measure(end(begin(planned.folder, planned.experiment)))
    path = run.evaluation_path("test")
    path.write_text(json.dumps({"split": "test", "dataset_iou": {"value": 0.9}}))
    assert standing(planned) == Standing("trained", "not evaluated on test")


def test_an_evaluation_without_its_table_is_made_anew(planned: PlannedRun) -> None:
    run = measure(end(begin(planned.folder, planned.experiment)))
    run.evaluation_path("test", suffix=".csv").unlink()
    assert standing(planned) == Standing("trained", "not evaluated on test")


@pytest.mark.parametrize("how_far", ["interrupted", "done"])
def test_other_settings_are_named_with_both_values(losses: Path, how_far: str) -> None:
    asked = planned_suite(losses).runs[0]
    flags = ["--optimizer.learning_rate", "0.02", "--trainer.max_epochs=30"]
    other = planned_suite(losses, [0], *flags).runs[0]
    run = begin(other.folder, other.experiment) if how_far == "interrupted" else make_done(other)
    found = standing(asked)
    assert (found.state, found.stuck) == ("other", True)
    assert "optimizer.learning_rate is 0.02 there, 0.01 here" in found.note
    assert "trainer.max_epochs is 30 there, 2 here" in found.note
    assert str(run.folder) in found.note
    assert standing(other).state == how_far


def test_another_seed_in_the_folder_is_another_experiment(losses: Path) -> None:
    first, second = (planned_suite(losses, [seed]).runs[0] for seed in (0, 1))
    make_done(first)
    first.folder.rename(second.folder)
    assert "trainer.seed is 0 there, 1 here" in standing(second).note


def test_first_weights_from_another_run_are_another_experiment(planned: PlannedRun) -> None:
    begin(planned.folder, planned.experiment, init_from="unet-16")
    found = standing(planned)
    assert found.state == "other"
    assert "its first weights are those of unet-16" in found.note


@pytest.mark.parametrize(
    "flags",
    [
        ["--data.root", "elsewhere"],
        ["--data.cache", "false"],
        ["--trainer.workers", "4"],
        ["--trainer.device", "cuda"],
        ["--trainer.precision", "auto"],
    ],
)
def test_what_is_the_machine_s_matter_makes_no_other_experiment(
    losses: Path, planned: PlannedRun, flags: list[str]
) -> None:
    make_done(planned)  # on a CPU in fp32
    assert standing(planned_suite(losses, [0], *flags).runs[0]).state == "done"


@pytest.mark.parametrize(
    ("recorded", "computed", "asked", "same"),
    [
        ("auto", "bf16", "auto", True),
        ("auto", "bf16", "bf16", True),
        ("auto", "bf16", "fp32", False),
        ("bf16", "bf16", "auto", True),
        ("fp32", "fp32", "bf16", False),
    ],
)
def test_a_named_precision_wants_what_was_computed(
    losses: Path, recorded: str, computed: str, asked: str, same: bool
) -> None:
    there, here = (
        planned_suite(losses, [0], "--trainer.precision", precision).runs[0]
        for precision in (recorded, asked)
    )
    begin(there.folder, there.experiment, environment={"precision": computed})
    assert standing(here).state == ("interrupted" if same else "other")


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("config.json", None, "holds no config.json"),
        ("config.json", "{", "is not JSON"),
        ("metrics.csv", "epoch\nx\n", "cannot be read"),
        ("evaluation-test.json", "{", "cannot be read"),
        ("evaluation-test.json", '{"format": 2}', "holds no headline figures"),
    ],
)
def test_a_damaged_folder_is_broken(
    planned: PlannedRun, file: str, content: str | None, reason: str
) -> None:
    run = begin(planned.folder, planned.experiment)
    if file.startswith("evaluation"):
        measure(end(run))
    path = run.folder / file
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    found = standing(planned)
    assert (found.state, found.stuck) == ("broken", True)
    assert reason in found.note


def test_an_experiment_of_another_version_is_broken(planned: PlannedRun) -> None:
    run = begin(planned.folder, planned.experiment)
    config: dict[str, Any] = run.config
    config["experiment"]["network"]["kind"] = "old"
    run.write_config(config)
    found = standing(planned)
    assert found.state == "broken"
    assert "network.kind: no such key" in found.note


def test_a_file_in_the_run_s_place_is_broken(planned: PlannedRun) -> None:
    planned.folder.parent.mkdir(parents=True)
    planned.folder.write_text("")
    assert standing(planned).state == "broken"
