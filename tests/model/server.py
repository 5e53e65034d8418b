"""A real HTTP server on loopback that speaks the OpenAI chat-completions protocol, and misbehaves as it is told.

`OpenAIServer` answers `POST /v1/chat/completions`, streamed as server-sent events where that is asked for, with what
its `script` makes of the request.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-fictional-0123456789abcdef"


@dataclass(frozen=True)
class Reply:
    """What is sent: `text` in pieces of `size` characters with `pause` seconds before each.

    It is cut off after `cut` events; after `hold` events it waits until the server's `released` is set. `status` other
    than 200 sends an error; for `wait` seconds, or until then, nothing is sent; `raw` replaces the events.
    """

    text: str = ""
    size: int = 7
    pause: float = 0.0
    cut: int | None = None
    hold: int | None = None
    status: int = 200
    wait: float = 0.0
    raw: bytes | None = None
    finish: str = "stop"
    refusal: str = ""


Script = Callable[[dict[str, Any]], Reply]


class OpenAIServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = script
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.dropped = threading.Event()  # the client went away before the end
        self.released = threading.Event()  # what is held back may go on
        self.key = KEY

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no fault; anything else is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: OpenAIServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        """Nothing is logged."""

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(request)
        self.server.keys.append(self.headers.get("Authorization", ""))
        try:
            if self.headers.get("Authorization") != f"Bearer {self.server.key}":
                shown = self.headers.get("Authorization", "").removeprefix("Bearer ")
                self._error(401, f"Incorrect API key provided: {shown}.")
                return
            self._reply(self.server.script(request), stream=bool(request.get("stream")))
        except (BrokenPipeError, ConnectionResetError):
            self.server.dropped.set()
            self.close_connection = True

    def _reply(self, reply: Reply, *, stream: bool) -> None:
        if reply.wait:
            self.server.released.wait(reply.wait)
        if reply.status != 200:
            self._error(reply.status, "The server is not well.")
        elif stream:
            self._stream(reply)
        else:
            message = {"role": "assistant", "content": reply.text}
            self._send(200, {"id": "c", "object": "chat.completion", "created": 1, "model": "m",
                             "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})  # fmt: skip

    def _stream(self, reply: Reply) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, event in enumerate([reply.raw] if reply.raw is not None else _events(reply)):
            if number == reply.cut:
                self.close_connection = True
                self.connection.shutdown(2)
                return
            if number == reply.hold:
                self.server.released.wait(120)
            time.sleep(reply.pause)
            self.wfile.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def _error(self, status: int, message: str) -> None:
        self._send(status, {"error": {"message": message, "type": "error", "code": None, "param": None}})

    def _send(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _events(reply: Reply) -> Iterator[bytes]:
    pieces = [reply.text[start : start + reply.size] for start in range(0, len(reply.text), reply.size)]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in pieces)]
    if reply.refusal:
        deltas.append({"refusal": reply.refusal})
    for delta in deltas:
        yield _event(delta, None)
    yield _event({}, reply.finish)
    yield b"data: [DONE]\n\n"


def _event(delta: dict[str, Any], finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


@contextmanager
def running(script: Script) -> Iterator[OpenAIServer]:
    """A server with a script, closed at the end."""
    server = OpenAIServer(script)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def material(request: dict[str, Any]) -> list[dict[str, str]]:
    """The sentences of a request, as the model is shown them: none in a request to rewrite a question."""
    said = request["messages"][-1]["content"]
    found = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return [one for one in found if "label" in one]


def is_followup(request: dict[str, Any]) -> bool:
    """Whether a request is to make a follow-up stand alone."""
    return "rewrite" in request["messages"][0]["content"]


def asked(request: dict[str, Any]) -> str:
    """The question of a request."""
    return str(json.loads(re.search(r"as JSON: (\".*\")", request["messages"][-1]["content"]).group(1)))  # type: ignore[union-attr]


def statements(*pairs: tuple[str, list[str]]) -> str:
    """A reply in the form asked for."""
    return json.dumps({"statements": [{"text": text, "labels": labels} for text, labels in pairs]})


def echoing(request: dict[str, Any]) -> Reply:
    """The model that says back every sentence it was shown; a follow-up it leaves as it is."""
    if is_followup(request):
        return Reply(json.dumps({"question": asked(request)}))
    return Reply(statements(*((third_person(one["text"]), [one["label"]]) for one in material(request))))


def third_person(text: str) -> str:
    """A sentence as a summary may say it: of the inspector, and not as the inspector."""
    said = re.sub(r"\b(I|we|us)\b", "the inspector", text)
    said = re.sub(r"\bI have\b|\bthe inspector have\b", "the inspector has", said)
    return re.sub(r"\b(my|our)\b", "the", said, flags=re.IGNORECASE)
