"""The page Train: the form is the schema, the command is the form, the process is the command."""

import shlex
import shutil
import time
from pathlib import Path

import pytest
import yaml
from streamlit import config
from streamlit.testing.v1 import AppTest

from seglab import schema
from seglab.config import Experiment
from seglab.experiment_parser import experiment_parser, parse_experiment
from seglab.runs import Run
from tests.app.conftest import Offered, Open, rerun, texts
from tests.helpers import PROJECT, write_disks


def command(app: AppTest) -> list[str]:
    return shlex.split(app.code[0].value)


def described(app: AppTest) -> Experiment:
    """The experiment that the shown command would train."""
    words = command(app)
    assert words[:2] == ["python", "train.py"]
    arguments = words[2 : words.index("--run_dir")]
    return parse_experiment(experiment_parser("", PROJECT / "config.yaml"), arguments)[0]


def test_the_form_holds_every_key_with_its_default(models: Path, open_page: Open) -> None:
    app = open_page("train")
    widgets = [*app.selectbox, *app.number_input, *app.text_input, *app.toggle]
    labels = {widget.label for widget in widgets}
    assert {f"{section}.{key}" for section, key, _ in schema.fields()} <= labels
    assert described(app) == Experiment()
    assert command(app)[2:] == ["--run_dir", str(models / "unet-bce_dice-seed-0")]


def test_the_command_follows_the_form(models: Path, open_page: Open) -> None:
    app = open_page("train")
    app.selectbox(key="train.loss.name").set_value("dice")
    app.number_input(key="train.network.base_channels").set_value(24)
    app.number_input(key="train.optimizer.learning_rate").set_value(3e-7)
    app.selectbox(key="train.data.source").set_value("folder")
    app.text_input(key="train.data.classes").set_value("{sky: [0], land: [1, 2]}")
    app.toggle(key="train.trainer.deterministic").set_value(True)
    rerun(app)
    found = described(app)
    assert (found.loss.name, found.network.base_channels) == ("dice", 24)
    assert found.optimizer.learning_rate == 3e-7
    assert found.data.classes == {"sky": [0], "land": [1, 2]}
    assert found.trainer.deterministic


def test_a_contradiction_is_a_sentence_and_nothing_can_be_started(
    models: Path, open_page: Open
) -> None:
    app = open_page("train")
    app.selectbox(key="train.network.output").set_value("softmax")
    rerun(app)
    assert "bce_dice is for one sigmoid channel" in texts(app)
    assert "Start training" not in [button.label for button in app.button]


def test_an_experiment_file_fills_the_form(models: Path, open_page: Open) -> None:
    app = open_page("train")
    name = "experiments/four-variants/strided-bilinear-dice.yaml"
    app.selectbox(key="train_from").set_value(name)
    rerun(app)
    content = yaml.safe_load((PROJECT / name).read_text())
    assert described(app) == Experiment.model_validate(content)


def test_a_file_that_goes_on_says_so_and_first_weights_can_be_chosen(
    models: Path, open_page: Open
) -> None:
    app = open_page("train")
    assert "--init_from" not in command(app)
    app.selectbox(key="train_from").set_value("experiments/best-192.yaml")
    rerun(app)
    assert "Goes on from best-160.yaml's weights at 192 pixels" in texts(app)
    app.multiselect(key="train_init_from").set_value(["disks"])
    rerun(app)
    words = command(app)
    assert Path(words[words.index("--init_from") + 1]).name == "disks"
    shutil.move(models / "disks", models.parent / "elsewhere")
    rerun(app)
    assert "--init_from" not in command(app)


@pytest.mark.parametrize("name", ["../outside", "a/b", "", ".hidden", "x" * 200, "disks"])
def test_a_run_s_name_cannot_leave_the_models_folder(
    models: Path, open_page: Open, name: str
) -> None:
    app = open_page("train")
    next(field for field in app.text_input if field.label == "Run name").set_value(name)
    rerun(app)
    assert next(button for button in app.button if button.label == "Start training").disabled


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", None])
def test_nobody_trains_here_when_others_can_reach_the_server(
    models: Path, open_page: Open, address: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = config.get_option("server.address")
    config.set_option("server.address", address)
    try:
        app = open_page("train")
        assert "off, because it can be reached from other machines" in texts(app)
        assert not app.button
        monkeypatch.setenv("SEGLAB_ALLOW_TRAINING", "1")
        assert "Start training" in [button.label for button in rerun(app).button]
    finally:
        config.set_option("server.address", before)


def test_start_watch_and_finish(
    models: Path, open_page: Open, tmp_path: Path, offered: Offered
) -> None:
    app = open_page("train")
    app.selectbox(key="train.data.source").set_value("folder")
    app.text_input(key="train.data.root").set_value(str(write_disks(tmp_path / "new")))
    app.number_input(key="train.data.image_size").set_value(16)
    app.number_input(key="train.network.base_channels").set_value(2)
    app.number_input(key="train.network.depth").set_value(1)
    app.number_input(key="train.trainer.max_epochs").set_value(2)
    app.number_input(key="train.trainer.batch_size").set_value(4)
    next(field for field in app.text_input if field.label == "Run name").set_value("mine")
    rerun(app)
    next(button for button in app.button if button.label == "Start training").click()
    rerun(app)
    end = time.monotonic() + 120
    while "Finished: 2 epochs" not in texts(app) + _progress(app):
        assert time.monotonic() < end, texts(app)
        time.sleep(0.2)
        rerun(app)
    run = Run.open(models / "mine")
    assert run.finished
    assert offered["Epochs (CSV)"]() == run.metrics_path.read_bytes()
    assert offered["Log (TXT)"]() == run.log_path.read_bytes()
    assert "mine" in [heading.value.partition(": ")[2] for heading in app.subheader]


def test_a_training_that_fails_says_why(models: Path, open_page: Open, tmp_path: Path) -> None:
    app = open_page("train")
    app.selectbox(key="train.data.source").set_value("folder")
    app.text_input(key="train.data.root").set_value(str(tmp_path / "nowhere"))
    rerun(app)
    next(button for button in app.button if button.label == "Start training").click()
    rerun(app)
    end = time.monotonic() + 120
    while not app.error:
        assert time.monotonic() < end, texts(app)
        time.sleep(0.2)
        rerun(app)
    assert "nowhere" in texts(app)


def _progress(app: AppTest) -> str:
    return "\n".join(str(element.proto.text) for element in app.get("progress"))
