"""Starting the processes of one machine that train together, by torch's elastic agent."""

import logging
import os
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from seglab.errors import TrainingError

STOPPED = 130
"""Exit code of a training that was asked to stop."""


def launch(arguments: Sequence[str], devices: int, run_folder: Path) -> int:
    """Run this script with ``arguments`` in ``devices`` processes; returns its exit code.

    When one fails the others are ended; Ctrl-C and SIGTERM are passed on to them. Raises
    ``TrainingError`` where one was killed.
    """
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    # Without it every process would start as many threads as there are cores.
    os.environ.setdefault("OMP_NUM_THREADS", str(max((os.cpu_count() or 1) // devices, 1)))
    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)
    try:
        with TemporaryDirectory() as logs:  # where the agent keeps a folder for each process
            settings = LaunchConfig(
                min_nodes=1,
                max_nodes=1,
                nproc_per_node=devices,
                run_id=uuid.uuid4().hex,
                rdzv_backend="c10d",
                rdzv_endpoint="localhost:0",
                local_addr="localhost",
                max_restarts=0,
                logs_specs=DefaultLogsSpecs(log_dir=logs),
            )
            elastic_launch(settings, sys.executable)(sys.argv[0], *arguments)
    except SignalException:
        return STOPPED
    except ChildFailedError as failed:
        codes = {rank: failure.exitcode for rank, failure in failed.failures.items()}
        killed = {rank: code for rank, code in codes.items() if code < 0}
        if not killed:
            return STOPPED if STOPPED in codes.values() else max(codes.values())
        rank, code = next(iter(killed.items()))
        raise TrainingError(
            f"process {rank} of {devices} was killed by signal {-code} (out of memory?) and the "
            f"others were ended; what the last whole epoch gave is saved, go on with --resume "
            f"{run_folder}"
        ) from failed
    return 0
