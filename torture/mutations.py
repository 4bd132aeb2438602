"""Mutation testing, by hand: does a test fail where the code is changed?

``python -m torture.mutations [module ...] [--most 40] [--list]``. Not a part of ``make torture``:
each mutant runs the module's own test files. What survives is printed: the line, and what it was
changed to.
"""

import argparse
import ast
import copy
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Heavy, and not ours: imported once for all mutants.
import cv2  # noqa: F401
import pandas  # noqa: F401
import pytest
import sklearn.metrics  # noqa: F401
import torch

PROJECT = Path(__file__).resolve().parents[1]
SECONDS = 240
TESTS = {
    "metrics": ["tests/test_metrics.py"],
    "losses": ["tests/test_losses.py", "tests/test_library_losses.py"],
    "labels": ["tests/test_labels.py"],
    "preprocessing": [
        "tests/test_preprocessing.py",
        "tests/test_decoding.py",
        "tests/test_mask_decoding.py",
        "tests/test_photos.py",
    ],
    "runs": [
        "tests/test_runs.py",
        "tests/test_hostile_files.py",
        "tests/test_hostile_descriptions.py",
    ],
    "run_files": ["tests/test_run_files.py", "tests/test_runs.py"],
}
"""Module of ``seglab`` to the test files that are about it."""

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
}


@dataclass(frozen=True)
class Mutant:
    """The module with one change: where, from what to what, and the whole new source."""

    line: int
    before: str
    after: str
    source: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", default=[*TESTS])
    parser.add_argument("--most", type=int, default=40, help="mutants a module, drawn by seed 0")
    parser.add_argument("--list", action="store_true", help="show the mutants, run nothing")
    options = parser.parse_args()
    torch.set_num_threads(1)  # threads do not live through a fork
    for module in options.modules:
        path = PROJECT / "src" / "seglab" / f"{module}.py"
        found = list(mutants(path.read_text()))
        chosen = random.Random(0).sample(found, min(options.most, len(found)))
        chosen.sort(key=lambda mutant: mutant.line)
        survived = 0
        for mutant in chosen:
            shown = f"{module}.py:{mutant.line}: {mutant.before}  →  {mutant.after}"
            if options.list:
                print(shown)
            elif not is_killed(module, mutant):
                survived += 1
                print(f"survived  {shown}", flush=True)
        if not options.list:
            print(f"{module}: {len(chosen) - survived} of {len(chosen)} killed", flush=True)


def mutants(source: str) -> Iterator[Mutant]:
    """Every change of one comparison, operator, number, truth value, ``not`` or ``and``."""
    tree = ast.parse(source)
    for position, node in enumerate(ast.walk(tree)):
        changed = _changed(node)
        if changed is None:
            continue
        other = copy.deepcopy(tree)
        target = list(ast.walk(other))[position]
        for place, value in vars(changed).items():
            setattr(target, place, value)
        if type(target) is not type(changed):
            target.__class__ = type(changed)  # type: ignore[assignment]
        yield Mutant(
            getattr(node, "lineno", 0),
            ast.unparse(node),
            ast.unparse(changed),
            ast.unparse(ast.fix_missing_locations(other)),
        )


def _changed(node: ast.AST) -> ast.AST | None:
    new = copy.deepcopy(node)
    if isinstance(new, ast.Compare) and type(new.ops[0]) in COMPARISONS:
        new.ops[0] = COMPARISONS[type(new.ops[0])]()
    elif isinstance(new, ast.BinOp) and type(new.op) in OPERATORS:
        new.op = OPERATORS[type(new.op)]()
    elif isinstance(new, ast.BoolOp):
        new.op = ast.Or() if isinstance(new.op, ast.And) else ast.And()
    elif isinstance(new, ast.Constant) and isinstance(new.value, bool):
        new.value = not new.value
    elif isinstance(new, ast.Constant) and isinstance(new.value, int | float):
        new.value = new.value + 1
    elif isinstance(new, ast.IfExp):
        new.body, new.orelse = new.orelse, new.body
    else:
        return None
    return new


def is_killed(module: str, mutant: Mutant) -> bool:
    """Whether the module's tests fail with the mutant in its place, in a copy of the package."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "seglab"
        shutil.copytree(PROJECT / "src" / "seglab", package)
        (package / f"{module}.py").write_text(mutant.source)
        child = os.fork()  # what is imported here, below, need not be imported again
        if child == 0:
            _test(module, folder)
        return os.waitpid(child, 0)[1] != 0


def _test(module: str, folder: str) -> None:
    """End this process with the tests' exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    signal.alarm(SECONDS)
    os.chdir(PROJECT)
    sys.dont_write_bytecode = True
    sys.path[:0] = [folder, str(PROJECT)]
    options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:cov"]
    os._exit(int(pytest.main([*options, *TESTS[module]])))


if __name__ == "__main__":
    main()
