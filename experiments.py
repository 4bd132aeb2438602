"""Run a suite: ``python experiments.py experiments/<suite> [--seeds K ...] [--list]``."""

import sys
from pathlib import Path

try:
    from seglab.commands import experiments, script
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing.name} is not installed: run 'make setup', then .venv/bin/python {sys.argv[0]}"
    )

if __name__ == "__main__":
    project = Path(__file__).resolve().parent
    sys.exit(script.run_script(lambda argv: experiments.main(argv, project)))
