"""No test of a network asks the hub of library weights."""

import pytest
from huggingface_hub import constants


@pytest.fixture(autouse=True)
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's address is a port of this machine at which nobody listens."""
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
