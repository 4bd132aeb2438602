"""Numbers as they are written."""

import pytest

from seglab.comparable import Estimate
from seglab.report.numbers import count, estimate, magnitude, percent, signed


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


def test_counts_and_shares() -> None:
    assert count(3662) == "3\u202f662"
    assert percent(0.93814) == "93.8\u202f%"


def test_figures_with_what_is_known_of_them() -> None:
    assert estimate(Estimate(0.8628, 0.8588, 0.8666)) == "0.863 <small>[0.859, 0.867]</small>"
    assert estimate(Estimate(0.86, sd=0.0041, seeds=3)) == "0.860 <small>± 0.004</small>"
    assert estimate(Estimate(0.86)) == "0.860"
    assert estimate(None) == "–"
    difference = Estimate(-0.0206, -0.0246, 0.0001)
    assert signed(difference) == "−0.0206 <small>[−0.0246, +0.0001]</small>"
