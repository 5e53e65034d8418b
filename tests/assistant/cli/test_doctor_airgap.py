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
