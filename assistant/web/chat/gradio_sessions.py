"""Gradio's event streams, bound to whoever began them.

A page makes up a session hash, asks with it, and reads the answer from a stream by the same hash. Gradio gives the
stream to anyone who names the hash, and the hash is no secret. Here the first identity to use one owns it.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.messages import load_messages
from assistant.web.security.identity import identity_of
from assistant.web.security.responses import Refusal, Refuse

JOIN, CANCEL, DATA = "/gradio_api/queue/join", "/gradio_api/cancel", "/gradio_api/queue/data"
HEARTBEAT = "/gradio_api/heartbeat/"
SESSION = re.compile(r"[A-Za-z0-9]{1,64}")
REMEMBERED = 4_096  # sessions; one with an open stream is never forgotten
EVENTS = 64  # events of one session that can still be cancelled


@dataclass(slots=True)
class Session:
    """Whose it is, how many of its requests are open, and which events it asked for."""

    identity: str
    open: int = 0
    events: deque[str] = field(default_factory=lambda: deque(maxlen=EVENTS))


class Sessions:
    """The sessions by hash. The longest unused is forgotten when there are too many, if nothing of it is open."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._held: OrderedDict[str, Session] = OrderedDict()

    def claim(self, hash_: str, identity: str) -> Session | None:
        """The session, which belongs to `identity` from now on when it was nobody's; None when it is another's."""
        session = self._held.get(hash_)
        if session is None:
            self._forget()
            session = self._held[hash_] = Session(identity)
        self._held.move_to_end(hash_)
        return session if session.identity == identity else None

    def _forget(self) -> None:
        surplus = len(self._held) + 1 - self._remembered
        idle = [hash_ for hash_, session in self._held.items() if not session.open] if surplus > 0 else []
        for hash_ in idle[:surplus]:
            del self._held[hash_]

    def __len__(self) -> int:
        return len(self._held)


class GradioSessions:
    """ASGI middleware: another identity's session is refused. `Identity` must have come before."""

    def __init__(self, app: ASGIApp, refuse: Refuse, sessions: Sessions | None = None) -> None:
        self._app = app
        self._refuse = refuse
        self._sessions = Sessions() if sessions is None else sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path in (JOIN, CANCEL):
            await self._posted(scope, receive, send)
        elif path == DATA or path.startswith(HEARTBEAT):
            hash_ = path.removeprefix(HEARTBEAT) if path != DATA else _in_query(scope["query_string"])
            session = await self._session(hash_, scope, receive, send)
            if session is not None:
                with _opened(session):
                    await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _posted(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _whole(receive)
        if body is None:
            return
        said = _members(body)
        session = await self._session(said.get("session_hash"), scope, receive, send)
        if session is None:
            return
        if scope["path"] == CANCEL and said.get("event_id") not in session.events:
            await self._turn_away(403, "gate.not_yours", scope, receive, send)
            return
        with _opened(session):
            # The reply is read for the event's id, so it must not be compressed.
            plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            await self._app({**scope, "headers": plain}, _again(body, receive), _Overheard(send, session))

    async def _session(self, hash_: object, scope: Scope, receive: Receive, send: Send) -> Session | None:
        if not (isinstance(hash_, str) and SESSION.fullmatch(hash_)):
            await self._turn_away(400, "gate.no_session", scope, receive, send)
            return None
        session = self._sessions.claim(hash_, identity_of(scope))
        if session is None:
            await self._turn_away(403, "gate.not_yours", scope, receive, send)
        return session

    async def _turn_away(self, code: int, phrase: str, scope: Scope, receive: Receive, send: Send) -> None:
        await self._refuse(scope, receive, send, Refusal(code, load_messages().say(phrase)))


class _Overheard:
    """Passes a reply on, and notes the event that it names as the session's."""

    def __init__(self, send: Send, session: Session) -> None:
        self._send = send
        self._session = session
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                event = _members(self._body).get("event_id")
                if isinstance(event, str):
                    self._session.events.append(event)
        await self._send(message)


@contextmanager
def _opened(session: Session) -> Iterator[None]:
    session.open += 1
    try:
        yield
    finally:
        session.open -= 1


def _in_query(query: bytes) -> str | None:
    """The one session hash of a query; of two, Gradio would take the other."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    named = [value for name, value in pairs if name == "session_hash"]
    return named[0] if len(named) == 1 else None


async def _whole(receive: Receive) -> bytes | None:
    """A request's whole body, as large as the gate lets in; None when the client is gone."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _members(body: bytes) -> dict[str, Any]:
    """The members of a JSON object; none when it is not one, or names one twice, of which Gradio might take another."""
    try:
        said = json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name stands twice")
    return members


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read once more, whole, and then what the client sends."""
    waiting = [body]

    async def replayed() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replayed
