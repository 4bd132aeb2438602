"""Compare runs: ``python compare.py models/a models/b [--format markdown] [--masks photos]``."""

import sys
from pathlib import Path

try:
    from seglab.commands import compare, script
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing.name} is not installed: run 'make setup', then .venv/bin/python {sys.argv[0]}"
    )

if __name__ == "__main__":
    project = Path(__file__).resolve().parent
    sys.exit(script.run_script(lambda argv: compare.main(argv, project)))
