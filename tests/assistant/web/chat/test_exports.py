"""Exports of a conversation as a file, and feedback that is appended to the file of cases."""

from __future__ import annotations

import base64
import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.export.formats import EXPORTS
from assistant.export.spreadsheet import TABLES
from assistant.messages import load_messages
from assistant.question.conversation import Turn
from assistant.web.chat.conversation import Conversation
from assistant.web.chat.exports import MAX_FEEDBACK_BYTES_PER_MINUTE, ChatExports
from assistant.web.security.rate_limit import TokenBuckets
from tests.fixtures.fictional import NORTHSHIRE, FictionalAssistant
from tests.fixtures.visible import read_html

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
QUESTION = "How well is crime investigated?"


@pytest.fixture
def exports(tmp_path: Path) -> ChatExports:
    return ChatExports(EXPORTS, tmp_path / "feedback" / "cases.jsonl", load_messages(), lambda: NOW)


@pytest.fixture
def conversation() -> Conversation:
    history = (Turn("user", "What about Northshire?"),)
    return Conversation().with_answer(FictionalAssistant().ask(QUESTION, history), history)


@pytest.mark.parametrize("kind", EXPORTS)
def test_a_conversation_is_exported_as_a_file(exports: ChatExports, conversation: Conversation, kind: str) -> None:
    name, media, data = [part.text for part in read_html(exports.export(kind, conversation)).find("span")]
    assert name.endswith(f".{kind}")
    assert "2026-03-04" in name
    assert media == EXPORTS[kind].media_type
    content = base64.b64decode(data, validate=True)
    assert content == EXPORTS[kind].render([conversation.exchanges[0].answer], NOW.date(), messages=load_messages())


def test_an_empty_conversation_is_exported_too(exports: ChatExports) -> None:
    assert len(read_html(exports.export("md", Conversation())).find("span")) == 3


@pytest.mark.parametrize("kind", TABLES)
def test_the_tables_of_a_conversation_are_exported_with_their_questions(tmp_path: Path, kind: str) -> None:
    exports = ChatExports({**EXPORTS, **TABLES}, tmp_path / "cases.jsonl", load_messages(), lambda: NOW)
    asker = FictionalAssistant()
    conversation = Conversation()
    for question in ("Compare the two", QUESTION, "What are the strengths and concerns?"):
        conversation = conversation.with_answer(asker.ask(question), ())
    name, media, data = [part.text for part in read_html(exports.export(kind, conversation)).find("span")]
    assert (name.rpartition(".")[2], media) == (kind, TABLES[kind].media_type)
    content = base64.b64decode(data, validate=True)
    if kind == "csv":
        heads, *lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert heads[-3:] == ["Theme", "Praise or concern", "Question"]
        assert [line[-1] for line in lines] == ["Compare the two"] * 4 + ["What are the strengths and concerns?"] * 7
        assert {len(line) for line in lines} == {len(heads)}


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_export_without_a_table_returns_a_message(
    tmp_path: Path, conversation: Conversation, kind: str
) -> None:
    exports = ChatExports(TABLES, tmp_path / "cases.jsonl", load_messages(), lambda: NOW)
    reply = read_html(exports.export(kind, conversation))
    assert reply.find("span") == []
    assert "has a table" in reply.find("p", class_="none")[0].text


def sent(**fields: object) -> str:
    return json.dumps({"number": 7, "turn": 1, "helpful": True, "comment": "Good."} | fields)


def test_feedback_is_stored_with_the_history_of_the_question(exports: ChatExports, conversation: Conversation) -> None:
    reply = read_html(exports.feedback(sent(), conversation)).find("p")[0]
    assert (reply.attributes["id"], reply.attributes["class"]) == ("reply-7", "taken")
    [line] = exports.cases.read_text("utf-8").splitlines()
    case = json.loads(line)
    assert (case["question"], case["comment"], case["answerable"]) == (QUESTION, "Good.", True)
    assert case["history"] == [{"role": "user", "text": "What about Northshire?"}]
    assert case["evidence"][0][0]["quote"] == NORTHSHIRE.sentences[5].text


@pytest.mark.parametrize("fields", [{"turn": 2}, {"comment": "x" * 2_001}])
def test_feedback_that_cannot_be_stored_gets_an_error_and_is_not_written(
    exports: ChatExports, conversation: Conversation, fields: dict[str, object]
) -> None:
    reply = read_html(exports.feedback(sent(**fields), conversation)).find("p")[0]
    assert reply.attributes["class"] == "failed"
    assert reply.text
    assert not exports.cases.exists()


def test_nobody_fills_the_file_of_cases_alone(tmp_path: Path, conversation: Conversation) -> None:
    now, who = [0.0], ["mallory"]
    buckets = TokenBuckets(MAX_FEEDBACK_BYTES_PER_MINUTE, lambda: now[0], burst=MAX_FEEDBACK_BYTES_PER_MINUTE)
    cases = tmp_path / "cases.jsonl"
    exports = ChatExports(
        EXPORTS, cases, load_messages(), lambda: NOW, client=lambda: who[0], stored_bytes=buckets
    )  # fmt: skip

    def kind_of_reply() -> str:
        return read_html(exports.feedback(sent(comment="x" * 2_000), conversation)).find("p")[0].attributes["class"]

    kinds = [kind_of_reply() for _ in range(100)]
    assert (kinds[0], kinds[-1]) == ("taken", "failed")
    assert cases.stat().st_size < 2 * MAX_FEEDBACK_BYTES_PER_MINUTE
    who[0] = "alice"
    assert kind_of_reply() == "taken"
    who[0], now[0] = "mallory", 120.0
    assert kind_of_reply() == "taken"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", sent(helpful="yes"), sent(more=1), sent(turn="1"), "\ud800"])
def test_malformed_feedback_is_ignored(exports: ChatExports, conversation: Conversation, text: str) -> None:
    assert exports.feedback(text, conversation) == ""
    assert not exports.cases.exists()
