"""Fixtures that many test files share."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seglab.runs import Run
from tests.helpers import (
    SHARED_DATA,
    tiny_experiment,
    write_disks,
    write_official,
    write_run,
)
from tests.made_once import made_once

# Test processes beside each other share the cores; read when torch is first imported.
PROCESSES = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
if PROCESSES > 1:
    os.environ.setdefault("OMP_NUM_THREADS", str(max((os.cpu_count() or 1) // PROCESSES, 1)))


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has a cache of its own: none ever meets the user's."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("SEGLAB_CACHE", str(folder))
    return folder


@pytest.fixture
def folder_dataset(tmp_path: Path) -> Path:
    """Twelve pairs of disks, 40×48, to be split by seglab."""
    return write_disks(tmp_path / "disks")


@pytest.fixture
def disks(folder_dataset: Path) -> dict[str, Any]:
    """The section ``data`` of an experiment on those."""
    return {"source": "folder", "root": str(folder_dataset)}


@pytest.fixture
def official_dataset(tmp_path: Path) -> Path:
    """Two breeds in the official layout, four pairs of each in trainval and in test."""
    return write_official(tmp_path / "pets")


@pytest.fixture(scope="session")
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run on disks, trained once. Read only: copy its folder to change it."""
    return Run.open(made_once(request, tmp_path_factory, "trained", _train) / "run")


def _train(root: Path) -> None:
    from seglab.console import Console
    from seglab.training import train

    data = {"source": "folder", "root": str(write_disks(root / "disks"))}
    experiment = tiny_experiment(data=data, trainer={"max_epochs": 3, "checkpoint_every": 2})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGLAB_CACHE", str(root / "cache"))
        train(experiment, root / "run", root, Console())


@pytest.fixture
def no_export() -> Iterator[None]:
    """Trainings of this test write no ``model.onnx``; the run ``trained`` has one."""
    from tests.training_runs import without_export

    with without_export():
        yield


@pytest.fixture
def stop_at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Raise a signal in training step number so-and-so, counted over all epochs."""
    from seglab.training_module import TrainingModule

    step = TrainingModule.training_step

    def install(number: int, sent: signal.Signals = signal.SIGINT) -> None:
        def stopping(module: TrainingModule, *arguments: Any) -> Any:
            if module.global_step == number:
                signal.raise_signal(sent)
            return step(module, *arguments)

        monkeypatch.setattr(TrainingModule, "training_step", stopping)

    return install


TASKS: dict[str, dict[str, dict[str, str]]] = {
    "sigmoid": {"network": {"down": "maxpool", "up": "transpose"}},
    "softmax": {
        "loss": {"name": "cross_entropy"},
        "network": {"down": "strided", "up": "bilinear"},
        "data": {"resize": "letterbox"},
    },
    "trimap": {
        "loss": {"name": "cross_entropy_dice"},
        "network": {"down": "strided", "up": "nearest", "norm": "group"},
        "data": {"target": "trimap"},
    },
}


@pytest.fixture(scope="session", params=TASKS)
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs of three tasks with random weights and their ``model.onnx``. Read only."""
    task = request.param

    def export(folder: Path) -> None:
        from seglab.networks.export import export_onnx

        sections = {"network": {}, "data": {}} | TASKS[task]
        sections["network"] = {"base_channels": 4, "depth": 2} | sections["network"]
        sections["data"] = {"image_size": 32} | sections["data"]
        experiment = tiny_experiment(**sections)
        export_onnx(write_run(folder / "run", experiment), experiment)

    return Run.open(made_once(request, tmp_path_factory, f"exported-{task}", export) / "run")


@pytest.fixture
def shared_data() -> Path:
    """Real photos, where they stand beside the checkout."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the shared data is not here")
    return SHARED_DATA
