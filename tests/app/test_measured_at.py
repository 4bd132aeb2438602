"""Runs: at which size and over which views the runs are compared."""

from pathlib import Path

import pytest

from seglab.views import Views
from tests.app.conftest import DICE, IOUS, Open, choose, names, rerun, texts
from tests.run_folders import write_evaluated_run, write_evaluation


def test_at_the_photos_own_size_networks_of_all_sizes_compare(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name, size, ious in (("small", 16, DICE), ("large", 32, IOUS[0])):
        run = write_evaluated_run(tmp_path / "models" / name, ious, data={"image_size": size})
        if name == "small":
            monkeypatch.setenv("SEGLAB_MODELS", str(tmp_path / "models"))
            assert "measured_at" not in {box.key for box in open_page("runs").selectbox}
        write_evaluation(run, ious, size="original")
    app = open_page("runs")
    assert names(app) == ["large", "small"]
    assert "--at original" in app.code[0].value
    app.selectbox(key="measured_at").set_value("test")
    app = rerun(app)
    assert len(names(app)) == len(names(app, 1)) == 1
    assert "--at original" not in app.code[0].value


def test_averaged_evaluations_are_compared_with_each_other(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SEGLAB_MODELS", str(tmp_path / "models"))
    for name, ious in (("a", DICE), ("b", IOUS[0]), ("alone", DICE)):
        run = write_evaluated_run(tmp_path / "models" / name, ious, loss={"name": "dice"})
        content, table = run.evaluation("test"), run.evaluation_path("test", suffix=".csv")
        assert content is not None
        averaged = content | Views(flip=True, scales=(1.0, 1.25)).as_dict()
        if name != "alone":
            run.write_evaluation(averaged, table.read_text())
    app = open_page("runs")
    box = app.selectbox(key="measured_at")
    assert box.options == ["Networks' sizes", "Networks' sizes, flip averaging, sizes × 1, 1.25"]
    box.set_value("test-flip-scales-1-1.25")
    app = choose(rerun(app), "a", "b")
    assert set(names(app)) == {"a", "b"}
    assert names(app, 1) == ["alone"]
    assert "+0.400" in texts(app) or "−0.400" in texts(app)
    assert "at 16 pixels with flip averaging, sizes × 1, 1.25; classes" in texts(app)
    assert "--flip --scales 1 1.25" in app.code[-1].value
    assert not [button for button in app.button if button.key == "measure"], "not timed so"
