"""Opening a chat model from settings: valid and invalid settings, and how keys are protected."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from assistant.chat_model.calls import ModelCaller, probe_model
from assistant.chat_model.provider import ChatModel, is_loopback, open_chat_model, proxy_for
from assistant.errors import SettingsError
from assistant.settings import Settings, load_settings
from tests.fixtures.model_server import KEY as SERVER_KEY
from tests.fixtures.model_server import Reply, echo, running_server

KEY = "sk-fictional-5566778899"


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    for name in ("NO_PROXY", "no_proxy"):  # opening a model changes them
        monkeypatch.setenv(name, "")
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


def opened_at(url: str, **options: str) -> ChatModel:
    model = open_chat_model(
        Settings(
            chat_model="openai:m",
            chat_model_url=url,
            chat_model_key=SecretStr(SERVER_KEY),
            chat_model_timeout=10,
            chat_model_options=options,
        )
    )
    assert model is not None
    return model


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "OPENAI_PROXY"])
@pytest.mark.parametrize("exempt", ["", "intranet.northshire.example"])
def test_a_model_on_this_machine_is_reached_without_a_proxy(name: str, exempt: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_PROXY", exempt)
    with running_server(echo) as server, running_server(echo) as proxy:
        monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
        model = opened_at(server.url)
        assert not probe_model(ModelCaller(model)).failed
        assert (len(server.requests), len(proxy.requests)) == (1, 0)
        assert (model.host, model.proxy, model.stays_here) == ("127.0.0.1", "", True)
    assert {*exempt.split(), "127.0.0.1", "localhost"} <= set(os.environ["no_proxy"].split(","))


def test_the_proxy_of_a_model_elsewhere_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch):
    with running_server(echo) as proxy:
        port = proxy.server_address[1]
        monkeypatch.setenv("HTTP_PROXY", f"http://user:{KEY}@127.0.0.1:{port}")
        model = opened_at("http://llm.northshire.example/v1")
        assert not probe_model(ModelCaller(model)).failed  # so this is where its messages do go
        assert len(proxy.requests) == 1
    assert (model.host, model.proxy, model.stays_here) == ("llm.northshire.example", f"127.0.0.1:{port}", False)


def test_a_proxy_among_the_options_is_used_and_named(monkeypatch: pytest.MonkeyPatch):
    model = opened_at("http://127.0.0.1:9/v1", openai_proxy="http://proxy.northshire.example:3128")
    assert (model.proxy, model.stays_here) == ("proxy.northshire.example:3128", False)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_the_model_is_not_followed(status: int):
    with running_server(echo) as other:
        moved = Reply(status=status, location=f"{other.url}/chat/completions")
        with running_server(lambda request: moved) as server:
            assert probe_model(ModelCaller(opened_at(server.url))).failed
            assert (len(server.requests), other.requests) == (1, [])


@pytest.mark.parametrize(
    ("url", "environment", "proxy"),
    [
        ("https://llm.example/v1", {}, ""),
        ("https://llm.example/v1", {"HTTPS_PROXY": "http://proxy.example:3128"}, "proxy.example:3128"),
        ("https://llm.example/v1", {"https_proxy": "proxy.example:3128"}, "proxy.example:3128"),
        ("https://llm.example/v1", {"HTTP_PROXY": "http://proxy.example:3128"}, ""),
        ("http://llm.example/v1", {"HTTP_PROXY": "http://proxy.example:3128"}, "proxy.example:3128"),
        ("http://llm.example/v1", {"HTTP_PROXY": "http://a.example", "http_proxy": "http://b.example"}, "b.example"),
        ("https://llm.example/v1", {"ALL_PROXY": "socks5://u:p@proxy.example:1080"}, "proxy.example:1080"),
        ("https://llm.example/v1", {"ALL_PROXY": "http://p.example", "NO_PROXY": "llm.example"}, ""),
        ("https://llm.example/v1", {"ALL_PROXY": "http://p.example", "no_proxy": "*"}, ""),
        ("http://localhost:11434/v1", {"ALL_PROXY": "http://p.example"}, ""),
        ("http://[::1]:11434/v1", {"ALL_PROXY": "http://p.example"}, ""),
        ("", {"HTTPS_PROXY": "http://p.example"}, "p.example"),
    ],
)
def test_the_proxy_for_a_url_is_that_of_the_environment(url: str, environment: dict[str, str], proxy: str):
    assert proxy_for(url, environment) == proxy
