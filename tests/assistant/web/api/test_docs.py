"""docs/interface.md: every request in it works, and it lists every status that the code returns."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from assistant.settings import Settings
from assistant.web.security.responses import STATUS_WORDS
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant

DOCUMENT = (Path(__file__).parents[4] / "docs" / "interface.md").read_text()
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL))
COMMANDS = [command for command in re.split(r"\n(?=curl )", SHELL.replace("\\\n", " ")) if command.strip()]


@pytest.fixture(scope="module")
def client():
    app = create_app(FictionalAssistant(), Settings())
    with TestClient(app, base_url="http://127.0.0.1:7860") as client:
        yield client


@pytest.mark.parametrize("command", COMMANDS)
def test_each_documented_request_works(client, command):
    words = shlex.split(command)
    address = urlsplit(next(word for word in words if word.startswith("http")))
    given = [words[place + 1] for place, word in enumerate(words) if word == "--data-urlencode"]
    sent = [words[place + 1] for place, word in enumerate(words) if word == "-d"]
    if sent:
        reply = client.post(address.path, json=json.loads(sent[0]))
    else:
        reply = client.get(address.path, params=[tuple(pair.split("=", 1)) for pair in given])
    assert reply.status_code == 200


def test_each_kind_of_request_is_documented():
    shown = {urlsplit(word).path for command in COMMANDS for word in shlex.split(command) if word.startswith("http")}
    assert {"/api/v1/ask", "/api/v1/search", "/api/v1/transcripts", "/ask"} <= shown


def test_each_error_status_is_documented_with_its_code():
    rows = [line for line in DOCUMENT.splitlines() if re.match(r"\| \d", line)]
    for code, word in STATUS_WORDS.items():
        assert any(str(code) in row.split("|")[1] and f"`{word}`" in row for row in rows), (code, word)
