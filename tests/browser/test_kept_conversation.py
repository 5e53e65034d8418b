"""A conversation lasts: over a reload, Back, a restart, another replica, a new index, in two tabs, without storage."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from assistant.answer import Status
from assistant.filter import EVERYTHING, Filter
from assistant.settings import Settings
from assistant.web.server import create_app, listen
from tests.browser.conftest import ARGUMENTS, find_browser
from tests.browser.hosts import Intranet, intranet, serving
from tests.browser.test_chat import HORSES, INVESTIGATING, arrived, ask, box_has_focus
from tests.fixtures.fictional import NORTHSHIRE, PAGES, FictionalAssistant, FictionalSources, cite, make_answer

pytestmark = pytest.mark.browser

FOLLOW_UP = "And Westmere?"
KEY, OTHER_KEY = b"k" * 32, b"x" * 32
OUTER = "nodes => nodes.map(node => node.outerHTML)"
STORED = "[Object.keys(localStorage), Object.keys(sessionStorage)].map(keys => keys.length)"
BLOCK_STORAGE = """for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, {get() { throw new DOMException("no", "SecurityError"); }});
}"""


@contextmanager
def served(
    folder: Path, key: bytes = KEY, port: int = 0, **settings: object
) -> Iterator[tuple[str, FictionalAssistant]]:
    """Serves an assistant of its own, on a given port or a free one. Yields its address and the assistant."""
    assistant, listener = FictionalAssistant(), listen("127.0.0.1", port)
    given = Settings(questions_per_minute=100_000, cases=folder / "cases.jsonl", **settings)  # type: ignore[arg-type]
    with serving(create_app(assistant, given, key=key), listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", assistant


class Balancer:
    """Passes connections on to one of several servers; `switch` ends those that are open and chooses another."""

    def __init__(self, address: str) -> None:
        self._backend = address
        self._open: list[tuple[socket.socket, threading.Thread]] = []
        self._listener = listen("127.0.0.1", 0)
        self._accepting = threading.Thread(target=self._accept)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Balancer:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        self.switch(self._backend)

    def switch(self, address: str) -> None:
        self._backend, before, self._open = address, self._open, []
        for end, _ in before:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for end, passing in before:
            passing.join()
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", int(self._backend.rpartition(":")[2])))
                for ends in ((client, server), (server, client)):
                    passing = threading.Thread(target=_pass_on, args=ends)
                    passing.start()
                    self._open.append((ends[0], passing))


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def opened(page, address):
    page.goto(address)
    return ready(page)


def ready(page):
    page.locator("html.scripted").wait_for()
    page.locator("#filters").wait_for()
    return page


def reloaded(page, turns: int):
    page.reload()
    ready(page)
    page.locator(f"#turn-{turns} .reply .controls").last.wait_for()
    return page


def judge(turn, comment: str) -> str:
    """Sends feedback that an answer was not helpful, and returns what is said to it."""
    turn.get_by_role("button", name="No", exact=True).click()
    turn.get_by_label("What was right or wrong").fill(comment)
    turn.get_by_role("button", name="Send").click()
    turn.locator(".feedback .said").wait_for()
    return turn.locator(".feedback .said").inner_text()


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


def reloaded_empty(page) -> bool:
    page.reload()
    return ready(page).locator(".turn").count() == 0


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
    chat.evaluate("text => sessionStorage.setItem(Object.keys(sessionStorage)[0], text)", text)
    chat.evaluate("() => addEventListener('pagehide', event => event.stopImmediatePropagation(), {capture: true})")
    assert reloaded_empty(chat)


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
