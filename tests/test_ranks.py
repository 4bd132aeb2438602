"""Where a process stands among those that train together."""

import pytest

from seglab.errors import TrainingError, UsageError
from seglab.ranks import Ranks, joined, placed
from tests.helpers import tiny_experiment

TORCHRUN = {
    "TORCHELASTIC_RUN_ID": "some",
    "RANK": "11",
    "LOCAL_RANK": "3",
    "WORLD_SIZE": "16",
    "LOCAL_WORLD_SIZE": "8",
    "MASTER_ADDR": "first",
    "MASTER_PORT": "29500",
}
SLURM = {
    "SLURM_JOB_ID": "4711",
    "SLURM_JOB_NAME": "pets",
    "SLURM_NTASKS": "16",
    "SLURM_NTASKS_PER_NODE": "8",
    "SLURM_NNODES": "2",
    "SLURM_NODELIST": "node[07-08]",
    "SLURM_PROCID": "11",
    "SLURM_LOCALID": "3",
    "SLURM_NODEID": "1",
}


@pytest.mark.parametrize("variables", [TORCHRUN, SLURM], ids=["torchrun", "slurm"])
def test_torchrun_and_slurm_place_a_process(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    ranks = placed()
    assert ranks == Ranks(rank=11, local_rank=3, count=16, machines=2)
    assert ranks.devices == 8
    assert not ranks.is_first


@pytest.mark.parametrize("changed", [{"SLURM_NTASKS": "1"}, {"SLURM_JOB_NAME": "interactive"}])
def test_a_shell_or_a_single_task_of_slurm_is_alone(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str]
) -> None:
    for name, value in (SLURM | changed).items():
        monkeypatch.setenv(name, value)
    assert placed() == Ranks()


def test_slurm_has_to_say_how_many_a_machine_has(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SLURM.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("SLURM_NTASKS_PER_NODE")
    with pytest.raises(UsageError, match="--ntasks-per-node"):
        placed()


def test_alone_nothing_is_exchanged() -> None:
    ranks = placed()
    assert ranks == Ranks()
    assert ranks.gathered("own") == ["own"]
    with ranks.in_turn():
        pass


def test_a_new_run_needs_the_processes_it_names() -> None:
    settings = tiny_experiment(trainer={"devices": 2}).trainer
    with (
        pytest.raises(UsageError, match=r"^trainer\.devices × trainer\.nodes: is 2, but .* 1 "),
        joined(settings, "cpu", resume=False),
    ):
        pass
    with joined(settings, "cpu", resume=True) as ranks:
        assert ranks == Ranks()


def test_other_errors_are_not_taken_for_a_lost_process() -> None:
    settings = tiny_experiment().trainer
    with pytest.raises(TrainingError, match="own"), joined(settings, "cpu", resume=False):
        raise TrainingError("own")
