"""How often 95 % intervals hold the truth, by number of images: percentiles of a bootstrap against
Student's t, on drawn IoUs (Beta(6, 1.2), as skewed as those of a good model).

Prints both for an image's IoU and for the difference between two models.
"""

import argparse

import numpy as np

from seglab.intervals import Reduction, bootstrap
from seglab.jackknife import jackknife

MEAN = 6 / 7.2
IMAGES = (2, 4, 6, 10, 20, 30, 50, 100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    draws = arguments.draws
    generator = np.random.default_rng(arguments.seed)
    print(f"{'':8}an image's IoU          difference of two models")
    print("images  bootstrap  Student's t  bootstrap  Student's t")
    for images in IMAGES:
        held = np.zeros(4)
        for _ in range(draws):
            first, second = generator.beta(6, 1.2, (2, images))
            # Differences of shares lie between -1 and 1; halved and moved they are shares again.
            for place, (values, truth) in enumerate(
                [(first, MEAN), ((first - second + 1) / 2, 0.5)]
            ):
                for way, found in enumerate(intervals(values)):
                    held[2 * place + way] += found["low"] <= truth <= found["high"]
        shares = "  ".join(f"{share:{9 + 2 * (n % 2)}.1%}" for n, share in enumerate(held / draws))
        print(f"{images:6}  {shares}", flush=True)


def intervals(values: np.ndarray) -> list[dict[str, float]]:
    """Of the mean of some shares, one by each method."""
    reduce: Reduction[str] = lambda rows: {"mean": rows[..., 0]}  # noqa: E731
    rows = values[:, None]
    return [
        bootstrap(rows, reduce, resamples=500)["mean"],
        jackknife(rows, reduce, range(len(rows)))["mean"],
    ]


if __name__ == "__main__":
    main()
