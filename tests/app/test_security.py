"""What the dashboard promises to whom it is shown: settings, sessions, names."""

import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from seglab.app import photos
from seglab.app.widgets import plain
from seglab.runs import Run
from tests.app.conftest import Open, rerun, texts
from tests.helpers import PROJECT, disk_pair, write_png

HOSTILE = ("../../secret", "/etc/passwd", "..", "disks/../../secret", "\0", "*", "a" * 5000)


def test_it_listens_on_this_machine_alone_with_its_protections_on() -> None:
    server = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text())["server"]
    assert server["address"] == "127.0.0.1"
    assert server["enableXsrfProtection"] is True
    assert server["enableCORS"] is True
    assert server["maxUploadSize"] == photos.MOST_MEGABYTES


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("page", ["segment", "curves", "errors", "runs", "dataset"])
def test_names_from_the_address_are_looked_up_never_opened(
    models: Path, open_page: Open, page: str, name: str
) -> None:
    Run(models.parent / "secret").folder.mkdir()
    write_png(models.parent / "secret.png", disk_pair(1)[0])
    app = open_page(page)
    for key in ("runs", "models", "run", "sample", "split", "metric", "other"):
        app.query_params[key] = name
    rerun(app)
    assert "secret" not in texts(app).replace(name, "")


def test_answers_end_with_their_session(models: Path, open_page: Open) -> None:
    """What one session computed is not in the other's cache."""
    from seglab.app import predictions

    first = open_page("segment")
    first.session_state["sample"] = "first-disk.png"
    rerun(first)
    for kept in (predictions._answered, predictions._on_screen):
        assert kept._info.scope == "session"  # type: ignore[attr-defined]
    assert models.is_dir()


@pytest.mark.parametrize(
    "text", ["**a**", "[a](b)", "<img src=x>", "$x$", ":red[a]", "`a`", "# a", "a_b_", "~a~", "|a|"]
)
def test_markdown_is_shown_as_it_is(text: str) -> None:
    def page(shown: str) -> None:
        import streamlit as st

        st.markdown(shown)

    app = AppTest.from_function(page, args=(plain(text),)).run()
    escaped = str(app.markdown[0].value)
    for sign in "*[]<>$:`#_~|":
        assert escaped.count(sign) == escaped.count(f"\\{sign}")
