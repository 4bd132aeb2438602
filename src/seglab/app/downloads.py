"""Downloads that others on the dashboard do not take away."""

import time

from streamlit.runtime import media_file_manager

SECONDS = 30.0
"""From a click on a download to the browser's request for it: more than a busy machine takes."""


class PatientMetadata(media_file_manager.MediaFileMetadata):
    """What Streamlit keeps of a file: here also since when no page refers to it.

    A download that is made when it is asked for belongs to no page. Streamlit 1.67 removes it
    when the second page after that, anybody's, has been drawn: with many people at once that is
    before the browser has fetched it.
    """

    _unused_since: float | None = None

    @property
    def is_marked_for_delete(self) -> bool:
        """Whether the file may go."""
        return self._unused_since is not None and time.monotonic() - self._unused_since > SECONDS

    def mark_for_delete(self) -> None:
        """Nothing refers to the file; told again and again."""
        if self._unused_since is None:
            self._unused_since = time.monotonic()


def keep_for_a_while() -> None:
    """Have the server keep each download for ``SECONDS`` after it was made; again does nothing."""
    media_file_manager.MediaFileMetadata = PatientMetadata  # type: ignore[misc]
