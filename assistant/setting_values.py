"""The types of the settings' values, and what they refuse: each error says what may be written instead."""

from __future__ import annotations

import ipaddress
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator
from pydantic_settings import NoDecode

from assistant.messages import LANGUAGES
from index.storage.postgres import SCHEMES, DatabaseAddress, IndexPlace

_KEY_NAME = re.compile(r"key|secret|token|password|credential|header|auth", re.IGNORECASE)
# Scheme, host and port as a browser writes them in an Origin header (RFC 6454, section 6.2); no path, no wildcard.
ORIGIN_PATTERN = re.compile(r"https?://([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?")
HOST_PATTERN = re.compile(r"[A-Za-z0-9*]([A-Za-z0-9*._-]*[A-Za-z0-9*])?|\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]*\]?")
MAX_LINE_CHARACTERS = 300
MAX_PATH_BYTES = 4_096  # Linux opens no longer one
MIN_PREFIX_BITS = {4: 8, 6: 7}  # the largest private networks: 10.0.0.0/8 and fc00::/7
# What browsers, programs and proxies send by themselves, and so no header in which a proxy names the user.
CLIENT_HEADER_PATTERN = re.compile(
    r"host|user-agent|cookie2?|authorization|proxy-.*|accept.*|content-.*|sec-.*|if-.*|access-control-.*|referer|origin"
    r"|connection|keep-alive|te|trailer|transfer-encoding|upgrade.*|expect|range|date|via|(x-)?forwarded.*|x-real-ip"
    r"|x-requested-with|cache-control|pragma|dnt|priority|purpose|from|max-forwards|save-data|x-gradio-server"
)
PATH_PREFIX_PATTERN = re.compile(r"(/[a-z0-9][a-z0-9-]*)+")


def absolute(path: Path) -> Path:
    """Returns a path as an absolute one, with the home folder in place of `~`. Raises `ValueError` if there is none."""
    if "\0" in str(path):
        raise ValueError("it is not a path: it contains a null character")
    if len(os.fsencode(path)) > MAX_PATH_BYTES:
        raise ValueError(f"it is not a path: it is longer than {MAX_PATH_BYTES:,} bytes")
    return path.expanduser().absolute()


def index_place(value: object) -> IndexPlace:
    """Returns the address of a database, or an absolute folder. Raises `ValueError`, without the value."""
    if isinstance(value, str) and value.startswith(tuple(f"{scheme}:" for scheme in SCHEMES)):
        return DatabaseAddress.of(value)
    if isinstance(value, DatabaseAddress):
        return value
    if isinstance(value, str | Path):
        return absolute(Path(value))
    raise ValueError("it is neither a folder nor the address of a database")


def with_access(index: IndexPlace, password_file: Path | None, work: Path) -> IndexPlace:
    """Returns where an index is; a database with the file of its password and the folder of its writer's work."""
    return replace(index, password_file=password_file, work=work) if isinstance(index, DatabaseAddress) else index


def _check_file(path: Path) -> Path:
    if os.path.isdir(path):  # noqa: PTH112  # which a name too long for the system does not stop
        raise ValueError("it is a folder, and has to be a file")
    return path


def _split(value: object) -> object:
    """Splits a list written as one string, as environment variables are, at commas and spaces."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _check_origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    for origin in origins:
        if not ORIGIN_PATTERN.fullmatch(origin):
            raise ValueError(f"{origin} is not an exact origin such as https://intranet.example.org")
    return origins


def _check_path_prefix(prefix: str) -> str:
    if prefix and not PATH_PREFIX_PATTERN.fullmatch(prefix):
        raise ValueError("it is not a path such as /assistant: lower-case letters and digits, no slash at the end")
    return prefix


def _check_networks(addresses: tuple[str, ...]) -> tuple[str, ...]:
    for address in addresses:
        network = ipaddress.ip_network(address)
        if network.prefixlen < MIN_PREFIX_BITS[network.version]:
            raise ValueError(f"{address} is no network of your own: list the addresses of the proxies")
    return addresses


def _check_hosts(hosts: tuple[str, ...]) -> tuple[str, ...]:
    for host in hosts:
        if not HOST_PATTERN.fullmatch(host):
            raise ValueError(f"{host} is not a host name such as assistant.northshire.example, without scheme or port")
    return hosts


def _check_user_header(name: str) -> str:
    if CLIENT_HEADER_PATTERN.fullmatch(name.lower()):
        raise ValueError("clients send this header for another purpose; name the one in which your proxy puts the user")
    return name


def _check_url(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValueError("it is not a URL such as http://127.0.0.1:11434/v1")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("it may contain only scheme, host, port and path; use chat_model_key_file for a key")
    return url


def _check_languages(languages: tuple[str, ...]) -> tuple[str, ...]:
    if not languages or set(languages) - set(LANGUAGES):
        raise ValueError(f"it has to name at least one of {', '.join(LANGUAGES)}")
    return languages


def _check_one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("it has to be one line of text, such as data.team@northshire.example, 01234 567890")
    return text.strip()


def _parse_table(value: object) -> object:
    """Parses a table written as JSON, as environment variables are."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _check_no_keys(options: dict[str, ModelOption]) -> dict[str, ModelOption]:
    for name in options:
        if _KEY_NAME.search(name):
            raise ValueError(f"{name} looks like a key: keys belong in chat_model_key_file")
    return options


ModelOption = str | int | float | bool
IndexSetting = Annotated[Path | DatabaseAddress, PlainValidator(index_place)]
AbsolutePath = Annotated[Path, AfterValidator(absolute)]
FilePath = Annotated[AbsolutePath, AfterValidator(_check_file)]
StringList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
OriginList = Annotated[StringList, AfterValidator(_check_origins)]
PathPrefix = Annotated[str, AfterValidator(_check_path_prefix)]
HostList = Annotated[StringList, AfterValidator(_check_hosts)]
UserHeader = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$"), AfterValidator(_check_user_header)]
NetworkList = Annotated[StringList, AfterValidator(_check_networks)]
LanguageList = Annotated[StringList, AfterValidator(_check_languages)]
OneLine = Annotated[str, Field(max_length=MAX_LINE_CHARACTERS), AfterValidator(_check_one_line)]
HttpAddress = Annotated[str, AfterValidator(_check_url)]
ModelOptions = Annotated[
    dict[str, ModelOption], NoDecode, BeforeValidator(_parse_table), AfterValidator(_check_no_keys)
]
