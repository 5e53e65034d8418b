"""Settings: the one place that reads the environment and `assistant.toml`.

A value is taken from the first that gives it: a command-line option, an environment variable `ASSISTANT_<NAME>`, a
file in TOML (`assistant.toml` in the working directory, or the one named with `--config`), the default. A name that
no setting has is an error wherever it stands.
"""

from __future__ import annotations

import difflib
import hashlib
import ipaddress
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, SecretStr, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from assistant.errors import SettingsError

PREFIX = "ASSISTANT_"
CONFIG_FILE = "assistant.toml"
# Settings whose value may hold a key, and so is never repeated, not even to say what is wrong with it.
GUARDED = frozenset({"chat_model_key", "chat_model_url", "chat_model_options"})
_KEY_NAME = re.compile(r"key|secret|token|password|credential|header|auth", re.IGNORECASE)
# Scheme, host and port as a browser writes them in an Origin header (RFC 6454, section 6.2); no path, no wildcard.
ORIGIN = re.compile(r"https?://([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?")
PATH_BEFORE = re.compile(r"(/[a-z0-9][a-z0-9-]*)+")


def _from_working_directory(path: Path) -> Path:
    return path.expanduser().absolute()


def _listed(value: object) -> object:
    """A list may be written as one text, its members parted by commas or spaces, as an environment variable is."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _exact_origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise ValueError(f"{origin} is not an exact origin such as https://intranet.example.org")
    return origins


def _path_before(prefix: str) -> str:
    if prefix and not PATH_BEFORE.fullmatch(prefix):
        raise ValueError("it is not a path such as /assistant, of small letters and digits, without a slash at its end")
    return prefix


def _networks(addresses: tuple[str, ...]) -> tuple[str, ...]:
    for address in addresses:
        ipaddress.ip_network(address)
    return addresses


def _bare_url(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValueError("it is not an address such as http://127.0.0.1:11434/v1")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("nothing may stand in it but scheme, host, port and path; a key has its own setting")
    return url


def _options(value: object) -> object:
    """A table may be written as one text, in JSON, as an environment variable is."""
    return json.loads(value) if isinstance(value, str) else value


def _no_keys(options: dict[str, Option]) -> dict[str, Option]:
    for name in options:
        if _KEY_NAME.search(name):
            raise ValueError(f"{name} looks like a key: keys belong in chat_model_key_file")
    return options


Option = str | int | float | bool
Folder = Annotated[Path, AfterValidator(_from_working_directory)]
Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Origins = Annotated[Listed, AfterValidator(_exact_origins)]
Prefix = Annotated[str, AfterValidator(_path_before)]
Networks = Annotated[Listed, AfterValidator(_networks)]
Url = Annotated[str, AfterValidator(_bare_url)]
Options = Annotated[dict[str, Option], NoDecode, BeforeValidator(_options), AfterValidator(_no_keys)]


class Settings(BaseSettings):
    """Every setting. Building one reads nothing but its arguments; `load_settings` reads the surroundings."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    sources: Folder = Field(default=Path("sources"), validate_default=True, description="Folder of the transcripts.")
    index: Folder = Field(
        default=Path(".index"),
        validate_default=True,
        description="Folder of the index. A sources folder other than the default has its own below the default.",
    )
    embedding_model: str = Field(
        default="all-MiniLM-L6-v2",
        min_length=1,
        description="The packaged model, a sentence-transformers folder, a name in the local cache, or hashed-words.",
    )
    vector_store: Literal["chroma", "exact"] = Field(default="chroma", description="Where vectors are searched.")
    host: str = Field(default="127.0.0.1", min_length=1, description="Address the page is served on.")
    port: int = Field(default=7860, ge=0, le=65535, description="Port the page is served on; 0 takes a free one.")
    max_question_characters: int = Field(default=500, ge=1, le=10_000, description="Longest question answered.")

    hosts: Listed = Field(default=(), description="Other host names the page is reached by, as a proxy passes them on.")
    prefix: Prefix = Field(
        default="",
        description="Path before every address, as a proxy passes it on, such as /assistant: for a proxy that serves "
        "other things under the same host name.",
    )
    embed_origins: Origins = Field(
        default=(), description="Sites that may frame the chat and read the JSON interface, as exact origins."
    )
    identity: Literal["", "none", "header"] = Field(
        default="",
        description="Who is asking: `none` by decision, or the user a proxy names in a `header`. Must be chosen before "
        "the page is served to other machines.",
    )
    user_header: str = Field(
        default="X-Remote-User", pattern=r"^[A-Za-z0-9-]+$", description="Header in which a proxy names the user."
    )
    proxies: Networks = Field(default=(), description="Addresses or networks of the proxies that are believed.")
    questions_per_minute: int = Field(default=60, ge=1, description="Questions a minute that one identity may ask.")
    audit_log: Folder = Field(
        default=Path(".log/audit.jsonl"), validate_default=True, description="File of the audit log, in JSON lines."
    )
    audit_questions: bool = Field(default=False, description="Whether the audit log holds the questions themselves.")
    closed_file: Folder = Field(
        default=Path(".closed"),
        validate_default=True,
        description="While this file exists nothing is answered; its text is shown instead.",
    )
    cases: Folder = Field(
        default=Path(".cases/cases.jsonl"),
        validate_default=True,
        description="File of the cases that people's feedback makes, for `assistant evaluate`.",
    )

    chat_model: str = Field(
        default="",
        pattern=r"^([a-z][a-z0-9_]*:\S+)?$",
        description="A chat model that summarises what was found, as provider:model (openai:llama3); empty for none.",
    )
    chat_model_url: Url = Field(
        default="", description="Address of the model's server, where it is not the provider's own."
    )
    chat_model_timeout: float = Field(
        default=15, gt=0, le=600, description="Seconds that an answer waits for the model at most."
    )
    chat_model_key: SecretStr = Field(
        default=SecretStr(""), description="Key for the model's server; better kept in a file or the environment."
    )
    chat_model_key_file: Folder | None = Field(default=None, description="File that holds that key and nothing else.")
    chat_model_options: Options = Field(
        default_factory=dict,
        description="More of what the provider's integration takes, as a table: temperature, azure_deployment.",
    )

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the signature is pydantic-settings'
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments only: the other sources are read by `load_settings`, which remembers what came from where."""
        return (init_settings,)

    def shown(self, name: str) -> str:
        """The value of `name` as it may be shown: a key never, and of options only their names."""
        value = getattr(self, name)
        if value is None:
            return ""
        return ", ".join(sorted(value)) if name == "chat_model_options" else str(value)

    def origin(self, name: str) -> str:
        """Where the value of `name` came from, in words."""
        return self._origins.get(name, "default")

    def with_origins(self, origins: Mapping[str, str]) -> Self:
        """The same settings, knowing where their values came from."""
        self._origins.update(origins)
        return self


def load_settings(options: Mapping[str, object] | None = None, config: Path | None = None) -> Settings:
    """Read the settings. `options` are by setting name, those that are None not given; `config` names a TOML file.

    Raises `SettingsError` when a name is unknown, a value cannot be, or the file cannot be read.
    """
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    layers = [_read_file(config), _read_environment(), _read_options(options or {})]
    for layer in layers:
        for name, (value, origin) in layer.items():
            values[name], origins[name] = value, origin
    if "sources" in values and "index" not in values:
        values["index"] = own_index(Path(str(values["sources"])))
        origins["index"] = "default for this sources folder"
    try:
        return Settings.model_validate(values).with_origins(origins)
    except ValidationError as error:
        raise _explained(error, origins) from error


def own_index(sources: Path) -> Path:
    """The index folder of a sources folder when none is named: two sources folders never share one by accident."""
    default = Settings()
    folder = _from_working_directory(sources)
    if folder == default.sources:
        return default.index
    digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]
    return default.index / "other" / f"{folder.name}-{digest}"


Layer = dict[str, tuple[object, str]]


def _read_options(options: Mapping[str, object]) -> Layer:
    given = {name: value for name, value in options.items() if value is not None}
    _refuse_unknown(given, _option)
    return {name: (value, _option(name)) for name, value in given.items()}


def _read_environment() -> Layer:
    names = [name[len(PREFIX) :].lower() for name in os.environ if name.upper().startswith(PREFIX)]
    _refuse_unknown(names, _variable)
    values = EnvSettingsSource(Settings)()
    return {name: (value, _variable(name)) for name, value in values.items()}


def _read_file(config: Path | None) -> Layer:
    path = Path(CONFIG_FILE) if config is None else config.expanduser()
    if config is None and not path.exists():
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.", advice="Check the path.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}.", advice="Write a setting a line: port = 7860") from error
    _refuse_unknown(values, lambda name: f"{name} in {path}")
    return {name: (value, f"file {path}") for name, value in values.items()}


def _option(name: str) -> str:
    return f"option --{name.replace('_', '-')}"


def _variable(name: str) -> str:
    return f"environment variable {PREFIX}{name.upper()}"


def _refuse_unknown(names: Iterable[str], spelt: Callable[[str], str]) -> None:
    known = Settings.model_fields
    for name in sorted(set(names) - set(known)):
        nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        advice = f"Did you mean {spelt(nearest[0])}?" if nearest else f"The settings are {', '.join(known)}."
        raise SettingsError(f"There is no setting for {spelt(name)}.", advice=advice)


def _explained(error: ValidationError, origins: Mapping[str, str]) -> SettingsError:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0])
    value = "as given" if name in GUARDED else repr(first["input"])
    return SettingsError(
        f"{name} cannot be {value} ({origins[name]}): {first['msg']}.",
        advice=f"{name}: {Settings.model_fields[name].description}",
    )
