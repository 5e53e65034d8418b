"""The source beside the answer: a column in a wide window, in a narrow one a panel that Back closes; the preview."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_chat import INVESTIGATING, ask
from tests.fixtures.fictional import NORTHSHIRE

pytestmark = pytest.mark.browser

NARROW = {"width": 1000, "height": 800}
WIDTHS = [{"width": 1200, "height": 800}, {"width": 1920, "height": 1000}]


def opened(chat, number: int):
    turn = ask(chat, INVESTIGATING, 1)
    turn.locator("a.number").nth(number).click()
    chat.locator("#source-panel .cited").wait_for()
    return turn


@pytest.mark.parametrize("watched", WIDTHS, indirect=True, ids=["1200", "1920"])
def test_in_a_wide_window_the_source_is_a_column_that_covers_nothing_of_the_answer(chat):
    turn = opened(chat, 0)
    column = chat.locator("#source-panel").bounding_box()
    for part in (turn, chat.locator("#composer")):
        box = part.bounding_box()
        assert box["x"] + box["width"] <= column["x"]
    assert column["width"] >= 480
    assert chat.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_next_citation_is_one_click_away_while_the_source_is_open(chat):
    turn = opened(chat, 0)
    turn.locator("a.number").nth(2).click()
    cited = chat.locator("#source-panel .cited")
    expect(cited).to_have_text(NORTHSHIRE.sentences[7].text)
    assert turn.locator("a.number[aria-current]").count() == 1
    assert turn.locator("a.number").nth(2).get_attribute("aria-current") == "true"
    assert chat.get_by_role("button", name="Next citation").is_disabled()
    chat.get_by_role("button", name="Previous citation").click()
    expect(cited).to_have_text(NORTHSHIRE.sentences[6].text)
    chat.keyboard.press("Escape")
    assert not chat.locator("#source-panel").is_visible()
    assert turn.locator("a.number").nth(1).evaluate("node => node === document.activeElement")
    assert turn.locator("a.number[aria-current]").count() == 0


@pytest.mark.parametrize("watched", [NARROW], indirect=True, ids=["narrow"])
@pytest.mark.parametrize("way", ["back", "button"])
def test_in_a_narrow_window_back_closes_the_panel_and_the_conversation_stays(chat, way):
    before = chat.evaluate("history.length")
    turn = opened(chat, 1)
    if way == "back":
        chat.evaluate("history.back()")
    else:
        chat.get_by_role("button", name="Back to the answer").click()
    chat.locator("#source-panel").wait_for(state="hidden")
    for _ in range(100):  # the page's policy forbids what `wait_for_function` does
        if not chat.evaluate("history.state?.sourcePanel"):
            break
        chat.wait_for_timeout(50)
    assert not chat.evaluate("history.state?.sourcePanel")
    assert chat.evaluate("history.length") == before + 1  # one entry, which is ahead now
    assert turn.locator("a.number").nth(1).evaluate("node => node === document.activeElement")


def test_a_window_that_becomes_narrow_keeps_the_source_open(chat):
    opened(chat, 0)
    chat.set_viewport_size(NARROW)
    chat.locator("#source-panel:modal .cited").wait_for()
    chat.set_viewport_size({"width": 1280, "height": 900})
    chat.locator("html.beside #source-panel:not(:modal) .cited").wait_for()


@pytest.mark.parametrize("way", ["pointer", "keyboard"])
def test_a_preview_shows_the_sentence_between_its_neighbours(chat, way):
    number = ask(chat, INVESTIGATING, 1).locator("a.number").nth(1)
    if way == "pointer":
        number.hover()
    else:
        chat.keyboard.press("Shift+Tab")
        chat.keyboard.press("Enter")
        chat.keyboard.press("Tab")
        chat.keyboard.press("Tab")
        assert number.evaluate("node => node === document.activeElement")
    preview = chat.locator("#preview")
    preview.wait_for()
    assert preview.locator("mark").inner_text() == NORTHSHIRE.sentences[6].text
    assert NORTHSHIRE.sentences[5].text in preview.inner_text()
    chat.keyboard.press("Escape")
    assert preview.count() == 0


@pytest.mark.parametrize("is_there", [True, False], ids=["still there", "gone"])
def test_a_citation_of_an_index_that_was_exchanged_says_that_the_text_changed(chat, is_there):
    turn = ask(chat, INVESTIGATING, 1)
    link = turn.locator("a.number").first
    sentence = NORTHSHIRE.sentences[5].id
    other = f"/sources/northshire-2018?text={'0' * 64}&sentence={sentence if is_there else 'f' * 15}"
    anchor = f"#s-{sentence if is_there else 'f' * 15}"
    link.evaluate("(node, address) => node.setAttribute('href', address)", other + anchor)  # as of another text
    link.click()
    changed = chat.locator("#source-panel .changed")
    changed.get_by_text("The text of this source has changed since the link was made.").wait_for()
    assert chat.locator("#source-panel .cited").count() == is_there
    if not is_there:
        assert changed.evaluate("node => node === document.activeElement")


def test_a_citation_of_a_withdrawn_source_says_so(watched, chat):
    link = ask(chat, INVESTIGATING, 1).locator("a.number").first
    link.evaluate("node => node.setAttribute('href', '/sources/withdrawn?text=' + '0'.repeat(64) + '#s-1')")
    link.click()
    chat.locator("#source-panel").get_by_text("It may have been withdrawn or renamed.").wait_for()
    watched.errors.clear()  # the browser reports the 404
