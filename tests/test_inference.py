"""Photo in, segmentation out."""

import io
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

import seglab
from seglab.data.cache import open_pairs
from seglab.data.sources import open_dataset
from seglab.errors import ImageError, RunError
from seglab.networks.catalogue import build_network
from seglab.runs import Run
from seglab.views import Views
from tests.helpers import disk_pair, photo_of, write_png

SIZES = [(32, 32), (33, 47), (47, 33), (100, 7), (1, 1), (120, 160)]


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_onnx_equals_torch(exported: Run, height: int, width: int) -> None:
    photo = photo_of(height, width)
    by_onnx = seglab.load(str(exported.folder), "onnx").segment(photo)
    by_torch = seglab.load(str(exported.folder), "torch", "cpu").segment(photo)
    classes = exported.experiment.class_count
    assert by_onnx.probabilities.shape == (classes, height, width)
    assert by_onnx.probabilities.dtype == by_torch.probabilities.dtype == np.float32
    np.testing.assert_allclose(by_onnx.probabilities.sum(0), 1, atol=1e-5)
    np.testing.assert_allclose(by_onnx.probabilities, by_torch.probabilities, rtol=0, atol=1e-4)
    assert by_onnx.mask.shape == (height, width)
    assert by_onnx.mask.dtype == np.uint8


@pytest.mark.parametrize("backend", ["onnx", "torch"])
def test_probabilities_are_the_network_s_by_hand(exported: Run, backend: str) -> None:
    """From the photo at the network's own size, with plain torch and nothing of the pipeline."""
    photo = photo_of(32, 32)
    network = build_network(exported.experiment).eval()
    network.load_state_dict(exported.load_weights()["weights"])
    scaled = (photo / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    with torch.no_grad():
        logits = network(torch.from_numpy(scaled).float().permute(2, 0, 1)[None])[0]
    if len(logits) == 1:
        expected = torch.cat([1 - logits.sigmoid(), logits.sigmoid()])
    else:
        expected = logits.softmax(0)
    found = seglab.load(str(exported.folder), backend, "cpu").segment(photo).probabilities
    np.testing.assert_allclose(found, expected.numpy(), rtol=0, atol=1e-4)


def test_the_python_example(trained: Run, tmp_path: Path) -> None:
    image, inside = disk_pair(3)
    write_png(tmp_path / "photo.png", image)
    result = seglab.load(str(trained.folder)).segment(str(tmp_path / "photo.png"))
    assert result.mask.shape == inside.shape
    assert result.class_names == ("background", "foreground")
    assert result.seconds > 0
    np.testing.assert_array_equal(result.image, image)


def test_every_way_to_give_a_photo_is_the_same(trained: Run, tmp_path: Path) -> None:
    image, _ = disk_pair(3)
    path = tmp_path / "photo.png"
    write_png(path, image)
    predictor = seglab.load(str(trained.folder))
    first, *others = (
        predictor.segment(photo).probabilities
        for photo in (image, str(path), path, path.read_bytes())
    )
    for other in others:
        np.testing.assert_array_equal(other, first)


def test_prediction_feeds_the_network_what_training_fed_it(trained: Run) -> None:
    pairs = open_pairs(open_dataset(trained.experiment), "train", trained.preprocessing)
    predictor = seglab.load(str(trained.folder))
    seen: list[np.ndarray] = []
    network = predictor._network
    predictor._network = lambda images: (seen.append(images), network(images))[1]
    for index in range(3):
        predictor.segment(pairs.records[index].image)
        np.testing.assert_array_equal(seen[-1][0], pairs[index][0])


def test_a_turned_photo_is_segmented_upright(trained: Run) -> None:
    image, _ = disk_pair(3)
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(np.rot90(image)).save(file, "PNG", exif=exif)
    predictor = seglab.load(str(trained.folder))
    turned = predictor.segment(file.getvalue())
    np.testing.assert_array_equal(turned.image, image)
    np.testing.assert_array_equal(turned.mask, predictor.segment(image).mask)


# With the mirror image.


@pytest.mark.parametrize("backend", ["onnx", "torch"])
def test_flip_averages_with_the_mirrored_photo(exported: Run, backend: str) -> None:
    # At the network's own size: resizing need not be mirrored exactly, to the last bit.
    photo = photo_of(32, 32)
    plain = seglab.load(str(exported.folder), backend, "cpu")
    assert plain.views == Views()
    mirrored = plain.probabilities(np.ascontiguousarray(photo[:, ::-1]))[..., ::-1]
    expected = (plain.probabilities(photo) + mirrored) / 2
    assert np.abs(expected - plain.probabilities(photo)).max() > 1e-3
    flipping = seglab.load(str(exported.folder), backend, "cpu", flip=True)
    for found in (
        flipping.segment(photo).probabilities,
        flipping.probabilities(photo),
        flipping.network_probabilities(photo[None])[0],
        plain.probabilities(photo, Views(flip=True)),
    ):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(
        flipping.probabilities(photo, Views()), plain.probabilities(photo)
    )


@pytest.mark.parametrize("backend", ["onnx", "torch"])
def test_other_sizes_are_averaged_by_either_backend(exported: Run, backend: str) -> None:
    photo = photo_of(32, 32)
    once = seglab.load(str(exported.folder), backend, "cpu").probabilities(photo)
    larger = seglab.load(str(exported.folder), backend, "cpu", scales=[2.0]).probabilities(photo)
    both = seglab.load(str(exported.folder), backend, "cpu", scales=[1.0, 2.0])
    assert np.abs(once - larger).max() > 1e-3
    np.testing.assert_allclose(both.probabilities(photo), (once + larger) / 2, atol=1e-6)


def test_a_network_of_one_size_says_what_to_do(
    exported: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class OneSize:
        def __init__(self, *_arguments: object, **_settings: object) -> None: ...

        def get_inputs(self) -> list[SimpleNamespace]:
            return [SimpleNamespace(name="images", shape=["batch", 32, 32, 3])]

    monkeypatch.setattr("onnxruntime.InferenceSession", OneSize)
    with pytest.raises(RunError, match=r"takes one size only; use --backend torch with --scales"):
        seglab.load(str(exported.folder), "onnx", scales=[1.0, 1.25])


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_flip_keeps_the_photo_s_size(exported: Run, height: int, width: int) -> None:
    found = seglab.load(str(exported.folder), flip=True).probabilities(photo_of(height, width))
    assert found.shape == (exported.experiment.class_count, height, width)
    np.testing.assert_allclose(found.sum(0), 1, atol=1e-5)


# What cannot be segmented.


def test_unreadable_photos_are_named(trained: Run, tmp_path: Path) -> None:
    predictor = seglab.load(str(trained.folder))
    path = tmp_path / "photo.jpg"
    path.write_text("no image")
    with pytest.raises(ImageError, match=r"photo\.jpg is not an image"):
        predictor.segment(path)
    with pytest.raises(ImageError, match="the photo is not an image"):
        predictor.segment(b"no image")
    write_png(path, photo_of(200, 300))
    with pytest.raises(ImageError, match=r"photo\.jpg has 0 megapixels, more than the limit of 0"):
        predictor.segment(path, max_megapixels=0.05)


@pytest.mark.parametrize(
    "array",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((4, 4, 4), np.uint8)],
)
def test_other_arrays_are_refused(trained: Run, array: np.ndarray) -> None:
    with pytest.raises(ImageError, match="an array must be uint8 H×W×3 RGB, not"):
        seglab.load(str(trained.folder)).segment(array)


def test_the_threshold_of_a_call_wins(trained: Run) -> None:
    predictor = seglab.load(str(trained.folder))
    image, _ = disk_pair(0)
    assert predictor.segment(image, threshold=0.0).foreground_share == 1
    assert predictor.segment(image, threshold=1.0).foreground_share == 0
    assert predictor.segment(image).threshold == 0.5
