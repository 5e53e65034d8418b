"""Limits on slow and silent clients, whose connections are then closed, and on what malformed requests log.

A client has limited time to send a request and to read the response, and an address a limited number of connections on
which no request is under way. Those of a trusted proxy are not limited: they are everybody's.

uvicorn has no such limits: a client that sends a byte now and then keeps its connection for as long as it likes, and
enough of them take every connection there is (Slowloris).
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from assistant.web.security.responses import limited_address

MAX_SILENT_CONNECTIONS = 100  # of one address; the one that has been silent for longest is closed

HEAD_TIMEOUT_SECONDS = 10.0  # for a request's head, from the connection or from the head's first byte
BODY_TIMEOUT_SECONDS = 20.0  # for a request's body: 256 KiB at 13 KiB a second
READ_TIMEOUT_SECONDS = 30.0  # in which the client reads nothing while the system's buffers are full
WARNING_SECONDS = 60.0  # in which one warning is logged once


class ClientTimeoutProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with time limits on the client.

    It relies on internals of `H11Protocol`, which tests/assistant/web/test_server_internals.py lists.
    """

    silent: ClassVar[SilentConnections]
    _timer: asyncio.TimerHandle | None = None
    _waiting_for: str = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """A new connection: waits for its first head."""
        super().connection_made(transport)
        self._wait("head", HEAD_TIMEOUT_SECONDS)
        self.silent.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended: waits for nothing."""
        self._wait("", 0)
        self.silent.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """More of a request, or the beginning of the next."""
        super().data_received(data)
        self._wait_for_request()
        if self.cycle is not None and not self.cycle.response_complete:
            self.silent.remove(self)

    def on_response_complete(self) -> None:
        """The response is complete: waits for the rest of the next request, if its beginning has arrived."""
        super().on_response_complete()
        self._wait_for_request()
        if not self.transport.is_closing() and (self.cycle is None or self.cycle.response_complete):
            self.silent.add(self)

    def pause_writing(self) -> None:
        """The client does not read, and the buffers are full."""
        super().pause_writing()
        self._wait("reading", READ_TIMEOUT_SECONDS)

    def resume_writing(self) -> None:
        """The client reads again."""
        super().resume_writing()
        self._wait("", 0)
        self._wait_for_request()

    def _wait_for_request(self) -> None:
        """Starts the timer for what is missing of a request. uvicorn itself limits idle time between two requests."""
        if self._waiting_for == "reading" or self.transport.is_closing():
            return
        if self.conn.their_state is h11.SEND_BODY:
            self._wait("body", BODY_TIMEOUT_SECONDS)
        elif self.conn.their_state is h11.IDLE and (self.conn.trailing_data[0] or self.cycle is None):
            self._wait("head", HEAD_TIMEOUT_SECONDS)
        else:
            self._wait("", 0)

    def _wait(self, what: str, seconds: float) -> None:
        """Starts a timer for `what`, or none if it is empty. A timer for the same thing keeps running."""
        if what == self._waiting_for:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._waiting_for = what
        self._timer = self.loop.call_later(seconds, self._close) if what else None

    @property
    def address(self) -> str:
        """The address of the client; empty when it has none."""
        return self.client[0] if self.client else ""

    def close_silent(self) -> None:
        """Closes the connection, on which no request is under way."""
        self._close()

    def _close(self) -> None:
        # not `close`: that would wait for the client to read the rest
        self.transport.abort()


class SilentConnections:
    """The connections of each address on which no request is under way, those silent for longest first."""

    def __init__(self, is_exempt: Callable[[str], bool]) -> None:
        self._is_exempt = is_exempt
        self._by_address: dict[str, dict[ClientTimeoutProtocol, None]] = {}

    def add(self, connection: ClientTimeoutProtocol) -> None:
        """Counts a connection, and closes the one silent for longest where an address has too many."""
        if self._is_exempt(connection.address):
            return
        silent = self._by_address.setdefault(limited_address(connection.address), {})
        silent[connection] = None
        if len(silent) > MAX_SILENT_CONNECTIONS:
            longest = next(iter(silent))
            del silent[longest]
            longest.close_silent()

    def remove(self, connection: ClientTimeoutProtocol) -> None:
        """Counts a connection no more: a request is under way on it, or it has ended."""
        address = limited_address(connection.address)
        silent = self._by_address.get(address, {})
        silent.pop(connection, None)
        if not silent:
            self._by_address.pop(address, None)

    def __len__(self) -> int:
        """The number of silent connections."""
        return sum(map(len, self._by_address.values()))


def limited_protocol(is_exempt: Callable[[str], bool]) -> type[ClientTimeoutProtocol]:
    """Returns the protocol for one server; `is_exempt` is whether an address may have any number of connections."""
    connections = SilentConnections(is_exempt)
    return type("LimitedProtocol", (ClientTimeoutProtocol,), {"silent": connections})


class RepeatedWarnings(logging.Filter):
    """Lets each warning pass once a minute, with how often it came before: uvicorn logs one for a malformed request.

    Anybody can send thousands of those in a second. Errors always pass. `clock` returns seconds and never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._logged: dict[str, tuple[float, int]] = {}  # by format: when it last passed, and how many have not since
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged."""
        if record.levelno != logging.WARNING:
            return True
        now, kind = self._clock(), str(record.msg)
        with self._lock:
            logged_at, held_back = self._logged.get(kind, (-WARNING_SECONDS, 0))
            if now - logged_at < WARNING_SECONDS:
                self._logged[kind] = logged_at, held_back + 1
                return False
            self._logged[kind] = now, 0
        if held_back:
            record.msg = f"{kind} And {held_back:,} more like it before."
        return True
