"""Headers from trusted proxies, and the path prefix under which a proxy may serve the assistant."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.messages import load_messages
from assistant.web.security.responses import Rejection, RequestRejecter

# Gradio reads x-gradio-server as the address of its page.
FORWARDED_HEADERS = re.compile(rb"^((x-)?forwarded(-|$)|x-gradio-server$)")
ADDRESS_WITH_PORT = re.compile(r"(?P<ipv4>[0-9.]+):[0-9]+|\[(?P<ipv6>[0-9A-Fa-f:.]+)\](:[0-9]+)?")
FROM_TRUSTED_PROXY = "from_trusted_proxy"  # in the scope's state: whether a trusted proxy sent the request

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class TrustedProxies:
    """The addresses and networks of the trusted proxies."""

    def __init__(self, networks: Sequence[str]) -> None:
        self._networks = tuple(ipaddress.ip_network(network) for network in networks)

    def include(self, address: str) -> bool:
        """Whether the address is a trusted proxy's."""
        parsed = _parse_address(address)
        return parsed is not None and any(parsed in network for network in self._networks)

    def client(self, forwarded_for: Sequence[str], peer: str) -> str:
        """Returns the client of a request from the proxy `peer`, reading X-Forwarded-For from right to left.

        The right-most address that is not a trusted proxy's is the client's: it may have made up what is to its left.
        At an entry that is not an address, the proxy that added it is the best known answer.
        """
        client = peer
        for entry in reversed(forwarded_for):
            parsed = _parse_address(entry)
            if parsed is None:
                return client
            client = str(parsed)
            if not self.include(client):
                return client
        return client


class ForwardedHeadersMiddleware:
    """ASGI middleware that applies X-Forwarded-* from trusted proxies and drops it from everyone else.

    `Forwarded` (RFC 7239) is always dropped: the supported proxies write the X- headers.
    """

    def __init__(self, app: ASGIApp, proxies: TrustedProxies, hosts: Sequence[str], reject: RequestRejecter) -> None:
        self._app = app
        self._proxies = proxies
        self._hosts = frozenset(hosts)
        self._reject = reject

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        kept = [(name, value) for name, value in scope["headers"] if not FORWARDED_HEADERS.match(name)]
        peer = (scope.get("client") or ("", 0))[0]
        is_trusted = self._proxies.include(peer)
        state = {**scope.get("state", {}), FROM_TRUSTED_PROXY: is_trusted}
        inner = {**scope, "headers": kept, "state": state, "client": (_normalise_address(peer), 0)}
        if is_trusted:
            self._apply_client_and_scheme(inner, headers, peer)
            if not self._apply_host(inner, headers.getlist("x-forwarded-host")):
                await self._reject(inner, receive, send, Rejection(400, load_messages().say("rejected.unknown_host")))
                return
        await self._app(inner, receive, send)

    def _apply_client_and_scheme(self, scope: Scope, headers: Headers, peer: str) -> None:
        entries = [entry.strip() for line in headers.getlist("x-forwarded-for") for entry in line.split(",")]
        scope["client"] = (self._proxies.client([entry for entry in entries if entry], peer), 0)
        scheme = headers.getlist("x-forwarded-proto")
        if scheme in (["http"], ["https"]):
            scope["scheme"] = scheme[0]

    def _apply_host(self, scope: Scope, hosts: Sequence[str]) -> bool:
        """Replaces the Host header by the forwarded host, if any. Returns False when that is not one of our hosts."""
        if not hosts:
            return True
        if len(hosts) > 1 or host_name(hosts[0]) not in self._hosts:
            return False
        other_headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
        scope["headers"] = [(b"host", hosts[0].encode("latin-1")), *other_headers]
        return True


def host_name(netloc: str) -> str:
    """Returns the host of `host:port`, in lower case; IPv6 keeps its brackets (RFC 3986, section 3.2.2)."""
    return re.sub(r":[0-9]*$", "", netloc).lower()


def _parse_address(entry: str) -> IpAddress | None:
    with_port = ADDRESS_WITH_PORT.fullmatch(entry)
    try:
        address = ipaddress.ip_address((with_port["ipv4"] or with_port["ipv6"]) if with_port else entry)
    except ValueError:
        return None
    # A server that listens on IPv6 sees an IPv4 peer as an IPv6 address (RFC 4291, section 2.5.5.2).
    return getattr(address, "ipv4_mapped", None) or address


def _normalise_address(address: str) -> str:
    parsed = _parse_address(address)
    return address if parsed is None else str(parsed)


class PathPrefixMiddleware:
    """ASGI middleware that moves the prefix from the path to `root_path`, from which links take it.

    It must be the outermost. A request without the prefix is served too, so that health checks need not know it.
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
            # without the slash, browsers resolve the page's relative links one level too high
            await RedirectResponse(f"{self._prefix}/")(scope, receive, send)
            return
        raw_path = scope.get("raw_path", b"").removeprefix(self._prefix.encode())
        # where another application mounts this one, that one has set `app_root_path`, from which addresses are made
        roots = {"root_path": self._prefix, "app_root_path": self._prefix}
        await self._app({**scope, "path": path, "raw_path": raw_path, **roots}, receive, send)
