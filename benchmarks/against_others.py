"""Training images per second against a plain loop and a library's recipe, in one run.

python benchmarks/against_others.py [--rounds 2] [--images 512] [--section.key VALUE ...]

Same network, batch size, images and machine. The plain loop: float32, PIL decodes and resizes,
two loader processes, flips. The recipe: segmentation-models-pytorch's documented example for these
pets on Lightning (its dataset by PIL, Dice loss, Adam, its metrics at each step, a loader process a
core), with our network in the place of its own. Ours is ``train.py``, augmentation and all. The
training part of the second epoch of each counts; they take turns.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import segmentation_models_pytorch as smp
import torch
from part import small_part
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from seglab.config import Experiment
from seglab.console import Console, quiet
from seglab.data.sample import Record
from seglab.experiment_parser import experiment_parser, parse_experiment
from seglab.hardware import PACKAGES, environment, processor, resolve_device
from seglab.losses import build_loss
from seglab.networks.catalogue import build_network
from seglab.training import train

PROJECT = Path(__file__).resolve().parents[1]
VALIDATION = 32
"""Images that ours validates on: not part of what is timed."""
MEAN, DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


class PetsByPil(Dataset[dict[str, Any]]):
    """Pairs decoded and resized by PIL each time, masks 0 and 1 (pet and border)."""

    def __init__(self, records: Sequence[Record], size: int, flip: bool) -> None:
        self.records, self.size, self.flip = records, (size, size), flip

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: int) -> dict[str, Any]:
        record = self.records[index]
        photo = Image.open(record.image).convert("RGB").resize(self.size, Image.Resampling.BILINEAR)
        trimap = Image.open(record.mask).resize(self.size, Image.Resampling.NEAREST)
        image = (np.asarray(photo, np.float32) / 255 - MEAN) / DEVIATION
        mask = np.asarray(trimap) != 2
        if self.flip and torch.rand(()) < 0.5:
            image, mask = image[:, ::-1], mask[:, ::-1]
        channels_first = np.ascontiguousarray(image.transpose(2, 0, 1), np.float32)
        return {"image": channels_first, "mask": np.ascontiguousarray(mask, np.float32)[None]}


def plain_loop(experiment: Experiment, records: Sequence[Record], device: str) -> float:
    """Images per second of the second epoch."""
    pets = PetsByPil(records, experiment.data.image_size, flip=True)
    batches = DataLoader(pets, experiment.trainer.batch_size, shuffle=True, num_workers=2)
    network = build_network(experiment).to(device)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
    loss_function = build_loss(experiment)
    for _ in range(2):
        start = time.perf_counter()
        for batch in batches:
            optimizer.zero_grad()
            masks = batch["mask"][:, 0].long().to(device)
            loss = loss_function(network(batch["image"].to(device)), masks)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            loss.item()
    return len(records) / (time.perf_counter() - start)


class PetModel(lightning.LightningModule):
    """The example's module: examples/binary_segmentation_intro.ipynb of the library."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.model = network
        self.loss_fn = smp.losses.DiceLoss(smp.losses.BINARY_MODE, from_logits=True)
        self.outputs: list[dict[str, torch.Tensor]] = []
        self.start = self.seconds = 0.0

    def on_train_epoch_start(self) -> None:
        """Start the clock."""
        self.start = time.perf_counter()

    def training_step(self, batch: dict[str, torch.Tensor], _index: int) -> torch.Tensor:
        """Loss and pixel counts of a batch."""
        logits = self.model(batch["image"])
        loss: torch.Tensor = self.loss_fn(logits, batch["mask"])
        predicted = (logits.sigmoid() > 0.5).float()
        tp, fp, fn, tn = smp.metrics.get_stats(predicted.long(), batch["mask"].long(), "binary")
        self.outputs.append({"loss": loss.detach(), "tp": tp, "fp": fp, "fn": fn, "tn": tn})
        return loss

    def on_train_epoch_end(self) -> None:
        """The epoch's metrics."""
        counts = [
            torch.cat([each[name] for each in self.outputs]) for name in ("tp", "fp", "fn", "tn")
        ]
        for reduction in ("micro-imagewise", "micro"):
            self.log(f"iou_{reduction}", smp.metrics.iou_score(*counts, reduction=reduction))
        self.outputs.clear()
        self.seconds = time.perf_counter() - self.start

    def configure_optimizers(self) -> Any:
        """As documented."""
        optimizer = torch.optim.Adam(self.parameters(), lr=2e-4)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=500, eta_min=1e-5)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def recipe(experiment: Experiment, records: Sequence[Record], device: str) -> float:
    """Images per second of the second epoch."""
    pets = PetsByPil(records, experiment.data.image_size, flip=False)
    workers = os.cpu_count() or 1
    batches = DataLoader(pets, experiment.trainer.batch_size, shuffle=True, num_workers=workers)
    module = PetModel(build_network(experiment))
    with quiet(), tempfile.TemporaryDirectory() as folder:
        trainer = lightning.Trainer(
            max_epochs=2,
            log_every_n_steps=1,
            accelerator=device,
            devices=1,
            default_root_dir=folder,
            enable_progress_bar=False,
        )
        trainer.fit(module, batches)
    return len(records) / module.seconds


def ours(experiment: Experiment) -> float:
    """Images per second of the training part of the second epoch."""
    with tempfile.TemporaryDirectory() as folder:
        row = train(experiment, Path(folder) / "run", PROJECT, Console(silent=True)).rows()[-1]
    return row["images_per_second_training"]


def main() -> None:
    """Print images per second of all three, and how many times as fast ours is."""
    parser = experiment_parser(__doc__ or "", PROJECT / "config.yaml")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--images", type=int, default=512)
    experiment, options = parse_experiment(parser, sys.argv[1:])
    device = resolve_device(experiment.trainer.device)
    rates: dict[str, list[float]] = {"ours": [], "plain loop": [], "recipe": []}
    with tempfile.TemporaryDirectory() as folder:
        excluded = Path(folder) / "excluded.txt"
        part, records = small_part(experiment, options["images"], VALIDATION, excluded)
        ours(part)  # tries how to compute, and fills the caches
        for number in range(1, options["rounds"] + 1):
            rates["ours"].append(ours(part))
            rates["plain loop"].append(plain_loop(part, records, device))
            rates["recipe"].append(recipe(part, records, device))
            told = ", ".join(f"{name} {found[-1]:.1f}" for name, found in rates.items())
            print(f"round {number}, images/s: {told}", flush=True)
    made_with = environment(PROJECT, device, "")
    print(f"{made_with['device']}, {processor()}, {made_with['system']}")
    print(", ".join(f"{name} {made_with['packages'].get(name)}" for name in PACKAGES))
    for name in ("plain loop", "recipe"):
        times = [one / other for one, other in zip(rates["ours"], rates[name], strict=True)]
        print(f"ours is {statistics.mean(times):.2f} times as fast as the {name}")


if __name__ == "__main__":
    main()
