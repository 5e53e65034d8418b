"""Turning a request away before it comes to a route: the reply, and a word to the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.types import Receive, Scope, Send

from assistant.web.faults import fault_reply

HEALTH = frozenset({"/health", "/api/v1/health"})
GRADIO = "/gradio_api/"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is turned away. `message` and `heading` are plain text; `status` is the word for programs."""

    code: int
    message: str
    status: str = ""
    heading: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Refuse:
    """Turns a request away, and tells `note` of it: the scope as it had become, and the HTTP status."""

    def __init__(self, note: Callable[[Scope, int], None] | None = None) -> None:
        self._note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
        if self._note is not None:
            self._note(scope, refusal.code)
        path, message = scope["path"], refusal.message
        detail = {"detail": message} if path.startswith(GRADIO) else {}  # where Gradio's own script looks
        reply = fault_reply(path, refusal.code, message, status=refusal.status, heading=refusal.heading, **detail)
        reply.headers.update(refusal.headers)
        await reply(scope, receive, send)


def asks_for_health(scope: Scope) -> bool:
    """Whether a request only asks if the server is well, which is answered to anyone."""
    return scope["path"] in HEALTH and scope["method"] in ("GET", "HEAD")
