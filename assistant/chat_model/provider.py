"""Opens the chat model named in the settings through LangChain's `init_chat_model`.

Keeps its key out of sight, and its messages from any host but its own and the proxy of the environment. A model on this
machine is reached without a proxy.
"""

from __future__ import annotations

import ipaddress
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from assistant.errors import SettingsError
from assistant.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

# Below the level of a warning these libraries log addresses, and some of them headers and bodies.
HTTP_LOGGERS = (
    *("httpx", "httpx2", "httpcore", "httpcore2", "urllib3", "botocore"),
    *("openai", "anthropic", "ollama", "langsmith"),
)
MAX_KEY_CHARACTERS = 10_000
PLACEHOLDER_KEY = "none"
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")  # HTTP libraries read them in lower case too
SETUP_ADVICE = (
    "Check chat_model_url and chat_model_options, and give a key: in the file that chat_model_key_file names, in "
    "ASSISTANT_CHAT_MODEL_KEY, or in the provider's own environment variable."
)


@dataclass(frozen=True, slots=True)
class Provider:
    """The argument names of a provider's LangChain integration; an empty name is an argument it does not take.

    `extra` is the extra of this package that installs it. `json_options` ask for a reply in JSON. `native_citations`
    is whether the provider itself cites the documents it is given. `proxy_argument` also has an environment variable of
    its name.
    """

    extra: str
    url_argument: str = "base_url"
    key_argument: str = "api_key"
    timeout_argument: str = "timeout"
    retries_argument: str = "max_retries"
    proxy_argument: str = ""
    json_options: Mapping[str, object] = field(default_factory=dict)
    native_citations: bool = False


_OPENAI_JSON: Mapping[str, object] = {"response_format": {"type": "json_object"}}
_BEDROCK = Provider("bedrock", url_argument="endpoint_url", key_argument="", timeout_argument="", retries_argument="")
PROVIDERS = {
    "openai": Provider("openai", proxy_argument="openai_proxy", json_options=_OPENAI_JSON),
    "azure_openai": Provider(
        "openai", url_argument="azure_endpoint", proxy_argument="openai_proxy", json_options=_OPENAI_JSON
    ),
    "anthropic": Provider("anthropic", proxy_argument="anthropic_proxy", native_citations=True),
    "ollama": Provider(
        "ollama", key_argument="", timeout_argument="", retries_argument="", json_options={"format": "json"}
    ),
    "bedrock": _BEDROCK,
    "bedrock_converse": _BEDROCK,
}
UNKNOWN_PROVIDER = Provider("", timeout_argument="", retries_argument="")


@dataclass(frozen=True, slots=True)
class ChatModel:
    """An opened chat model: its name as set, and the host its messages go to, empty if unknown.

    `proxy` is the proxy that they go through, as host and port; empty if there is none.
    """

    name: str
    host: str
    timeout: float  # seconds
    model: BaseChatModel = field(repr=False)
    provider: Provider = UNKNOWN_PROVIDER
    proxy: str = ""

    @property
    def stays_here(self) -> bool:
        """Whether no message leaves this machine."""
        return is_loopback(self.host) and (not self.proxy or is_loopback(urlsplit(f"//{self.proxy}").hostname or ""))


def open_chat_model(settings: Settings) -> ChatModel | None:
    """Opens the chat model that the settings name, without connecting to it; returns None where they name none.

    Adds this machine's names to the environment variable NO_PROXY. Raises `SettingsError` when the provider's
    integration is not installed, the key cannot be read, or the integration rejects the settings.
    """
    if not settings.chat_model:
        return None
    from langchain.chat_models import init_chat_model

    _exempt_loopback_from_proxies(settings)
    name, _, model = settings.chat_model.partition(":")
    provider = PROVIDERS.get(name, UNKNOWN_PROVIDER)
    arguments = _arguments(settings, provider)
    try:
        opened = init_chat_model(model, model_provider=name, **arguments)
    except ImportError as error:
        package = f"assessment-assistant[{provider.extra}]" if provider.extra else "its LangChain integration"
        advice = f"Install {package}, or leave the setting chat_model empty."
        raise SettingsError(f"The integration for {name} is not installed.", advice=advice) from error
    except Exception as error:  # noqa: BLE001  # integrations raise anything, and the message may contain the key
        reason = type(error).__name__
        raise SettingsError(f"{settings.chat_model} cannot be set up ({reason}).", advice=SETUP_ADVICE) from None
    _quieten_http_loggers()
    _refuse_redirects(opened)
    url = _url_of(opened, settings)
    proxy = proxy_for(url, os.environ, explicit=_explicit_proxy(opened, provider))
    host = urlsplit(url).hostname or ""
    return ChatModel(settings.chat_model, host, settings.chat_model_timeout, opened, provider, proxy)


def proxy_for(url: str, environment: Mapping[str, str], *, explicit: str = "") -> str:
    """Returns the proxy that requests to a URL go through, as host and port without a password; empty if none.

    `explicit` is the address of a proxy that applies whatever the environment says. Without a URL, https is assumed.
    """
    parts = urlsplit(url or "https://")
    if explicit:
        return proxy_address(explicit)
    variables = {name.lower(): value for name, value in sorted(environment.items()) if value}  # lower case comes last
    host = parts.hostname or ""
    exempt = [name.strip().lower().lstrip(".") for name in variables.get("no_proxy", "").split(",")]
    if is_loopback(host) or "*" in exempt or any(f".{host}".endswith(f".{name}") for name in exempt if name):
        return ""
    return proxy_address(variables.get(f"{parts.scheme}_proxy") or variables.get("all_proxy", ""))


def proxy_address(address: str) -> str:
    """Returns host and port of a proxy's address, without the password that it may contain."""
    return urlsplit(address if "//" in address else f"//{address}").netloc.rpartition("@")[2]


def _explicit_proxy(model: BaseChatModel, provider: Provider) -> str:
    return str(getattr(model, provider.proxy_argument, None) or "") if provider.proxy_argument else ""


def _exempt_loopback_from_proxies(settings: Settings) -> None:
    """Sets NO_PROXY so that requests to this machine are sent to it directly, by whatever HTTP library."""
    names = [*LOOPBACK_NAMES]
    host = urlsplit(settings.chat_model_url).hostname or ""
    if is_loopback(host):
        names.append(host)
    variables = ("NO_PROXY", "no_proxy")
    listed = [name.strip() for variable in variables for name in os.environ.get(variable, "").split(",")]
    os.environ.update(dict.fromkeys(variables, ",".join(dict.fromkeys([*filter(None, listed), *names]))))


def http_client(model: BaseChatModel) -> object:
    """Returns the HTTP client of an integration for calls that wait; None if it has none that we know."""
    for owner in ("root_client", "_client"):
        client = getattr(getattr(model, owner, None), "_client", None)
        if hasattr(client, "follow_redirects"):
            return client
    return None


def _refuse_redirects(model: BaseChatModel) -> None:
    """Makes an integration treat a redirect as an error: it would send the whole prompt to another host."""
    client = http_client(model)
    if client is not None:
        client.follow_redirects = False  # type: ignore[attr-defined]  # see `http_client`


def _url_of(model: BaseChatModel, settings: Settings) -> str:
    """The URL that a model's messages go to, from its HTTP client or the settings; empty where neither gives it."""
    attributes = ("azure_endpoint", "openai_api_base", "anthropic_api_url", "endpoint_url", "base_url")
    client = getattr(model, "root_client", None)
    urls = [getattr(http_client(model), "base_url", ""), settings.chat_model_url, getattr(client, "base_url", "")]
    urls += [getattr(model, name, "") for name in attributes]
    return next((str(url) for url in urls if url and urlsplit(str(url)).hostname), "")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own. Names are not resolved."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _arguments(settings: Settings, provider: Provider) -> dict[str, Any]:
    """The integration's arguments, by its own names. It makes no retries: `ModelCaller` decides on those."""
    arguments: dict[str, Any] = dict(settings.chat_model_options)
    if settings.chat_model_url:
        arguments[provider.url_argument] = settings.chat_model_url
        if provider.proxy_argument and is_loopback(urlsplit(settings.chat_model_url).hostname or ""):
            arguments.setdefault(provider.proxy_argument, "")  # or the integration reads a variable of its own
    arguments |= _key_arguments(settings, provider)
    if provider.timeout_argument:
        arguments[provider.timeout_argument] = settings.chat_model_timeout
    if provider.retries_argument:
        arguments[provider.retries_argument] = 0
    return arguments


def _key_arguments(settings: Settings, provider: Provider) -> dict[str, Any]:
    key = _read_key(settings)
    if provider.key_argument:
        if settings.chat_model_url:
            # Without a key the integration would send the one in the environment, which is for the provider's own host.
            key = key or PLACEHOLDER_KEY
        return {provider.key_argument: SecretStr(key)} if key else {}
    if provider.extra == "ollama" and key not in ("", PLACEHOLDER_KEY):
        return {"client_kwargs": {"headers": {"Authorization": f"Bearer {key}"}}}
    return {}


def _read_key(settings: Settings) -> str:
    file = settings.chat_model_key_file
    if file is None:
        return settings.chat_model_key.get_secret_value().strip()
    try:
        key = file.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read as a key.", advice="Check chat_model_key_file.") from error
    if not key or len(key) > MAX_KEY_CHARACTERS or not key.isprintable() or not key.isascii():
        raise SettingsError(f"{file} contains no key.", advice="Put the key, and nothing else, on one line.")
    return key


def _quieten_http_loggers() -> None:
    for name in HTTP_LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
