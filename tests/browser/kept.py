"""Pages with a conversation that lasts: servers with keys, a balancer before them, and what a test does on a page."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assistant.settings import Settings
from assistant.web.server import create_app, listen
from tests.browser.hosts import serving
from tests.fixtures.fictional import FictionalAssistant

FOLLOW_UP = "And Westmere?"
KEY, OTHER_KEY = b"k" * 32, b"x" * 32


@contextmanager
def served(
    folder: Path, key: bytes = KEY, port: int = 0, **settings: object
) -> Iterator[tuple[str, FictionalAssistant]]:
    """Serves an assistant of its own, on a given port or a free one. Yields its address and the assistant."""
    assistant, listener = FictionalAssistant(), listen("127.0.0.1", port)
    given = Settings(questions_per_minute=100_000, cases=folder / "cases.jsonl", **settings)  # type: ignore[arg-type]
    with serving(create_app(assistant, given, key=key), listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", assistant


class Balancer:
    """Passes connections on to one of several servers; `switch` ends those that are open and chooses another."""

    def __init__(self, address: str) -> None:
        self._backend = address
        self._open: list[tuple[socket.socket, threading.Thread]] = []
        self._listener = listen("127.0.0.1", 0)
        self._accepting = threading.Thread(target=self._accept)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Balancer:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        self.switch(self._backend)

    def switch(self, address: str) -> None:
        self._backend, before, self._open = address, self._open, []
        for end, _ in before:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for end, passing in before:
            passing.join()
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", int(self._backend.rpartition(":")[2])))
                for ends in ((client, server), (server, client)):
                    passing = threading.Thread(target=_pass_on, args=ends)
                    passing.start()
                    self._open.append((ends[0], passing))


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def opened(page, address):
    page.goto(address)
    return ready(page)


def ready(page):
    page.locator("html.scripted").wait_for()
    page.locator("#filters").wait_for()
    return page


def reloaded(page, turns: int):
    page.reload()
    ready(page)
    page.locator(f"#turn-{turns} .reply .controls").last.wait_for()
    return page


def judge(turn, comment: str) -> str:
    """Sends feedback that an answer was not helpful, and returns what is said to it."""
    turn.get_by_role("button", name="No", exact=True).click()
    turn.get_by_label("What was right or wrong").fill(comment)
    turn.get_by_role("button", name="Send").click()
    turn.locator(".feedback .said").wait_for()
    return turn.locator(".feedback .said").inner_text()


def reloaded_empty(page) -> bool:
    page.reload()
    return ready(page).locator(".turn").count() == 0
