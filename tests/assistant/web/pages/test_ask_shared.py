"""Links to an answer: each leads to it, and its page says what has changed since the link was made."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.answer import Answer
from assistant.export.turn_html import to_html
from assistant.filter import EVERYTHING, Filter
from assistant.question.conversation import Turn
from assistant.sources import shared_address
from assistant.web.pages.ask import ask_routes, suggestion_routes
from tests.fixtures.fictional import NORTHSHIRE, FictionalAssistant, cite, make_answer
from tests.fixtures.visible import Node, read_html

QUESTION = "How is crime investigated?"


class ChangingAssistant(FictionalAssistant):
    """An assistant whose collection, and whose answer, can be exchanged for others."""

    digest = "0" * 64
    quotes_another = False

    def ask(self, question: str, history: tuple[Turn, ...] = (), *, within: Filter = EVERYTHING) -> Answer:  # type: ignore[override]
        answer = super().ask(question, history, within=within)
        if self.quotes_another:
            answer = make_answer(question, answer.status, [cite(NORTHSHIRE, 3, 1)])
        return answer.model_copy(update={"index": answer.index.model_copy(update={"digest": self.digest})})


@pytest.fixture
def assistant() -> ChangingAssistant:
    return ChangingAssistant()


@pytest.fixture
def client(assistant):
    app = FastAPI()
    app.include_router(ask_routes(assistant))
    with TestClient(app) as client:
        yield client


def link_on(page: Node) -> str:
    return page.find("p", class_="share")[0].find("a")[0].attributes["href"] or ""


def said(client, address: str) -> list[str]:
    reply = client.get(address)
    assert reply.status_code == 200
    return [node.text for node in read_html(reply.text).find("p", class_="changed")]


def test_the_link_below_an_answer_leads_to_it_with_its_filter(client, assistant):
    page = read_html(client.get("/ask", params={"q": QUESTION, "force": "Westmere Police"}).text)
    assert dict(parse_qsl(urlsplit(link_on(page)).query))["force"] == "Westmere Police"
    again = client.get(link_on(page))
    assert assistant.asked[-1][0] == QUESTION
    assert assistant.within[-1] == Filter(("Westmere Police",))
    assert [node.text for node in read_html(again.text).find("blockquote")] == [
        node.text for node in page.find("blockquote")
    ]
    assert link_on(read_html(again.text)) == link_on(page)


def test_a_follow_up_is_shared_as_it_was_understood(assistant):
    answer = assistant.ask("And Westmere?")
    query = dict(parse_qsl(urlsplit(shared_address(answer)).query))
    assert query["q"] == "How well does Westmere Police investigate crime?"


def test_nothing_is_said_while_nothing_has_changed(client, assistant):
    assert said(client, shared_address(assistant.ask(QUESTION))) == []
    assert said(client, f"/ask?q={QUESTION}") == []


def test_a_changed_collection_is_said_with_whether_the_answer_is_still_the_same(client, assistant):
    address = shared_address(assistant.ask(QUESTION))
    assistant.digest = "1" * 64
    [same] = said(client, address)
    assert same.startswith("The collection has changed since this link was made. The answer quotes the same")
    assistant.quotes_another = True
    [other] = said(client, address)
    assert other.startswith("The collection has changed since this link was made, and so has the answer.")


def test_an_answer_that_changed_by_itself_is_said_too(client, assistant):
    address = shared_address(assistant.ask(QUESTION))
    assistant.quotes_another = True
    [message] = said(client, address)
    assert message.startswith("This answer is not the same as the one that the link was made for")


def test_a_link_to_a_refusal_says_when_there_is_an_answer_now(client, assistant):
    address = shared_address(make_answer(QUESTION))
    [message] = said(client, address)
    assert message.startswith("This answer is not the same")


@pytest.mark.parametrize("query", [{"index": "<b>x</b>"}, {"quotes": "\x00"}, {"index": "é" * 900}])
def test_a_malformed_link_says_that_something_differs_and_repeats_nothing_of_it(client, query):
    page = read_html(client.get("/ask", params={"q": QUESTION} | query).text)
    assert len(page.find("p", class_="changed")) == 1
    assert page.find("b") == []


def test_an_empty_question_has_no_link():
    html = read_html(to_html(make_answer(" "), FictionalAssistant().sources))
    assert html.find("p", class_="share") == []


# Suggestions ----------------------------------------------------------------------------------------------------------


def test_suggestions_are_a_list_for_the_question_and_its_filter():
    given = []

    def suggest(question: str, within: Filter) -> tuple[str, ...]:
        given.append((question, within))
        return ("What next?",)

    app = FastAPI()
    app.include_router(suggestion_routes(suggest))
    with TestClient(app) as client:
        query = {"q": f" {QUESTION} ", "force": "Westmere Police", "index": "x", "quotes": "y"}
        assert client.get("/suggestions", params=query).json() == ["What next?"]
        assert client.get("/suggestions").json() == []
        assert client.get("/suggestions", params={"q": "x" * 10_001}).status_code == 422
    assert given == [(QUESTION, Filter(("Westmere Police",)))]
