"""Identifies the client of each request: the user named by a trusted proxy, or the client's address.

A machine on IPv6 has a network of addresses, so there the network is the client.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.messages import load_messages
from assistant.web.security.proxies import FROM_TRUSTED_PROXY
from assistant.web.security.responses import Rejection, RequestRejecter, is_health_check, limited_address

MAX_USER_NAME_BYTES = 256
STATE_KEY = "identity"  # of a request's `RequestIdentity` in the scope's state
# RFC 9110 requires a challenge with every 401. No browser knows this scheme, so none opens a dialogue of its own.
CHALLENGE = {"WWW-Authenticate": 'Proxy-Named realm="assistant"'}


@dataclass(frozen=True, slots=True)
class RequestIdentity:
    """The client of a request (a user name, an address or a network), and the path requested."""

    client: str
    route: str


REQUEST_IDENTITY: ContextVar[RequestIdentity | None] = ContextVar("request_identity", default=None)
"""The identity of the current request. FastAPI's threads inherit it; Gradio's queue does not."""


class IdentityMiddleware:
    """ASGI middleware that sets each request's `RequestIdentity`, in the scope's state and in `REQUEST_IDENTITY`.

    With `header`, the client is the user that a trusted proxy names there. A request without a user name gets only the
    health check, so it cannot learn what the server has. Without `header`, the client is its address, as
    `limited_address` counts addresses.
    `ForwardedHeadersMiddleware` must run before this.
    """

    def __init__(self, app: ASGIApp, reject: RequestRejecter, header: str | None = None) -> None:
        self._app = app
        self._reject = reject
        self._header = header.lower().encode() if header else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        client = self._client(scope)
        if client is None and not (scope["type"] == "http" and is_health_check(scope)):
            await self._reject_unidentified(scope, receive, send)
            return
        identity = RequestIdentity(client or "", scope["path"])
        headers = [(name, value) for name, value in scope["headers"] if name != self._header]
        state = {**scope["state"], STATE_KEY: identity}
        token = REQUEST_IDENTITY.set(identity)
        try:
            await self._app({**scope, "headers": headers, "state": state}, receive, send)
        finally:
            REQUEST_IDENTITY.reset(token)

    def _client(self, scope: Scope) -> str | None:
        if self._header is None:
            return limited_address(str(scope["client"][0]))
        names = [value for name, value in scope["headers"] if name == self._header]
        if not scope["state"][FROM_TRUSTED_PROXY] or len(names) != 1:
            return None
        name = names[0].strip(b" \t")
        return str(name, "latin-1") if _is_user_name(name) else None

    async def _reject_unidentified(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        messages = load_messages()
        rejection = Rejection(
            401, messages.say("rejected.unnamed"), heading=messages.say("rejected.unnamed_heading"), headers=CHALLENGE
        )
        await self._reject(scope, receive, send, rejection)


def _is_user_name(name: bytes) -> bool:
    has_control_character = any(byte < 0x20 or byte == 0x7F for byte in name)
    return 0 < len(name) <= MAX_USER_NAME_BYTES and not has_control_character


def client_of(scope: Scope) -> str:
    """Returns the client that `IdentityMiddleware` found for a request; empty when there is none."""
    identity = identity_of(scope)
    return identity.client if identity else ""


def identity_of(scope: Scope) -> RequestIdentity | None:
    """Returns the identity that `IdentityMiddleware` gave a request; None before that."""
    identity = scope.get("state", {}).get(STATE_KEY)
    return identity if isinstance(identity, RequestIdentity) else None
