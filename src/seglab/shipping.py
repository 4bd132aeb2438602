"""``python -m seglab.shipping``: a finished run as a small folder that can be given away."""

import shutil
import sys
from pathlib import Path
from typing import Any

from seglab.commands.arguments import Parser
from seglab.commands.script import run_script
from seglab.errors import RunError, UsageError
from seglab.files import draft_folder, write_text
from seglab.runs import Run

LARGEST_CHANGE = 0.0005
"""What half precision may move a figure by."""


def main(argv: list[str]) -> int:
    """Copy, halve, measure again, write the card."""
    parser = Parser(
        "Copy a finished, evaluated run without what only training needs, with its weights in "
        "half precision, measured again, and with a model card."
    )
    parser.add_argument("run", help="run folder")
    parser.add_argument("target", help="new folder, for example models/my-model")
    options = parser.parse_args(argv)
    run, target = Run.open(options.run), Path(options.target)
    largest = ship(run, target)
    size = sum(path.stat().st_size for path in target.iterdir())
    print(f"→ {target}: {size / 1e6:.1f} MB; half precision moved no figure by more than")
    print(f"  {largest:.2g} on the test part (at most {LARGEST_CHANGE:g} is let through)")
    return 0


def ship(run: Run, target: Path) -> float:
    """Make the folder ``target``; return how far half precision moved a test figure at most.

    Raises ``RunError`` when the run is unfinished or not evaluated, or when a figure moves by more
    than ``LARGEST_CHANGE``; then nothing is left behind.
    """
    from seglab.model_card import model_card
    from seglab.networks.halving import halve_weights

    before = run.evaluation("test")
    if not run.finished or before is None:
        raise RunError(f"{run.folder}: finish its training and evaluate it first")
    if target.exists():
        raise UsageError(f"{target}: is there already; name another folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    with draft_folder(target.parent) as draft:
        folder = draft / target.name  # of its name, which stands in what is written
        folder.mkdir()
        for path in run.lasting_files():
            shutil.copy2(path, folder / path.name)
        shipped = Run.open(folder)
        halve_weights(shipped)
        largest = _largest_change(before, _measured_again(shipped, before))
        if largest > LARGEST_CHANGE:
            raise RunError(f"{run.folder}: half precision moves a test figure by {largest:.2g}")
        write_text(folder / "README.md", model_card(shipped))
        folder.rename(target)
    return largest


def _measured_again(run: Run, before: dict[str, Any]) -> dict[str, Any]:
    from seglab.console import Console
    from seglab.inference import load
    from seglab.measuring import check_unseen, data_for, measure

    dataset = data_for(run, root=None)
    check_unseen(run, dataset, "test")
    predictor = load(run, "onnx")
    content, table = measure(predictor, dataset, "test", "network", before["threshold"], Console())
    content["environment"] = before["environment"]
    content["command"] = f"python evaluate.py models/{run.name}"
    run.write_evaluation(content, table)
    return content


def _largest_change(before: dict[str, Any], after: dict[str, Any]) -> float:
    names = [name for name in before if name.startswith(("dataset_", "mean_image_"))]
    changes = [abs(before[name]["value"] - after[name]["value"]) for name in names]
    return float(max(changes))


if __name__ == "__main__":
    sys.exit(run_script(main))
