"""The routes for kept turns: shown again, exported and judged, by any process with the key and over any index."""

from __future__ import annotations

import base64
import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assistant.answer import Answer, Status
from assistant.export.formats import EXPORTS
from assistant.export.spreadsheet import TABLES
from assistant.filter import EVERYTHING, Filter
from assistant.messages import load_messages
from assistant.settings import Settings
from assistant.web.chat.conversation import Conversation, KeptTurn, TurnSigner
from assistant.web.chat.kept_turns import MAX_FEEDBACK_BYTES_PER_MINUTE, EarlierAnswers, KeptTurnPages
from assistant.web.security.rate_limit import TokenBuckets
from assistant.web.server import create_app
from index.errors import NotIndexedError
from tests.fixtures.fictional import (
    NORTHSHIRE,
    PAGES,
    WESTMERE,
    FictionalAssistant,
    FictionalSources,
    cite,
    make_answer,
)
from tests.fixtures.visible import read_html

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
CRIME = "How well is crime investigated?"
KEY = b"k" * 32


class LaterAssistant(FictionalAssistant):
    """The same assistant over a collection in which one of the three sentences about crime is no longer quoted."""

    def __init__(self) -> None:
        super().__init__()
        self.sources = FictionalSources({name: page for name, page in PAGES.items() if name != "hostile"})

    def _answered(self, question: str, folded: str) -> Answer:
        if "investigat" in folded:
            return make_answer(
                question, Status.ANSWERED, [cite(NORTHSHIRE, 5, 1), cite(NORTHSHIRE, 6, 2, context=True)]
            )
        return super()._answered(question, folded)


def pages_of(assistant: FictionalAssistant, folder: Path) -> KeptTurnPages:
    messages = load_messages()
    earlier = EarlierAnswers(assistant, messages)
    return KeptTurnPages(
        assistant, earlier, {**EXPORTS, **TABLES}, folder / "feedback" / "cases.jsonl", messages, lambda: NOW
    )


def asked(*questions: str, within: Filter = EVERYTHING) -> Conversation:
    """A conversation as the page keeps it after these questions."""
    kept: list[KeptTurn] = []
    for question in questions:
        history = Conversation(tuple(kept)).history
        kept.append(KeptTurn.of(FictionalAssistant().ask(question, history, within=within), history, within))
    return Conversation(tuple(kept))


@pytest.fixture
def assistant() -> FictionalAssistant:
    return FictionalAssistant()


@pytest.fixture
def pages(assistant: FictionalAssistant, tmp_path: Path) -> KeptTurnPages:
    return pages_of(assistant, tmp_path)


def quotes(html: str) -> list[str]:
    return [node.text for node in read_html(html).find("blockquote")]


def exported(pages: KeptTurnPages, kind: str, conversation: Conversation) -> bytes:
    return base64.b64decode(pages.export(kind, conversation).data, validate=True)


def test_a_turn_is_shown_again_by_asking_it_with_its_own_history(
    pages: KeptTurnPages, assistant: FictionalAssistant
) -> None:
    conversation = asked(CRIME, "And Westmere?", "How many horses?")
    first, second, third = (turn.html for turn in pages.show(conversation, 3).turns)
    assert quotes(first) == [sentence.text for sentence in NORTHSHIRE.sentences[5:8]]
    assert quotes(second) == [WESTMERE.sentences[1].text]
    assert "No answer found" in third
    assert [len(history) for _, history in assistant.asked] == [0, 2, 4]
    assert "not the one first given" not in first + second + third
    [only] = pages.show(conversation, 1).turns
    assert only.html == third


def test_an_answer_is_not_asked_for_twice_over_the_same_index(
    pages: KeptTurnPages, assistant: FictionalAssistant
) -> None:
    conversation = asked(CRIME)
    for _ in range(3):
        pages.show(conversation, 1)
    assert len(assistant.asked) == 1
    assistant.sources = LaterAssistant().sources
    pages.show(conversation, 1)
    assert len(assistant.asked) == 2


def test_the_number_of_answers_remembered_is_bounded(assistant: FictionalAssistant) -> None:
    earlier = EarlierAnswers(assistant, load_messages(), limit=2)
    for number in range(5):
        earlier.answer(asked(f"{CRIME} {number}"), 0)
    assert len(earlier) == 2


def test_an_answer_that_has_changed_says_so_wherever_it_is_shown_again(tmp_path: Path) -> None:
    pages, conversation = pages_of(LaterAssistant(), tmp_path), asked(CRIME, "How many horses?")
    changed, same = (turn.html for turn in pages.show(conversation, 2).turns)
    [note] = [node.text for node in read_html(changed).find("p", class_="note") if "first given" in node.text]
    assert note.endswith("Of the sentences first shown, it no longer quotes 1 sentence.")
    assert quotes(changed) == [sentence.text for sentence in NORTHSHIRE.sentences[5:7]]
    assert "first given" not in same
    assert "This answer is not the one first given" in exported(pages, "md", conversation).decode()


def test_a_refusal_that_has_become_an_answer_says_so_and_the_other_way_round(tmp_path: Path) -> None:
    refused = make_answer(CRIME)
    turn = KeptTurn.of(refused, (), EVERYTHING)
    [shown] = pages_of(FictionalAssistant(), tmp_path).show(Conversation((turn,)), 1).turns
    assert "This answer is not the one first given" in shown.html
    answered = KeptTurn.of(make_answer("How many horses?", Status.ANSWERED, [cite(NORTHSHIRE, 5, 1)]), (), EVERYTHING)
    [shown] = pages_of(FictionalAssistant(), tmp_path).show(Conversation((answered,)), 1).turns
    assert "This answer is not the one first given" in shown.html
    assert "No answer found" in shown.html


def test_a_turn_whose_history_is_missing_is_asked_as_it_was_understood(
    pages: KeptTurnPages, assistant: FictionalAssistant
) -> None:
    conversation = asked(CRIME, "And Westmere?")
    pages.show(Conversation(conversation.kept[1:]), 1)
    assert assistant.asked == [("How well does Westmere Police investigate crime?", ())]


def test_a_turn_of_another_key_is_said_not_to_be_read_and_stands_in_the_export(pages: KeptTurnPages) -> None:
    [first] = asked(CRIME).kept
    conversation = Conversation((None, first))
    unread, read = pages.show(conversation, 2).turns
    assert (unread.html, "another key" in unread.problem) == ("", True)
    assert quotes(read.html)
    text = exported(pages, "md", conversation).decode()
    assert "Answer withheld" in text
    assert "another key" in text
    reply = pages.feedback(Conversation((None,)), helpful=True, comment="")
    assert (reply.stored, "another key" in reply.said, pages.cases.exists()) == (False, True, False)


def test_a_filter_that_names_what_is_no_longer_there_withholds_the_answer(pages: KeptTurnPages) -> None:
    kept = KeptTurn.of(FictionalAssistant().ask(CRIME), (), Filter(forces=("Eastmoor",)))
    [shown] = pages.show(Conversation((kept,)), 1).turns
    assert "no assessment of Eastmoor" in shown.html
    assert quotes(shown.html) == []


def test_a_passing_problem_is_raised_not_shown_as_the_answer(pages: KeptTurnPages) -> None:
    kept = KeptTurn.of(make_answer("Will you rebuild?"), (), EVERYTHING)
    with pytest.raises(NotIndexedError):
        pages.show(Conversation((kept,)), 1)


@pytest.mark.parametrize("kind", EXPORTS)
def test_a_conversation_is_exported_as_a_file(pages: KeptTurnPages, kind: str) -> None:
    file = pages.export(kind, asked(CRIME))
    assert file.name.endswith(f".{kind}")
    assert "2026-03-04" in file.name
    assert file.media_type == EXPORTS[kind].media_type
    content = base64.b64decode(file.data, validate=True)
    assert content == EXPORTS[kind].render([FictionalAssistant().ask(CRIME)], NOW.date(), messages=load_messages())


@pytest.mark.parametrize("kind", TABLES)
def test_the_tables_of_a_conversation_are_exported_with_their_questions(pages: KeptTurnPages, kind: str) -> None:
    conversation = asked("Compare the two", CRIME, "What are the strengths and concerns?")
    file = pages.export(kind, conversation)
    assert (file.name.rpartition(".")[2], file.media_type) == (kind, TABLES[kind].media_type)
    content = base64.b64decode(file.data, validate=True)
    if kind == "csv":
        heads, *lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert heads[-3:] == ["Theme", "Praise or concern", "Question"]
        assert [line[-1] for line in lines] == ["Compare the two"] * 4 + ["What are the strengths and concerns?"] * 7
        assert {len(line) for line in lines} == {len(heads)}


@pytest.mark.parametrize(("kind", "words"), [*((kind, "has a table") for kind in TABLES), ("exe", "in that format")])
def test_an_export_that_cannot_be_made_says_why(pages: KeptTurnPages, kind: str, words: str) -> None:
    file = pages.export(kind, asked(CRIME))
    assert (file.data, words in file.said.lower()) == ("", True)


def test_feedback_is_stored_with_the_history_and_filter_of_its_own_turn(pages: KeptTurnPages) -> None:
    within = Filter(periods=("2018/19",))
    reply = pages.feedback(asked("How many horses?", CRIME, within=within), helpful=True, comment="Good.")
    assert (reply.stored, "Thank you" in reply.said) == (True, True)
    [line] = pages.cases.read_text("utf-8").splitlines()
    case = json.loads(line)
    assert (case["question"], case["comment"], case["answerable"]) == (CRIME, "Good.", True)
    assert next(turn["text"] for turn in case["history"]) == "How many horses?"
    assert case["within"]["periods"] == ["2018/19"]
    assert case["evidence"][0][0]["quote"] == NORTHSHIRE.sentences[5].text


def test_feedback_on_an_answer_that_has_changed_is_refused_in_words(tmp_path: Path) -> None:
    pages = pages_of(LaterAssistant(), tmp_path)
    reply = pages.feedback(asked(CRIME), helpful=False, comment="Wrong.")
    assert (reply.stored, "now has another answer" in reply.said, pages.cases.exists()) == (False, True, False)


def test_feedback_that_cannot_be_stored_gets_an_error_and_is_not_written(pages: KeptTurnPages) -> None:
    reply = pages.feedback(asked(CRIME), helpful=True, comment="x" * 2_001)
    assert (reply.stored, "limit is 2,000" in reply.said, pages.cases.exists()) == (False, True, False)


def test_nobody_fills_the_file_of_cases_alone(assistant: FictionalAssistant, tmp_path: Path) -> None:
    now = [0.0]
    buckets = TokenBuckets(MAX_FEEDBACK_BYTES_PER_MINUTE, lambda: now[0], burst=MAX_FEEDBACK_BYTES_PER_MINUTE)
    cases, messages = tmp_path / "cases.jsonl", load_messages()
    earlier = EarlierAnswers(assistant, messages)
    pages = KeptTurnPages(assistant, earlier, EXPORTS, cases, messages, lambda: NOW, stored_bytes=buckets)

    def is_stored(client: str) -> bool:
        return pages.feedback(asked(CRIME), helpful=False, comment="x" * 2_000, client=client).stored

    stored = [is_stored("mallory") for _ in range(100)]
    assert (stored[0], stored[-1]) == (True, False)
    assert cases.stat().st_size < 2 * MAX_FEEDBACK_BYTES_PER_MINUTE
    assert is_stored("alice")
    now[0] = 120.0
    assert is_stored("mallory")


def tokens(*questions: str, person: str = "", key: bytes = KEY) -> list[str]:
    return [TurnSigner(key).sign(turn, person) for turn in asked(*questions).kept if turn]


def client_of(assistant: FictionalAssistant, key: bytes | None = KEY, **settings: object) -> TestClient:
    app = create_app(assistant, Settings(questions_per_minute=100_000, **settings), key=key)
    return TestClient(app, base_url="http://127.0.0.1:7860", client=("127.0.0.1", 50_000))


def test_any_process_with_the_key_shows_a_turn_and_one_without_says_that_it_cannot(tmp_path: Path) -> None:
    body = {"turns": tokens(CRIME, "And Westmere?"), "last": 2}
    shown = [client_of(FictionalAssistant()).post("/conversation/turns", json=body).json() for _ in range(2)]
    assert shown[0] == shown[1]
    assert WESTMERE.sentences[1].text in shown[0]["turns"][1]["html"]
    unread = client_of(FictionalAssistant(), key=None).post("/conversation/turns", json=body).json()
    assert ["another key" in turn["problem"] for turn in unread["turns"]] == [True, True]


def test_a_turn_of_a_person_known_by_name_is_nobody_else_s() -> None:
    client = client_of(FictionalAssistant(), identity="header", proxies=("127.0.0.1",))
    body = {"turns": tokens(CRIME, person="ada")}
    for person, is_read in (("ada", True), ("grace", False)):
        [turn] = client.post("/conversation/turns", json=body, headers={"X-Remote-User": person}).json()["turns"]
        assert bool(turn["html"]) == is_read


@pytest.mark.parametrize("name", ["turns", "export", "feedback"])
@pytest.mark.parametrize(
    "body", [{}, {"turns": []}, {"turns": [5]}, {"turns": ["x"] * 101}, {"turns": ["x"], "y": 1}, 5]
)
def test_a_malformed_request_is_refused_in_words(name: str, body: object) -> None:
    with client_of(FictionalAssistant()) as client:
        reply = client.post(f"/conversation/{name}", json=body)
    assert reply.status_code == 422
    assert reply.json()["error"]


def test_a_passing_problem_is_said_in_words() -> None:
    turn = TurnSigner(KEY).sign(KeptTurn.of(make_answer("Will you rebuild?"), (), EVERYTHING))
    reply = client_of(FictionalAssistant()).post("/conversation/turns", json={"turns": [turn]})
    assert (reply.status_code, reply.json()["error"]) == (503, "The index is being rebuilt. Ask again in a minute.")
