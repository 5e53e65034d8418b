"""The kill switch: while a certain file exists, every request gets the text of that file. No restart is needed."""

from __future__ import annotations

import codecs
from pathlib import Path

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.messages import load_messages
from assistant.web.security.responses import Rejection, RequestRejecter, is_health_check

MAX_NOTICE_CHARACTERS = 2_000
RETRY_SECONDS = 300


class KillSwitchMiddleware:
    """ASGI middleware that looks for the file at every request. Health checks are answered, with status `closed`."""

    def __init__(self, app: ASGIApp, file: Path, reject: RequestRejecter) -> None:
        self._app = app
        self._file = file
        self._reject = reject

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        notice = closing_notice(self._file) if scope["type"] == "http" else None
        if notice is None:
            await self._app(scope, receive, send)
            return
        if is_health_check(scope):
            is_ready = scope["path"] != "/health/ready"
            await JSONResponse({"status": "closed"}, 200 if is_ready else 503)(scope, receive, send)
            return
        messages = load_messages()
        rejection = Rejection(
            503,
            notice or messages.say("rejected.closed"),
            status="closed",
            heading=messages.say("rejected.closed_heading"),
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
        await self._reject(scope, receive, send, rejection)


def closing_notice(file: Path) -> str | None:
    """Returns the text of the file, None when there is no file. A file that cannot be read counts as empty."""
    try:
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return ""
    # Windows PowerShell writes UTF-16 with a byte-order mark when its output is redirected to a file.
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if is_utf16 else "utf-8-sig", "replace").strip()[:MAX_NOTICE_CHARACTERS]
