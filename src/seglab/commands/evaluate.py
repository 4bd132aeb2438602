"""``evaluate.py``: measure a run on a split and keep the result in its folder."""

import shlex
from pathlib import Path

from seglab.commands.arguments import Parser, add_views, check_threshold, share, views_of
from seglab.errors import UsageError


def main(argv: list[str], project: Path) -> int:
    """Evaluate as the command line says; ``project`` holds ``models/``."""
    parser = Parser("Measure a run on a split; the results go into its folder.")
    parser.add_argument("run", help="run folder, or its name in models/")
    parser.add_argument("--split", choices=("val", "test"), default="test", help="[default test]")
    parser.add_argument(
        "--at",
        choices=("network", "original"),
        default="network",
        help="measure at the network's size or at the photos' own [default network]",
    )
    parser.add_argument("--data.root", dest="root", metavar="DIR", help="where the data lies now")
    parser.add_argument(
        "--threshold",
        type=share,
        help="from which probability on a pixel is foreground [default: the best on validation]",
    )
    add_views(parser)
    parser.add_argument(
        "--backend", choices=("auto", "onnx", "torch"), default="auto", help="[default auto]"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE.json",
        help="there, with its .csv beside it, instead of into the run folder: for other data",
    )
    options = parser.parse_args(argv)
    views = views_of(options)
    output = _output(options.output)

    from seglab import hardware, measuring
    from seglab.console import Console
    from seglab.evaluation_text import evaluation_lines
    from seglab.inference import load
    from seglab.run_list import find_run

    run = find_run(options.run, project / "models")
    check_threshold(options.threshold, run)
    console = Console()
    predictor = load(run, options.backend, views=views)
    dataset = measuring.data_for(run, options.root)
    measuring.check_unseen(run, dataset, options.split)
    if output is None:
        measuring.check_replaceable(run, dataset, options.split, options.at, views)
    threshold = options.threshold
    if threshold is None:
        threshold = measuring.threshold_on_validation(predictor, dataset, console)
    content, table = measuring.measure(
        predictor, dataset, options.split, options.at, threshold, console
    )
    device = "cpu" if predictor.backend == "onnx" else hardware.resolve_device("auto")
    content["environment"] = hardware.environment(project, device, "fp32")
    content["command"] = shlex.join(["python", "evaluate.py", *argv])
    written = run.write_evaluation(content, table, output)
    for line in evaluation_lines(run.name, content):
        console.line(line)
    console.line(f"→ {written}")
    return 0


def _output(named: str | None) -> Path | None:
    """Checked before anything is measured. Raises ``UsageError``."""
    if named is None:
        return None
    path = Path(named)
    if path.suffix != ".json" or path.is_dir():
        raise UsageError(f"--output {named}: name a file that ends in .json")
    if not path.parent.is_dir():
        raise UsageError(f"--output {named}: there is no folder {path.parent}")
    return path
