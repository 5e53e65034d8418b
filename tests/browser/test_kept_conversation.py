"""A conversation lasts: over a reload, Back, a restart, another replica, a new index, and in two tabs."""

from __future__ import annotations

import json

import pytest

from assistant.answer import Status
from assistant.filter import EVERYTHING, Filter
from tests.browser.kept import FOLLOW_UP, OTHER_KEY, Balancer, judge, opened, ready, reloaded, reloaded_empty, served
from tests.browser.test_chat import HORSES, INVESTIGATING, arrived, ask
from tests.fixtures.fictional import NORTHSHIRE, PAGES, FictionalSources, cite, make_answer

pytestmark = pytest.mark.browser

OUTER = "nodes => nodes.map(node => node.outerHTML)"
STORED = "[Object.keys(localStorage), Object.keys(sessionStorage)].map(keys => keys.length)"


def test_after_a_reload_every_turn_is_there_as_it_was_and_a_follow_up_is_read_with_them(chat, site):
    ask(chat, INVESTIGATING, 1)
    ask(chat, FOLLOW_UP, 2)
    ask(chat, HORSES, 3)
    before = chat.locator("#conversation > *").evaluate_all(OUTER)
    reloaded(chat, 3)
    marks = [html.replace(' data-shown=""', "") for html in chat.locator("#conversation > *").evaluate_all(OUTER)]
    assert marks == [html.replace(' data-shown=""', "") for html in before]
    assert chat.get_by_role("button", name="New conversation").is_visible()
    ask(chat, FOLLOW_UP, 4)
    assert [turn.text for turn in site.assistant.asked[-1][1] if turn.role == "user"] == [
        INVESTIGATING,
        "How well does Westmere Police investigate crime?",
        HORSES,
    ]


def test_the_chosen_limits_are_there_after_a_reload_and_those_removed_are_not(watched, site):
    page = opened(watched.page, f"{site.address}/?theme=light&force=Westmere%20Police&force=Northshire%20Constabulary")
    chips = page.locator("#limits button")
    chips.nth(1).wait_for()
    ask(page, INVESTIGATING, 1)
    page.get_by_role("button", name="Northshire Constabulary. Remove this limit").click()
    page.locator("#limits button:only-of-type").wait_for()
    reloaded(page, 1)
    chips.first.wait_for()
    assert chips.all_inner_texts() == ["Westmere Police"]
    ask(page, FOLLOW_UP, 2)
    assert site.assistant.within[-1] == Filter(forces=("Westmere Police",))
    chips.first.click()
    page.locator("#limits:empty").wait_for(state="attached")
    assert page.url == f"{site.address}/?theme=light"
    reloaded(page, 2)
    ask(page, FOLLOW_UP, 3)
    assert site.assistant.within[-1] == EVERYTHING


def test_a_turn_shown_again_is_not_announced_and_the_next_one_is(chat):
    ask(chat, INVESTIGATING, 1)
    reloaded(chat, 1)
    log = chat.get_by_role("log", name="Conversation")
    chat.locator("[role=log]:not([aria-live])").wait_for()
    assert log.locator(".turn").count() == 1


def test_back_and_forward_keep_the_conversation_and_the_place(chat, site):
    for number in (1, 2, 3):
        ask(chat, f"{INVESTIGATING} {number}", number)
    chat.locator("#turn-2").evaluate("node => node.scrollIntoView()")
    place = chat.locator("#turn-2").evaluate("node => Math.round(node.getBoundingClientRect().top)")
    chat.goto(f"{site.address}/sources")
    chat.go_back()
    ready(chat).locator("#turn-3 .reply .controls").last.wait_for()
    chat.wait_for_function(
        "top => Math.abs(document.querySelector('#turn-2').getBoundingClientRect().top - top) < 3", arg=place
    )
    chat.go_forward()
    chat.go_back()
    ready(chat).locator("#turn-3 .reply .controls").last.wait_for()
    assert chat.locator("#conversation .turn").count() == 3


def test_a_conversation_goes_on_after_a_restart_and_feedback_is_for_its_own_turn(watched, tmp_path):
    with served(tmp_path) as (address, _):
        ask(opened(watched.page, address), INVESTIGATING, 1)
        ask(watched.page, HORSES, 2)
    port = int(address.rpartition(":")[2])
    with served(tmp_path, port=port) as (_, assistant):
        ask(watched.page, FOLLOW_UP, 3)
        assert [turn.text for turn in assistant.asked[-1][1] if turn.role == "user"] == [INVESTIGATING, HORSES]
        assert "Thank you" in judge(watched.page.locator("#turn-1"), "The second one is about something else.")
        case = json.loads((tmp_path / "cases.jsonl").read_text("utf-8"))
        assert (case["question"], case["comment"]) == (INVESTIGATING, "The second one is about something else.")
        with watched.page.expect_download() as download:
            watched.page.get_by_role("button", name="Markdown").click()
        text = download.value.path().read_text("utf-8")
        assert [question in text for question in (INVESTIGATING, HORSES, FOLLOW_UP)] == [True] * 3
        reloaded(watched.page, 3)
    watched.errors.clear()  # the browser reports that it lost the server


def test_turns_of_another_key_are_said_not_to_be_read_and_can_be_asked_again(watched, tmp_path):
    with served(tmp_path) as (address, _):
        ask(opened(watched.page, address), INVESTIGATING, 1)
        ask(watched.page, FOLLOW_UP, 2)
    with served(tmp_path, OTHER_KEY, int(address.rpartition(":")[2])) as (_, assistant):
        turn = ask(watched.page, FOLLOW_UP, 3)
        assert "cannot read 2 earlier questions" in turn.inner_text()
        assert assistant.asked[-1] == (FOLLOW_UP, ())
        assert "another key" in judge(watched.page.locator("#turn-1"), "Wrong.")
        reloaded(watched.page, 3)
        unread = watched.page.locator("#turn-2")
        assert "another key" in unread.inner_text()
        unread.get_by_role("button", name="Ask again").click()
        arrived(watched.page, 4)
        assert assistant.asked[-1] == ("How well does Westmere Police investigate crime?", ())
    watched.errors.clear()


def test_another_replica_with_the_key_takes_over_an_open_page(watched, tmp_path):
    with served(tmp_path) as (first, _), served(tmp_path) as (second, assistant), Balancer(first) as balancer:
        ask(opened(watched.page, balancer.address), INVESTIGATING, 1)
        balancer.switch(second)
        ask(watched.page, FOLLOW_UP, 2)
        assert [turn.text for turn in assistant.asked[-1][1] if turn.role == "user"] == [INVESTIGATING]
        assert "Thank you" in judge(watched.page.locator("#turn-1"), "From the other one.")
        case = json.loads((tmp_path / "cases.jsonl").read_text("utf-8"))
        assert (case["question"], case["comment"]) == (INVESTIGATING, "From the other one.")
        watched.errors.clear()  # the browser reports that it lost the first one


def test_after_a_swap_of_the_index_an_earlier_answer_says_that_it_changed(watched, tmp_path):
    with served(tmp_path) as (address, assistant):
        ask(opened(watched.page, address), INVESTIGATING, 1)
        assistant.sources = FictionalSources({name: page for name, page in PAGES.items() if name != "hostile"})
        later = make_answer(INVESTIGATING, Status.ANSWERED, [cite(NORTHSHIRE, 5, 1)])
        assistant._answered = lambda _question, _folded: later  # type: ignore[method-assign]
        assert "now has another answer" in judge(watched.page.locator("#turn-1"), "Wrong.")
        assert not (tmp_path / "cases.jsonl").exists()
        turn = reloaded(watched.page, 1).locator("#turn-1")
        assert "This answer is not the one first given" in turn.inner_text()
        assert "no longer quotes 2 sentences" in turn.inner_text()
        assert turn.locator("blockquote").all_inner_texts() == [NORTHSHIRE.sentences[5].text]


def test_each_tab_has_a_conversation_of_its_own(chat, site):
    other = opened(chat.context.new_page(), site.address)
    ask(chat, INVESTIGATING, 1)
    ask(other, HORSES, 1)
    for page, question in ((chat, INVESTIGATING), (other, HORSES)):
        assert reloaded(page, 1).locator("h2.asked bdi").all_inner_texts() == [question]
    assert opened(chat.context.new_page(), site.address).locator(".turn").count() == 0
    assert chat.evaluate(STORED) == [0, 1]


def test_the_browser_keeps_the_latest_conversation_only_where_it_is_set_to(watched, tmp_path):
    with served(tmp_path, conversations="browser") as (address, _):
        first = opened(watched.page, address)
        ask(first, INVESTIGATING, 1)
        second = opened(watched.page.context.new_page(), address)
        second.locator("#turn-1 .reply .controls").last.wait_for()
        ask(second, HORSES, 2)
        first.get_by_role("button", name="New conversation").click()
        assert first.evaluate("localStorage.length") == 0
        assert reloaded(second, 2).locator("h2.asked bdi").all_inner_texts() == [INVESTIGATING, HORSES]
        assert reloaded_empty(first)
        second.get_by_role("button", name="New conversation").click()
        assert second.evaluate("localStorage.length") == 0
        assert opened(watched.page.context.new_page(), address).locator(".turn").count() == 0
