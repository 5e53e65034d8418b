"""WCAG 2.2 AA: axe on every state of the page, light and dark, wide and narrow, alone and in another site's frame.

axe runs with all its WCAG rules, its best practices, and `target-size`, which is off by default. Further tests cover
what axe cannot check: names, focus, spacing, announcements, and forced colours.
"""

from __future__ import annotations

from importlib import resources

import pytest

from tests.browser.conftest import DESKTOP
from tests.browser.hosts import intranet
from tests.browser.test_chat import HORSES, INVESTIGATING, LISTEN, ask, box_has_focus

pytestmark = pytest.mark.browser

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
VIOLATIONS = """async () => (await axe.run(document, {
  runOnly: {
    type: "tag",
    values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
  },
  rules: {"target-size": {enabled: true}},
})).violations.map(found => [found.id, found.impact, found.nodes.map(node => node.html.slice(0, 200))])"""
CELL = "/overview/cell?force=Northshire+Constabulary&period=2018%2F19&theme=investigating"
PLAIN_PAGES = (
    *("/sources", "/sources/northshire-2018", "/ask", "/ask?q=investigating", "/embed/check", "/accessibility"),
    *("/ask?q=compare+them", "/ask?q=which+forces", "/ask?q=strengths+and+concerns"),
    *("/overview", CELL, "/register", "/register?force=Northshire+Constabulary"),
)
NARROW = {"width": 320, "height": 900}
SPACING = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }"""
# WCAG 2.2, 1.4.12: the texts that are cut off by their own box.
CUT_OFF = """() => [...document.querySelectorAll("#conversation *, #composer *, #examples *, #introduction *")]
  .filter(node => node.checkVisibility() && node.clientWidth > 1 && node.children.length === 0)
  .filter(node => getComputedStyle(node).overflow !== "visible" && node.scrollWidth > node.clientWidth + 1)
  .map(node => node.textContent)"""


@pytest.fixture(scope="module")
def framed():
    with intranet({}) as served:
        yield served


@pytest.fixture(params=["page", "frame"])
def opened(request, watched, site, framed):
    """Opens the chat, alone or in a frame of another site's page. Returns its page or frame, and its assistant."""

    def open_chat(scheme: str, size: dict[str, int]):
        watched.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        watched.page.set_viewport_size(size)
        if request.param == "page":
            watched.page.goto(f"{site.address}?force=Westmere%20Police")
            chat, assistant = watched.page, site.assistant
        else:
            watched.page.goto(f"{framed.listed}/frame")
            chat, assistant = watched.page.frame(url=f"{framed.at}/embed"), framed.assistant
        chat.locator("html.scripted").wait_for()
        chat.locator(".example").first.wait_for()
        return chat, assistant

    return open_chat


def violations(chat) -> list[object]:
    if not chat.evaluate("'axe' in window"):
        chat.evaluate(AXE)
    return chat.evaluate(VIOLATIONS)


def submit(chat, question: str) -> None:
    chat.get_by_label("Your question").fill(question)
    chat.get_by_label("Your question").press("Enter")


@pytest.mark.parametrize("size", [DESKTOP, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violations_in_any_state_of_the_chat(opened, scheme, size):
    chat, assistant = opened(scheme, size)
    assert violations(chat) == [], "empty"
    assistant.let_go.clear()
    submit(chat, f"{INVESTIGATING} Slowly.")
    chat.get_by_text("Searching the assessments").wait_for()
    assert violations(chat) == [], "answering"
    assistant.let_go.set()
    turn = chat.locator("#turn-1")
    turn.wait_for()
    turn.locator("summary").first.click()
    submit(chat, HORSES)
    chat.locator("#turn-2").get_by_role("button", name="No", exact=True).click()
    submit(chat, "Will you rebuild?")
    chat.locator("#turn-3 .problem").wait_for()
    assert violations(chat) == [], "answered, refused and in error"
    turn.locator("a.number").first.click()
    chat.locator("#source-panel .cited").wait_for()
    assert violations(chat) == [], "source open"
    chat.get_by_role("button", name="Back to the answer").click()
    for number in range(4, 7):
        submit(chat, f"{INVESTIGATING} {number}")
        chat.locator(f"#turn-{number} .controls").last.wait_for()
    chat.locator("#jump summary").click()
    assert violations(chat) == [], "folded, with the list of questions"
    chat.locator("#jump summary").click()
    chat.get_by_role("button", name="New conversation").click()
    assert violations(chat) == [], "a new conversation"


@pytest.mark.parametrize("path", PLAIN_PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violations_on_the_plain_pages(watched, site, path, scheme):
    watched.page.emulate_media(color_scheme=scheme)
    watched.page.set_viewport_size(NARROW)
    watched.page.goto(site.address + path)
    assert violations(watched.page) == []


def test_every_control_has_a_name(chat):
    ask(chat, INVESTIGATING, 1).locator("summary").first.click()
    chat.get_by_role("button", name="No", exact=True).click()
    snapshot = chat.locator("body").aria_snapshot()
    bare = ("button", "textbox", "checkbox", "link", "combobox", "dialog", "log")
    assert [line for line in snapshot.splitlines() if line.strip().lstrip("- ").rstrip(":") in bare] == []
    assert 'log "Conversation"' in snapshot


def test_a_screen_reader_reads_the_page_in_the_order_in_which_it_is_used(chat):
    ask(chat, INVESTIGATING, 1)
    snapshot = chat.locator("body").aria_snapshot()
    read = [
        'heading "Assessment assistant"', 'link "Ask a question"', 'log "Conversation"', f"Question: {INVESTIGATING}",
        'heading "What the assessments say"', 'link "Citation 1 ', "blockquote", 'button "Copy answer with references"',
        'button "Go to the first citation', 'textbox "Your question', 'button "Ask"', 'link "Accessibility statement"',
    ]  # fmt: skip
    assert [part for part in read if part not in snapshot] == []
    places = [snapshot.index(part) for part in read]
    assert places == sorted(places)


def test_the_filter_button_exposes_whether_it_is_expanded(chat):
    button = chat.get_by_role("button", name="Limit the search")
    assert button.get_attribute("aria-expanded") == "false"
    button.press("Enter")
    chat.get_by_label("Forces").wait_for()
    assert button.get_attribute("aria-expanded") == "true"


def test_the_question_box_is_described_by_the_problem_with_the_question(chat):
    box = chat.get_by_label("Your question")
    box.press("Enter")
    chat.get_by_text("Type a question first.").wait_for()
    described = box.evaluate("node => document.getElementById(node.getAttribute('aria-describedby')).innerText.trim()")
    assert described == "Type a question first."


def test_text_with_increased_spacing_is_not_cut_off(chat):
    ask(chat, INVESTIGATING, 1).locator("summary").first.click()
    chat.evaluate(
        "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s]; }", SPACING
    )
    assert chat.evaluate(CUT_OFF) == []
    assert chat.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_with_forced_colours_controls_keep_their_borders_and_the_focus_is_visible(chat):
    chat.emulate_media(forced_colors="active")
    turn = ask(chat, INVESTIGATING, 1)
    edges = "node => getComputedStyle(node).borderTopStyle + ' ' + parseFloat(getComputedStyle(node).borderTopWidth)"
    for control in (turn.locator("a.number").first, turn.locator(".act").first, chat.locator("#question textarea")):
        style, width = control.evaluate(edges).split()
        assert (style, float(width) >= 1) == ("solid", True)
    for control in (turn.locator("a.number").first, turn.get_by_role("button", name="Yes"), chat.locator("#ask")):
        control.focus()
        chat.keyboard.press("Shift+Tab")
        chat.keyboard.press("Tab")
        assert control.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"


def test_opening_a_source_moves_the_focus_to_its_sentence_and_closing_returns_it(chat):
    turn = ask(chat, INVESTIGATING, 1)
    turn.locator("a.number").nth(2).press("Enter")
    panel = chat.get_by_role("dialog")
    panel.locator(".cited").wait_for()
    focused = "document.activeElement.textContent"
    assert chat.evaluate(focused) == turn.locator("blockquote").nth(2).inner_text()
    assert panel.locator(".cited").evaluate(
        "n => n.getBoundingClientRect().top >= 0 && n.getBoundingClientRect().bottom <= innerHeight"
    )
    chat.keyboard.press("Escape")
    assert not panel.is_visible()
    assert turn.locator("a.number").nth(2).evaluate("node => node === document.activeElement")
    turn.locator("a.number").nth(0).press("Enter")
    panel.locator(".cited").wait_for()
    panel.get_by_role("button", name="Back to the answer").click()
    assert turn.locator("a.number").nth(0).evaluate("node => node === document.activeElement")


def test_the_controls_of_a_turn_are_not_announced_with_it(chat):
    chat.evaluate(LISTEN)
    turn = ask(chat, INVESTIGATING, 1)
    assert chat.evaluate("heard") == ["turn-1"]
    assert turn.locator(".controls").evaluate_all("nodes => nodes.every(n => n.getAttribute('aria-live') === 'off')")
    assert box_has_focus(chat)
