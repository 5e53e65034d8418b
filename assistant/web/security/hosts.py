"""Whether the page may be served as the settings say, and by which names it may be reached."""

from __future__ import annotations

import ipaddress

from assistant.errors import SettingsError
from assistant.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")


def check_exposure(settings: Settings) -> None:
    """Refuse to serve other machines by accident.

    Raises `SettingsError` when the address is not this machine's alone and nobody chose who may ask, when users are to
    be named by a proxy and none is believed, and when a host name is a pattern.
    """
    if not _is_loopback(settings.host) and settings.identity == "":
        raise SettingsError(
            f"{settings.host} can be reached from other machines, and the setting `identity` is not chosen.",
            advice="Set it to `header`, with `proxies`, where a proxy signs people in and names them; or to `none` "
            "where everyone who can reach the address may ask. Or serve on 127.0.0.1.",
        )
    if settings.identity == "header" and not settings.proxies:
        raise SettingsError(
            "The setting `identity` is `header`, and no proxy is believed.",
            advice="Name the address of the proxy that signs people in with the setting `proxies`.",
        )
    patterns = [name for name in settings.hosts if "*" in name]
    if patterns:
        raise SettingsError(f"hosts cannot be {patterns[0]}.", advice="Name each host in full: no pattern is read.")


def known_hosts(settings: Settings) -> tuple[str, ...]:
    """The host names that a request may be for, in lower case, as they stand in a Host header without the port."""
    own = () if _is_unspecified(settings.host) else (settings.host,)
    names = [name.lower() for name in (*LOOPBACK, *own, *settings.hosts)]
    bracketed = [f"[{name}]" for name in names if ":" in name and not name.startswith("[")]
    return tuple(dict.fromkeys([*names, *bracketed]))


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def _is_unspecified(host: str) -> bool:
    """Whether the address stands for every address of this machine (RFC 4291, section 2.5.2), and is no name for it."""
    address = _address(host)
    return address is not None and address.is_unspecified


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
