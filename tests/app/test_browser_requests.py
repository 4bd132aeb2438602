"""A browser's request is answered, whatever else the server throws away."""

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session

from seglab.app.browser_requests import AnsweringQueue, answer_all


def upload_answer() -> ForwardMsg:
    """Where the browser is to send a photo."""
    message = ForwardMsg()
    message.file_urls_response.response_id = "photo"
    return message


def element(words: str) -> ForwardMsg:
    """A piece of a page."""
    message = ForwardMsg()
    message.metadata.delta_path[:] = [0, 0]
    message.delta.new_element.markdown.body = words
    return message


@pytest.mark.parametrize("fragments", [None, ["fragment"]])
def test_where_to_upload_is_told_though_the_page_begins_anew(fragments: list[str] | None) -> None:
    queue = AnsweringQueue()
    queue.enqueue(element("of the run before"))
    queue.enqueue(upload_answer())
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=fragments)
    queue.enqueue(element("of the new run"))
    sent = queue.flush()
    answers = [one for one in sent if one.WhichOneof("type") == "file_urls_response"]
    assert [one.file_urls_response.response_id for one in answers] == ["photo"]
    assert sent[-1].delta.new_element.markdown.body == "of the new run"
    assert queue.is_empty()


def test_elements_of_the_run_before_still_go() -> None:
    queue = AnsweringQueue()
    queue.enqueue(element("of the run before"))
    queue.enqueue(upload_answer())
    queue.clear(retain_lifecycle_msgs=True)
    assert len(queue) == 1
    queue.clear()
    assert queue.is_empty()


def test_the_installed_streamlit_gives_its_sessions_this_queue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app_session, "ForwardMsgQueue", app_session.ForwardMsgQueue)  # put back
    answer_all()
    assert "ForwardMsgQueue" in app_session.AppSession.__init__.__code__.co_names
    assert app_session.ForwardMsgQueue is AnsweringQueue
