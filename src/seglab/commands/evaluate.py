"""``evaluate.py``: measure a run on a split and keep the result in its folder."""

from pathlib import Path

from seglab.commands.arguments import Parser


def main(argv: list[str], project: Path) -> int:
    """Evaluate as the command line says; ``project`` holds ``models/``."""
    parser = Parser("Measure a run on a split, at the network's size; results go into its folder.")
    parser.add_argument("run", help="run folder")
    parser.add_argument("--split", choices=("val", "test"), default="test", help="[default test]")
    parser.add_argument("--data.root", dest="root", metavar="DIR", help="where the data lies now")
    parser.add_argument(
        "--backend", choices=("auto", "onnx", "torch"), default="auto", help="[default auto]"
    )
    options = parser.parse_args(argv)

    from seglab.console import Console
    from seglab.evaluation import evaluate
    from seglab.inference import load
    from seglab.runs import find_run

    run = find_run(options.run, project / "models")
    console = Console()
    predictor = load(run, options.backend)
    with console.bar(f"{run.name} on {options.split}", total=0) as progress:
        evaluation = evaluate(run, predictor, options.split, options.root, progress)
    figures = evaluation.reductions()
    run.write_evaluation(
        options.split,
        {
            "split": options.split,
            "images": len(evaluation.records),
            "image_size": run.preprocessing.image_size,
            "threshold": predictor.threshold,
            "backend": predictor.backend,
            **figures,
        },
        evaluation.table(),
    )
    console.line(f"{run.name} on {len(evaluation.records)} {options.split} images")
    for name, figure in figures.items():
        console.line(
            f"  {name:<15} {figure['value']:.4f}  [{figure['low']:.4f}, {figure['high']:.4f}]"
        )
    console.line(f"→ {run.evaluation_path(options.split)}")
    return 0
