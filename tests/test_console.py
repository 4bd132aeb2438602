"""What the commands print."""

import pytest

from seglab.console import magnitude


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "12"),
        (1_942_577, "1.94 M"),
        (31_036_481, "31.0 M"),
        (758_120_448, "758 M"),
        (999_600_000, "1000 M"),
        (3_000_000_000, "3.00 G"),
    ],
)
def test_magnitudes_have_three_digits(value: float, text: str) -> None:
    assert magnitude(value) == text
