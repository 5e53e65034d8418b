"""Opening a chat model from settings: valid and invalid settings, and how keys are protected."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from pydantic import SecretStr

from assistant.chat_model.provider import is_loopback, open_chat_model
from assistant.errors import SettingsError
from assistant.settings import Settings, load_settings

KEY = "sk-fictional-5566778899"


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return tmp_path


def test_without_the_setting_there_is_no_model():
    assert Settings().chat_model == ""
    assert open_chat_model(Settings()) is None


def test_settings_are_read_from_file_and_environment(working_folder: Path, monkeypatch: pytest.MonkeyPatch):
    (working_folder / "assistant.toml").write_text(
        'chat_model = "openai:llama3"\nchat_model_timeout = 5\n[chat_model_options]\ntemperature = 0.2\n'
    )
    monkeypatch.setenv("ASSISTANT_CHAT_MODEL_URL", "http://127.0.0.1:11434/v1")
    monkeypatch.setenv("ASSISTANT_CHAT_MODEL_KEY", KEY)
    settings = load_settings()
    assert (settings.chat_model, settings.chat_model_timeout) == ("openai:llama3", 5)
    assert settings.chat_model_options == {"temperature": 0.2}
    assert settings.chat_model_key.get_secret_value() == KEY
    opened = open_chat_model(settings)
    assert opened is not None
    assert (opened.name, opened.host, opened.timeout) == ("openai:llama3", "127.0.0.1", 5)
    assert KEY not in repr(opened) + repr(settings) + "".join(
        settings.display_value(name) for name in Settings.model_fields
    )


def test_options_may_be_written_as_json_in_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ASSISTANT_CHAT_MODEL_OPTIONS", '{"temperature": 0, "seed": 7}')
    settings = load_settings()
    assert settings.chat_model_options == {"temperature": 0, "seed": 7}
    assert settings.display_value("chat_model_options") == "seed, temperature"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("chat_model_url", f"http://user:{KEY}@127.0.0.1/v1"),
        ("chat_model_url", f"http://127.0.0.1/v1?key={KEY}"),
        ("chat_model_url", f"ftp://{KEY}/"),
        ("chat_model_options", f'{{"api_key": "{KEY}"}}'),
        ("chat_model_options", f'{{"default_headers": "{KEY}"}}'),
        ("chat_model_options", f'{{"seed": ["{KEY}"]}}'),
        ("chat_model_options", KEY),
    ],
)
def test_a_setting_that_may_contain_a_key_is_not_repeated(name: str, value: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(f"ASSISTANT_{name.upper()}", value)
    with pytest.raises(SettingsError) as rejected:
        load_settings()
    assert name in str(rejected.value)
    assert KEY not in str(rejected.value)


@pytest.mark.parametrize("name", ["llama3", ":llama3", "openai:", "Open AI:x"])
def test_a_model_name_without_provider_and_model_is_rejected(name: str):
    with pytest.raises(SettingsError, match="chat_model"):
        load_settings({"chat_model": name})


def test_a_missing_integration_is_named_with_the_package_to_install(monkeypatch: pytest.MonkeyPatch):
    def absent(*_: object, **__: object) -> None:
        raise ImportError("no module")

    monkeypatch.setattr("langchain.chat_models.init_chat_model", absent)
    with pytest.raises(SettingsError, match=r"anthropic is not installed.*assessment-assistant\[anthropic\]"):
        open_chat_model(Settings(chat_model="anthropic:some-model"))


def test_an_unknown_provider_is_rejected():
    with pytest.raises(SettingsError, match="nonsense:x cannot be set up"):
        open_chat_model(Settings(chat_model="nonsense:x"))


def test_a_missing_key_is_reported_with_the_settings_that_give_one():
    with pytest.raises(SettingsError, match="chat_model_key_file"):
        open_chat_model(Settings(chat_model="openai:some-model"))


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines", b"\xff\xfe", "schlüssel".encode(), b"x" * 20_000])
def test_a_file_without_a_key_is_named_and_its_content_is_not_repeated(working_folder: Path, content: bytes):
    file = working_folder / "key"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=str(file)) as rejected:
        open_chat_model(Settings(chat_model="openai:m", chat_model_key_file=file))
    assert "two" not in str(rejected.value)


def test_a_missing_key_file_is_named(working_folder: Path):
    with pytest.raises(SettingsError, match="cannot be read as a key"):
        open_chat_model(Settings(chat_model="openai:m", chat_model_key_file=working_folder / "none"))


def test_the_error_message_of_an_integration_is_not_repeated(monkeypatch: pytest.MonkeyPatch):
    def failing(*_: object, **__: object) -> None:
        raise RuntimeError(f"the key {KEY} will not do")

    monkeypatch.setattr("langchain.chat_models.init_chat_model", failing)
    with pytest.raises(SettingsError, match="RuntimeError") as rejected:
        open_chat_model(Settings(chat_model="openai:m", chat_model_key=SecretStr(KEY)))
    assert KEY not in str(rejected.value)
    assert rejected.value.__suppress_context__


def test_http_libraries_log_nothing_below_a_warning():
    logging.getLogger("httpx").setLevel(logging.DEBUG)
    open_chat_model(Settings(chat_model="openai:m", chat_model_url="http://127.0.0.1:9/v1"))
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
    assert not logging.getLogger("openai").isEnabledFor(logging.DEBUG)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("10.0.0.7", False), ("llm.invalid", False), ("", False)],
)
def test_a_loopback_host_is_recognised(host: str, loopback: bool):
    assert is_loopback(host) is loopback
