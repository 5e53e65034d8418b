"""What is right and wrong about a page that is to frame the chat, told from its address and the settings alone.

Nothing is fetched, refused or kept. What the page's own content policy allows cannot be seen from here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from assistant.messages import Messages
from assistant.settings import ORIGIN_PATTERN, Settings
from assistant.web.security.hosts import LOOPBACK_HOSTS

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a page; as text, what a browser writes for it (RFC 6454, section 6.2)."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


class CheckResult(Enum):
    """Whether a finding stands in the way of the frame."""

    RIGHT = "right"
    WRONG = "wrong"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class EmbedFinding:
    """One thing found, in words, and what to do about it, if anything."""

    outcome: CheckResult
    found: str
    advice: str = ""


def read_origin(address: str) -> Origin | None:
    """The origin of an address on the web, or None: another scheme, no host, or a host that no setting could name."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port
        host = _as_sent(parts.hostname or "")
    except ValueError:  # UnicodeError, of a host that has no ASCII form, is one
        return None
    if parts.scheme not in DEFAULT_PORTS or "\\" in address or port == 0:
        return None
    origin = Origin(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme])
    return origin if ORIGIN_PATTERN.fullmatch(str(origin)) else None


def _as_sent(host: str) -> str:
    """A host name as browsers send it: an IPv6 address in brackets, letters beyond ASCII encoded (RFC 3490)."""
    return f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")


def check_framing(
    page: Origin, assistant: Origin, settings: Settings, hosts: Sequence[str], words: Messages
) -> tuple[EmbedFinding, ...]:
    """What there is to say of `page` framing the chat at `assistant`, which answers to the names in `hosts`."""
    return (
        EmbedFinding(CheckResult.RIGHT, words.say("framing.origin", origin=page)),
        _listed(page, assistant, settings.embed_origins, words),
        _mixed(page, assistant, words),
        *_reached(assistant, hosts, words),
        *_cookies(page, assistant, settings, words),
    )


def _listed(page: Origin, assistant: Origin, listed: Sequence[str], words: Messages) -> EmbedFinding:
    if page == assistant:
        return EmbedFinding(CheckResult.RIGHT, words.say("framing.own"))
    if str(page) in listed:
        return EmbedFinding(CheckResult.RIGHT, words.say("framing.listed"))
    found, advice = words.say("framing.unlisted"), words.say("framing.list_it")
    # That a name nearly the same is listed may be told: every reply names them all in `frame-ancestors`.
    for entry in listed:
        other = read_origin(entry)
        differences = _differences(page, other, words) if other else ""
        if differences:
            found = words.say("framing.nearly_listed", listed=entry, differences=differences)
            break
    return EmbedFinding(CheckResult.WRONG, found, advice)


def _differences(page: Origin, other: Origin, words: Messages) -> str:
    """In what two origins of hosts alike differ, in words; nothing if their hosts are not alike."""
    if page.host.removeprefix("www.") != other.host.removeprefix("www."):
        return ""
    if page == other:
        return words.say("framing.difference_default_port")
    parts = {
        "framing.difference_scheme": page.scheme != other.scheme,
        "framing.difference_www": page.host != other.host,
        "framing.difference_port": _odd_port(page) != _odd_port(other),
    }
    return ", ".join(words.say(name) for name, differs in parts.items() if differs)


def _odd_port(origin: Origin) -> int | None:
    return None if origin.port == DEFAULT_PORTS[origin.scheme] else origin.port


def _mixed(page: Origin, assistant: Origin, words: Messages) -> EmbedFinding:
    if page.scheme == "https" and assistant.scheme == "http" and assistant.host not in LOOPBACK_HOSTS:
        return EmbedFinding(CheckResult.WRONG, words.say("framing.mixed"), words.say("framing.serve_https"))
    return EmbedFinding(CheckResult.RIGHT, words.say("framing.not_mixed"))


def _reached(assistant: Origin, hosts: Sequence[str], words: Messages) -> Iterator[EmbedFinding]:
    if assistant.host in hosts:
        yield EmbedFinding(CheckResult.RIGHT, words.say("framing.host", host=assistant.host))
    else:
        advice = words.say("framing.add_host", line=f'hosts = ["{assistant.host}"]')
        yield EmbedFinding(CheckResult.WRONG, words.say("framing.host_unknown", host=assistant.host), advice)
    if assistant.host in LOOPBACK_HOSTS:
        yield EmbedFinding(CheckResult.NOTE, words.say("framing.loopback"), words.say("framing.own_name"))


def _cookies(page: Origin, assistant: Origin, settings: Settings, words: Messages) -> Iterator[EmbedFinding]:
    same = same_site(page, assistant)
    name = {True: "framing.same_site", False: "framing.other_site", None: "framing.some_site"}[same]
    yield EmbedFinding(CheckResult.NOTE, f"{words.say(name)} {words.say('framing.no_cookies')}")
    if settings.identity == "header" and same is not True:
        yield EmbedFinding(CheckResult.NOTE, words.say("framing.sign_in"), words.say("framing.sign_in_first"))


def same_site(one: Origin, other: Origin) -> bool | None:
    """Whether browsers take two origins for the same site (schemeful, HTML Standard); None if it cannot be told.

    Exactly, it takes the list of public suffixes. Told without it: one host is below the other, or they share three
    labels of their names. They share two: `a.force.example` and `b.force.example`, or two forces in `police.uk`.
    """
    if one.scheme != other.scheme:
        return False
    if one.host == other.host:
        return True
    if _is_address(one.host) or _is_address(other.host):
        return False
    if one.host.endswith(f".{other.host}") or other.host.endswith(f".{one.host}"):
        return True
    shared = _labels_shared(one.host, other.host)
    return None if shared == 2 else shared > 2


def _labels_shared(one: str, other: str) -> int:
    shared = 0
    for a, b in zip(reversed(one.split(".")), reversed(other.split(".")), strict=False):
        if a != b:
            break
        shared += 1
    return shared


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
