"""A chat model opened from the settings, through LangChain's `init_chat_model`, with its key kept out of sight."""

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

# What HTTP libraries log below a warning names addresses, and in some of them headers and bodies.
TALKATIVE = ("httpx", "httpcore", "openai", "anthropic", "ollama", "botocore", "urllib3", "langsmith")
LONGEST_KEY = 10_000  # characters; a larger file is not a key
SETTING_UP = (
    "Check chat_model_url and chat_model_options, and give a key: in the file that chat_model_key_file names, in "
    "ASSISTANT_CHAT_MODEL_KEY, or in the provider's own environment variable."
)


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider's integration calls things. `json` asks for a JSON object, `cites` tells native citations."""

    extra: str
    url: str = "base_url"
    key: str = "api_key"
    timeout: str = "timeout"
    retries: str = "max_retries"
    json: Mapping[str, object] = field(default_factory=dict)
    cites: bool = False


_OPENAI_JSON: Mapping[str, object] = {"response_format": {"type": "json_object"}}
PROVIDERS = {
    "openai": Provider("openai", json=_OPENAI_JSON),
    "azure_openai": Provider("openai", url="azure_endpoint", json=_OPENAI_JSON),
    "anthropic": Provider("anthropic", cites=True),
    "ollama": Provider("ollama", key="", timeout="", retries="", json={"format": "json"}),
    "bedrock": Provider("bedrock", url="endpoint_url", key="", timeout="", retries=""),
    "bedrock_converse": Provider("bedrock", url="endpoint_url", key="", timeout="", retries=""),
}
OTHER = Provider("", timeout="", retries="")


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A chat model, and what is said of it: its name as set, and the host its messages go to, empty if unknown."""

    name: str
    host: str
    timeout: float  # seconds
    model: BaseChatModel = field(repr=False)
    provider: Provider = OTHER


def open_chat_model(settings: Settings) -> ChatModel | None:
    """The chat model the settings name; None where they name none. No connection is made.

    Raises `SettingsError` when the provider's integration is not installed, the key cannot be read, or the integration
    will not have the settings.
    """
    if not settings.chat_model:
        return None
    from langchain.chat_models import init_chat_model

    name, _, model = settings.chat_model.partition(":")
    provider = PROVIDERS.get(name, OTHER)
    arguments = _arguments(settings, provider, _key(settings))
    try:
        opened = init_chat_model(model, model_provider=name, **arguments)
    except ImportError as error:
        package = f"assessment-assistant[{provider.extra}]" if provider.extra else "its LangChain integration"
        advice = f"Install {package}, or leave the setting chat_model empty."
        raise SettingsError(f"The integration for {name} is not installed.", advice=advice) from error
    except Exception as error:  # noqa: BLE001  # its words may hold the key: only the kind of complaint is kept
        why = type(error).__name__
        raise SettingsError(f"{settings.chat_model} cannot be set up ({why}).", advice=SETTING_UP) from None
    _keep_quiet()
    return ChatModel(settings.chat_model, host_of(opened, settings), settings.chat_model_timeout, opened, provider)


def host_of(model: Any, settings: Settings) -> str:  # noqa: ANN401  # each integration has a class of its own
    """The host a model's messages go to, as far as the settings or the integration tell; else empty."""
    client = getattr(model, "root_client", None)
    names = ("azure_endpoint", "openai_api_base", "anthropic_api_url", "endpoint_url", "base_url")
    places = [settings.chat_model_url, getattr(client, "base_url", ""), *(getattr(model, name, "") for name in names)]
    return next((host for place in places if place and (host := urlsplit(str(place)).hostname)), "")


def is_here(host: str) -> bool:
    """Whether a host is this machine, by its name or number alone: nothing is looked up."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _arguments(settings: Settings, provider: Provider, key: str) -> dict[str, Any]:
    """What the integration is given, in its own names. Retries are ours to make, so it makes none."""
    given: dict[str, Any] = dict(settings.chat_model_options)
    if settings.chat_model_url:
        given[provider.url] = settings.chat_model_url
        # A key in the environment is meant for the provider's own host, and is not sent to another.
        key = key or "none"
    if key and provider.key:
        given[provider.key] = SecretStr(key)
    elif key != "none" and key and provider.extra == "ollama":
        given["client_kwargs"] = {"headers": {"Authorization": f"Bearer {key}"}}
    if provider.timeout:
        given[provider.timeout] = settings.chat_model_timeout
    if provider.retries:
        given[provider.retries] = 0
    return given


def _key(settings: Settings) -> str:
    file = settings.chat_model_key_file
    if file is None:
        return settings.chat_model_key.get_secret_value().strip()
    try:
        key = file.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read as a key.", advice="Check chat_model_key_file.") from error
    if not key or len(key) > LONGEST_KEY or not key.isprintable() or not key.isascii():
        raise SettingsError(f"{file} holds no key.", advice="Put the key, and nothing else, on its one line.")
    return key


def _keep_quiet() -> None:
    for name in TALKATIVE:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
