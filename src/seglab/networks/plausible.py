"""Whether a run's files can hold the network that its description asks for."""

from pathlib import Path

import torch

from seglab.config import Experiment
from seglab.errors import RunError
from seglab.networks.catalogue import build_network, parameter_count

SMALLEST_BYTES = 2
"""Of a number as shipped weights hold it, in float16."""


def check_network_size(experiment: Experiment, path: Path) -> None:
    """Refuse to build a network that ``path``, its weights' file, is too small for.

    A stranger's ``config.json`` may ask for one that takes all memory. A library's networks are
    of their encoders' sizes, whatever it says. Raises ``RunError``.
    """
    if experiment.network.name != "unet" or not path.exists():
        return
    with torch.device("meta"):  # shapes without numbers
        parameters = parameter_count(build_network(experiment))
    if parameters * SMALLEST_BYTES > path.stat().st_size:
        raise RunError(
            f"{path}: its weights do not fit the network that config.json describes, which has "
            f"{parameters / 1e6:.2f} M parameters"
        )
