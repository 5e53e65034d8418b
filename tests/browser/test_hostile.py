"""Hostile texts in a source, as its title and as a question: nothing runs, nothing is fetched, all is displayed.

Every test also fails on a request to another host, a dialog, or an error of a script (see conftest).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

import pytest

from assistant.answer import Answer, Status
from assistant.export.turn_html import MAX_SHOWN
from assistant.filter import EVERYTHING, Filter
from assistant.question.conversation import Turn
from index.text.transcript import Role
from tests.browser.conftest import Site, serve_site
from tests.browser.test_chat import SHOWN_TEXT, ask
from tests.fixtures.fictional import FictionalAssistant, FictionalSources, cite, make_answer, make_page
from tests.fixtures.payloads import PAYLOADS

pytestmark = [pytest.mark.browser, pytest.mark.long]

TEXT_PAGES = [
    make_page(f"text-{number}", "Plain title", [(Role.FINDING, (payload,))]) for number, payload in enumerate(PAYLOADS)
]
TITLE_PAGES = [
    make_page(f"title-{number}", payload, [(Role.FINDING, ("A sentence.",))]) for number, payload in enumerate(PAYLOADS)
]
BATCHES = range(0, len(PAYLOADS), MAX_SHOWN)  # the first of each answer's: a page shows so many quotations
PAGES_CITED = {
    f"as {kind} from {start}": pages[start : start + MAX_SHOWN]
    for kind, pages in (("text", TEXT_PAGES), ("title", TITLE_PAGES))
    for start in BATCHES
}
ACTIVE = "img, script, style, iframe, object, embed, form[action], input, svg, math, video, audio, base, meta, link"
ACTIVE_ELEMENTS = f"nodes => nodes.flatMap(n => [...n.querySelectorAll('{ACTIVE}')].map(found => found.outerHTML))"


class HostileAssistant(FictionalAssistant):
    """Has sources with the hostile texts and cites them all. A question that is a hostile text gets a refusal."""

    def __init__(self) -> None:
        super().__init__()
        self.sources = FictionalSources({page.transcript.id: page for page in (*TEXT_PAGES, *TITLE_PAGES)})

    def ask(self, question: str, history: Sequence[Turn] = (), *, within: Filter = EVERYTHING) -> Answer:
        cited = [cite(page, 0, number) for number, page in enumerate(PAGES_CITED.get(question, ()), 1)]
        return make_answer(question, Status.ANSWERED, cited) if cited else make_answer(question)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from serve_site(tmp_path_factory.mktemp("hostile"), HostileAssistant())


def as_parsed(texts: Sequence[str]) -> list[str]:
    """Returns texts as a browser's document contains them: NUL is replaced, everything else is unchanged."""
    return [text.replace("\x00", "\ufffd") for text in texts]


def test_there_are_at_least_a_hundred_different_payloads():
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 100


def test_hostile_sentences_of_sources_in_the_chat(chat):
    for number, start in enumerate(BATCHES, 1):
        turn = ask(chat, f"as text from {start}", number)
        assert turn.locator("blockquote").evaluate_all(SHOWN_TEXT) == as_parsed(PAYLOADS[start : start + MAX_SHOWN])
    assert chat.locator("#conversation, #latest").evaluate_all(ACTIVE_ELEMENTS) == []


def test_hostile_titles_of_sources_in_the_chat(chat):
    for number, start in enumerate(BATCHES, 1):
        turn = ask(chat, f"as title from {start}", number)
        assert turn.locator("cite").evaluate_all(SHOWN_TEXT) == as_parsed(PAYLOADS[start : start + MAX_SHOWN])
    assert chat.locator("#conversation, #latest").evaluate_all(ACTIVE_ELEMENTS) == []


def test_hostile_questions_in_the_chat_and_on_the_plain_page(chat):
    # all on the plain page, and every fourth in the chat, where every question adds a turn
    address = chat.url.rstrip("/")
    for number, payload in enumerate(PAYLOADS):
        if number % 4 == 0:
            turn = ask(chat, payload, number // 4 + 1)
            assert turn.locator("h2 bdi").evaluate_all(SHOWN_TEXT) == [payload.replace("\r\n", "\n")]
    assert chat.locator("#conversation, #latest").evaluate_all(ACTIVE_ELEMENTS) == []
    plain = chat.context.new_page()
    for payload in PAYLOADS:
        plain.goto(f"{address}/ask?q={quote(payload)}", wait_until="domcontentloaded")
        shown = plain.locator(".turn h2 bdi").evaluate_all(SHOWN_TEXT)
        assert [text.split() for text in shown] == [payload.split()]
        assert plain.locator("main .turn").evaluate_all(ACTIVE_ELEMENTS) == []


def test_hostile_sentences_and_titles_on_the_source_pages(watched, site):
    plain = watched.page
    for page in (*TEXT_PAGES[::5], *TITLE_PAGES[::5]):
        plain.goto(f"{site.address}/sources/{page.transcript.id}", wait_until="domcontentloaded")
        assert plain.locator(".sentence").evaluate_all(SHOWN_TEXT) == as_parsed([page.sentences[0].text])
        assert plain.locator("h1").evaluate_all(SHOWN_TEXT) == as_parsed([page.transcript.title])
        assert plain.locator("main").evaluate_all(ACTIVE_ELEMENTS) == []


def test_hostile_sentences_in_the_source_panel(chat):
    turns = [ask(chat, f"as text from {start}", number) for number, start in enumerate(BATCHES, 1)]
    for number in range(0, len(PAYLOADS), 10):
        turns[number // MAX_SHOWN].locator("a.number").nth(number % MAX_SHOWN).click()
        panel = chat.get_by_role("dialog")
        panel.locator(".cited").wait_for()
        assert panel.locator(".cited").evaluate_all(SHOWN_TEXT) == as_parsed([PAYLOADS[number]])
        assert panel.evaluate_all(ACTIVE_ELEMENTS) == []
        chat.keyboard.press("Escape")
