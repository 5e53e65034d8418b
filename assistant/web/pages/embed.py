"""Serves what other sites need to embed the chat: the script for their pages, and the page that checks one of them.

The check goes by the page's address and the settings alone. Nothing is fetched, refused or stored, and the content
policy of the other page is not known here.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import resources
from itertools import takewhile
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from assistant.messages import Messages
from assistant.setting_values import ORIGIN_PATTERN
from assistant.settings import Settings
from assistant.web.layout import render_page, root_path, site_address
from assistant.web.security.headers import EMBED_SCRIPT_PATH
from assistant.web.security.hosts import LOOPBACK_HOSTS, known_hosts

CHECK_PAGE = "/embed/check"
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a page. As text, it is what a browser sends for it (RFC 6454, section 6.2)."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


class CheckResult(Enum):
    """Whether a finding prevents the page from embedding the chat."""

    RIGHT = "right"
    WRONG = "wrong"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class EmbedFinding:
    """One finding in words, and what to do about it, if anything."""

    outcome: CheckResult
    found: str
    advice: str = ""


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


def read_origin(address: str) -> Origin | None:
    """Returns the origin of a web address; None if it has another scheme, no host, or a host that no setting allows."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port
        host = _host_as_sent(parts.hostname or "")
    except ValueError:  # includes UnicodeError, for a host that has no ASCII form
        return None
    if parts.scheme not in DEFAULT_PORTS or "\\" in address or port == 0:
        return None
    origin = Origin(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme])
    return origin if ORIGIN_PATTERN.fullmatch(str(origin)) else None


def _host_as_sent(host: str) -> str:
    """Returns a host name as browsers send it: IPv6 in brackets, other letters than ASCII encoded (RFC 3490)."""
    return f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")


def check_embedding(
    page: Origin, assistant: Origin, settings: Settings, hosts: Sequence[str], messages: Messages
) -> tuple[EmbedFinding, ...]:
    """Returns the findings for `page` embedding the chat at `assistant`, which is served under the names in `hosts`."""
    return (
        EmbedFinding(CheckResult.RIGHT, messages.say("embed_check.origin", origin=page)),
        _check_listed(page, assistant, settings.embed_origins, messages),
        _check_mixed_content(page, assistant, messages),
        *_check_host(assistant, hosts, messages),
        *_check_cookies(page, assistant, settings, messages),
    )


def _check_listed(page: Origin, assistant: Origin, listed: Sequence[str], messages: Messages) -> EmbedFinding:
    if page == assistant:
        return EmbedFinding(CheckResult.RIGHT, messages.say("embed_check.same_origin"))
    if str(page) in listed:
        return EmbedFinding(CheckResult.RIGHT, messages.say("embed_check.listed"))
    found, advice = messages.say("embed_check.unlisted"), messages.say("embed_check.list_it")
    # This reveals no secret: the header `frame-ancestors` of every reply names all that are listed.
    for entry in listed:
        other = read_origin(entry)
        differences = _differences(page, other, messages) if other else ""
        if differences:
            found = messages.say("embed_check.nearly_listed", listed=entry, differences=differences)
            break
    return EmbedFinding(CheckResult.WRONG, found, advice)


def _differences(page: Origin, other: Origin, messages: Messages) -> str:
    """Returns how two origins of similar hosts differ, in words; empty if their hosts are not similar."""
    if page.host.removeprefix("www.") != other.host.removeprefix("www."):
        return ""
    if page == other:
        return messages.say("embed_check.difference_default_port")
    parts = {
        "embed_check.difference_scheme": page.scheme != other.scheme,
        "embed_check.difference_www": page.host != other.host,
        "embed_check.difference_port": _unusual_port(page) != _unusual_port(other),
    }
    return ", ".join(messages.say(name) for name, differs in parts.items() if differs)


def _unusual_port(origin: Origin) -> int | None:
    return None if origin.port == DEFAULT_PORTS[origin.scheme] else origin.port


def _check_mixed_content(page: Origin, assistant: Origin, messages: Messages) -> EmbedFinding:
    if page.scheme == "https" and assistant.scheme == "http" and assistant.host not in LOOPBACK_HOSTS:
        return EmbedFinding(
            CheckResult.WRONG, messages.say("embed_check.mixed"), messages.say("embed_check.serve_https")
        )
    return EmbedFinding(CheckResult.RIGHT, messages.say("embed_check.not_mixed"))


def _check_host(assistant: Origin, hosts: Sequence[str], messages: Messages) -> Iterator[EmbedFinding]:
    if assistant.host in hosts:
        yield EmbedFinding(CheckResult.RIGHT, messages.say("embed_check.host", host=assistant.host))
    else:
        advice = messages.say("embed_check.add_host", line=f'hosts = ["{assistant.host}"]')
        yield EmbedFinding(CheckResult.WRONG, messages.say("embed_check.host_unknown", host=assistant.host), advice)
    if assistant.host in LOOPBACK_HOSTS:
        yield EmbedFinding(
            CheckResult.NOTE, messages.say("embed_check.loopback"), messages.say("embed_check.loopback_advice")
        )


def _check_cookies(page: Origin, assistant: Origin, settings: Settings, messages: Messages) -> Iterator[EmbedFinding]:
    same = same_site(page, assistant)
    name = {True: "embed_check.same_site", False: "embed_check.other_site", None: "embed_check.unknown_site"}[same]
    yield EmbedFinding(CheckResult.NOTE, f"{messages.say(name)} {messages.say('embed_check.no_cookies')}")
    if settings.identity == "header" and same is not True:
        yield EmbedFinding(
            CheckResult.NOTE, messages.say("embed_check.sign_in"), messages.say("embed_check.sign_in_first")
        )


def same_site(first: Origin, second: Origin) -> bool | None:
    """Returns whether browsers treat two origins as one site (schemeful, HTML Standard); None if it is not certain.

    An exact answer needs the list of public suffixes. Without it, two hosts are one site if one is below the other or
    if they share three labels. Two shared labels can be either: `a.force.example` and `b.force.example`, or two forces
    in `police.uk`.
    """
    if first.scheme != second.scheme:
        return False
    if first.host == second.host:
        return True
    if _is_ip_address(first.host) or _is_ip_address(second.host):
        return False
    if first.host.endswith(f".{second.host}") or second.host.endswith(f".{first.host}"):
        return True
    shared = _count_shared_labels(first.host, second.host)
    return None if shared == 2 else shared > 2


def _count_shared_labels(first: str, second: str) -> int:
    labels = zip(reversed(first.split(".")), reversed(second.split(".")), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], labels))


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
