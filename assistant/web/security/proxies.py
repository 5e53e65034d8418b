"""What proxies say of a request, and which of them are believed.

A path that stands before every address of ours, where a proxy serves us beside others under one host name.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.messages import load_messages
from assistant.web.security.responses import Refusal, Refuse

# The second is read by Gradio as the address the page is at.
DROPPED = re.compile(rb"^((x-)?forwarded(-|$)|x-gradio-server$)")
WITH_PORT = re.compile(r"(?P<four>[0-9.]+):[0-9]+|\[(?P<six>[0-9A-Fa-f:.]+)\](:[0-9]+)?")
BY_PROXY = "by_proxy"  # in a scope's state: whether the request came from a proxy that is believed

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Proxies:
    """The addresses and networks of the proxies that are believed."""

    def __init__(self, networks: Sequence[str]) -> None:
        self._networks = tuple(ipaddress.ip_network(network) for network in networks)

    def include(self, address: str) -> bool:
        """Whether a proxy that is believed has this address."""
        parsed = _parsed(address)
        return parsed is not None and any(parsed in network for network in self._networks)

    def client(self, chain: Sequence[str], peer: str) -> str:
        """Who sent a request that came from the proxy `peer`, by its X-Forwarded-For, from the right.

        What stands to the left of an address that no believed proxy has may have been made up by that address. An
        entry that is no address ends the search: the proxy that wrote it is then the best that is known.
        """
        known = peer
        for entry in reversed(chain):
            parsed = _parsed(entry)
            if parsed is None:
                return known
            known = str(parsed)
            if not self.include(known):
                return known
        return known


class Forwarded:
    """ASGI middleware: the client, the host and the scheme as a believed proxy gives them; from others, no word.

    `Forwarded` (RFC 7239) is dropped from everyone: the proxies we know write the X- headers.
    """

    def __init__(self, app: ASGIApp, proxies: Proxies, hosts: Sequence[str], refuse: Refuse) -> None:
        self._app = app
        self._proxies = proxies
        self._hosts = frozenset(hosts)
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        said = Headers(scope=scope)
        kept = [(name, value) for name, value in scope["headers"] if not DROPPED.match(name)]
        peer = (scope.get("client") or ("", 0))[0]
        by_proxy = self._proxies.include(peer)
        state = {**scope.get("state", {}), BY_PROXY: by_proxy}
        inside = {**scope, "headers": kept, "state": state, "client": (_plain(peer), 0)}
        if by_proxy and not self._believed(inside, said, peer):
            message = load_messages().say("gate.unknown_host")
            await self._refuse(inside, receive, send, Refusal(400, message))
            return
        await self._app(inside, receive, send)

    def _believed(self, inside: Scope, said: Headers, peer: str) -> bool:
        """Take over what the proxy says; False when it names a host that is not ours."""
        chain = [entry.strip() for line in said.getlist("x-forwarded-for") for entry in line.split(",")]
        inside["client"] = (self._proxies.client([entry for entry in chain if entry], peer), 0)
        scheme = said.getlist("x-forwarded-proto")
        if scheme in (["http"], ["https"]):
            inside["scheme"] = scheme[0]
        hosts = said.getlist("x-forwarded-host")
        if not hosts:
            return True
        if len(hosts) > 1 or host_name(hosts[0]) not in self._hosts:
            return False
        others = [(name, value) for name, value in inside["headers"] if name != b"host"]
        inside["headers"] = [(b"host", hosts[0].encode("latin-1")), *others]
        return True


def host_name(netloc: str) -> str:
    """The host of `host:port`, in lower case; IPv6 keeps its brackets (RFC 3986, section 3.2.2)."""
    return re.sub(r":[0-9]*$", "", netloc).lower()


def _parsed(entry: str) -> IpAddress | None:
    found = WITH_PORT.fullmatch(entry)
    try:
        parsed = ipaddress.ip_address((found["four"] or found["six"]) if found else entry)
    except ValueError:
        return None
    # A server that listens on IPv6 sees an IPv4 peer as an IPv6 address (RFC 4291, section 2.5.5.2).
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _plain(address: str) -> str:
    parsed = _parsed(address)
    return address if parsed is None else str(parsed)


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
        await self._app(inside, receive, send)
