"""Who is asking: the user a believed proxy names, or the address a request comes from."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.messages import load_messages
from assistant.web.security.proxies import BY_PROXY
from assistant.web.security.responses import Refusal, Refuse, asks_for_health

LONGEST_NAME = 256  # bytes
# RFC 9110 asks for a challenge with every 401. No browser knows this scheme, so none shows a dialogue of its own.
CHALLENGE = {"WWW-Authenticate": 'Proxy-Named realm="assistant"'}


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asking, and at which address of ours."""

    identity: str
    route: str


ASKING: ContextVar[Asking | None] = ContextVar("asking", default=None)
"""Who sent the request that is being answered. It reaches what FastAPI runs in threads, and not Gradio's queue."""


class Identity:
    """ASGI middleware: every request has an identity from here on, in the scope's state and in `ASKING`.

    With `header`, the user that a believed proxy names there; without a name nothing but health is answered, so that
    nothing is told of what is here. Without `header`, the client's address. `Forwarded` must have come before.
    """

    def __init__(self, app: ASGIApp, refuse: Refuse, header: str | None = None) -> None:
        self._app = app
        self._refuse = refuse
        self._header = header.lower().encode() if header else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        identity = self._identity(scope)
        if identity is None and not (scope["type"] == "http" and asks_for_health(scope)):
            await self._turn_away(scope, receive, send)
            return
        asking = Asking(identity or "", scope["path"])
        headers = [(name, value) for name, value in scope["headers"] if name != self._header]
        token = ASKING.set(asking)
        try:
            await self._app({**scope, "headers": headers, "state": {**scope["state"], "asking": asking}}, receive, send)
        finally:
            ASKING.reset(token)

    def _identity(self, scope: Scope) -> str | None:
        if self._header is None:
            return str(scope["client"][0])
        names = [value for name, value in scope["headers"] if name == self._header]
        if not scope["state"][BY_PROXY] or len(names) != 1:
            return None
        name = names[0].strip(b" \t")
        if not 0 < len(name) <= LONGEST_NAME or any(byte < 0x20 or byte == 0x7F for byte in name):
            return None
        return str(name, "latin-1")

    async def _turn_away(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        words = load_messages()
        heading, said = words.say("gate.unnamed_heading"), words.say("gate.unnamed")
        refusal = Refusal(401, said, heading=heading, headers=CHALLENGE)
        await self._refuse(scope, receive, send, refusal)


def identity_of(scope: Scope) -> str:
    """The identity that `Identity` gave a request; empty when it has none."""
    asking = asking_of(scope)
    return asking.identity if asking else ""


def asking_of(scope: Scope | dict[str, Any]) -> Asking | None:
    """Who asks in a request, as `Identity` found it; None before that."""
    asking = scope.get("state", {}).get("asking")
    return asking if isinstance(asking, Asking) else None
