"""The kill switch: while a file exists, nothing is answered, and its text is said instead. No restart is needed."""

from __future__ import annotations

import codecs
from pathlib import Path

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.messages import load_messages
from assistant.web.security.responses import Refusal, Refuse, asks_for_health

LONGEST_NOTICE = 2_000  # characters of the file that are shown
RETRY_AFTER = 300  # seconds


class KillSwitch:
    """ASGI middleware: the file is looked for at every request. Health is still answered, and says `closed`."""

    def __init__(self, app: ASGIApp, file: Path, refuse: Refuse) -> None:
        self._app = app
        self._file = file
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        notice = read_notice(self._file) if scope["type"] == "http" else None
        if notice is None:
            await self._app(scope, receive, send)
            return
        if asks_for_health(scope):
            await JSONResponse({"status": "closed"})(scope, receive, send)
            return
        words = load_messages()
        said = notice or words.say("gate.closed")
        heading, headers = words.say("gate.closed_heading"), {"Retry-After": str(RETRY_AFTER)}
        await self._refuse(scope, receive, send, Refusal(503, said, "closed", heading, headers))


def read_notice(file: Path) -> str | None:
    """What the file says, None when there is no file. A file that cannot be read closes as an empty one does."""
    try:
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return ""
    # Windows PowerShell writes UTF-16 with a byte-order mark when a line is sent to a file.
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if marked else "utf-8-sig", "replace").strip()[:LONGEST_NOTICE]
