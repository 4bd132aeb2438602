"""Dataset: folders and classes as people and addresses may write them."""

from pathlib import Path

import pytest

from tests.app.conftest import Open, rerun


@pytest.mark.parametrize("root", ["x" * 300, "\0", "~nobody-is-called-this/x"])
def test_a_folder_that_cannot_be_is_one_sentence(open_page: Open, no_models: Path, root: str):
    app = open_page("dataset")
    app.button_group(key="source").set_value("folder")
    app.text_input(key="root").set_value(root)
    rerun(app)
    assert len(app.error) == 1
    assert not app.exception


def test_wrong_classes_are_told_once(open_page: Open, no_models: Path, folder_dataset: Path):
    app = open_page("dataset")
    app.button_group(key="source").set_value("folder")
    rerun(app)
    app.text_input(key="classes").set_value("abc")
    rerun(app)
    assert len(app.error) == 1
