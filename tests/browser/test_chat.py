"""The chat page in a real browser. Every test also fails on a request off the machine, a dialog, or a console error."""

from __future__ import annotations

import pytest

from tests.browser.probes import CONTRAST, COVERED, LISTEN, SMALL
from tests.fixtures.fictional import HOSTILE, NORTHSHIRE

pytestmark = pytest.mark.browser

INVESTIGATING = "How well does Northshire investigate crime?"
HORSES = "How many horses does Northshire keep?"
SHOWN_TEXT = "nodes => nodes.map(node => node.textContent)"


def ask(chat, question: str, turn: int):
    """Type a question, press Enter, and wait for its turn."""
    chat.get_by_label("Your question").fill(question)
    chat.keyboard.press("Enter")
    return arrived(chat, turn)


def arrived(chat, turn: int):
    found = chat.locator(f"#conversation > #turn-{turn}")
    found.wait_for()
    return found


def box_has_focus(chat) -> bool:
    return chat.evaluate("document.activeElement === document.querySelector('#question textarea')")


def test_an_answer_has_citations_and_the_focus_stays_in_the_emptied_box(chat):
    turn = ask(chat, INVESTIGATING, 1)
    assert turn.locator("h2").inner_text().strip().endswith(INVESTIGATING)
    assert turn.locator("blockquote").all_inner_texts() == [s.text for s in NORTHSHIRE.sentences[5:8]]
    assert [n.strip() for n in turn.locator("a.number").evaluate_all(SHOWN_TEXT)] == [
        f"Citation {n}, open the source at this sentence (opens in a new tab)" for n in (1, 2, 3)
    ]
    assert box_has_focus(chat)
    assert chat.get_by_label("Your question").input_value() == ""


def test_the_ask_button_asks_the_question(chat):
    chat.get_by_label("Your question").fill(INVESTIGATING)
    chat.get_by_role("button", name="Ask", exact=True).click()
    assert arrived(chat, 1).locator("blockquote").count() == 3


def test_a_citation_opened_in_a_new_tab_highlights_its_sentence_in_view(chat):
    turn = ask(chat, INVESTIGATING, 1)
    with chat.context.expect_page() as opened:
        turn.locator("a.number").nth(2).click(modifiers=["ControlOrMeta"])
    source = opened.value
    source.wait_for_load_state()
    source.bring_to_front()
    highlighted = source.locator(".sentence:target")
    assert highlighted.inner_text() == NORTHSHIRE.sentences[7].text
    paint = "node => getComputedStyle(node).backgroundColor"
    assert highlighted.evaluate(paint) != source.locator(".sentence").first.evaluate(paint)
    assert highlighted.evaluate(
        "n => n.getBoundingClientRect().top >= 0 && n.getBoundingClientRect().bottom < innerHeight"
    )
    assert chat.locator("#turn-1").count() == 1  # the conversation is still open


def test_a_cited_sentence_can_be_read_in_context_without_leaving_the_page(chat):
    turn = ask(chat, INVESTIGATING, 1)
    turn.locator("summary").first.click()
    place = turn.locator("details").first
    assert place.locator("mark").inner_text() == NORTHSHIRE.sentences[5].text
    assert NORTHSHIRE.sentences[6].text in place.inner_text()


def test_a_refusal_shows_the_nearest_sentences_as_not_an_answer_and_keeps_the_question(chat):
    turn = ask(chat, HORSES, 1)
    assert turn.locator("h3").inner_text() == "No answer found in the assessments"
    nearest = turn.locator("section.nearest")
    assert nearest.locator("h4").inner_text() == "Closest sentences (not an answer)"
    assert turn.locator("blockquote").count() == nearest.locator("blockquote").count() == 2
    assert chat.get_by_label("Your question").input_value() == HORSES
    assert box_has_focus(chat)


def test_a_follow_up_is_asked_with_the_history_and_shown_as_understood(chat, site):
    ask(chat, INVESTIGATING, 1)
    turn = ask(chat, "And Westmere?", 2)
    assert (
        turn.locator(".understood")
        .inner_text()
        .startswith("Understood as: How well does Westmere Police investigate crime?")
    )
    question, history = site.assistant.asked[-1]
    assert (question, [turn.role for turn in history]) == ("And Westmere?", ["user", "assistant"])
    assert history[0].text == INVESTIGATING


def test_each_turn_is_announced_once_in_the_log(chat):
    log = chat.get_by_role("log", name="Conversation", include_hidden=True)
    assert log.count() == 1
    chat.evaluate(LISTEN)
    for number, question in enumerate((INVESTIGATING, HORSES, INVESTIGATING), 1):
        ask(chat, question, number)
    assert chat.evaluate("heard") == ["turn-1", "turn-2", "turn-3"]
    assert chat.locator("#progress").get_attribute("role") == "status"


def test_an_earlier_turn_stays_unchanged(chat):
    turn = ask(chat, INVESTIGATING, 1)
    turn.locator("summary").first.click()
    ask(chat, HORSES, 2)
    assert turn.locator("details[open]").count() == 1


def test_an_example_is_asked_and_the_focus_moves_to_the_box(chat):
    chat.get_by_role("button", name="What is said about investigating crime in Northshire Constabulary?").click()
    arrived(chat, 1)
    assert box_has_focus(chat)
    assert not chat.locator("#examples").is_visible()


def test_a_new_conversation_starts_empty(chat, site):
    assert not chat.get_by_role("button", name="New conversation").is_visible()
    ask(chat, INVESTIGATING, 1)
    chat.get_by_role("button", name="New conversation").click()
    chat.locator("#examples").wait_for()
    assert chat.locator("#conversation > *").count() == 0
    assert box_has_focus(chat)
    ask(chat, HORSES, 1)
    assert site.assistant.asked[-1] == (HORSES, ())


def test_an_index_being_rebuilt_is_reported_and_the_question_stays_in_the_box(chat):
    turn = ask(chat, "Will you rebuild?", 1)
    assert turn.locator(".reason").inner_text() == "The index is being rebuilt. Ask again in a minute."
    assert chat.get_by_label("Your question").input_value() == "Will you rebuild?"


def test_an_unexpected_error_is_reported_without_its_details(chat, capfd):
    turn = ask(chat, "What breaks?", 1)
    assert "Something went wrong" in turn.inner_text()
    assert "nobody foresaw" not in chat.content()
    assert chat.locator("#progress").inner_text() == ""
    assert "nobody foresaw" in capfd.readouterr().err


def test_an_empty_question_gets_a_notice(chat):
    chat.get_by_label("Your question").press("Enter")
    chat.get_by_text("Type a question first.").wait_for()
    assert chat.locator("#conversation > *").count() == 0


def test_hostile_text_is_shown_literally_and_has_no_effect(chat):
    question = "hostile <img src=http://outside.invalid/q.png onerror=alert(9)> {{7*7}} ${alert(10)}"
    turn = ask(chat, question, 1)
    assert turn.locator("blockquote").evaluate_all(SHOWN_TEXT) == [s.text for s in HOSTILE.sentences]
    assert turn.locator("cite").first.evaluate("node => node.textContent") == HOSTILE.transcript.title
    assert turn.locator("h2 bdi").evaluate("node => node.textContent") == question
    assert (
        turn.locator("img, script, style, iframe, form:not(.feedback), input, svg, b, i, em, strong, code").count() == 0
    )
    source = chat.context.new_page()
    source.goto(chat.url + "sources/hostile")
    assert source.locator(".sentence").evaluate_all(SHOWN_TEXT) == [s.text for s in HOSTILE.sentences]
    assert source.title().startswith(HOSTILE.transcript.title.split("\u202e")[0])


def test_the_content_policy_blocks_injected_scripts(watched, chat):
    ran = chat.evaluate(
        """async () => {
            const image = document.createElement('div');
            image.innerHTML = '<img src="/none" onerror="window.ran = 1">';
            document.body.append(image);
            const script = document.createElement('script');
            script.textContent = 'window.ran = 2';
            document.body.append(script);
            setTimeout('window.ran = 3'); // a string, which is evaluated like `eval`
            await new Promise(done => setTimeout(done, 200));
            return window.ran ?? 0;
        }"""
    )
    assert ran == 0
    assert watched.errors  # the browser reports what it blocked
    watched.errors.clear()


@pytest.mark.parametrize(
    "watched",
    [{"width": 320, "height": 256}, {"width": 320, "height": 640}],
    indirect=True,
    ids=["400-percent", "narrow"],
)
def test_a_narrow_page_does_not_scroll_sideways(chat, site):
    for number, question in enumerate((INVESTIGATING, "hostile", HORSES), 1):
        ask(chat, question, number).locator("summary").first.click()
    assert chat.evaluate("document.documentElement.scrollWidth <= innerWidth")
    source = chat.context.new_page()
    source.set_viewport_size(chat.viewport_size)
    for address in ("/sources", "/sources/hostile", "/sources/northshire-2018"):
        source.goto(site.address + address)
        assert source.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


@pytest.mark.parametrize("watched", [{"width": 320, "height": 256}], indirect=True)
def test_at_400_percent_the_box_does_not_cover_the_answer(chat):
    ask(chat, INVESTIGATING, 1)
    chat.mouse.wheel(0, -10_000)
    assert chat.locator("#composer").evaluate("node => getComputedStyle(node).position") == "relative"


def test_the_focused_element_is_never_covered_by_the_box(chat):
    for number in (1, 2, 3):
        ask(chat, INVESTIGATING, number)
    chat.evaluate("scrollTo(0, 0)")
    covered = []
    for _ in range(40):
        chat.keyboard.press("Shift+Tab")
        name, hidden = chat.evaluate(COVERED)
        if name == "BODY":
            break
        covered += [name] if hidden else []
    assert covered == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast(chat, scheme):
    chat.emulate_media(color_scheme=scheme)
    ask(chat, INVESTIGATING, 1).locator("summary").first.click()
    ask(chat, HORSES, 2)
    ask(chat, "Will you rebuild?", 3)
    assert chat.evaluate(CONTRAST) == []


def test_every_control_is_large_enough(chat, site):
    ask(chat, INVESTIGATING, 1).locator("summary").first.click()
    assert chat.evaluate(SMALL) == []
    source = chat.context.new_page()
    for path in ("/sources", "/sources/northshire-2018"):
        source.goto(site.address + path)
        assert source.evaluate(SMALL) == []


def test_the_browser_stores_nothing_but_the_conversation_of_the_tab(chat):
    stored = "[localStorage.length, sessionStorage.length, document.cookie]"
    assert chat.evaluate(stored) == [0, 0, ""]
    ask(chat, INVESTIGATING, 1)
    assert chat.evaluate(stored) == [0, 1, ""]


@pytest.mark.parametrize("path", ["/sources", "/sources/northshire-2018"])
def test_the_source_pages_work_without_javascript(browser, site, path):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.address + path)
    assert page.locator("h1").inner_text()
    assert page.locator("main a, main .sentence").count() >= 3
    context.close()
