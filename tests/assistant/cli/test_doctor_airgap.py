"""`assistant doctor --airgap`: what could contact anything is listed, and open when it is open."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from assistant.cli.doctor import contacts
from assistant.cli.main import app
from assistant.settings import Settings
from assistant.web.chat.gradio_lockdown import FORBIDDEN_VARIABLES
from index.published.chroma import client_settings


def opened(environment: dict[str, str], **settings: object) -> list[str]:
    return [one.by for one in contacts(Settings(**settings), environment) if not one.closed]


def test_as_it_comes_all_is_closed():
    assert opened({}) == []


@pytest.mark.parametrize("name", FORBIDDEN_VARIABLES)
@pytest.mark.parametrize("value", ["1", "true", "True", "anything"])
def test_a_variable_that_opens_something_is_named(name, value):
    assert opened({name: value}) == [name]


@pytest.mark.parametrize("value", ["", "0", "false", "no", "off", " False "])
def test_a_variable_that_is_off_opens_nothing(value):
    assert opened(dict.fromkeys(FORBIDDEN_VARIABLES, value)) == []


@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_the_model_hub_is_open_when_it_is_said_to_be(name):
    assert opened({name: "0"}) == [name]


def test_chroma_keeps_to_itself_whatever_the_environment_says(monkeypatch):
    monkeypatch.setenv("CHROMA_OTEL_COLLECTION_ENDPOINT", "http://outside.invalid")
    monkeypatch.setenv("CHROMA_OTEL_GRANULARITY", "all")
    monkeypatch.setenv("ANONYMIZED_TELEMETRY", "True")
    told = client_settings()
    assert (told.anonymized_telemetry, told.chroma_otel_collection_endpoint) == (False, "")
    assert told.chroma_otel_granularity is None
    assert opened({}) == []


def test_the_command_says_so_and_ends_with_a_code_of_its_own(monkeypatch):
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    closed = CliRunner().invoke(app, ["doctor", "--airgap"])
    assert closed.exit_code == 0
    assert closed.stdout.endswith("All closed: no feature contacts anything.\n")
    monkeypatch.setenv("GRADIO_SHARE", "1")
    open_ = CliRunner().invoke(app, ["doctor", "--airgap", "--json"])
    assert open_.exit_code == 5
    listed = [json.loads(line) for line in open_.stdout.splitlines()]
    assert [(one["by"], one["value"]) for one in listed if not one["closed"]] == [("GRADIO_SHARE", "1")]
