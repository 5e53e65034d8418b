"""Checks that the settings do not expose the assistant by accident, and lists the host names it answers to."""

from __future__ import annotations

import ipaddress
import socket

from assistant.errors import SettingsError
from assistant.settings import Settings

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1", "[::1]")


def check_exposure(settings: Settings) -> None:
    """Refuses to serve other machines by accident.

    Raises `SettingsError` when other machines can reach the address and `identity` is not set, when `identity` is
    `header` and no proxy is trusted to set the header, and when a host name is a pattern.
    """
    if not _is_loopback(settings.host) and settings.identity == "":
        raise SettingsError(
            f"Other machines can reach {settings.host}, and the setting `identity` is not set.",
            advice="Set it to `header`, with `proxies`, if a proxy signs users in and names them; or to `none` if "
            "everyone who can reach the address may ask. Or serve on 127.0.0.1.",
        )
    if settings.identity == "header" and not settings.proxies:
        raise SettingsError(
            'identity = "header" needs at least one address in proxies.',
            advice="Add the address of the proxy that signs users in to the setting `proxies`.",
        )
    patterns = [name for name in settings.hosts if "*" in name]
    if patterns:
        raise SettingsError(f"hosts cannot be {patterns[0]}.", advice="Write each host name in full, without `*`.")


def known_hosts(settings: Settings) -> tuple[str, ...]:
    """Returns the host names a request may be for, in lower case, as in a Host header without the port."""
    own = () if _is_unspecified(settings.host) else (settings.host,)
    names = [name.lower() for name in (*LOOPBACK_HOSTS, *own, *settings.hosts)]
    bracketed = [f"[{name}]" for name in names if ":" in name and not name.startswith("[")]
    return tuple(dict.fromkeys([*names, *bracketed]))


def _is_loopback(host: str) -> bool:
    address = _parse_address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def _is_unspecified(host: str) -> bool:
    """Whether the address means every address of this machine (RFC 4291, section 2.5.2), so it is no host name."""
    address = _parse_address(host)
    return address is not None and address.is_unspecified


def _parse_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def listen(host: str, port: int) -> socket.socket:
    """Returns a socket listening on `host` and `port`; port 0 takes a free one. Raises `SettingsError` on failure."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Port {port} on {host} cannot be opened: {error.strerror}.",
            advice="Another program may be using it: stop it, or choose another port with the setting `port`.",
        ) from error
    listener.listen()
    return listener
