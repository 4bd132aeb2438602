"""Numbers as they are written."""

from seglab.comparable import Estimate
from seglab.report.numbers import count, estimate, percent, signed


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
