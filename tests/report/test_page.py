"""The report as a file: complete for whatever runs it is given, and dependent on nothing else."""

import json
import re
import shutil
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs

from seglab.comparison import compare
from seglab.console import Console
from seglab.errors import UsageError
from seglab.measuring import data_for, measure
from seglab.report import write_report
from seglab.runs import Run
from tests.report.conftest import Measured, Page, predictor, report_on

SECTIONS = ["comparison", "curves", "run-1", "configuration", "origin"]
PARTS = ("Figures", "Confusion", "Threshold", "Calibration", "By group", "Best and worst images")
CHARTS = ["Loss over", "Dataset IoU over", "IoU over the threshold", "Accuracy over confidence"]
LOADING = re.compile(r"@import|url\(|https?:", re.IGNORECASE)
TAGS = "<script>alert('x')<script>"


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that is there."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_single_run_has_every_section(measured: Measured, tmp_path: Path) -> None:
    page = report_on([measured("unet")], tmp_path)
    assert page.having("id") == SECTIONS
    for part in PARTS:
        assert part in page.text
    drawn = page.charts()
    assert len(drawn) == len(CHARTS) + 1
    for chart, beginning in zip(drawn, [*CHARTS, "Dataset IoU by breed"], strict=True):
        assert chart.startswith(beginning)
    assert page.count("img") == 8
    assert "great_pyrenees" in page.text
    assert "test split, 8 images, at 16 pixels" in page.text
    assert "published at 256 pixels follow another protocol" in page.text
    assert "1d79f01aa8" in page.text
    assert "python evaluate.py" in page.text
    assert "torch 2.15.0" in page.text


def test_it_asks_no_host_for_anything(measured: Measured, tmp_path: Path) -> None:
    page = report_on([measured("unet"), measured("other", trainer={"seed": 1})], tmp_path)
    addresses = [value for name in ("src", "href", "srcset") for value in page.having(name)]
    assert addresses
    assert all(address.startswith(("#", "data:image/jpeg;base64,")) for address in addresses)
    assert not {"link", "iframe", "object", "base"} & {tag for tag, _ in page.elements}
    assert not LOADING.search(page.style)
    assert not [style for style in page.having("style") if LOADING.search(style)]
    plotly, *ours = sorted(page.scripts, key=len, reverse=True)
    assert plotly == get_plotlyjs()
    assert not [script for script in ours if LOADING.search(script)]


def test_links_lead_somewhere(measured: Measured, tmp_path: Path) -> None:
    page = report_on([measured("unet"), measured("other", loss={"name": "dice"})], tmp_path)
    targets = [address.removeprefix("#") for address in page.having("href")]
    assert set(targets) == set(page.having("id")) == {*SECTIONS, "run-2"}
    assert len(page.having("id")) == len(set(page.having("id")))


def test_the_figures_are_those_of_the_evaluation(measured: Measured, tmp_path: Path) -> None:
    run = measured("unet")
    content = run.evaluation("test")
    assert content is not None
    page = report_on([run], tmp_path)
    for name in ("dataset_iou", "mean_image_boundary_f1"):
        figure = content[name]
        assert f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]" in page.text
    for line in content["confusion"]:
        for pixels in line:
            assert (
                f"{100 * pixels / sum(line):.1f}\u202f%{pixels:,}".replace(",", "\u202f")
                in page.text
            )
    error = content["calibration"]["expected_calibration_error"]["value"]
    assert f"Expected calibration error: {error:.3f}" in page.text


def test_samples_left_out_of_training_are_counted(measured: Measured, tmp_path: Path) -> None:
    runs = [measured("unet"), measured("dice", loss={"name": "dice"})]
    data = runs[0].config["data"] | {"excluded": ["Abyssinian_1", "Abyssinian_2"]}
    runs[0].write_config(runs[0].config | {"data": data})
    done: list[int] = []
    page = report_on(runs, tmp_path, progress=done.append)
    assert page.text.count("left out of training") == 1
    assert "2 samples left out of training and validation (data.exclude)" in page.text
    assert done == [1, 2]


def test_runs_are_set_against_each_other(measured: Measured, tmp_path: Path) -> None:
    runs = [measured("unet"), measured("dice", loss={"name": "dice"})]
    comparison = compare(runs).with_cpu_milliseconds({runs[0].folder: 12.34}, "CPU ms: measured.")
    page = report_on(runs, tmp_path, comparison=comparison)
    (pair,) = comparison.tables[0].pairs
    assert f"{pair.wins} / {pair.ties} / {pair.losses}" in page.text
    assert pair.verdict in page.text
    assert "12.3" in page.text
    assert "CPU ms: measured." in page.text
    assert "CPU ms: measured." not in report_on(runs, tmp_path).text
    assert "loss.name" in page.text  # a key that differs
    assert "trainer.seed" not in page.text  # one that does not


def test_at_the_photos_own_size(measured: Measured, tmp_path: Path) -> None:
    run = measured("unet")
    dataset = data_for(run, None)
    run.write_evaluation(*measure(predictor(run), dataset, "test", "original", 0.4, Console()))
    page = report_on([run], tmp_path, size="original")
    assert "test split, 8 images, at the photos' own size; classes" in page.text
    assert "By IoU of the image at the photo's own size, drawn at the network's size." in page.text
    assert page.count("img") == 8
    assert "--at original" in page.text


def test_what_cannot_be_compared_stands_apart(measured: Measured, tmp_path: Path) -> None:
    runs = [measured("unet"), measured("large", data={"image_size": 32}), measured("none")]
    runs[2].evaluation_path("test").unlink()
    page = report_on(runs, tmp_path)
    assert "Not to be ranked with the table above: measured at 32 pixels, not 16" in page.text
    assert "none: not evaluated on the test split" in page.text
    assert "No figures on the test split: not evaluated" in page.text
    assert page.text.count("Confusion") == 2


def test_of_more_than_two_classes(measured: Measured, tmp_path: Path) -> None:
    run = measured("trimap", data={"target": "trimap"}, loss={"name": "cross_entropy"})
    page = report_on([run], tmp_path)
    assert "By class" in page.text
    assert "a pixel takes its most likely one: no threshold" in page.text
    assert "prediction, border" in page.text
    assert page.text.count("border") > 3
    assert page.count("img") == 8
    assert "IoU over the threshold" not in " ".join(page.charts())


def test_without_weights_or_photos_the_rest_is_there(
    measured: Measured, official_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seglab.data.oxford_pet.download", lambda root: pytest.fail("downloads"))
    bare = measured("bare")
    bare.onnx_path.unlink()
    page = report_on([bare], tmp_path)
    assert "No pictures: the weights (checkpoint.pth or model.onnx) are not in" in page.text
    assert page.having("id") == SECTIONS
    blind = measured("blind")
    shutil.rmtree(official_dataset)
    page = report_on([blind], tmp_path)
    assert f"No pictures: the photos are not under {official_dataset}" in page.text
    assert page.count("img") == 0
    assert len(page.charts()) == 5


def test_broken_files_are_told_and_the_others_shown(measured: Measured, tmp_path: Path) -> None:
    runs = [measured("good"), measured("bad"), measured("ugly")]
    runs[1].metrics_path.write_text("epoch,loss\n1,high\n")
    runs[1].evaluation_path("test").write_text("{")
    runs[1].threshold_path.write_text("[]")
    runs[2].metrics_path.unlink()
    runs[2].threshold_path.write_text('{"value": 0.3}')
    page = report_on([Run.open(run.folder) for run in runs], tmp_path)
    assert "bad/metrics.csv: cannot be read" in page.text
    assert "bad/evaluation-test.json: cannot be read" in page.text
    assert "ugly: no epoch is recorded in metrics.csv" in page.text
    assert page.charts()[0] == "Loss over the epochs, 1 runs"
    assert page.text.count("Confusion") == 2
    assert "A part of the evaluation in" in page.text
    assert "ugly cannot be shown: 'images' is missing." in page.text


def test_an_experiment_of_another_version_is_told(measured: Measured, tmp_path: Path) -> None:
    runs = [measured("good"), measured("old")]
    edit(runs[1].config_path, '"image_size": 16', '"image_sise": 16')
    page = report_on([Run.open(run.folder) for run in runs], tmp_path)
    assert "data.image_sise: no such key" in page.text
    assert page.text.count("python train.py") == 1


def test_nothing_at_all_measured(measured: Measured, tmp_path: Path) -> None:
    page = report_on([measured("unet")], tmp_path, split="val")
    assert "Nothing is measured on the val split yet; the reasons stand below." in page.text
    assert page.having("id") == SECTIONS


def test_names_are_shown_never_read_as_markup(measured: Measured, tmp_path: Path) -> None:
    runs = [measured("unet"), measured(TAGS, trainer={"seed": 1, "max_epochs": 3})]
    before = report_on(runs, tmp_path)
    edit(runs[1].evaluation_path("test"), '"Abyssinian"', f'"{TAGS}Abyssinian"')
    for path in (runs[1].evaluation_path("test"), runs[1].config_path):
        edit(path, '"pet"', f'"{TAGS}pet"')
    page = report_on([Run.open(run.folder) for run in runs], tmp_path)
    assert page.count("script") == before.count("script")
    for name in (TAGS, f"{TAGS}pet", f"{TAGS}Abyssinian"):
        assert name in page.text
    values = [json.loads(script) for script in page.scripts if script.startswith("{")]
    assert len(values) == len(page.charts())
    assert "<script" not in json.dumps(values)  # plotly reads tags in text
    assert "&lt;script" in json.dumps(values)


def test_what_cannot_be_written(measured: Measured, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run to report on"):
        write_report([], tmp_path / "report.html")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"report\.html: cannot be written \("):
        write_report([measured("unet")], tmp_path / "file" / "report.html")


def test_charts_are_complete(measured: Measured, tmp_path: Path) -> None:
    page = report_on([measured("unet")], tmp_path)
    for script in page.scripts:
        if not script.startswith("{"):
            continue
        layout = json.loads(script)["layout"]
        axes = [layout[name] for name in layout if re.fullmatch(r"[xy]axis\d*", name)]
        titled = [axis for axis in axes if axis.get("title", {}).get("text")]
        assert len(titled) >= 1
        assert {axis["automargin"] for axis in axes} == {True}


def test_a_page_is_taken_apart_as_a_browser_would() -> None:
    page = Page("<p id='a'>1 &lt; 2</p><script>if (1 < 2) {}</script>")
    assert (page.text, page.scripts, page.having("id")) == ("1 < 2", ["if (1 < 2) {}"], ["a"])
