"""Hostile texts as a source's words, as its title and as a question: nothing runs, nothing is fetched, all is shown.

Every test also fails on a request off the machine, a dialog, or a script's error (see conftest).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

import pytest

from assistant.answer import Answer, Status
from assistant.filter import EVERYTHING, Filter
from assistant.question.conversation import Turn
from index.text.transcript import Role
from tests.browser.conftest import Site, serve_site
from tests.browser.test_chat import SHOWN_TEXT, ask
from tests.fixtures.fictional import FictionalAssistant, FictionalSources, cite, make_answer, make_page
from tests.fixtures.payloads import PAYLOADS

pytestmark = [pytest.mark.browser, pytest.mark.long]

AS_TEXT = [make_page(f"text-{n}", "Plain title", [(Role.FINDING, (one,))]) for n, one in enumerate(PAYLOADS)]
AS_TITLE = [make_page(f"title-{n}", one, [(Role.FINDING, ("A sentence.",))]) for n, one in enumerate(PAYLOADS)]
OURS = "img, script, style, iframe, object, embed, form[action], input, svg, math, video, audio, base, meta, link"
FOREIGN = f"nodes => nodes.flatMap(node => [...node.querySelectorAll('{OURS}')].map(found => found.outerHTML))"


class HostileAssistant(FictionalAssistant):
    """Holds the hostile texts, cites them all, and answers a question that is one by saying it does not know."""

    def __init__(self) -> None:
        super().__init__()
        self.sources = FictionalSources({page.transcript.id: page for page in (*AS_TEXT, *AS_TITLE)})

    def ask(self, question: str, history: Sequence[Turn] = (), *, within: Filter = EVERYTHING) -> Answer:
        pages = {"as text": AS_TEXT, "as title": AS_TITLE}.get(question, ())
        cited = [cite(page, 0, number) for number, page in enumerate(pages, 1)]
        return make_answer(question, Status.ANSWERED, cited) if cited else make_answer(question)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from serve_site(tmp_path_factory.mktemp("hostile"), HostileAssistant())


def as_parsed(texts: Sequence[str]) -> list[str]:
    """What the document of a browser can hold of texts: a NUL never, everything else as it is."""
    return [text.replace("\x00", "\ufffd") for text in texts]


def test_there_are_enough_of_them_and_no_two_the_same():
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 100


def test_as_the_words_of_sources(chat):
    turn = ask(chat, "as text", 1)
    assert turn.locator("blockquote").evaluate_all(SHOWN_TEXT) == as_parsed(PAYLOADS)
    assert chat.locator("#conversation, #latest").evaluate_all(FOREIGN) == []


def test_as_the_titles_of_sources(chat):
    turn = ask(chat, "as title", 1)
    assert turn.locator("cite").evaluate_all(SHOWN_TEXT) == as_parsed(PAYLOADS)
    assert chat.locator("#conversation, #latest").evaluate_all(FOREIGN) == []


def test_as_questions(chat):
    # each on the page without our scripts, and every fourth in the chat too, where each is a turn that stays
    address = chat.url.rstrip("/")
    for number, payload in enumerate(PAYLOADS):
        if number % 4 == 0:
            turn = ask(chat, payload, number // 4 + 1)
            assert turn.locator("h2 bdi").evaluate_all(SHOWN_TEXT) == [payload.replace("\r\n", "\n")]
    assert chat.locator("#conversation, #latest").evaluate_all(FOREIGN) == []
    plain = chat.context.new_page()
    for payload in PAYLOADS:
        plain.goto(f"{address}/ask?q={quote(payload)}", wait_until="domcontentloaded")
        shown = plain.locator(".turn h2 bdi").evaluate_all(SHOWN_TEXT)
        assert [text.split() for text in shown] == [payload.split()]
        assert plain.locator("main .turn").evaluate_all(FOREIGN) == []


def test_in_the_page_of_each_source(watched, site):
    plain = watched.page
    for page in (*AS_TEXT[::5], *AS_TITLE[::5]):
        plain.goto(f"{site.address}/sources/{page.transcript.id}", wait_until="domcontentloaded")
        assert plain.locator(".sentence").evaluate_all(SHOWN_TEXT) == as_parsed([page.sentences[0].text])
        assert plain.locator("h1").evaluate_all(SHOWN_TEXT) == as_parsed([page.transcript.title])
        assert plain.locator("main").evaluate_all(FOREIGN) == []


def test_in_the_source_opened_beside_an_answer(chat):
    turn = ask(chat, "as text", 1)
    for number in range(0, len(PAYLOADS), 10):
        turn.locator("a.number").nth(number).click()
        panel = chat.get_by_role("dialog")
        panel.locator(".cited").wait_for()
        assert panel.locator(".cited").evaluate_all(SHOWN_TEXT) == as_parsed([PAYLOADS[number]])
        assert panel.evaluate_all(FOREIGN) == []
        chat.keyboard.press("Escape")
