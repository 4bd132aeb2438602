"""A download is there until the browser has fetched it, however many pages are drawn meanwhile."""

from types import SimpleNamespace

import pytest
from streamlit.runtime import media_file_manager
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from seglab.app import downloads


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Streamlit's files are patient for the test, by a clock that the test sets."""
    clock = SimpleNamespace(now=1000.0)
    original = media_file_manager.MediaFileMetadata
    monkeypatch.setattr(media_file_manager, "MediaFileMetadata", original)  # put back at the end
    monkeypatch.setattr(downloads.time, "monotonic", lambda: clock.now)
    downloads.keep_for_a_while()
    return clock


def test_a_download_outlives_others_pages_and_then_goes(clock: SimpleNamespace) -> None:
    files = MediaFileManager(MemoryMediaFileStorage("/media"))
    button = files.add_deferred(lambda: b"mask", "image/png", "1.2", file_name="mask.png")
    name = files.execute_deferred(button).rpartition("/")[2].partition(".")[0]
    for _ in range(20):  # as many pages are drawn to their end, by others
        clock.now += 1
        files.remove_orphaned_files()
    kept = files.read_file(name)
    assert kept is not None
    assert kept.content == b"mask"
    clock.now += downloads.SECONDS
    files.remove_orphaned_files()
    assert files.read_file(name) is None
