"""What is taken away from a conversation, and what is left: the file that is handed over, and feedback as a case."""

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
from assistant.web.chat.exports import ChatExports
from tests.fixtures.fictional import NORTHSHIRE, FictionalAssistant
from tests.fixtures.visible import read_html

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
QUESTION = "How well is crime investigated?"


@pytest.fixture
def takeaway(tmp_path: Path) -> ChatExports:
    return ChatExports(EXPORTS, tmp_path / "kept" / "cases.jsonl", load_messages(), lambda: NOW)


@pytest.fixture
def said() -> Conversation:
    history = (Turn("user", "What about Northshire?"),)
    return Conversation().after(FictionalAssistant().ask(QUESTION, history), history)


@pytest.mark.parametrize("kind", EXPORTS)
def test_a_conversation_is_handed_over_as_a_file(takeaway: ChatExports, said: Conversation, kind: str) -> None:
    name, media, data = [part.text for part in read_html(takeaway.export(kind, said)).find("span")]
    assert name.endswith(f".{kind}")
    assert "2026-03-04" in name
    assert media == EXPORTS[kind].media_type
    content = base64.b64decode(data, validate=True)
    assert content == EXPORTS[kind].make([said.exchanges[0].answer], NOW.date(), phrases=load_messages())


def test_a_conversation_with_nothing_said_is_a_file_too(takeaway: ChatExports) -> None:
    assert len(read_html(takeaway.export("md", Conversation())).find("span")) == 3


@pytest.mark.parametrize("kind", TABLES)
def test_the_tables_of_a_conversation_are_handed_over_as_a_file_each_by_its_question(tmp_path: Path, kind: str) -> None:
    exports = {**EXPORTS, **TABLES}
    takeaway = ChatExports(exports, tmp_path / "cases.jsonl", load_messages(), lambda: NOW)
    asker = FictionalAssistant()
    said = Conversation()
    for question in ("Compare the two", QUESTION, "What are the strengths and concerns?"):
        said = said.after(asker.ask(question), ())
    name, media, data = [part.text for part in read_html(takeaway.export(kind, said)).find("span")]
    assert (name.rpartition(".")[2], media) == (kind, TABLES[kind].media_type)
    content = base64.b64decode(data, validate=True)
    if kind == "csv":
        heads, *lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert heads[-3:] == ["Theme", "Praise or concern", "Question"]
        assert [line[-1] for line in lines] == ["Compare the two"] * 4 + ["What are the strengths and concerns?"] * 7
        assert {len(line) for line in lines} == {len(heads)}


@pytest.mark.parametrize("kind", TABLES)
def test_a_conversation_without_a_table_says_so(tmp_path: Path, said: Conversation, kind: str) -> None:
    takeaway = ChatExports(TABLES, tmp_path / "cases.jsonl", load_messages(), lambda: NOW)
    reply = read_html(takeaway.export(kind, said))
    assert reply.find("span") == []
    assert "has a table" in reply.find("p", class_="none")[0].text


def sent(**fields: object) -> str:
    return json.dumps({"number": 7, "turn": 1, "helpful": True, "comment": "Good."} | fields)


def test_feedback_is_kept_with_what_the_question_was_read_with(takeaway: ChatExports, said: Conversation) -> None:
    reply = read_html(takeaway.feedback(sent(), said)).find("p")[0]
    assert (reply.attributes["id"], reply.attributes["class"]) == ("reply-7", "taken")
    [line] = takeaway.cases.read_text("utf-8").splitlines()
    case = json.loads(line)
    assert (case["question"], case["comment"], case["answerable"]) == (QUESTION, "Good.", True)
    assert case["history"] == [{"role": "user", "text": "What about Northshire?"}]
    assert case["evidence"][0][0]["quote"] == NORTHSHIRE.sentences[5].text


@pytest.mark.parametrize("fields", [{"turn": 2}, {"comment": "x" * 2_001}])
def test_feedback_that_cannot_be_kept_is_answered_and_nothing_is_written(
    takeaway: ChatExports, said: Conversation, fields: dict[str, object]
) -> None:
    reply = read_html(takeaway.feedback(sent(**fields), said)).find("p")[0]
    assert reply.attributes["class"] == "failed"
    assert reply.text
    assert not takeaway.cases.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", sent(helpful="yes"), sent(more=1), sent(turn="1"), "\ud800"])
def test_what_no_page_of_ours_sends_is_left(takeaway: ChatExports, said: Conversation, text: str) -> None:
    assert takeaway.feedback(text, said) == ""
    assert not takeaway.cases.exists()
