"""No event that the page did not send causes a server error, or a traceback in the log."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from assistant.settings import Settings
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant
from tests.fixtures.queue_client import JOIN_PATH, STREAM_PATH, question_body, read_stream

QUESTION = "How well does Northshire investigate crime?"
ODD = (None, 5, 1.5, True, "x", "", "\ud800", "\x00", [], [None], [5], ["x"], ["\ud800"], [["x"]], {}, {"a": 1})
MEMBERS = [
    *(("fn_index", number) for number in (None, -1, 999, True, "0", "x", 1.5, [], 10**30)),
    *(("data", data) for data in (None, {}, [], [QUESTION], [QUESTION] * 30, "x", 5)),
    *(("trigger_id", value) for value in (None, "x", 9999, [], -1)),
    *(("event_data", value) for value in (5, "\ud800", {"a": "\udfff"}, [[]])),
    *(
        (name, value)
        for name in ("simple_format", "batched", "api_name", "request", "more")
        for value in (True, {"a": 1})
    ),
]


@pytest.fixture(scope="module")
def client():
    app = create_app(FictionalAssistant(), Settings(questions_per_minute=100_000))
    with TestClient(app, base_url="http://127.0.0.1:7860", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def config(client) -> dict[str, Any]:
    return client.get("/config").json()


def outcome(client, body: dict[str, Any], session: str) -> tuple[int, str]:
    """The status of the request, and of one that was accepted how its event ended."""
    content = json.dumps(body | {"session_hash": session})
    reply = client.post(JOIN_PATH, content=content, headers={"content-type": "application/json"})
    if reply.status_code != 200:
        return reply.status_code, ""
    events = read_stream(client.get(STREAM_PATH, params={"session_hash": session}))
    (ended,) = [event for event in events if event["msg"] in ("process_completed", "unexpected_error")]
    return 200, "done" if ended["success"] else str(ended)


def accepts_quietly(client, body: dict[str, Any], session: str, capfd) -> bool:
    code, end = outcome(client, body, session)
    assert "Traceback" not in capfd.readouterr().err
    assert (code, end) == (200, "done") if code == 200 else code in (400, 422), (code, end)
    return code == 200


def test_every_event_takes_no_value_or_the_pages_own_and_no_other(client, config, capfd):
    types = {component["id"]: component["type"] for component in config["components"]}
    taken: dict[str, set[str]] = {}
    for event in config["dependencies"]:
        inputs = [types[number] for number in event["inputs"]]
        own: list[object] = [False if kind == "checkbox" else None for kind in inputs]
        body = {"fn_index": event["id"], "data": own, "trigger_id": None, "event_data": None}
        assert accepts_quietly(client, body, f"own{event['id']}", capfd)
        for position, kind in enumerate(inputs):
            for number, value in enumerate(ODD):
                data = [*own[:position], value, *own[position + 1 :]]
                if accepts_quietly(client, body | {"data": data}, f"e{event['id']}p{position}v{number}", capfd):
                    taken.setdefault(kind, set()).add(json.dumps(value))
    text = {"null", '"x"', '""', '"\\u0000"'}
    assert taken == {
        "textbox": text,
        "button": text,
        "checkbox": {"true"},
        "dropdown": {"null", "[]", '["x"]'},
    }


@pytest.mark.parametrize(("name", "value"), MEMBERS)
def test_a_member_of_another_kind_is_refused_or_ignored(client, config, capfd, name, value):
    body = question_body(config)
    body["data"][0] = QUESTION
    accepts_quietly(client, body | {name: value}, f"m{MEMBERS.index((name, value))}", capfd)


def test_the_refusal_says_what_to_do(client, config):
    body = question_body(config) | {"session_hash": "refused"}
    body["data"][0] = 5
    reply = client.post(JOIN_PATH, json=body)
    assert reply.status_code == 422
    assert "Reload the page" in reply.json()["detail"]


def test_a_filter_that_the_page_was_not_given_is_refused_in_words(client, config):
    body = question_body(config)
    body["data"][:1], body["data"][3] = [QUESTION], ["Eastmarch Police"]
    client.post(JOIN_PATH, json=body | {"session_hash": "filtered"})
    events = read_stream(client.get(STREAM_PATH, params={"session_hash": "filtered"}))
    assert any("no assessment of Eastmarch Police" in json.dumps(event) for event in events)


def test_half_a_surrogate_is_refused_wherever_it_stands(client):
    for path, body in {
        JOIN_PATH: '{"session_hash": "s", "fn_index": 0, "data": [], "more": {"\\ud800": 1}}',
        "/gradio_api/cancel": '{"session_hash": "s", "event_id": "\\udc00"}',
        "/api/v1/ask": '{"question": "\\ud800"}',
        "/api/v1/search": '{"q": "\\ud800"}',
    }.items():
        reply = client.post(path, content=body, headers={"content-type": "application/json"})
        assert reply.status_code == 422, path
