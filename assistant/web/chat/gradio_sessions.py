"""Binds each of Gradio's event streams to the client that started it, and admits only events that the page can send.

A page makes up a session hash, posts its question with it, and reads the answer from the stream with the same hash.
Gradio gives the stream to anyone who sends the hash, and the hash is not secret. Here the first client to use a hash
owns it. Gradio also answers an event of another shape with a traceback in the log, so it does not get any.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.messages import load_messages
from assistant.web.security.identity import client_of
from assistant.web.security.responses import Rejection, RequestRejecter

JOIN_PATH = "/gradio_api/queue/join"
CANCEL_PATH = "/gradio_api/cancel"
STREAM_PATH = "/gradio_api/queue/data"
HEARTBEAT_PREFIX = "/gradio_api/heartbeat/"
SESSION_HASH = re.compile(r"[A-Za-z0-9-]{1,64}")  # gradio_client sends a UUID
MAX_SESSIONS = 4_096  # remembered; one with an open stream is never forgotten
MAX_CANCELLABLE_EVENTS = 64  # of one session


@dataclass(slots=True)
class GradioSession:
    """The client that owns a session, its number of open requests, and the ids of its latest events."""

    client: str
    open_requests: int = 0
    events: deque[str] = field(default_factory=lambda: deque(maxlen=MAX_CANCELLABLE_EVENTS))


class SessionOwners:
    """The sessions by hash. Above `limit`, those used longest ago are forgotten, unless they have open requests."""

    def __init__(self, limit: int = MAX_SESSIONS) -> None:
        self._limit = limit
        self._sessions: OrderedDict[str, GradioSession] = OrderedDict()

    def claim(self, session_hash: str, client: str) -> GradioSession | None:
        """Returns the session, which `client` now owns if nobody did; None when another client owns it."""
        session = self._sessions.get(session_hash)
        if session is None:
            self._forget_oldest()
            session = self._sessions[session_hash] = GradioSession(client)
        self._sessions.move_to_end(session_hash)
        return session if session.client == client else None

    def _forget_oldest(self) -> None:
        """Makes room for one more session."""
        surplus = len(self._sessions) + 1 - self._limit
        if surplus <= 0:
            return
        idle = [session_hash for session_hash, session in self._sessions.items() if not session.open_requests]
        for session_hash in idle[:surplus]:
            del self._sessions[session_hash]

    def __len__(self) -> int:
        return len(self._sessions)


class GradioSessionsMiddleware:
    """ASGI middleware that rejects requests for another client's session, and events that the page cannot send.

    `inputs` has for each event, by its number, the types of the components whose values the page sends. Without it,
    only their text is checked. `IdentityMiddleware` must run before this.
    """

    def __init__(
        self,
        app: ASGIApp,
        reject: RequestRejecter,
        owners: SessionOwners | None = None,
        inputs: Mapping[int, Sequence[str]] | None = None,
    ) -> None:
        self._app = app
        self._reject = reject
        self._inputs = inputs
        self._owners = SessionOwners() if owners is None else owners

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path in (JOIN_PATH, CANCEL_PATH):
            await self._handle_post(scope, receive, send)
        elif path == STREAM_PATH:
            await self._handle_stream(_hash_in_query(scope["query_string"]), scope, receive, send)
        elif path.startswith(HEARTBEAT_PREFIX):
            await self._handle_stream(path.removeprefix(HEARTBEAT_PREFIX), scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _handle_stream(self, session_hash: str | None, scope: Scope, receive: Receive, send: Send) -> None:
        session = await self._claim_or_reject(session_hash, scope, receive, send)
        if session is not None:
            with _open_request(session):
                await self._app(scope, receive, send)

    async def _handle_post(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read_body(receive)
        if body is None:
            return
        members = _json_members(body)
        session = await self._claim_or_reject(members.get("session_hash"), scope, receive, send)
        if session is None:
            return
        if not is_text(members) or (scope["path"] == JOIN_PATH and not self._can_be_sent(members)):
            await self._reject_with(422, "rejected.not_from_page", scope, receive, send)
            return
        if scope["path"] == CANCEL_PATH and members.get("event_id") not in session.events:
            await self._reject_with(403, "rejected.not_yours", scope, receive, send)
            return
        with _open_request(session):
            # The response is read for the id of its event, so it must not be compressed.
            headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            await self._app({**scope, "headers": headers}, _replay(body, receive), _EventRecorder(send, session))

    def _can_be_sent(self, members: Mapping[str, object]) -> bool:
        """Whether the page can send an event with these members: it has that event, and values for its inputs."""
        number, values = members.get("fn_index"), members.get("data")
        if self._inputs is None:
            return True
        types = self._inputs.get(number) if isinstance(number, int) and not isinstance(number, bool) else None
        if types is None or not isinstance(values, list) or len(values) != len(types):
            return False
        return all(_is_value_of(kind, value) for kind, value in zip(types, values, strict=True))

    async def _claim_or_reject(
        self, session_hash: object, scope: Scope, receive: Receive, send: Send
    ) -> GradioSession | None:
        if not (isinstance(session_hash, str) and SESSION_HASH.fullmatch(session_hash)):
            await self._reject_with(400, "rejected.no_session", scope, receive, send)
            return None
        session = self._owners.claim(session_hash, client_of(scope))
        if session is None:
            await self._reject_with(403, "rejected.not_yours", scope, receive, send)
        return session

    async def _reject_with(self, code: int, message: str, scope: Scope, receive: Receive, send: Send) -> None:
        await self._reject(scope, receive, send, Rejection(code, load_messages().say(message)))


class _EventRecorder:
    """Passes a response on, and records the event id in it as the session's."""

    def __init__(self, send: Send, session: GradioSession) -> None:
        self._send = send
        self._session = session
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                event_id = _json_members(self._body).get("event_id")
                if isinstance(event_id, str):
                    self._session.events.append(event_id)
        await self._send(message)


@contextmanager
def _open_request(session: GradioSession) -> Iterator[None]:
    session.open_requests += 1
    try:
        yield
    finally:
        session.open_requests -= 1


def is_text(value: object) -> bool:
    """Whether all text in a JSON value can be written: half of a surrogate pair cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_value_of(component: str, value: object) -> bool:
    """Whether the page or a program can send a value for a component of this type, which no `state` is."""
    if component == "api":
        return True  # of a program, and checked as a request of the JSON interface is
    if component == "checkbox":
        return isinstance(value, bool)
    if component == "dropdown":
        return value is None or (isinstance(value, list) and all(isinstance(chosen, str) for chosen in value))
    return value is None or (component != "state" and isinstance(value, str))


def _hash_in_query(query: bytes) -> str | None:
    """Returns the session hash of a query; None when there are two, because Gradio would take the other."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    hashes = [value for name, value in pairs if name == "session_hash"]
    return hashes[0] if len(hashes) == 1 else None


async def _read_body(receive: Receive) -> bytes | None:
    """Returns a request's whole body, which the allow-list has limited; None when the client has disconnected."""
    chunks = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


def _json_members(body: bytes) -> dict[str, object]:
    """Returns the members of a JSON object; empty when it is not an object, or a name occurs twice in it.

    Of two values for one name, Gradio might take the other.
    """
    try:
        parsed = json.loads(body, object_pairs_hook=_unique_members)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _unique_members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name occurs twice")
    return members


def _replay(body: bytes, receive: Receive) -> Receive:
    """Returns a `receive` that gives the body that was read, and then what the client sends."""
    bodies = [body]

    async def replayed() -> Message:
        if bodies:
            return {"type": "http.request", "body": bodies.pop(), "more_body": False}
        return await receive()

    return replayed
