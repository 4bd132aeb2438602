"""``python -m seglab.networks``: a network layer by layer, or ``--list`` of all networks."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from seglab.commands.script import run_script
from seglab.config import Experiment
from seglab.errors import UsageError
from seglab.experiment_parser import experiment_parser, given_keys, parse_experiment, validate
from seglab.networks.entries import NETWORKS, OF_ALL


def main(argv: list[str]) -> int:
    """Print the table of the network that the command line describes, or of all networks."""
    defaults = Path(__file__).resolve().parents[3] / "config.yaml"
    parser = experiment_parser("Layers, parameters and multiply-adds of a network.", defaults)
    parser.add_argument(
        "--list",
        action="store_true",
        help="every network (or --network.name alone) with its size, at --data.image_size and with "
        "--network.encoder",
    )
    parser.add_argument("--debug", action="store_true", help="tracebacks, not one-line errors")
    words = [*argv, *_network_of(argv)] if "--list" in argv else argv
    experiment, options = parse_experiment(parser, words)
    if options["list"]:
        named = "network.name" in given_keys(argv)
        _print_list(experiment, [experiment.network.name] if named else list(NETWORKS))
    else:
        _print_layers(experiment)
    return 0


def _network_of(argv: list[str]) -> list[str]:
    """``--network.name`` of one that knows the keys given: a list of all needs none named."""
    given = {key.partition(".")[2] for key in given_keys(argv) if key.startswith("network.")}
    able = [name for name, entry in NETWORKS.items() if given <= {*OF_ALL, *entry.keys}]
    return [] if "name" in given or not able else ["--network.name", able[0]]


def _print_list(experiment: Experiment, names: Sequence[str]) -> None:
    from seglab.networks.catalogue import build_network, multiply_adds, parameter_count
    from seglab.networks.library import check_encoder, encoder_names

    check_encoder(experiment.network.encoder)
    size = experiment.data.image_size
    print(f"input 3×{size}×{size}, {experiment.output_channels} channel(s) of logits")
    print(f"{'network.name':<16} {'network.encoder':<20} {'parameters':>12} {'multiply-adds':>16}")
    for name, variant in _variants(experiment, names):
        encoder = variant.network.encoder if "encoder" in variant.network.known_keys else "–"
        try:
            network = build_network(variant)
            operations = multiply_adds(network, size)
        except UsageError as error:
            print(f"{name:<16} {encoder:<20} {error}")
            continue
        print(f"{name:<16} {encoder:<20} {parameter_count(network):>12,} {operations:>16,}")
    print(f"\nencoders: {', '.join(encoder_names())}; others of timm: tu-<its name there>")


def _variants(experiment: Experiment, names: Sequence[str]) -> Iterator[tuple[str, Experiment]]:
    """The experiment with each network in turn, its keys as they are where it knows them."""
    values = experiment.as_dict()
    settings = values.pop("network")
    for name in names:
        known = {key: settings[key] for key in ("output", *NETWORKS[name].keys)}
        yield name, validate({**values, "network": {**known, "name": name}})


def _print_layers(experiment: Experiment) -> None:
    from seglab.networks.catalogue import build_network, layer_table, multiply_adds

    network = build_network(experiment)
    size = experiment.data.image_size
    rows = layer_table(network, size)
    print(f"{experiment.network.in_words}; input 3×{size}×{size}")
    width = max(18, *(len(row["layer"]) for row in rows))
    print(
        f"{'layer':<{width}} {'kind':<16} {'output':>14} {'parameters':>12} {'multiply-adds':>16}"
    )
    for row in rows:
        print(
            f"{row['layer']:<{width}} {row['kind']:<16} {row['output']:>14} "
            f"{row['parameters']:>12,} {row['multiply_adds']:>16,}"
        )
    parameters = sum(row["parameters"] for row in rows)
    print(f"{'all':<{width + 32}} {parameters:>12,} {multiply_adds(network, size):>16,}")


if __name__ == "__main__":
    sys.exit(run_script(main))
