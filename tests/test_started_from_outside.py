"""Trainings whose processes torchrun or SLURM starts: two machines, played by one."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from seglab.config import Experiment
from seglab.runs import Run
from tests.helpers import PROJECT, as_flags, tiny_experiment, write_disks
from tests.training_runs import fit, untimed

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc")
SCRIPT = ["-m", "tests.train_without_export"]


@pytest.fixture
def disks(tmp_path: Path) -> Path:
    return write_disks(tmp_path / "disks", 21)


def experiment(root: Path, nodes: int, batch_size: int, epochs: int) -> Experiment:
    return tiny_experiment(
        data={"source": "folder", "root": str(root), "validation": 5 / 18, "image_size": 32},
        network={"base_channels": 4, "depth": 2, "norm": "group"},
        augmentation={"rotate": 0, "translate": 0, "scale": 0},
        optimizer={"name": "sgd", "learning_rate": 0.1, "schedule": "constant"},
        trainer={"nodes": nodes, "batch_size": batch_size, "max_epochs": epochs},
    )


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
    return port


def by_torchrun(_machine: int, port: int) -> tuple[list[str], dict[str, str]]:
    """An agent of torchrun on each machine, that meet at an address."""
    meeting = ["--rdzv_backend", "c10d", "--rdzv_endpoint", f"localhost:{port}"]
    agent = ["torch.distributed.run", "--nnodes", "2", "--nproc_per_node", "1", *meeting]
    # Agents name their machine, and this one's name need not be known to its own resolver.
    return ["-m", *agent, "--local_addr", "localhost", *SCRIPT], {}


def by_slurm(machine: int, port: int) -> tuple[list[str], dict[str, str]]:
    """The environment that srun gives to its two tasks."""
    variables = {"JOB_ID": "4711", "JOB_NAME": "pets", "NTASKS": "2", "NTASKS_PER_NODE": "1"}
    places = {"NNODES": "2", "PROCID": str(machine), "LOCALID": "0", "NODEID": str(machine)}
    named = {f"SLURM_{name}": value for name, value in (variables | places).items()}
    return SCRIPT, named | {"SLURM_NODELIST": "localhost", "MASTER_PORT": str(port)}


@contextmanager
def started(starter: object, *arguments: str) -> Iterator[list["subprocess.Popen[str]"]]:
    """Both machines' commands; what still runs at the end is killed."""
    port = free_port()
    commands = [starter(machine, port) for machine in range(2)]  # type: ignore[operator]
    paths = {"PYTHONPATH": os.pathsep.join([str(PROJECT), *sys.path]), "OMP_NUM_THREADS": "1"}
    processes = [
        subprocess.Popen(
            [sys.executable, *command, *arguments],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | paths | variables,
        )
        for command, variables in commands
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def assert_one_with_the_doubled_batch(run: Run, disks: Path, outputs: list[str]) -> None:
    """The first two epochs are those of a single process, told by one of the two machines."""
    assert "2 on 2 machines, 6 images a step in all" in "".join(outputs)
    one = fit(run.folder.parent / "one", experiment(disks, nodes=1, batch_size=6, epochs=2))
    for own, expected in zip(untimed(run)[:2], untimed(one), strict=True):
        assert own == pytest.approx(expected, abs=5e-3)
        assert own["train_loss"] == pytest.approx(expected["train_loss"], abs=1e-3)


@pytest.mark.long
def test_two_machines_of_torchrun(tmp_path: Path, disks: Path) -> None:
    flags = as_flags(experiment(disks, nodes=2, batch_size=3, epochs=2))
    run = Run(tmp_path / "two")
    with started(by_torchrun, *flags, "--run_dir", str(run.folder)) as processes:
        outputs = [process.communicate(timeout=240)[0] for process in processes]
        assert [process.returncode for process in processes] == [0, 0], outputs
    assert len(run.rows()) == 2
    assert_one_with_the_doubled_batch(run, disks, outputs)


@pytest.mark.long
def test_a_job_of_slurm_that_is_ended_saves_and_ends_by_itself(tmp_path: Path, disks: Path) -> None:
    flags = as_flags(experiment(disks, nodes=2, batch_size=3, epochs=4000))
    run = Run(tmp_path / "two")
    with started(by_slurm, *flags, "--run_dir", str(run.folder)) as processes:
        limit = time.monotonic() + 120
        while len(run.rows()) < 3:
            assert all(process.poll() is None for process in processes)
            assert time.monotonic() < limit
            time.sleep(0.01)
        for process in processes:
            process.send_signal(signal.SIGTERM)
        outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert all(process.returncode in (1, 130) for process in processes), outputs
    assert 130 in [process.returncode for process in processes]
    assert not any("Traceback" in output for output in outputs), outputs
    assert 3 <= len(Run.open(run.folder).rows()) < 4000
    assert_one_with_the_doubled_batch(run, disks, outputs)
