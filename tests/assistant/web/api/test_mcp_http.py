"""The MCP server over HTTP, behind the gate of all requests: asked by the official SDK's client, and by others."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from starlette.testclient import TestClient

from assistant.answer import Answer
from assistant.errors import SettingsError
from assistant.settings import Settings
from assistant.web.security.audit_log import AuditLog
from assistant.web.security.hosts import listen
from assistant.web.security.workload import REQUEST_WORK
from assistant.web.server import create_app
from assistant.web.server import make_server as make_web_server
from assistant.work import Deadline, check
from tests.fixtures.fictional import FictionalAssistant
from tests.fixtures.loops import apart

QUESTION = "How is crime investigated?"
ADDRESS = "http://127.0.0.1:7860"
ACCEPT = {"Accept": "application/json, text/event-stream"}
USER = "X-Remote-User"
CALL = {
    "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "ask", "arguments": {"question": QUESTION}},
}  # fmt: skip
TURN = {"role": "user", "text": "secret"}
Use = Callable[[Client], Awaitable[Any]]


@pytest.fixture
def assistant() -> FictionalAssistant:
    return FictionalAssistant()


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    return AuditLog(tmp_path / "audit.jsonl")


def lines_of(log: AuditLog, folder: Path) -> list[dict[str, Any]]:
    log.close()
    path = folder / "audit.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def served(assistant: FictionalAssistant, settings: Settings, use: Use, log: AuditLog | None = None, **headers: str):
    """What `use` returns of the SDK's client, which is connected to a server of this application, over a socket."""
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"

    async def run() -> Any:
        server = make_web_server(create_app(assistant, settings, log), settings)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            http = httpx2.AsyncClient(headers=headers)
            async with http, Client(streamable_http_client(url, http_client=http)) as client:
                return await use(client)
        finally:
            server.should_exit = True
            await serving

    return apart(run())


def posted(app: Any, message: object = CALL, **headers: str) -> Any:
    """A reply to one message that a program sends by itself."""
    with TestClient(app, base_url=ADDRESS, client=("127.0.0.1", 5000)) as client:
        return client.post("/mcp", json=message, headers=ACCEPT | headers)


def test_the_sdk_asks_over_http_and_the_audit_log_has_it(assistant: FictionalAssistant, log: AuditLog, tmp_path: Path):
    async def use(client: Client) -> tuple[set[str], Any, Any]:
        tools = (await client.list_tools()).tools
        answer = await client.call_tool("ask", {"question": QUESTION})
        return {tool.name for tool in tools}, answer, await client.call_tool("list_transcripts", {})

    names, asked, listed = served(assistant, Settings(mcp=True), use, log)
    assert names == {"ask", "compare", "search", "list_transcripts", "read_transcript", "formal_records"}
    answer = Answer.model_validate(asked.structured_content)
    assert answer.status.answered
    assert asked.structured_content == assistant.ask(QUESTION).model_dump(mode="json")
    assert {transcript["id"] for transcript in listed.structured_content["transcripts"]} >= {"northshire-2018"}
    (line,) = lines_of(log, tmp_path)
    assert (line["route"], line["outcome"]) == ("/mcp", "answered")
    assert line["identity"]
    assert line["question"]
    assert QUESTION not in json.dumps(line)


PROXIED = Settings(mcp=True, identity="header", proxies=("127.0.0.1",))


def test_who_is_not_named_is_refused_where_a_name_is_demanded(assistant: FictionalAssistant):
    async def use(client: Client) -> Any:
        return await client.call_tool("ask", {"question": QUESTION})

    reply = posted(create_app(assistant, PROXIED))
    assert (reply.status_code, reply.json()["status"]) == (401, "unauthenticated")
    with pytest.RaisesGroup(MCPError, flatten_subgroups=True):
        served(assistant, PROXIED, use)
    assert assistant.asked == []


def test_who_is_named_by_the_proxy_asks_by_that_name(assistant: FictionalAssistant, log: AuditLog, tmp_path: Path):
    async def use(client: Client) -> Any:
        return await client.call_tool("ask", {"question": QUESTION})

    for name in ("ada", "ben", "ada"):
        assert not served(assistant, PROXIED, use, log, **{USER: name}).is_error
    identities = [line["identity"] for line in lines_of(log, tmp_path)]
    assert identities[0] == identities[2] != identities[1]


def test_a_name_from_elsewhere_than_a_proxy_is_not_believed(assistant: FictionalAssistant):
    app = create_app(assistant, PROXIED)
    with TestClient(app, base_url=ADDRESS, client=("192.0.2.7", 5000)) as client:
        assert client.post("/mcp", json=CALL, headers=ACCEPT | {USER: "ada"}).status_code == 401
    assert assistant.asked == []


def test_it_is_off_unless_a_setting_says_so(assistant: FictionalAssistant):
    reply = posted(create_app(assistant, Settings()))
    assert (reply.status_code, reply.json()["status"]) == (404, "not_found")
    with TestClient(create_app(assistant, Settings(mcp=True)), base_url=ADDRESS) as client:
        assert client.get("/mcp", headers=ACCEPT).status_code == 405
        assert client.delete("/mcp").status_code == 405


def test_hosts_and_sites_that_are_not_listed_are_refused(assistant: FictionalAssistant):
    app = create_app(assistant, Settings(mcp=True))
    assert posted(app).json()["result"]["structuredContent"]["status"] == "answered"
    app = create_app(assistant, Settings(mcp=True))
    assert posted(app, Host="outside.invalid").status_code == 400
    app = create_app(assistant, Settings(mcp=True))
    reply = posted(app, Origin="https://outside.invalid")
    assert (reply.status_code, reply.json()["status"]) == (403, "forbidden")
    assert len(assistant.asked) == 1


def test_messages_count_as_questions_and_too_many_are_refused(
    assistant: FictionalAssistant, log: AuditLog, tmp_path: Path
):
    with TestClient(create_app(assistant, Settings(mcp=True, questions_per_minute=1), log), base_url=ADDRESS) as client:
        codes = [client.post("/mcp", json=CALL, headers=ACCEPT).status_code for _ in range(2)]
        assert codes == [200, 429]
        assert client.post("/api/v1/ask", json={"question": QUESTION}).status_code == 429
    assert len(assistant.asked) == 1
    assert [line["outcome"] for line in lines_of(log, tmp_path)][:2] == ["answered", "429"]


def test_many_messages_in_one_request_are_not_served(assistant: FictionalAssistant):
    assert posted(create_app(assistant, Settings(mcp=True)), [CALL | {"id": number} for number in range(30)]).is_error
    assert posted(create_app(assistant, Settings(mcp=True)), CALL | {"more": "x" * 300_000}).status_code == 413
    assert assistant.asked == []


@pytest.mark.parametrize("arguments", [{"question": "secret " * 20_000}, {"question": "x", "history": 51 * [TURN]}])
def test_what_is_wrong_with_a_question_is_said_and_no_question_is_logged(
    assistant: FictionalAssistant, arguments: dict[str, Any], caplog: pytest.LogCaptureFixture
):
    app = create_app(assistant, Settings(mcp=True))
    reply = posted(app, CALL | {"params": {"name": "ask", "arguments": arguments}}).json()["result"]
    assert reply["isError"]
    assert "The request is not valid" in reply["content"][0]["text"]
    assert "at most" in reply["content"][0]["text"]
    assert "secret" not in caplog.text + reply["content"][0]["text"]
    assert assistant.asked == []


def test_a_closed_service_answers_no_tool(assistant: FictionalAssistant, tmp_path: Path):
    (tmp_path / "closed").write_text("Back at 14:00", encoding="utf-8")
    reply = posted(create_app(assistant, Settings(mcp=True, closed_file=tmp_path / "closed")))
    assert (reply.status_code, reply.json()["error"]) == (503, "Back at 14:00")
    assert assistant.asked == []


class Late(FictionalAssistant):
    """Notices between two steps of an answer that the time of the request is over."""

    def ask(self, *arguments: Any, **options: Any) -> Answer:
        request = REQUEST_WORK.get()
        assert request is not None
        request.work._deadline = Deadline(0)
        check()
        return super().ask(*arguments, **options)


def test_a_tool_ends_when_the_time_of_its_request_is_over():
    assistant = Late()
    result = posted(create_app(assistant, Settings(mcp=True, question_timeout=600))).json()["result"]
    assert result["isError"]
    assert "600 seconds" in result["content"][0]["text"]
    assert assistant.asked == []


def test_without_the_sdk_the_setting_names_the_extra(assistant: FictionalAssistant, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    monkeypatch.delitem(sys.modules, "assistant.web.api.mcp", raising=False)
    with pytest.raises(SettingsError, match=r"pip install 'assessment-assistant\[mcp\]'"):
        create_app(assistant, Settings(mcp=True))
