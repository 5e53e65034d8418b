"""The page `/ask`, which works without JavaScript, and its downloads."""

from __future__ import annotations

import io
import json
import re
import zipfile
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.export.plain_text import clipboard_text
from assistant.export.turn_html import to_html
from assistant.filter import EVERYTHING, Filter
from assistant.messages import load_messages
from assistant.sources import asking_address
from assistant.web.layout import render_page
from assistant.web.pages.ask import FORMATS, ask_page, ask_routes
from assistant.web.security.responses import add_error_handlers
from index.errors import NotIndexedError
from index.published.generation import IndexedTranscript
from tests.fixtures.fictional import (
    HOSTILE_SENTENCES,
    NORTHSHIRE,
    FictionalAssistant,
    FictionalSources,
    indexed_transcript,
)
from tests.fixtures.visible import Node, read_html

SITE = "http://127.0.0.1:7860"
QUESTION = "How is crime investigated?"
HOSTILE_QUESTION = (
    """"><script>alert(1)</script> {{7*7}} ${alert(2)} **bold** [l](javascript:alert(3)) \u202e \U000e0041"""
)


@pytest.fixture(scope="module")
def assistant() -> FictionalAssistant:
    return FictionalAssistant()


@pytest.fixture(scope="module")
def client(assistant):
    app = FastAPI()
    app.include_router(ask_routes(assistant))
    add_error_handlers(app)
    with TestClient(app, base_url=SITE, raise_server_exceptions=False) as client:
        yield client


def asked(client, **query) -> Node:
    return read_html(client.get("/ask", params=query).text)


def form(page: Node) -> Node:
    return page.find("form")[0]


def test_without_a_question_only_a_labelled_form_is_shown(client, assistant):
    before = len(assistant.asked)
    for query in ({}, {"q": ""}, {"q": "  ", "force": ""}):
        reply = client.get("/ask", params=query)
        page = read_html(reply.text)
        assert (reply.status_code, page.find("title")[0].text) == (200, "Ask a question – Assessment assistant")
        assert form(page).attributes["method"] == "get"
        boxes = [node.attributes["id"] for tag in ("input", "select") for node in page.find(tag)]
        assert [label.attributes["for"] for label in page.find("label")] == boxes == ["q", "force", "period"]
        assert page.find("section", class_="asking") == []
    assert len(assistant.asked) == before


def test_the_answer_below_the_form_is_the_one_the_chat_shows(client, assistant):
    page = asked(client, q=QUESTION)
    answer = assistant.ask(QUESTION)
    same = read_html(to_html(answer, assistant.sources, site=SITE, new_tab=False))
    assert page.find("article") == same.find("article")
    assert [node.text for node in page.find("blockquote")] == [citation.quote for citation in answer.citations]
    assert page.find("title")[0].text == f"{QUESTION} – Assessment assistant"
    assert page.find("input", id="q")[0].attributes["value"] == QUESTION


def test_no_link_opens_a_new_tab(client):
    page = asked(client, q=QUESTION)
    assert "new tab" not in page.text
    assert [node for node in page.find("a") if "target" in node.attributes] == []


def test_each_page_has_one_main_heading_and_no_repeated_id(client):
    for query in ({}, {"q": QUESTION}, {"q": "How many horses?"}, {"q": "x", "force": "Eastmarch Police"}):
        page = asked(client, **query)
        assert [len(page.find(tag)) for tag in ("h1", "main", "header")] == [1, 1, 1]
        ids = [node.attributes["id"] for node in page.find() if "id" in node.attributes]
        assert len(ids) == len(set(ids))
        assert page.find("script") == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"q": QUESTION}, 200),
        ({"q": "How many horses?"}, 200),
        ({"q": "x", "force": "Eastmarch Police"}, 422),
        ({"q": "Will you rebuild?"}, 503),
        ({"q": "What breaks?"}, 500),
        ({"q": "x" * 10_001}, 422),
        ({"q": QUESTION, "format": "exe"}, 422),
    ],
)
def test_every_answer_is_200_and_every_error_is_a_page_with_its_status_code(client, query, code):
    reply = client.get("/ask", params=query)
    assert reply.status_code == code
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert len(read_html(reply.text).find("h1")) == 1


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"q": "How good?", "force": "Eastmarch Police"}, "The collection has no assessment of Eastmarch Police."),
        ({"q": "Will you rebuild?"}, "The index is being rebuilt. Ask again in a minute."),
    ],
)
def test_an_error_is_shown_in_place_of_the_answer_and_the_question_stays_in_the_form(client, query, said):
    page = asked(client, **query)
    assert said in page.find("div", class_="problem")[0].text
    assert page.find("input", id="q")[0].attributes["value"] == query["q"]
    assert page.find("nav", class_="take") == []


def test_a_refusal_shows_its_reason_and_the_nearest_sentences(client):
    page = asked(client, q="How many horses?")
    assert page.find("div", class_="refused")
    assert len(page.find("section", class_="nearest")[0].find("blockquote")) == 2


def test_the_chosen_filter_limits_the_question_and_stays_chosen(client, assistant):
    page = asked(client, q=QUESTION, force="Westmere Police", period="2021/22", transcript="westmere 2021/£")
    assert assistant.within[-1] == Filter(("Westmere Police",), ("2021/22",), ("westmere 2021/£",))
    assert [node.text for node in page.find("option", selected="")] == ["Westmere Police", "2021/22"]
    box = page.find("input", type="checkbox")[0]
    assert (box.attributes["name"], box.attributes["value"]) == ("transcript", "westmere 2021/£")
    assert "checked" in box.attributes


def test_a_link_with_several_forces_keeps_them_all(client, assistant):
    forces = ["Northshire Constabulary", "Westmere Police"]
    page = asked(client, q=QUESTION, force=forces)
    assert assistant.within[-1].forces == tuple(forces)
    assert "multiple" in page.find("select", id="force")[0].attributes
    assert [node.text for node in page.find("option", selected="")] == forces


def test_an_empty_choice_is_no_limit(client, assistant):
    asked(client, q=QUESTION, force="", period="")
    assert assistant.within[-1] == Filter()


def test_a_filter_field_needs_at_least_two_values():
    def names_of_choices(transcripts: tuple[IndexedTranscript, ...]) -> list[str | None]:
        page = render_page("ask.html", ask_page("", EVERYTHING, transcripts), load_messages(), root="")
        return [node.attributes["name"] for node in read_html(page).find("select")]

    held = FictionalSources().transcripts()[:1]
    assert names_of_choices(held) == []
    other = indexed_transcript("other", "o.txt", "Other", held[0].force, "2016", 1)
    assert names_of_choices((*held, other)) == ["period"]


def test_a_hostile_question_and_hostile_sentences_are_shown_as_text(client):
    question = f"hostile {HOSTILE_QUESTION}"
    page = asked(client, q=question)
    assert page.find("input", id="q")[0].attributes["value"] == question
    assert page.find("title")[0].text.startswith(question)
    assert page.find("h2", class_="asked")[0].find("bdi")[0].text == question
    assert [node.text for node in page.find("blockquote")] == list(HOSTILE_SENTENCES)
    ordinary = {node.tag for node in asked(client, q=QUESTION).find()}
    assert {node.tag for node in page.find()} <= ordinary


def test_a_hostile_filter_is_shown_as_text(client):
    page = asked(client, q="x", force="<b>Nowhere</b>")
    assert "<b>Nowhere</b>" in page.find("div", class_="problem")[0].text
    assert page.find("b") == []


# Downloads ------------------------------------------------------------------------------------------------------------


def test_each_format_has_a_link_that_repeats_the_question(client):
    page = asked(client, q=QUESTION, force="Northshire Constabulary", transcript="westmere 2021/£")
    links = [urlsplit(link.attributes["href"] or "") for link in page.find("nav", class_="take")[0].find("a")]
    same = [("q", QUESTION), ("force", "Northshire Constabulary"), ("transcript", "westmere 2021/£")]
    assert [parse_qsl(link.query) for link in links] == [[*same, ("format", kind)] for kind in FORMATS]
    assert {link.path for link in links} == {"/ask"}


@pytest.mark.parametrize("kind", FORMATS)
def test_an_answer_is_downloaded_as_a_file_with_a_safe_name(client, kind):
    reply = client.get("/ask", params={"q": f'{QUESTION} ../"\r\n\u202e; x=é', "format": kind})
    assert reply.status_code == 200
    assert reply.headers["content-type"] == FORMATS[kind].media_type
    disposition = reply.headers["content-disposition"]
    assert re.fullmatch(rf'attachment; filename="[a-z0-9-]+\.{FORMATS[kind].extension}"', disposition)
    assert reply.content


def test_the_files_contain_the_answer(client, assistant):
    answer = assistant.ask(QUESTION)
    files = {kind: client.get("/ask", params={"q": QUESTION, "format": kind}).content for kind in FORMATS}
    assert json.loads(files["json"]) == answer.model_dump(mode="json")
    assert files["txt"].decode() == clipboard_text(answer, site=SITE) + "\n"
    with zipfile.ZipFile(io.BytesIO(files["docx"])) as document:
        files["docx"] = document.read("word/document.xml")
    for kind, data in files.items():
        assert NORTHSHIRE.sentences[5].text in data.decode(), kind


@pytest.mark.parametrize(("query", "code"), [({"force": "Eastmarch Police"}, 422), ({"q": "Will you rebuild?"}, 503)])
def test_an_error_is_not_downloaded_as_a_file(client, query, code):
    reply = client.get("/ask", params={"q": QUESTION, "format": "json"} | query)
    assert reply.status_code == code
    assert "content-disposition" not in reply.headers


def test_an_unreadable_list_of_transcripts_still_gives_an_error_page(monkeypatch, client):
    def broken(_self: FictionalSources) -> None:
        raise NotIndexedError("Nothing is indexed.", advice="Index the sources.")

    monkeypatch.setattr(FictionalSources, "transcripts", broken)
    reply = client.get("/ask", params={"q": QUESTION})
    assert reply.status_code == 503
    assert "Nothing is indexed. Index the sources." in read_html(reply.text).find("main")[0].text


def test_an_address_parses_back_to_the_same_query():
    query = urlsplit(asking_address("a & b=c#d?é", Filter(("X & Y",), ("2018/19",), ("t/1", "t 2")))).query
    given = [
        ("q", "a & b=c#d?é"),
        ("force", "X & Y"),
        ("period", "2018/19"),
        ("transcript", "t/1"),
        ("transcript", "t 2"),
    ]
    assert parse_qsl(query) == given
    assert query == urlencode(given)
