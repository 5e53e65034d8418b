"""Asking as the chat page does, without a browser: join Gradio's queue, then read the session's stream to its end."""

from __future__ import annotations

import json
from typing import Any

from httpx import Response
from starlette.testclient import TestClient

JOIN, DATA = "/gradio_api/queue/join", "/gradio_api/queue/data"


def body_of(config: dict[str, Any]) -> dict[str, Any]:
    """What the page sends with a question, by its own configuration, apart from the question and the session."""
    props = {one["id"]: one["props"] for one in config["components"]}
    box = next(number for number, found in props.items() if found.get("elem_id") == "question")
    asking = next(one for one in config["dependencies"] if [box, "submit"] in one["targets"])
    data = [props[number].get("value") for number in asking["inputs"]]
    return {"fn_index": asking["id"], "data": data, "trigger_id": box, "event_data": None}


def putting(body: dict[str, Any], session: str, question: str) -> dict[str, Any]:
    """The body of a join that puts `question`: everything else on the page is as it was opened."""
    return body | {"session_hash": session, "data": [question, *body["data"][1:]]}


def asking_body(client: TestClient, session: str, question: str, headers: dict[str, str]) -> dict[str, Any]:
    """The same, for the page that a client is given."""
    return putting(body_of(client.get("/config", headers=headers).json()), session, question)


def message(line: str) -> dict[str, Any]:
    """The message of a line of an event stream; empty for a line that has none."""
    return dict(json.loads(line.removeprefix("data: "))) if line.startswith("data: ") else {}


def ask_through_queue(
    client: TestClient, session: str, question: str, headers: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    """The messages that came for a question, to the end of its stream."""
    sent = headers or {}
    joined = client.post(JOIN, json=asking_body(client, session, question, sent), headers=sent)
    assert joined.status_code == 200, joined.text
    return read_stream(client.get(DATA, params={"session_hash": session}, headers=sent))


def read_stream(reply: Response) -> list[dict[str, Any]]:
    """The messages of an event stream that has ended."""
    assert reply.status_code == 200, reply.text
    return [found for line in reply.text.splitlines() if (found := message(line))]
