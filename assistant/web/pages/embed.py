"""Serves what other sites need to embed the chat: the script for their pages, and the page that checks one of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from assistant.messages import Messages
from assistant.settings import Settings
from assistant.web.layout import render_page, root_path, site_address
from assistant.web.pages.embed_check import CheckResult, EmbedFinding, Origin, check_embedding, read_origin
from assistant.web.security.headers import EMBED_SCRIPT_PATH
from assistant.web.security.hosts import known_hosts

CHECK_PAGE = "/embed/check"


@dataclass(frozen=True, slots=True)
class EmbedCode:
    """What an administrator pastes: code that names `site`, and the origin for the setting, unless it is not needed."""

    site: str
    origin: str


@dataclass(frozen=True, slots=True)
class EmbedCheckPage:
    """The view of `embed_check.html`: the two addresses as written in the form, and what the check found.

    Without findings nothing was checked; without code an address has no origin.
    """

    page: str
    assistant: str
    findings: tuple[EmbedFinding, ...] = ()
    code: EmbedCode | None = None


def embed_routes(settings: Settings, messages: Messages) -> APIRouter:
    """Returns the routes."""
    router = APIRouter()
    script = embed_script(messages)

    @router.get(EMBED_SCRIPT_PATH)
    async def embed() -> Response:
        return Response(script, media_type="text/javascript")

    @router.get(CHECK_PAGE)
    async def check(request: Request, page: str = "", assistant: str = "") -> HTMLResponse:
        root = root_path(request.scope)
        addresses = (page.strip(), assistant.strip() or site_address(request))
        view = _checked(*addresses, root, settings, messages) if addresses[0] else EmbedCheckPage(*addresses)
        return HTMLResponse(render_page("embed_check.html", view, messages, root=root))

    return router


def embed_script(messages: Messages) -> str:
    """Returns the script for pages of other sites: the function in `static/embed.js`, called with its messages."""
    function = (resources.files("assistant") / "web" / "static" / "embed.js").read_text(encoding="utf-8")
    shown = {
        "title": messages.say("page.product"),
        "open": messages.say("embed.open"),
        "close": messages.say("embed.close"),
        "own_page": messages.say("embed.own_page"),
        "loading": messages.say("embed.loading"),
        "failed": messages.say("embed.failed"),
    }
    return f"({function})({json.dumps(shown)});\n"


def _checked(page: str, assistant: str, root: str, settings: Settings, messages: Messages) -> EmbedCheckPage:
    origins = read_origin(page), read_origin(assistant)
    page_origin, assistant_origin = origins
    if page_origin is None or assistant_origin is None:
        addresses = zip((page, assistant), origins, strict=True)
        malformed = [address for address, origin in addresses if origin is None]
        return EmbedCheckPage(page, assistant, tuple(_no_origin(address, messages) for address in malformed))
    findings = check_embedding(page_origin, assistant_origin, settings, known_hosts(settings), messages)
    return EmbedCheckPage(page, assistant, findings, _code(page_origin, assistant_origin, root))


def _no_origin(address: str, messages: Messages) -> EmbedFinding:
    found, advice = messages.say("embed_check.no_origin", address=address), messages.say("embed_check.write_origin")
    return EmbedFinding(CheckResult.WRONG, found, advice)


def _code(page: Origin, assistant: Origin, root: str) -> EmbedCode:
    return EmbedCode(f"{assistant}{root}", "" if page == assistant else str(page))
