"""Photos that were replaced go from the server, and no others."""

from pathlib import Path

import pytest
from PIL import Image
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from seglab.app import browser_ahead
from tests.app.conftest import Open, rerun
from tests.helpers import disk_pair, encode


def test_what_is_replaced_goes_from_the_server(
    open_page: Open, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[str] = []
    monkeypatch.setattr(
        MemoryUploadedFileManager,
        "remove_file",
        lambda self, session_id, file_id: gone.append(file_id),
    )
    assert models.is_dir()
    app = open_page("segment")
    held = []
    for number in range(2):
        content = encode(Image.fromarray(disk_pair(number)[0]))
        app.file_uploader(key="uploads").set_value([(f"{number}.png", content, "image/png")])
        rerun(app)
        held += [file.file_id for file in app.session_state["kept_uploads"]]
    assert len(held) == 2
    assert gone == held[:1]


def test_the_installed_streamlit_has_all_that_is_read_ahead() -> None:
    found = [name.partition(".")[0] for name in browser_ahead.files()]
    assert found == [*browser_ahead.ELEMENTS]
