"""Runs with forged files in them, and how they are refused."""

from collections.abc import Callable
from typing import Any

import pytest

from seglab.errors import SeglabError
from seglab.inference import load
from seglab.runs import Run
from tests.helpers import disk_pair


def refuse(call: Callable[[], Any]) -> str:
    """The one line with which the call refuses."""
    with pytest.raises(SeglabError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def predict(run: Run, backend: str = "torch") -> Any:
    """A mask of one photo by this run."""
    return load(str(run.folder), backend).segment(disk_pair(0)[0])
