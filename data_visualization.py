"""Look at a dataset: ``python data_visualization.py [--augmented] [-o FILE]``."""

import sys
from pathlib import Path

try:
    from seglab.commands import data_visualization, script
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing.name} is not installed: run 'make setup', then .venv/bin/python {sys.argv[0]}"
    )

if __name__ == "__main__":
    project = Path(__file__).resolve().parent
    sys.exit(script.run_script(lambda argv: data_visualization.main(argv, project)))
