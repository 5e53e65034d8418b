"""How long a client may take to send a request, and to read a reply, before its connection is closed.

uvicorn waits for ever. A client that sends a byte now and then holds a connection as long as it likes, and enough of
them hold all there are (the attack is known as Slowloris). Time is all this looks at; what was sent is read elsewhere.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WITHIN = 10.0  # seconds for a request's head, from the connection or from the head's first byte
BODY_WITHIN = 20.0  # seconds for a body: 256 KiB at 13 KiB a second
READ_WITHIN = 30.0  # seconds in which none of a reply is taken, while more of it waits than the system's buffers hold


class SlowClientProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, with a limit on what a client may keep it waiting for."""

    _timer: asyncio.TimerHandle | None = None
    _waits_for: str = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """A connection: its first head is waited for from now on."""
        super().connection_made(transport)
        self._wait("head", HEAD_WITHIN)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end: nothing is waited for."""
        self._wait("", 0)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """More of a request, or the beginning of the next."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """A reply is whole: what has come of the next request is waited for."""
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        """The client takes nothing, and the buffers are full."""
        super().pause_writing()
        self._wait("reading", READ_WITHIN)

    def resume_writing(self) -> None:
        """The client takes what it is sent."""
        super().resume_writing()
        self._wait("", 0)
        self._look()

    def _look(self) -> None:
        """See what of a request is still to come. A connection that is idle between two has uvicorn's own limit."""
        if self._waits_for == "reading" or self.transport.is_closing():
            return
        if self.conn.their_state is h11.SEND_BODY:
            self._wait("body", BODY_WITHIN)
        elif self.conn.their_state is h11.IDLE and (self.conn.trailing_data[0] or self.cycle is None):
            self._wait("head", HEAD_WITHIN)
        else:
            self._wait("", 0)

    def _wait(self, what: str, seconds: float) -> None:
        """Begin to wait for something, or for nothing. To wait for the same still does not begin anew."""
        if what == self._waits_for:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._waits_for = what
        self._timer = self.loop.call_later(seconds, self._give_up) if what else None

    def _give_up(self) -> None:
        # not `close`: that would wait for the client to read what is left
        self.transport.abort()
