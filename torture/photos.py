"""The whole corpus through ``predict.py`` and the three sources: ``python -m torture.photos``.

Then photos as large as the limit allows, of every kind that takes most memory.
"""

import io
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from tests.helpers import PROJECT
from tests.photo_checks import check_predict, check_sources
from tests.photo_corpus import png_of_zeros, write_corpus

SHIPPED = PROJECT / "models" / "unet-best"
SIDE = 10_900
"""118.8 megapixels: just below the limit."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        corpus = write_corpus(root / "corpus")
        mebibytes = check_predict(corpus, SHIPPED, root / "results")
        print(f"{len(corpus)} files through predict.py: {mebibytes:.0f} MiB at most")
        refused = check_sources(corpus, root / "sources")
        print(f"the same as images and as masks of three sources: {refused} refusals by name")
        large = _write_large(root / "large")
        mebibytes = check_predict(large, SHIPPED, root / "large-results")
        print(f"{len(large)} photos of {SIDE}×{SIDE}: {mebibytes:.0f} MiB at most")


def _write_large(folder: Path) -> list[Path]:
    folder.mkdir()
    gray = Image.new("L", (SIDE, SIDE), 90)
    contents = {
        "rgb.jpg": _encoded(gray.convert("RGB"), "JPEG"),
        "alpha.png": _encoded(Image.new("RGBA", (SIDE, SIDE), (9, 9, 9, 99)), "PNG"),
        "sixteen-bit.png": png_of_zeros(SIDE, SIDE, depth=16),
        "float.tif": _encoded(Image.fromarray(np.zeros((SIDE, SIDE), np.float32)), "TIFF"),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


def _encoded(image: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    options = {"compression": "tiff_deflate"} if kind == "TIFF" else {}
    image.save(file, kind, **options)  # type: ignore[arg-type]
    return file.getvalue()


if __name__ == "__main__":
    main()
