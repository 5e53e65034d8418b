"""The turns of a conversation: edited, asked again, undone, folded, refused, and kept without storage or in a frame."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import closing

import pytest

from assistant.filter import EVERYTHING
from assistant.web.chat.conversation import KeptTurn, TurnSigner
from tests.browser.conftest import ARGUMENTS, find_browser
from tests.browser.hosts import Intranet, intranet
from tests.browser.kept import FOLLOW_UP, KEY, judge, opened, ready, reloaded, reloaded_empty, served
from tests.browser.test_chat import HORSES, INVESTIGATING, arrived, ask, box_has_focus
from tests.fixtures.fictional import NORTHSHIRE, make_answer

pytestmark = pytest.mark.browser

OUTER = "nodes => nodes.map(node => node.outerHTML)"
STORED = "[Object.keys(localStorage), Object.keys(sessionStorage)].map(keys => keys.length)"
STORE = "text => sessionStorage.setItem(Object.keys(sessionStorage)[0], text)"
BLOCK_STORAGE = """for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, {get() { throw new DOMException("no", "SecurityError"); }});
}"""


def test_a_new_conversation_is_not_kept_and_can_be_undone(chat, site):
    ask(chat, INVESTIGATING, 1)
    ask(chat, HORSES, 2)
    before = chat.locator("#conversation > *").evaluate_all(OUTER)
    chat.get_by_role("button", name="New conversation").click()
    assert (chat.locator("#conversation > *").count(), chat.evaluate(STORED)) == (0, [0, 0])
    assert box_has_focus(chat)
    chat.get_by_role("button", name="Bring it back").click()
    assert chat.locator("#conversation > *").evaluate_all(OUTER) == before
    ask(chat, FOLLOW_UP, 3)
    assert len(site.assistant.asked[-1][1]) == 4
    chat.get_by_role("button", name="New conversation").click()
    ask(chat, INVESTIGATING, 1)
    assert site.assistant.asked[-1] == (INVESTIGATING, ())
    assert not chat.get_by_role("button", name="Bring it back").is_visible()
    assert reloaded(chat, 1).locator(".turn").count() == 1


def test_a_question_is_edited_asked_again_and_recalled(chat, site):
    turn = ask(chat, INVESTIGATING, 1)
    turn.get_by_role("button", name="Ask again").click()
    arrived(chat, 2)
    assert site.assistant.asked[-1] == (INVESTIGATING, ())
    turn.get_by_role("button", name="Edit this question").click()
    box = chat.get_by_label("Your question")
    assert (box.input_value(), box_has_focus(chat)) == (INVESTIGATING, True)
    box.fill(HORSES)
    box.press("Enter")
    arrived(chat, 3)
    box.press("ArrowUp")
    assert box.input_value() == HORSES  # a refused question, which is still in the box
    box.fill("")
    box.press("ArrowUp")
    assert box.input_value() == HORSES
    box.press("ArrowUp")
    assert box.input_value() == INVESTIGATING


def test_a_question_that_failed_is_asked_again_with_the_conversation(chat, site):
    ask(chat, INVESTIGATING, 1)
    ask(chat, "Will you rebuild?", 2).get_by_role("button", name="Ask again").click()
    arrived(chat, 3)
    question, history = site.assistant.asked[-1]
    assert (question, history[0].text) == ("Will you rebuild?", INVESTIGATING)


def test_old_turns_are_folded_and_each_question_is_a_way_back(chat):
    for number in range(1, 8):
        ask(chat, f"{INVESTIGATING} {number}", number)
    chat.locator("#turn-2 > .folded").wait_for(state="attached")
    folded = chat.locator("details.folded")
    assert folded.evaluate_all("nodes => nodes.map(node => [node.parentNode.id, node.open])") == [
        ["turn-1", False],
        ["turn-2", False],
    ]
    assert reloaded(chat, 7).locator(".turn blockquote").count() == 15  # of five turns; the others are not asked again
    chat.locator("#jump summary").click()
    links = chat.get_by_role("navigation", name="Questions so far").get_by_role("link")
    assert links.all_inner_texts() == [f"{INVESTIGATING} {number}" for number in range(1, 8)]
    links.nth(1).click()
    turn = chat.locator("#turn-2")
    turn.locator(".reply .controls").last.wait_for()
    assert turn.locator("blockquote").all_inner_texts() == [s.text for s in NORTHSHIRE.sentences[5:8]]
    assert turn.locator("summary").first.evaluate("node => node === document.activeElement")
    assert not links.first.is_visible()


def test_a_turn_that_may_not_be_shown_now_says_why_and_is_shown_later(watched, chat):
    ask(chat, INVESTIGATING, 1)
    refused = {"status": 429, "json": {"status": "too_many_requests", "error": "Ask again in 9 seconds."}}
    chat.route("**/conversation/turns", lambda route: route.fulfill(**refused))
    chat.reload()
    turn = ready(chat).locator("#turn-1")
    turn.get_by_text("Ask again in 9 seconds.").wait_for()
    chat.unroute("**/conversation/turns")
    turn.get_by_role("button", name="Try again").click()
    turn.locator("blockquote").first.wait_for()
    assert turn.locator(".again").count() == 0
    watched.errors.clear()  # the browser reports the refused request


@pytest.mark.parametrize("path", ["export", "feedback"])
def test_an_export_and_feedback_that_are_refused_say_why_where_they_were_asked_for(watched, chat, path):
    turn = ask(chat, INVESTIGATING, 1)
    chat.route(f"**/conversation/{path}", lambda route: route.abort())
    if path == "feedback":
        assert "cannot be reached" in judge(turn, "Wrong.")
    else:
        chat.get_by_role("button", name="Markdown").click()
        chat.locator("#export-said:not(:empty)").wait_for()
        assert "cannot be reached" in chat.locator("#export-said").inner_text()
    watched.errors.clear()  # the browser reports the failed request


def test_without_storage_all_else_works_and_the_page_says_what_does_not(watched, site):
    watched.page.add_init_script(BLOCK_STORAGE)
    page = opened(watched.page, site.address)
    assert page.locator("#not-kept").count() == 0
    ask(page, INVESTIGATING, 1)
    assert "It will be gone when the page is reloaded" in page.locator("#not-kept").inner_text()
    ask(page, FOLLOW_UP, 2)
    assert len(site.assistant.asked[-1][1]) == 2
    assert "Thank you" in judge(page.locator("#turn-1"), "Wrong.")
    assert reloaded_empty(page)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"turns": 5}', '{"turns": [null, {"token": 1}]}'])
def test_what_is_stored_but_cannot_be_read_is_passed_over(chat, text):
    ask(chat, INVESTIGATING, 1)
    chat.evaluate(STORE, text)
    chat.evaluate("() => addEventListener('pagehide', event => event.stopImmediatePropagation(), {capture: true})")
    assert reloaded_empty(chat)


def test_of_long_turns_as_many_are_sent_as_fit_into_a_request(watched, tmp_path):
    signer, draw = TurnSigner(KEY), random.Random(7)
    kept = []
    for number in range(12):  # 30,000 characters each
        question = f"{number}: " + "".join(map(chr, draw.choices(range(0x4E00, 0x9FFF), k=10_000)))
        token = signer.sign(KeptTurn.of(make_answer(question), (), EVERYTHING))
        kept.append({"token": token, "question": str(number), "understood": str(number)})
    with served(tmp_path) as (address, assistant):
        page = opened(watched.page, address)
        ask(page, INVESTIGATING, 1)
        page.evaluate("() => addEventListener('pagehide', event => event.stopImmediatePropagation(), {capture: true})")
        page.evaluate(STORE, json.dumps({"turns": kept}))
        reloaded(page, 12)
        ask(page, FOLLOW_UP, 13)
        asked = [turn.text[:2] for turn in assistant.asked[-1][1] if turn.role == "user"]
        assert 2 < len(asked) < 10
        assert asked == [f"{number}: "[:2] for number in range(12 - len(asked), 12)]
        with page.expect_download() as download:
            page.get_by_role("button", name="Markdown").click()
        text = download.value.path().read_text(encoding="utf-8")
        assert [number for number in range(12) if f" {number}: " in text] == list(range(12 - len(asked), 12))
        assert "first turns are no longer kept or exported" in page.locator("#export-said").inner_text()


@pytest.fixture(scope="module")
def host() -> Iterator[Intranet]:
    with intranet({}) as served_host:
        yield served_host


def ask_in_frame(page, host: Intranet, turn: int):
    frame = ready(page.frame(url=f"{host.at}/embed"))
    frame.get_by_label("Your question").fill(INVESTIGATING)
    frame.get_by_label("Your question").press("Enter")
    frame.locator(f"#turn-{turn} .reply .controls").last.wait_for()
    return frame


def test_a_frame_that_may_not_store_says_so_and_answers(watched, host):
    watched.page.goto(f"{host.listed}/frame")
    frame = ask_in_frame(watched.page, host, 1)
    assert "gone when the page is reloaded" in frame.locator("#not-kept").inner_text()
    ask_in_frame(watched.page, host, 2)
    assert len(host.assistant.asked[-1][1]) == 2


def test_a_frame_of_another_site_keeps_its_conversation_where_the_browser_lets_it(browser, host, tmp_path):
    preferences = tmp_path / "Default" / "Preferences"
    preferences.parent.mkdir()
    preferences.write_text(json.dumps({"profile": {"cookie_controls_mode": 0}}))
    launched = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=find_browser(), args=ARGUMENTS, reduced_motion="reduce"
    )
    with closing(launched) as context:
        page = context.pages[0]
        page.route("**/suggestions?*", lambda route: route.fulfill(json=[]))  # which would be asked too
        page.goto(f"{host.listed}/frame")
        ask_in_frame(page, host, 1)
        page.reload()
        ready(page.frame(url=f"{host.at}/embed")).locator("#turn-1 .reply .controls").last.wait_for()
        ask_in_frame(page, host, 2)
        assert len(host.assistant.asked[-1][1]) == 2
