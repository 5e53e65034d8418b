"""Asking as the chat page does, without a browser: join Gradio's queue, then read the session's stream to its end."""

from __future__ import annotations

import json
from typing import Any

from httpx import Response
from starlette.testclient import TestClient

JOIN, DATA = "/gradio_api/queue/join", "/gradio_api/queue/data"


def asking_body(client: TestClient, session: str, question: str, headers: dict[str, str]) -> dict[str, Any]:
    """The body of a join that puts `question`: everything else on the page is as it was opened."""
    config = client.get("/config", headers=headers).json()
    props = {one["id"]: one["props"] for one in config["components"]}
    box = next(number for number, found in props.items() if found.get("elem_id") == "question")
    asking = next(one for one in config["dependencies"] if [box, "submit"] in one["targets"])
    data = [question if number == box else props[number].get("value") for number in asking["inputs"]]
    return {"session_hash": session, "fn_index": asking["id"], "data": data, "trigger_id": box, "event_data": None}


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
    return [json.loads(line.removeprefix("data: ")) for line in reply.text.splitlines() if line.startswith("data: ")]
