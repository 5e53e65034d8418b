"""The settings, read from command-line options, the environment and a TOML file.

The first that sets a value wins: an option, the environment variable `ASSISTANT_<NAME>`, the file (`--config`, or
`assistant.toml` in the working directory), the default. A name that belongs to no setting is an error everywhere.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, PrivateAttr, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from assistant.errors import SettingsError
from assistant.setting_values import (
    AbsolutePath,
    FilePath,
    HostList,
    HttpAddress,
    IndexSetting,
    LanguageList,
    ModelOptions,
    NetworkList,
    OneLine,
    OriginList,
    PathPrefix,
    UserHeader,
    absolute,
    with_access,
)
from index.storage.postgres import IndexPlace

ENVIRONMENT_PREFIX = "ASSISTANT_"
CONFIG_FILE = "assistant.toml"
DEFAULT_INDEX = Path(".index")
MAX_SHOWN_CHARACTERS = 200  # of a value, in an error
# Settings that may contain a key: their values are never printed, not even in an error message.
SECRET_SETTINGS = frozenset({"chat_model_key", "chat_model_url", "chat_model_options"})


class Settings(BaseSettings):
    """Every setting. The constructor uses its arguments only; `load_settings` reads the environment and the file."""

    model_config = SettingsConfigDict(env_prefix=ENVIRONMENT_PREFIX, env_ignore_empty=True, frozen=True)

    sources: AbsolutePath = Field(Path("sources"), description="Folder of the transcripts.")
    index: IndexSetting = Field(DEFAULT_INDEX, description="Folder of the index, or the postgresql:// address of one.")
    index_password_file: FilePath | None = Field(None, description="File that contains only the database's password.")
    index_work: AbsolutePath = Field(DEFAULT_INDEX / "work", description="Folder where a database's index is prepared.")
    indexing: bool = Field(default=True, description="Whether `serve` updates and repairs the index itself.")
    embedding_model: str = Field(
        "all-MiniLM-L6-v2", min_length=1, description="Packaged model, sentence-transformers folder or cached model."
    )
    reranker: str = Field(
        "packaged", min_length=1, description="`packaged`, or a CrossEncoder or MultiVectorEncoder, as folder or name."
    )
    vector_store: Literal["chroma", "exact"] = Field("chroma", description="Store that searches the vectors.")
    host: str = Field("127.0.0.1", min_length=1, description="Address to serve the page on.")
    port: int = Field(7860, ge=0, le=65535, description="Port to serve the page on; 0 picks a free one.")
    max_question_characters: int = Field(500, ge=1, le=10_000, description="Longest question, in characters.")

    hosts: HostList = Field((), description="Other host names of the page, as a proxy forwards them.")
    prefix: PathPrefix = Field("", description="Path under which a proxy serves the page, such as /assistant.")
    embed_origins: OriginList = Field((), description="Origins of sites that may embed the chat and call the API.")
    identity: Literal["", "none", "header"] = Field(
        "", description="How users are identified: `none`, or a proxy's `header`. Required to serve other machines."
    )
    user_header: UserHeader = Field("X-Remote-User", description="Proxy's header for the user.")
    proxies: NetworkList = Field((), description="Addresses or networks of trusted proxies.")
    question_timeout: float = Field(20, gt=0, le=600, description="Longest time for one question, in seconds.")
    questions_per_minute: int = Field(60, ge=1, description="Questions allowed per minute for each user.")
    seconds_per_minute: float = Field(15, gt=0, le=600, description="Computing seconds per minute for each user.")
    stop_seconds: float = Field(
        20, ge=0, le=600, description="Longest time that answers under way may take once the server is told to stop."
    )
    audit_log: FilePath = Field(Path(".log/audit.jsonl"), description="File of the audit log, as JSON Lines.")
    audit_output: Literal["file", "stdout"] = Field(
        "file", description="Where the audit log goes: into its file, or to standard output for a collector."
    )
    audit_key_file: FilePath | None = Field(
        None, description="File of the key of the audit log's hashes, for all replicas; by default one beside the log."
    )
    audit_questions: bool = Field(default=False, description="Whether the audit log records the questions asked.")
    mcp: bool = Field(default=False, description="Whether programs may ask by the Model Context Protocol, at /mcp.")
    gradio_client: bool = Field(default=False, description="Whether programs may ask with gradio_client.")
    metrics: bool = Field(default=False, description="Whether /metrics gives counts and times to Prometheus.")
    traces: Literal["off", "steps", "texts"] = Field(
        "off", description="OpenTelemetry spans: none, of questions and `steps`, or these with their `texts`."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="Least level of what is logged to standard error."
    )
    log_format: Literal["text", "json"] = Field("text", description="Form of the log: text, or one JSON object a line.")
    closed_file: FilePath = Field(
        Path(".closed"), description="While this file exists, its text is displayed and no question is answered."
    )
    cases: FilePath = Field(Path(".cases/cases.jsonl"), description="File of feedback, for `assistant evaluate`.")
    languages: LanguageList = Field(("en",), description="Languages of the pages (en, cy); the first is the default.")
    conversations: Literal["page", "tab", "browser"] = Field(
        "tab", description="Where a conversation is kept: in its `page`, its `tab` until it closes, or the `browser`."
    )
    conversation_key_file: AbsolutePath = Field(
        Path(".log/conversation.key"), description="File of the key that signs conversations, made at first use."
    )
    contact: OneLine = Field("", description="Whom readers tell about problems, as /accessibility shows it.")

    chat_model: str = Field(
        "", pattern=r"^([a-z][a-z0-9_]*:\S+)?$", description="Chat model as provider:model (openai:llama3), or empty."
    )
    chat_model_url: HttpAddress = Field("", description="URL of the model's server, if not the provider's default.")
    chat_model_timeout: float = Field(15, gt=0, le=600, description="Longest wait for the model, in seconds.")
    chat_model_key: SecretStr = Field(SecretStr(""), description="API key of the model; a file is safer.")
    chat_model_key_file: FilePath | None = Field(None, description="File that contains only the API key.")
    chat_model_options: ModelOptions = Field(
        default_factory=dict, description="More of the provider's options, as a table: temperature, azure_deployment."
    )

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # pydantic-settings passes all five by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Returns the constructor's arguments as the only source."""
        return (init_settings,)

    @property
    def index_place(self) -> IndexPlace:
        """Where the index is, with all that is needed to use it."""
        return with_access(self.index, self.index_password_file, self.index_work)

    def display_value(self, name: str) -> str:
        """Returns the value of `name` for display: keys masked, and only the names of chat model options."""
        value = getattr(self, name)
        if value is None:
            return ""
        return ", ".join(sorted(value)) if name == "chat_model_options" else str(value)

    def origin(self, name: str) -> str:
        """Returns where the value of `name` was set, such as `option --port` or `default`."""
        return self._origins.get(name, "default")

    def with_origins(self, origins: Mapping[str, str]) -> Self:
        """Records where values were set, by setting name, and returns these settings."""
        self._origins.update(origins)
        return self


def load_settings(options: Mapping[str, object] | None = None, config: Path | None = None) -> Settings:
    """Reads the settings from `options`, the environment and a TOML file, in that order of precedence.

    `options` maps setting names to values; None means not given. `config` is the file, which must exist; without it
    `assistant.toml` is read if there is one. Raises `SettingsError` for an unknown name, a file that cannot be read, or
    an invalid value, also if another takes precedence over it.
    """
    sources: list[_Source] = [_OptionSource(options or {}), _EnvironmentSource()]
    path = Path(CONFIG_FILE) if config is None else config.expanduser()
    if config is not None or path.exists():
        sources.append(_FileSource(path))
    for source in sources:
        _settings_from([source])
    sources.append(_OwnIndexSource(Settings))
    return _settings_from(sources).with_origins(_origins(sources))


def _settings_from(sources: Sequence[_Source]) -> Settings:
    """Returns the settings that the sources give. Raises `SettingsError` for an invalid value."""
    try:
        return Settings(_build_sources=(tuple(sources), {}))
    except ValidationError as error:
        raise _settings_error(error, _origins(sources)) from error


def own_index(sources: Path) -> Path:
    """Returns the default index folder of a sources folder, so that two sources folders never share an index."""
    default = Settings()
    folder = absolute(sources)
    index = absolute(DEFAULT_INDEX)
    if folder == default.sources:
        return index
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:8]
    return index / "other" / f"{folder.name}-{digest}"


class _OptionSource(InitSettingsSource):
    """The command-line options that were given."""

    def __init__(self, options: Mapping[str, object]) -> None:
        given = {name: value for name, value in options.items() if value is not None}
        _refuse_unknown(given, self.origin)
        super().__init__(Settings, given)

    @staticmethod
    def origin(name: str) -> str:
        return f"option --{name.replace('_', '-')}"


class _EnvironmentSource(EnvSettingsSource):
    """The environment variables `ASSISTANT_<NAME>`."""

    def __init__(self) -> None:
        variables = [name for name in os.environ if name.upper().startswith(ENVIRONMENT_PREFIX)]
        _refuse_unknown([name[len(ENVIRONMENT_PREFIX) :].lower() for name in variables], self.origin)
        super().__init__(Settings)

    @staticmethod
    def origin(name: str) -> str:
        return f"environment variable {ENVIRONMENT_PREFIX}{name.upper()}"


class _FileSource(TomlConfigSettingsSource):
    """A settings file in TOML. Raises `SettingsError` when it cannot be read; the base class would ignore it."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise SettingsError(f"{path} cannot be read: it is not a file.", advice="Check the path.")
        super().__init__(Settings, path)
        _refuse_unknown(self.toml_data, lambda name: f"{name} in {path}")

    def origin(self, name: str) -> str:  # noqa: ARG002
        return f"file {self.toml_file_path}"

    def _read_file(self, file_path: Path | Traversable) -> dict[str, Any]:
        try:
            return tomllib.loads(file_path.read_text(encoding="utf-8-sig"))  # Notepad writes a byte-order mark
        except OSError as error:
            raise SettingsError(f"{file_path} cannot be read: {error.strerror}.", advice="Check the path.") from error
        except RecursionError as error:
            raise SettingsError(f"{file_path} is nested too deeply.", advice="Write lines like port = 7860") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file_path} is not TOML: {error}.", advice="Write lines like port = 7860") from error


class _OwnIndexSource(PydanticBaseSettingsSource):
    """The index folder that follows from a sources folder, when `sources` is set and `index` is not."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        sources = str(self.current_state.get("sources", ""))
        if not sources or "index" in self.current_state or "\0" in sources:  # what is no path is refused as `sources`
            return {}
        return {"index": own_index(Path(sources))}

    @staticmethod
    def origin(name: str) -> str:  # noqa: ARG004
        return "default for this sources folder"


_Source = _OptionSource | _EnvironmentSource | _FileSource | _OwnIndexSource


def _origins(sources: Sequence[_Source]) -> dict[str, str]:
    """Returns where each setting was set, by name; the first source that has it wins."""
    return {name: source.origin(name) for source in reversed(sources) for name in source()}


def _refuse_unknown(names: Iterable[str], label: Callable[[str], str]) -> None:
    known = Settings.model_fields
    for name in sorted(set(names) - set(known)):
        nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        advice = f"Did you mean {label(nearest[0])}?" if nearest else f"The settings are {', '.join(known)}."
        raise SettingsError(f"There is no setting for {label(name)}.", advice=advice)


def _settings_error(error: ValidationError, origins: Mapping[str, str]) -> SettingsError:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0])
    hidden = name in SECRET_SETTINGS or (name == "index" and "://" in str(first["input"]))
    value = "this value" if hidden else _shortened(repr(first["input"]))
    return SettingsError(
        f"{name} cannot be {value} ({origins[name]}): {first['msg']}.",
        advice=f"{name}: {Settings.model_fields[name].description}",
    )


def _shortened(value: str) -> str:
    return value if len(value) <= MAX_SHOWN_CHARACTERS else f"{value[:MAX_SHOWN_CHARACTERS]}…"
