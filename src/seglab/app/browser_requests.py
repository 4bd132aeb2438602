"""What a browser asked for is answered, though the page begins anew meanwhile."""

from streamlit.runtime import app_session
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

ANSWERS = ("file_urls_response", "backend_operation_response")
"""Where to send an upload, and where a download stands that was made when it was asked for."""


class AnsweringQueue(ForwardMsgQueue):
    """What waits to be sent to a browser.

    Where a page begins anew, Streamlit 1.67 throws away what the run before has not sent yet, and
    answers to the browser with it: a photo dropped just after another was removed is then never
    uploaded, without a word.
    """

    def clear(
        self, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None
    ) -> None:
        """Throw away what is out of date; all of it without ``retain_lifecycle_msgs``."""
        before = self._queue
        super().clear(retain_lifecycle_msgs, fragment_ids_this_run)
        if retain_lifecycle_msgs:
            kept = {id(message) for message in self._queue}
            self._queue += [
                message
                for message in before
                if id(message) not in kept and message.WhichOneof("type") in ANSWERS
            ]


def answer_all() -> None:
    """Have the server's sessions keep their answers; those that began before do not."""
    app_session.ForwardMsgQueue = AnsweringQueue  # type: ignore[misc, attr-defined]
