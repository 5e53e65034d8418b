"""A path that stands before every address of ours, where a proxy serves us beside others under one host name."""

from __future__ import annotations

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.export.markup import SITE_ROOT


class Prefixed:
    """ASGI middleware, before all others: an address below the prefix is the address without it, and the links of
    the reply begin with it. What comes without it is served as ever: health checks need not know of it.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not f"{scope['path']}/".startswith(f"{self._prefix}/"):
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(self._prefix)
        if not path:
            # relative addresses of the page are read as below the prefix only with the slash
            await RedirectResponse(f"{self._prefix}/")(scope, receive, send)
            return
        raw = scope.get("raw_path", b"").removeprefix(self._prefix.encode())
        inside = {**scope, "path": path, "raw_path": raw, "root_path": self._prefix}
        token = SITE_ROOT.set(self._prefix)
        try:
            await self._app(inside, receive, send)
        finally:
            SITE_ROOT.reset(token)
