"""The processes that train together, one a device: how they meet, wait and exchange.

They are started from outside: by ``seglab.launching``, torchrun or SLURM.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from seglab.config import Trainer
from seglab.errors import TrainingError, UsageError

if TYPE_CHECKING:
    from lightning.fabric.plugins.environments.cluster_environment import ClusterEnvironment

LONGEST_WAIT = timedelta(hours=1)
"""For the others, while the first one downloads or reads the data for the first time."""
LOST = ("gloo", "NCCL", "closed by peer", "reset by peer", "Broken pipe", "TCPStore")
"""What torch's errors say when another process is gone."""


@dataclass(frozen=True)
class Ranks:
    """This process among the ``count`` that train together; ``Ranks()`` trains alone.

    ``rank`` counts over all machines, ``local_rank`` on this one.
    """

    rank: int = 0
    local_rank: int = 0
    count: int = 1
    machines: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this is the one that writes and speaks."""
        return self.rank == 0

    @property
    def devices(self) -> int:
        """Processes on each machine."""
        return self.count // self.machines

    def gathered(self, value: Any) -> list[Any]:
        """Every process's value, by rank; all must call."""
        if self.count == 1:
            return [value]
        import torch

        found = [None] * self.count
        torch.distributed.all_gather_object(found, value)
        return found

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Run the block on the first process, then on one of each other machine, then on the rest:
        what one has downloaded or cached, the next ones find.

        Where an earlier one failed the later ones end with its exit code and say nothing: it told.
        """
        own = 0 if self.is_first else 1 if self.local_rank == 0 else 2
        for _ in range(own):
            self._pass_on(0)
        try:
            yield
        except BaseException as error:
            self._pass_on(getattr(error, "exit_code", 1))
            raise
        for _ in range(own, 3):
            self._pass_on(0)

    def _pass_on(self, code: int) -> None:
        worst = max(self.gathered(code))
        if worst and not code:
            raise SystemExit(worst)


def placed() -> Ranks:
    """Where this process stands, as torchrun or SLURM says; alone where neither started it."""
    if not (_by_torchrun() or _by_slurm()):
        return Ranks()
    cluster = cluster_environment()
    count = cluster.world_size()
    if _by_torchrun():
        machines = count // int(os.environ["LOCAL_WORLD_SIZE"])
    else:
        machines = int(os.environ["SLURM_NNODES"])
    return Ranks(cluster.global_rank(), cluster.local_rank(), count, machines)


@contextmanager
def joined(settings: Trainer, device: str, resume: bool) -> Iterator[Ranks]:
    """Meet the others, for the block; ``device`` is ``cpu``, ``cuda`` or ``mps``.

    A run that begins needs as many processes as ``settings`` name, one that is gone on with takes
    any number. Raises ``UsageError``, and ``TrainingError`` when another process is lost.
    """
    ranks, planned = placed(), settings.devices * settings.nodes
    if ranks.count != planned and not resume:
        raise UsageError(
            f"trainer.devices × trainer.nodes: is {planned}, but there is a training of "
            f"{ranks.count} processes; start as many as the experiment names"
        )
    _check_device(ranks, device)
    if ranks.count == 1:
        yield ranks
        return
    import torch

    try:
        _meet(ranks, device)
        yield ranks
    except RuntimeError as error:
        lost = isinstance(error, torch.distributed.DistError)
        if not lost and not any(word in str(error) for word in LOST):
            raise
        raise TrainingError(
            f"process {ranks.rank} of {ranks.count}: another process of this training has ended, "
            "so this one ends too; what the last whole epoch gave is saved, go on with --resume"
        ) from error
    torch.distributed.destroy_process_group()


def cluster_environment() -> "ClusterEnvironment":
    """What tells Lightning who is who, where torchrun or SLURM started this process.

    Raises ``UsageError`` where SLURM does not say how many there are on each machine.
    """
    from lightning.fabric.plugins.environments.slurm import SLURMEnvironment
    from lightning.fabric.plugins.environments.torchelastic import TorchElasticEnvironment

    if not _by_torchrun() and "SLURM_NTASKS_PER_NODE" not in os.environ:
        raise UsageError("SLURM: name the tasks with --ntasks-per-node, a task for each device")
    # A job that SLURM ends or restarts is gone on with by --resume, not by Lightning.
    return TorchElasticEnvironment() if _by_torchrun() else SLURMEnvironment(auto_requeue=False)


def _by_torchrun() -> bool:
    return "TORCHELASTIC_RUN_ID" in os.environ


def _by_slurm() -> bool:
    """As tasks of ``srun``; a shell inside an allocation is none."""
    shell = os.environ.get("SLURM_JOB_NAME") in ("bash", "interactive")
    return "SLURM_PROCID" in os.environ and int(os.environ.get("SLURM_NTASKS", 1)) > 1 and not shell


def _check_device(ranks: Ranks, device: str) -> None:
    import torch

    there = {"cuda": torch.cuda.device_count(), "mps": 1}.get(device, ranks.devices)
    if ranks.devices > there:
        raise UsageError(
            f"trainer.devices: {ranks.devices} processes on a machine with {there} of {device}; "
            f"use --trainer.devices {there}"
        )


def _meet(ranks: Ranks, device: str) -> None:
    import torch

    cluster = cluster_environment()
    os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"] = (
        cluster.main_address,
        str(cluster.main_port),
    )
    backend = "gloo"
    if device == "cuda":
        torch.cuda.set_device(ranks.local_rank)
        backend = "cpu:gloo,cuda:nccl"
    # Lightning takes the group that it finds.
    torch.distributed.init_process_group(
        backend, timeout=LONGEST_WAIT, rank=ranks.rank, world_size=ranks.count
    )
