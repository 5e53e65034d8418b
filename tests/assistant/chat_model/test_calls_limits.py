"""How much of a reply is read, whatever the server sends: counted by the bytes that a real server could send."""

from __future__ import annotations

import gzip
import json
import threading

import pytest
from langchain_core.messages import HumanMessage
from pydantic import SecretStr

from assistant.answer import Ending
from assistant.chat_model import calls
from assistant.chat_model.calls import (
    MAX_REPLY_BYTES,
    CallFailedError,
    ModelCaller,
    ReplyCutError,
    probe_model,
    prompt_messages,
)
from assistant.chat_model.provider import open_chat_model
from assistant.settings import Settings
from assistant.work import Deadline
from tests.fixtures.model_server import KEY, OpenAIServer, Reply

MEBIBYTE = 1024 * 1024
MAX_BUFFERED = 16 * MEBIBYTE  # between the server and the client: the buffers of the system, of sockets and pipes
EMPTY_EVENT = json.dumps(
    {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": None}],
    }
).encode()
X = b"x" * 65_536
SLOW = {  # to parse, and never a character of text: tried with a lower limit
    "empty events": Reply(endless=b"data: " + EMPTY_EVENT + b"\n\n"),
    "empty comments": Reply(endless=b": \n\n" * 1_024),
    "empty lines": Reply(endless=b"\n" * 4_096),
}
ENDLESS = {
    "one line": Reply(endless=X),
    "one comment": Reply(opening=b": ", endless=X),
    "one event": Reply(opening=b"data: ", endless=X),
    "an event of many lines": Reply(endless=(b"data: " + b"x" * 4_096 + b"\n") * 16),
    "an error": Reply(endless=X, status=500),
    "an error in JSON": Reply(opening=b'{"error": {"message": "', endless=X, status=400),
}


def caller_of(server: OpenAIServer, *, timeout: float = 300, stream: bool = True) -> ModelCaller:
    options = {} if stream else {"disable_streaming": True}
    settings = Settings(
        chat_model="openai:llama3",
        chat_model_url=server.url,
        chat_model_timeout=timeout,
        chat_model_key=SecretStr(KEY),
        chat_model_options=options,
    )
    model = open_chat_model(settings)
    assert model is not None
    return ModelCaller(model)


def ending_of(caller: ModelCaller, seconds: float = 300) -> Ending:
    with pytest.raises(CallFailedError) as failed:
        list(caller.stream_chunks(prompt_messages("Reply.", "Now."), Deadline(seconds)))
    return failed.value.ending


@pytest.mark.parametrize("kind", ENDLESS)
def test_an_endless_reply_is_read_up_to_the_limit(server: OpenAIServer, kind: str):
    server.script = lambda _request: ENDLESS[kind]
    assert ending_of(caller_of(server)) is Ending.TOO_LONG
    assert server.dropped.wait(60)
    assert MAX_REPLY_BYTES <= server.sent + len(X) <= MAX_REPLY_BYTES + MAX_BUFFERED


@pytest.mark.parametrize("kind", ["one line", "an error"])
def test_an_endless_reply_that_is_no_stream_is_read_up_to_the_limit(server: OpenAIServer, kind: str):
    server.script = lambda _request: ENDLESS[kind]
    assert ending_of(caller_of(server, stream=False)) is Ending.TOO_LONG
    assert [request.get("stream", False) for request in server.requests] == [False]
    assert server.dropped.wait(60)
    assert MAX_REPLY_BYTES <= server.sent + len(X) <= MAX_REPLY_BYTES + MAX_BUFFERED


@pytest.mark.parametrize("kind", SLOW)
def test_a_stream_without_text_is_read_up_to_the_limit(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, kind: str
):
    monkeypatch.setattr(calls, "MAX_REPLY_BYTES", 64 * 1024)
    server.script = lambda _request: SLOW[kind]
    assert ending_of(caller_of(server)) is Ending.TOO_LONG
    assert server.dropped.wait(60)
    assert server.sent <= MAX_BUFFERED


def test_a_call_past_its_deadline_reads_nothing_more(server: OpenAIServer):
    """Comments that come one by one never reach the limit of bytes, and never are a chunk to look at the time with."""
    server.script = lambda _request: Reply(endless=b": still thinking\n\n", pause=0.02)
    assert ending_of(caller_of(server), seconds=0.5) is Ending.TIMED_OUT
    assert server.dropped.wait(60)
    for thread in threading.enumerate():
        if thread.name == "chat-model":
            thread.join(60)
            assert not thread.is_alive()


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "identity, gzip"])
def test_a_compressed_reply_is_refused_unread(server: OpenAIServer, encoding: str, stream: bool):
    bomb = gzip.compress(b"x" * MEBIBYTE)
    server.script = lambda _request: Reply(endless=bomb, encoding=encoding)
    assert ending_of(caller_of(server, stream=stream)) is Ending.UNREADABLE
    assert server.encodings == ["identity"]
    assert server.dropped.wait(60)
    assert server.sent <= MAX_BUFFERED


def test_the_probe_of_doctor_has_the_limit_too(server: OpenAIServer):
    server.script = lambda _request: ENDLESS["one line"]
    assert probe_model(caller_of(server)) is Ending.TOO_LONG
    assert server.dropped.wait(60)
    assert server.sent <= MAX_REPLY_BYTES + MAX_BUFFERED


def test_the_model_itself_has_the_limit(server: OpenAIServer):
    """Whoever else calls the opened model, with whatever method, reads no more."""
    server.script = lambda _request: ENDLESS["one line"]
    model = caller_of(server).chat.model
    with pytest.raises(Exception) as failed:  # noqa: PT011  # the integration wraps it as it likes
        model.invoke([HumanMessage("Now.")])
    causes = [failed.value, failed.value.__cause__, failed.value.__context__]
    assert any(isinstance(cause, ReplyCutError) for cause in causes)
