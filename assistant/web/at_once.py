"""How many requests of one identity may be open at the same time, open pages and refusals held back among them."""

from __future__ import annotations

from collections import Counter

from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.phrasebook import load_phrasebook
from assistant.web.identity import identity_of
from assistant.web.refusal import Refusal, Refuse


class AtOnce:
    """ASGI middleware: at most `most` requests of one identity at once. `Identity` must have come before.

    The next one is refused, and its connection closed: the connections are for everyone.
    """

    def __init__(self, app: ASGIApp, refuse: Refuse, most: int) -> None:
        self._app = app
        self._refuse = refuse
        self._most = most
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = identity_of(scope)
        if self._open[identity] >= self._most:
            words = load_phrasebook()
            said, heading = words.say("gate.too_many_open"), words.say("gate.too_often_heading")
            await self._refuse(
                scope, receive, send, Refusal(429, said, heading=heading, headers={"Connection": "close"})
            )
            return
        self._open[identity] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open[identity] -= 1
            if not self._open[identity]:
                del self._open[identity]  # or everyone who ever asked would be kept in mind

    def __len__(self) -> int:
        """How many identities have a request open."""
        return len(self._open)
