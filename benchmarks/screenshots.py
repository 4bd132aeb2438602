"""Pictures of the dashboard's pages for the documents: drawn pets, and the sample photo of a cat.

python benchmarks/screenshots.py [-o docs/images]

Draws pets and trains three small networks on them under results/screenshots/ (a few minutes, kept
for the next call), then visits every page in chromium. No photo of a dataset is in a picture.
"""

import argparse
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

from dashboard import PROJECT, READY, server
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from seglab.config import Experiment
from seglab.data.synthetic import folder_name

WORK = PROJECT / "results" / "screenshots"
SHIPPED = (
    "models/unet-best",
    "models/maxpool-transpose-bce",
    "models/maxpool-transpose-dice",
    "models/strided-transpose-bce",
    "models/strided-bilinear-dice",
)
DRAWN = {"drawn-seed-0": [], "drawn-seed-1": ["--trainer.seed", "1"],
         "drawn-dice": ["--loss.name", "dice"]}  # fmt: skip
SETTINGS = {
    "data.source": "synthetic",
    "data.image_size": 96,
    "network.base_channels": 8,
    "optimizer.learning_rate": 0.01,
    "trainer.batch_size": 16,
    "trainer.max_epochs": 15,
}
WIDTH, HEIGHT = 1280, 1000
TALLER = {"runs": 1480, "curves": 1480, "segment": 1220, "errors": 1560, "errors-two-runs": 1500}
MOST_BYTES = 300_000


def main() -> None:
    """Write one PNG a view."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=PROJECT / "docs" / "images")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    models = prepare()
    os.environ["SEGLAB_TAGS"] = str(WORK / "tags")
    with server(models) as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.set_default_timeout(120_000)
        for name, path in views(models).items():
            page.set_viewport_size({"width": WIDTH, "height": TALLER.get(name, HEIGHT)})
            take(page, f"{address}/{path}", folder / f"{name}.png")
        browser.close()


def prepare() -> Path:
    """A models folder with the shipped runs and three of drawn pets, measured."""
    models = WORK / "models"
    models.mkdir(parents=True, exist_ok=True)
    for folder in map(Path, SHIPPED):
        shutil.copytree(PROJECT / folder, models / folder.name, dirs_exist_ok=True)
    (models / "DEFAULT").write_text(f"{Path(SHIPPED[0]).name}\n")
    told = [word for key, value in SETTINGS.items() for word in (f"--{key}", str(value))]
    for name, changes in DRAWN.items():
        run = models / name
        if not (run / "evaluation-test.json").exists():
            shutil.rmtree(run, ignore_errors=True)
            script("train.py", *told, *changes, "--data.root", f"{shown(WORK)}/data",
                   "--run_dir", shown(run))  # fmt: skip
            script("evaluate.py", shown(run))
    return models


def views(models: Path) -> dict[str, str]:
    """Picture to the address of what it shows."""
    pets = {"source": "Drawn pets", "root": f"{shown(WORK)}/data"}
    drawn = Experiment().data
    home = folder_name(drawn.drawn_count, drawn.drawn_size, drawn.drawn_seed)
    test = WORK / "data" / home / "annotations" / "test.txt"
    names = [line.split()[0] for line in test.read_text().splitlines() if line[0] != "#"]
    return {
        "runs": "?" + urlencode({"runs": ["drawn-seed-0", "drawn-seed-1", "drawn-dice"]}, True),
        "train": "train",
        "dataset": "dataset?" + urlencode(pets),
        "what-training-saw": "dataset?"
        + urlencode(pets | {"show": "What training saw", "training_of": "drawn-seed-0"}),
        "dataset-distributions": "dataset?" + urlencode(pets | {"show": "Distributions"}),
        "curves": "curves?" + urlencode({"runs": [Path(folder).name for folder in SHIPPED]}, True),
        "segment": "segment?"
        + urlencode({"sample": "Chelsea", "models": "unet-best", "wipe": "true"}),
        "errors": "errors?" + urlencode({"run": "drawn-seed-0", "photo": names[0]}),
        "errors-two-runs": "errors?" + urlencode({"run": "drawn-seed-0", "against": "drawn-dice"}),
    }


def take(page: Page, address: str, path: Path) -> None:
    """One page as it stands once nothing changes any more."""
    page.goto(address)
    page.wait_for_selector(READY)
    read_all = page.get_by_role("button", name="Read all files")
    if "Distributions" in address and read_all.count():
        read_all.click()
        read_all.wait_for(state="detached")
    page.wait_for_load_state("networkidle")
    page.wait_for_selector(READY)
    # The parts that tables and plots need arrive after the script has ended.
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)
    whole = picture = page.screenshot(animations="disabled")
    for colours in (256, 128, 64):
        if len(picture) > MOST_BYTES:
            small = io.BytesIO()
            Image.open(io.BytesIO(whole)).convert("RGB").quantize(colours).save(small, "png")
            picture = small.getvalue()
    path.write_bytes(picture)
    print(f"{path}: {len(picture) / 1000:.0f} kB")


def script(name: str, *arguments: str) -> None:
    """One of the project's scripts, run in its folder."""
    subprocess.run([sys.executable, name, *arguments], cwd=PROJECT, check=True)


def shown(path: Path) -> str:
    """Relative to the project: no picture shows where it lies on this machine."""
    return str(path.relative_to(PROJECT))


if __name__ == "__main__":
    main()
