"""Train a segmentation network: ``python train.py [--config FILE] [--section.key VALUE ...]``."""

import sys
from pathlib import Path

try:
    from seglab.commands import script, train
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing.name} is not installed: run 'make setup', then .venv/bin/python {sys.argv[0]}"
    )

if __name__ == "__main__":
    project = Path(__file__).resolve().parent
    sys.exit(script.run_script(lambda argv: train.main(argv, project)))
