"""The layout and the calm of the chat page: sizes, what is in view, limits that show, printing, and the first paint."""

from __future__ import annotations

import itertools

import pytest

from tests.browser.test_chat import INVESTIGATING, arrived, ask, box_has_focus
from tests.fixtures.fictional import NORTHSHIRE

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
REACHED = "document.activeElement.matches('#conversation a.number')"


def test_thirteen_sentences_of_two_lines_and_more_take_at_most_1800_pixels(chat):
    turn = ask(chat, "Tell me all thirteen.", 1)
    assert turn.locator("blockquote").count() == 13
    lines = "n => n.getBoundingClientRect().height / parseFloat(getComputedStyle(n).lineHeight)"
    assert turn.locator("blockquote").first.evaluate(lines) >= 2
    assert turn.bounding_box()["height"] <= 1800


def test_the_words_to_open_what_is_around_a_sentence_are_not_repeated_in_sight(chat):
    turn = ask(chat, INVESTIGATING, 1)
    summaries = turn.locator("summary")
    assert summaries.count() == 3
    assert [box["width"] <= 32 and box["height"] <= 32 for box in (n.bounding_box() for n in summaries.all())] == [
        True
    ] * 3
    assert "Read the sentences before and after" in summaries.first.aria_snapshot()


def test_the_navigation_has_space_and_says_which_page_this_is(chat):
    links = chat.locator("#introduction nav a")
    boxes = [link.bounding_box() for link in links.all()]
    assert all(after["x"] - (before["x"] + before["width"]) >= 16 for before, after in itertools.pairwise(boxes))
    chat.locator("#introduction a[aria-current=page]").wait_for()
    assert chat.locator("[aria-current]").all_inner_texts() == ["Ask a question"]


def test_the_header_is_small_after_the_first_question(chat):
    height = "document.querySelector('#introduction').getBoundingClientRect().height"
    before = chat.evaluate(height)
    ask(chat, INVESTIGATING, 1)
    assert chat.evaluate(height) <= min(72, before / 2)


@pytest.mark.parametrize("watched", [PHONE], indirect=True, ids=["phone"])
def test_on_a_phone_the_question_box_stays_in_view_and_leaves_most_of_the_window(chat):
    ask(chat, "Tell me all thirteen.", 1)
    chat.evaluate("scrollTo(0, 300)")
    box = chat.locator("#composer").bounding_box()
    assert box["y"] + box["height"] <= PHONE["height"]
    assert box["height"] <= PHONE["height"] / 5
    assert chat.get_by_label("Your question").bounding_box()["y"] < PHONE["height"]


def test_the_first_citation_is_two_keys_from_the_box(chat):
    ask(chat, "Tell me all thirteen.", 1)
    ask(chat, INVESTIGATING, 2)
    assert box_has_focus(chat)
    chat.keyboard.press("Shift+Tab")
    assert chat.evaluate("document.activeElement.textContent") == "Go to the first citation of the last answer"
    chat.keyboard.press("Enter")
    assert chat.evaluate(REACHED)
    assert chat.evaluate("document.activeElement.closest('.turn').id") == "turn-2"


def test_a_limit_shows_while_the_filters_are_closed_and_can_be_removed(watched, site):
    page = watched.page
    page.goto(f"{site.address}/?force=Westmere%20Police")
    chip = page.locator("#limits").get_by_role("button", name="Westmere Police. Remove this limit")
    chip.wait_for()
    page.get_by_role("button", name="Limit the search").click()
    assert page.locator("#limits").inner_text().split() == ["Limited", "to:", "Westmere", "Police"]
    ask(page, INVESTIGATING, 1)
    assert site.assistant.within[-1].forces == ("Westmere Police",)
    chip.click()
    page.locator("#limits:empty").wait_for(state="attached")
    assert box_has_focus(page)
    ask(page, INVESTIGATING, 2)
    assert site.assistant.within[-1].forces == ()


def test_no_word_of_a_comparison_is_broken(chat):
    turn = ask(chat, "Compare the two", 1)
    lines_of_words = """cells => cells.flatMap(cell => {
        const text = cell.querySelector("bdi")?.firstChild ?? cell.firstChild;
        return [...text.data.matchAll(/\\S+/g)].map(word => {
            const range = document.createRange();
            range.setStart(text, word.index);
            range.setEnd(text, word.index + word[0].length);
            return range.getClientRects().length;
        });
    })"""
    lines = turn.locator(".compared tbody th").evaluate_all(lines_of_words)
    assert len(lines) == 3 * 3  # two words and a period of each of three places
    assert set(lines) == {1}


@pytest.mark.parametrize("watched", [PHONE, {"width": 480, "height": 700}], indirect=True, ids=["phone", "panel"])
def test_a_limit_does_not_lie_under_what_begins_a_new_conversation(watched, site):
    page = watched.page
    page.goto(f"{site.address}/?force=Northshire%20Constabulary&force=Westmere%20Police")
    page.locator("#limits button").first.wait_for()
    ask(page, INVESTIGATING, 1)
    new = page.get_by_role("button", name="New conversation").bounding_box()
    for chip in page.locator("#limits button").all():
        box = chip.bounding_box()
        assert box["x"] + box["width"] <= new["x"] or box["y"] >= new["y"] + new["height"]


def test_the_choices_of_a_limit_have_an_edge_and_the_pages_type(chat):
    chat.get_by_role("button", name="Limit the search").click()
    chat.locator("#limit-forces input").click()
    choices = chat.locator(".options")
    choices.get_by_text("Westmere Police").wait_for()
    styles = "n => { const s = getComputedStyle(n); return [s.borderTopWidth, s.fontSize, s.borderRadius]; }"
    assert choices.evaluate(styles) == ["2px", "16px", "0px"]


def test_a_ticked_box_looks_ticked_in_forced_colours(watched, site):
    page = watched.page
    page.emulate_media(forced_colors="active")
    page.goto(site.address)
    ask(page, INVESTIGATING, 1)
    box = page.locator("#alone input")
    unticked = box.screenshot()
    box.check()
    page.locator("body").click(position={"x": 5, "y": 5})
    assert box.is_checked()
    assert box.screenshot() != unticked


def test_a_printed_answer_has_the_reference_of_each_quotation_and_no_controls(chat):
    turn = ask(chat, INVESTIGATING, 1)
    chat.emulate_media(media="print")
    printed = turn.inner_text()
    for sentence in NORTHSHIRE.sentences[5:8]:
        assert printed.count(sentence.text) == 1
    assert printed.count(f"SHA-256 of the file: {NORTHSHIRE.transcript.sha256}") == 3
    assert printed.count("re-used under the Open Government Licence v3.0") == 1
    assert not turn.locator("button:visible, summary:visible, textarea:visible").count()
    assert not chat.locator("#composer").is_visible()
    chat.emulate_media(media="screen")


def test_the_first_paint_has_the_heading_a_box_and_examples_and_works_by_itself(watched, chat, site):
    assert chat.locator("#at-first").count() == 0  # once the chat is drawn
    page = watched.page
    page.route("**/assets/**", lambda route: route.abort())  # Gradio does not arrive
    page.goto(site.address, wait_until="domcontentloaded")
    first = page.locator("#at-first")
    assert first.get_by_role("heading", level=1).inner_text() == "Assessment assistant"
    assert "Which forces have concerns about investigating crime?" in first.inner_text()
    assert not page.get_by_text("Loading...").is_visible()
    first.get_by_label("Ask a question").fill(INVESTIGATING)
    first.get_by_role("button", name="Ask").click()
    page.wait_for_url("**/ask?q=*")
    assert page.locator("blockquote").count() == 3
    watched.errors.clear()  # the browser reports the files that were kept from it


def test_what_is_typed_before_the_page_is_drawn_is_kept(watched, site):
    page = watched.page
    held = []
    page.route("**/site/chat.js", lambda route: held.append(route))  # noqa: PLW0108  # Playwright marks its handlers
    page.goto(site.address, wait_until="commit")
    page.locator("#at-first input").fill("What about fraud?")
    for route in held:
        route.continue_()
    page.unroute_all()
    page.locator("html.scripted").wait_for()
    page.locator("#at-first").wait_for(state="detached")
    assert page.get_by_label("Your question").input_value() == "What about fraud?"
    assert box_has_focus(page)


def test_a_refused_question_has_one_turn_although_gradio_reports_its_failure_too(watched, chat):
    joins = []

    def refuse_first(route):
        joins.append(route.request.post_data_json["fn_index"])
        if len(joins) == 1:
            route.fulfill(status=429, json={"status": "too_many", "error": "Ask again in 9 seconds."})
        else:
            route.continue_()

    chat.route("**/queue/join*", refuse_first)
    chat.get_by_label("Your question").fill(INVESTIGATING)
    chat.keyboard.press("Enter")
    chat.locator("#conversation .problem").get_by_text("Ask again in 9 seconds.").wait_for()
    chat.get_by_label("Your question").press("Enter")  # a question after it is asked
    arrived(chat, 1)
    assert chat.locator("#conversation .problem").count() == 1
    assert len(set(joins)) == 1  # no event but the question's
    watched.errors.clear()  # the browser reports the refused request


def test_suggestions_come_after_the_answer_and_are_asked_when_clicked(chat, site):
    chat.unroute("**/suggestions?*")
    turn = ask(chat, INVESTIGATING, 1)
    suggested = turn.locator(".next")
    suggested.get_by_role("link", name="Which forces have concerns about investigating crime?").click()
    second = arrived(chat, 2)
    assert second.locator("section.group").count() == 2
    assert suggested.get_attribute("aria-live") == "off"
