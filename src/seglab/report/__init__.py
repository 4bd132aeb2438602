"""One HTML file about runs: figures, curves, pictures, commands. It needs nothing but itself."""

from seglab.report.page import write_report

__all__ = ["write_report"]
