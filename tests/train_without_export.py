"""``train.py`` without the export, which takes longer than the tests' trainings; where several
processes train together, each of them is this script again."""

import sys

from seglab import fitting
from seglab.commands import script, train
from tests.helpers import PROJECT

fitting.export_onnx = lambda _run, _experiment: 0.0

if __name__ == "__main__":
    sys.exit(script.run_script(lambda argv: train.main(argv, PROJECT)))
