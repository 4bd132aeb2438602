"""``python -m seglab.networks``: layers, parameters and multiply-adds of a configuration."""

import sys
from pathlib import Path

from seglab.commands.script import run_script
from seglab.experiment_parser import experiment_parser, parse_experiment


def main(argv: list[str]) -> int:
    """Print the table of the network that the command line describes."""
    defaults = Path(__file__).resolve().parents[3] / "config.yaml"
    parser = experiment_parser("Layers, parameters and multiply-adds of a network.", defaults)
    parser.add_argument("--debug", action="store_true", help="tracebacks, not one-line errors")
    experiment, _ = parse_experiment(parser, argv)

    from seglab.networks.catalogue import build_network, layer_table

    network = build_network(experiment)
    size = experiment.data.image_size
    rows = layer_table(network, size)
    print(f"{experiment.network.in_words}; input 3×{size}×{size}")
    print(f"{'layer':<18} {'kind':<16} {'output':>14} {'parameters':>12} {'multiply-adds':>16}")
    for row in rows:
        print(
            f"{row['layer']:<18} {row['kind']:<16} {row['output']:>14} "
            f"{row['parameters']:>12,} {row['multiply_adds']:>16,}"
        )
    parameters = sum(row["parameters"] for row in rows)
    multiply_adds = sum(row["multiply_adds"] for row in rows)
    print(f"{'all':<50} {parameters:>12,} {multiply_adds:>16,}")
    return 0


if __name__ == "__main__":
    sys.exit(run_script(main))
