"""Whether a run's files can hold the network that its description asks for."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from seglab.config import Experiment
from seglab.errors import RunError
from seglab.networks.catalogue import build_network, parameter_count

SMALLEST_BYTES = 2
"""Of a number as shipped weights hold it, in float16."""


def check_network_size(experiment: Experiment, path: Path) -> None:
    """Refuse to build a network that ``path``, its weights' file, is too small for.

    A stranger's ``config.json`` may ask for one that takes all memory. Raises ``RunError``, and
    ``UsageError`` where there is no such network.
    """
    if not path.exists():
        return
    with torch.device("meta"), _LayersAreCounted():  # shapes without numbers
        parameters = parameter_count(build_network(experiment))
    if parameters * SMALLEST_BYTES > path.stat().st_size:
        raise RunError(
            f"{path}: its weights do not fit the network that config.json describes, which has "
            f"{parameters / 1e6:.2f} M parameters"
        )


class _LayersAreCounted(TorchFunctionMode):
    """Some encoders draw a number for each layer from ``torch.linspace`` and read it at once, which
    needs real numbers."""

    def __torch_function__(
        self,
        function: Any,
        types: Sequence[type],
        arguments: Sequence[Any] = (),
        named: Mapping[str, Any] | None = None,
    ) -> Any:
        named = dict(named or {})
        if function is torch.linspace:
            named.setdefault("device", "cpu")
        return function(*arguments, **named)
