"""What other sites need to hold the chat: the script for their pages, and the page that checks theirs."""

from __future__ import annotations

import json
from importlib import resources

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from assistant.messages import Messages
from assistant.settings import Settings
from assistant.web.pages.embed_check import CheckResult, EmbedFinding, check_framing, read_origin
from assistant.web.pages.embed_page import CHECK_PAGE, Checked, EmbedCheckRequest, framing_html
from assistant.web.security.headers import EMBED_SCRIPT_PATH
from assistant.web.security.hosts import known_hosts


def embedding(settings: Settings, words: Messages) -> APIRouter:
    """The routes."""
    router = APIRouter()
    script = embed_script(words)

    @router.get(EMBED_SCRIPT_PATH)
    def embed() -> Response:
        return Response(script, media_type="text/javascript")

    @router.get(CHECK_PAGE)
    def check(request: Request, page: str = "", assistant: str = "") -> HTMLResponse:
        asked = EmbedCheckRequest(page.strip(), assistant.strip() or str(request.base_url).rstrip("/"))
        checked = _check(asked, settings, words) if asked.page else None
        return HTMLResponse(framing_html(asked, checked, words))

    return router


def embed_script(words: Messages) -> str:
    """The script for pages of other sites: the function in `static/embed.js`, called with the words it shows."""
    function = (resources.files("assistant") / "web" / "static" / "embed.js").read_text(encoding="utf-8")
    said = {
        "title": words.say("page.product"),
        "open": words.say("embed.open"),
        "close": words.say("embed.close"),
        "own_page": words.say("embed.own_page"),
        "loading": words.say("embed.loading"),
        "failed": words.say("embed.failed"),
    }
    return f"({function})({json.dumps(said)});\n"


def _check(asked: EmbedCheckRequest, settings: Settings, words: Messages) -> Checked:
    page, assistant = read_origin(asked.page), read_origin(asked.assistant)
    if page is None or assistant is None:
        unread = [address for address, origin in ((asked.page, page), (asked.assistant, assistant)) if origin is None]
        advice = words.say("framing.write_origin")
        return Checked(
            tuple(
                EmbedFinding(CheckResult.WRONG, words.say("framing.no_origin", address=one), advice) for one in unread
            )
        )
    return Checked(check_framing(page, assistant, settings, known_hosts(settings), words), (page, assistant))
