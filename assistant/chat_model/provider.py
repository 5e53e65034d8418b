"""Opens the chat model named in the settings through LangChain's `init_chat_model` and keeps its key out of sight."""

from __future__ import annotations

import ipaddress
import logging
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
SETUP_ADVICE = (
    "Check chat_model_url and chat_model_options, and give a key: in the file that chat_model_key_file names, in "
    "ASSISTANT_CHAT_MODEL_KEY, or in the provider's own environment variable."
)


@dataclass(frozen=True, slots=True)
class Provider:
    """The argument names of a provider's LangChain integration; an empty name is an argument it does not take.

    `extra` is the extra of this package that installs it. `json_options` ask for a reply in JSON. `native_citations`
    is whether the provider itself cites the documents it is given.
    """

    extra: str
    url_argument: str = "base_url"
    key_argument: str = "api_key"
    timeout_argument: str = "timeout"
    retries_argument: str = "max_retries"
    json_options: Mapping[str, object] = field(default_factory=dict)
    native_citations: bool = False


_OPENAI_JSON: Mapping[str, object] = {"response_format": {"type": "json_object"}}
_BEDROCK = Provider("bedrock", url_argument="endpoint_url", key_argument="", timeout_argument="", retries_argument="")
PROVIDERS = {
    "openai": Provider("openai", json_options=_OPENAI_JSON),
    "azure_openai": Provider("openai", url_argument="azure_endpoint", json_options=_OPENAI_JSON),
    "anthropic": Provider("anthropic", native_citations=True),
    "ollama": Provider(
        "ollama", key_argument="", timeout_argument="", retries_argument="", json_options={"format": "json"}
    ),
    "bedrock": _BEDROCK,
    "bedrock_converse": _BEDROCK,
}
UNKNOWN_PROVIDER = Provider("", timeout_argument="", retries_argument="")


@dataclass(frozen=True, slots=True)
class ChatModel:
    """An opened chat model: its name as set, and the host its messages go to, empty if unknown."""

    name: str
    host: str
    timeout: float  # seconds
    model: BaseChatModel = field(repr=False)
    provider: Provider = UNKNOWN_PROVIDER


def open_chat_model(settings: Settings) -> ChatModel | None:
    """Opens the chat model that the settings name, without connecting to it; returns None where they name none.

    Raises `SettingsError` when the provider's integration is not installed, the key cannot be read, or the integration
    rejects the settings.
    """
    if not settings.chat_model:
        return None
    from langchain.chat_models import init_chat_model

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
    return ChatModel(settings.chat_model, host_of(opened, settings), settings.chat_model_timeout, opened, provider)


def host_of(model: BaseChatModel, settings: Settings) -> str:
    """The host that a model's messages go to, from the settings or the integration; empty where neither gives it."""
    client = getattr(model, "root_client", None)
    attributes = ("azure_endpoint", "openai_api_base", "anthropic_api_url", "endpoint_url", "base_url")
    urls = [settings.chat_model_url, getattr(client, "base_url", "")]
    urls += [getattr(model, name, "") for name in attributes]
    hosts = (urlsplit(str(url)).hostname for url in urls if url)
    return next((host for host in hosts if host), "")


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
