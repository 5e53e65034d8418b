"""The MCP server, asked by the official SDK's client: over stdio as a process, and in this one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import CallToolResult
from starlette.testclient import TestClient
from typer.testing import CliRunner

from assistant.answer import Answer
from assistant.cli.main import app
from assistant.settings import Settings
from assistant.web.api.mcp import make_server
from assistant.web.server import create_app
from tests.fixtures.fictional import NORTHSHIRE, FictionalAssistant
from tests.fixtures.loops import apart

ROOT = Path(__file__).parents[4]
QUESTION = "How is crime investigated?"
TOOLS = {"ask", "compare", "search", "list_transcripts", "read_transcript", "formal_records"}
REPORT = """Northshire Constabulary – PEEL 2018/19

Investigating crime

The force investigates most crime well.

Areas for improvement

- The force should make sure that all investigations are supervised.
"""


@pytest.fixture
def assistant() -> FictionalAssistant:
    return FictionalAssistant()


@pytest.fixture
def call(assistant: FictionalAssistant) -> Callable[..., CallToolResult]:
    """Calls a tool of a server over the fictional assistant."""

    def call(name: str, **arguments: object) -> CallToolResult:
        async def run() -> CallToolResult:
            async with Client(make_server(assistant)) as client:
                return await client.call_tool(name, arguments)

        return apart(run())

    return call


@pytest.fixture
def interface(assistant: FictionalAssistant) -> Callable[[str], Any]:
    """Reads a reply of the JSON interface."""

    def get(path: str) -> Any:
        with TestClient(create_app(assistant, Settings()), base_url="http://127.0.0.1:7860") as client:
            return client.get(path).json()

    return get


def test_an_answer_is_that_of_the_json_interface(call: Callable[..., CallToolResult], assistant: FictionalAssistant):
    result = call("ask", question=QUESTION, history=[{"role": "user", "text": "Hello"}], forces=["Westmere Police"])
    assert result.structured_content == assistant.ask(QUESTION).model_dump(mode="json")
    assert Answer.model_validate_json(result.content[0].text) == Answer.model_validate(result.structured_content)
    assert [(turn.role, turn.text) for turn in assistant.asked[0][1]] == [("user", "Hello")]
    assert assistant.within[0].forces == ("Westmere Police",)


def test_a_refusal_is_a_result_and_not_an_error(call: Callable[..., CallToolResult]):
    result = call("ask", question="How many horses are there?")
    assert not result.is_error
    assert (result.structured_content["status"], result.structured_content["citations"]) == ("not_in_assessments", [])


def test_a_comparison_has_its_quotations_by_row(call: Callable[..., CallToolResult], assistant: FictionalAssistant):
    forces = ["Westmere Police", "Northshire Constabulary"]
    result = call("compare", topic="fraud", forces=forces, periods=["2018/19"])
    assert len(result.structured_content["table"]["rows"]) == 3
    question, _ = assistant.asked[0]
    assert question == "Compare Westmere Police and Northshire Constabulary on fraud in 2018/19."
    assert (assistant.within[0].forces, assistant.within[0].periods) == (tuple(forces), ("2018/19",))


def test_search_and_transcripts_are_those_of_the_json_interface(
    call: Callable[..., CallToolResult], interface: Callable[[str], Any]
):
    assert call("search", text="supervision", count=1).structured_content == interface(
        "/api/v1/search?q=supervision&count=1"
    )
    assert call("list_transcripts").structured_content == interface("/api/v1/transcripts")
    read = call("read_transcript", id="northshire-2018").structured_content
    assert read == interface("/api/v1/transcripts/northshire-2018")
    assert all(read["text"][span["start"] : span["end"]] == span["text"] for span in read["spans"])


def test_an_error_says_what_to_do_and_a_fault_says_nothing(call: Callable[..., CallToolResult]):
    unknown = call("ask", question=QUESTION, forces=["Eastmarch Police"])
    assert unknown.is_error
    assert "no assessment of Eastmarch Police" in unknown.content[0].text
    assert "list_transcripts" in call("read_transcript", id="nothing").content[0].text
    fault = call("ask", question="It breaks.")
    assert fault.is_error
    assert "nobody foresaw" not in fault.content[0].text
    assert call("search", text="x", count=51).is_error


def test_without_the_sdk_the_command_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    monkeypatch.delitem(sys.modules, "assistant.web.api.mcp", raising=False)
    result = CliRunner().invoke(app, ["mcp"], prog_name="assistant")
    assert (result.exit_code, "pip install 'assessment-assistant[mcp]'" in result.stderr) == (2, True)


def test_over_stdio_as_a_process(tmp_path: Path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "northshire.txt").write_text(REPORT, encoding="utf-8")
    environment = os.environ | {
        "PYTHONPATH": str(ROOT), "ASSISTANT_EMBEDDING_MODEL": "hashed-words", "ASSISTANT_VECTOR_STORE": "exact",
    }  # fmt: skip
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "assistant", "mcp"], env=environment, cwd=tmp_path
    )

    async def run() -> tuple[set[str], dict[str, Any], dict[str, Any], dict[str, Any]]:
        async with Client(stdio_client(server)) as client:
            tools = (await client.list_tools()).tools
            assert all(tool.annotations.read_only_hint and tool.output_schema for tool in tools)
            results = [
                await client.call_tool("ask", {"question": "How well does the force investigate crime?"}),
                await client.call_tool("formal_records", {"kinds": ["area_for_improvement"]}),
                await client.call_tool("formal_records", {"kinds": ["grade"]}),
            ]
            return {tool.name for tool in tools}, *(result.structured_content for result in results)

    names, answered, improvements, grades = apart(run())
    assert names == TOOLS
    answer = Answer.model_validate(answered)
    assert answer.status.answered
    assert [REPORT[one.start : one.end] for one in answer.citations] == [one.quote for one in answer.citations]
    (record,) = improvements["records"]
    assert record["kind"] == "area_for_improvement"
    cited = record["citations"][0]
    assert REPORT[cited["start"] : cited["end"]] == cited["quote"]
    assert "all investigations are supervised" in cited["quote"]
    assert grades == {"records": []}
    assert NORTHSHIRE.transcript.id not in {one.transcript_id for one in answer.citations}
