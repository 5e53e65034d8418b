"""`assistant doctor --airgap` lists the features that could contact another machine, and which are open."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from assistant.cli.doctor import contacts
from assistant.cli.main import app
from assistant.settings import Settings
from assistant.web.chat.gradio_lockdown import FORBIDDEN_VARIABLES
from index.published.chroma import client_settings


def open_features(environment: dict[str, str], **settings: object) -> list[str]:
    return [contact.by for contact in contacts(Settings(**settings), environment) if not contact.closed]


def test_by_default_all_features_are_closed():
    assert open_features({}) == []


@pytest.mark.parametrize("name", FORBIDDEN_VARIABLES)
@pytest.mark.parametrize("value", ["1", "true", "True", "anything"])
def test_a_variable_that_opens_a_feature_is_listed(name, value):
    assert open_features({name: value}) == [name]


@pytest.mark.parametrize("value", ["", "0", "false", "no", "off", " False "])
def test_a_variable_that_is_off_opens_no_feature(value):
    assert open_features(dict.fromkeys(FORBIDDEN_VARIABLES, value)) == []


@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_the_model_hub_is_open_when_its_offline_variable_is_off(name):
    assert open_features({name: "0"}) == [name]


def test_chroma_telemetry_is_off_whatever_the_environment(monkeypatch):
    monkeypatch.setenv("CHROMA_OTEL_COLLECTION_ENDPOINT", "http://outside.invalid")
    monkeypatch.setenv("CHROMA_OTEL_GRANULARITY", "all")
    monkeypatch.setenv("ANONYMIZED_TELEMETRY", "True")
    chroma = client_settings()
    assert (chroma.anonymized_telemetry, chroma.chroma_otel_collection_endpoint) == (False, "")
    assert chroma.chroma_otel_granularity is None
    assert open_features({}) == []


def test_the_command_prints_the_open_features_and_exits_with_5(monkeypatch):
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    closed = CliRunner().invoke(app, ["doctor", "--airgap"])
    assert closed.exit_code == 0
    assert closed.stdout.endswith("All closed: no feature contacts anything.\n")
    monkeypatch.setenv("GRADIO_SHARE", "1")
    result = CliRunner().invoke(app, ["doctor", "--airgap", "--json"])
    assert result.exit_code == 5
    listed = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(contact["by"], contact["value"]) for contact in listed if not contact["closed"]] == [("GRADIO_SHARE", "1")]


PROXY = {"HTTPS_PROXY": "http://user:secret@proxy.northshire.example:3128"}


def chat_model_rows(environment: dict[str, str], url: str = "", **more: object) -> list[tuple[str, str, str, bool]]:
    listed = contacts(Settings(chat_model="openai:m", chat_model_url=url, **more), environment)
    return [
        (contact.by, contact.whom, contact.value, contact.closed)
        for contact in listed
        if "chat model" in contact.feature and (contact.value or not contact.closed)
    ]


def test_a_proxy_variable_is_listed_and_opens_nothing_by_itself():
    listed = {contact.by: contact for contact in contacts(Settings(), PROXY)}
    assert {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} <= listed.keys()
    assert listed["HTTPS_PROXY"].value == "proxy.northshire.example:3128"
    assert open_features(PROXY) == []


def test_the_host_of_the_chat_model_and_the_proxy_on_the_way_are_named():
    assert chat_model_rows(PROXY, "https://llm.northshire.example/v1") == [
        ("chat_model", "llm.northshire.example, through proxy.northshire.example:3128", "openai:m", False),
        ("HTTPS_PROXY", "the proxy", "proxy.northshire.example:3128", False),
    ]
    assert chat_model_rows(PROXY, "http://llm.northshire.example/v1") == [
        ("chat_model", "llm.northshire.example", "openai:m", False),
        ("HTTPS_PROXY", "the proxy", "proxy.northshire.example:3128", True),
    ]
    assert chat_model_rows({"OPENAI_PROXY": "http://p.example:1"}, "http://llm.northshire.example/v1") == [
        ("chat_model", "llm.northshire.example, through p.example:1", "openai:m", False),
        ("OPENAI_PROXY", "the proxy", "p.example:1", False),
    ]


def test_a_chat_model_on_this_machine_is_closed_whatever_the_proxy_variables():
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "OPENAI_PROXY"):
        environment = {variable: "http://proxy.northshire.example:3128"}
        assert open_features(environment, chat_model="openai:m", chat_model_url="http://127.0.0.1:11434/v1") == []
    assert open_features({}, chat_model="openai:m") == ["chat_model"]
    explicit = {"openai_proxy": "http://proxy.northshire.example:3128"}
    assert chat_model_rows({}, "http://127.0.0.1:11434/v1", chat_model_options=explicit) == [
        ("chat_model", "127.0.0.1, through proxy.northshire.example:3128", "openai:m", False)
    ]
