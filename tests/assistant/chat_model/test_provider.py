"""A chat model by settings alone: what may be set, what is refused and how, and what becomes of keys."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from pydantic import SecretStr

from assistant.chat_model.provider import is_here, open_chat_model
from assistant.errors import SettingsError
from assistant.settings import Settings, load_settings

KEY = "sk-fictional-5566778899"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return tmp_path


def test_there_is_none_unless_one_is_set():
    assert Settings().chat_model == ""
    assert open_chat_model(Settings()) is None


def test_settings_come_from_file_and_environment(here: Path, monkeypatch: pytest.MonkeyPatch):
    (here / "assistant.toml").write_text(
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
def test_what_may_hold_a_key_is_refused_without_being_repeated(name: str, value: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(f"ASSISTANT_{name.upper()}", value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert name in str(refused.value)
    assert KEY not in str(refused.value)


@pytest.mark.parametrize("name", ["llama3", ":llama3", "openai:", "Open AI:x"])
def test_a_model_is_named_by_provider_and_name(name: str):
    with pytest.raises(SettingsError, match="chat_model"):
        load_settings({"chat_model": name})


def test_an_integration_that_is_not_installed_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch):
    def absent(*_: object, **__: object) -> None:
        raise ImportError("no module")

    monkeypatch.setattr("langchain.chat_models.init_chat_model", absent)
    with pytest.raises(SettingsError, match=r"anthropic is not installed.*assessment-assistant\[anthropic\]"):
        open_chat_model(Settings(chat_model="anthropic:some-model"))


def test_a_provider_that_is_none_is_refused():
    with pytest.raises(SettingsError, match="nonsense:x cannot be set up"):
        open_chat_model(Settings(chat_model="nonsense:x"))


def test_a_missing_key_is_said_to_be_missing():
    with pytest.raises(SettingsError, match="chat_model_key_file"):
        open_chat_model(Settings(chat_model="openai:some-model"))


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines", b"\xff\xfe", "schlüssel".encode(), b"x" * 20_000])
def test_a_file_that_holds_no_key_is_named_and_not_repeated(here: Path, content: bytes):
    file = here / "key"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=str(file)) as refused:
        open_chat_model(Settings(chat_model="openai:m", chat_model_key_file=file))
    assert "two" not in str(refused.value)


def test_a_file_of_a_key_that_is_not_there_is_named(here: Path):
    with pytest.raises(SettingsError, match="cannot be read as a key"):
        open_chat_model(Settings(chat_model="openai:m", chat_model_key_file=here / "none"))


def test_what_an_integration_complains_of_is_not_repeated(monkeypatch: pytest.MonkeyPatch):
    def complaining(*_: object, **__: object) -> None:
        raise RuntimeError(f"the key {KEY} will not do")

    monkeypatch.setattr("langchain.chat_models.init_chat_model", complaining)
    with pytest.raises(SettingsError, match="RuntimeError") as refused:
        open_chat_model(Settings(chat_model="openai:m", chat_model_key=SecretStr(KEY)))
    assert KEY not in str(refused.value)
    assert refused.value.__suppress_context__


def test_libraries_that_log_what_they_send_are_kept_quiet():
    logging.getLogger("httpx").setLevel(logging.DEBUG)
    open_chat_model(Settings(chat_model="openai:m", chat_model_url="http://127.0.0.1:9/v1"))
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
    assert not logging.getLogger("openai").isEnabledFor(logging.DEBUG)


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("10.0.0.7", False), ("llm.invalid", False), ("", False)],
)
def test_what_is_this_machine(host: str, here: bool):
    assert is_here(host) is here
