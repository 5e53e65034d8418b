"""The chat inside a page of another site, in a real browser. Every page here forbids inline styles and scripts.

Every test also fails on a request off the machine, a dialog, or a console error that it does not expect.
"""

from __future__ import annotations

import json
import re
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import ARGUMENTS, find_browser
from tests.browser.hosts import intranet
from tests.fictional import NORTHSHIRE

pytestmark = pytest.mark.browser

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE, DOCUMENT = DOCS / "embed-example.html", DOCS / "embedding.md"
INVESTIGATING = "How well does Northshire investigate crime?"
NARROW, SHORT = {"width": 320, "height": 640}, {"width": 900, "height": 320}
LAUNCHER = "Ask the assessments"
# Counts the messages that arrive, but for those of a height, which come when they will.
COUNT = """() => {
  window.arrived = 0;
  window.addEventListener("message", event => arrived += event.data && event.data.type === "height" ? 0 : 1);
}"""
FOCUS_IN_BOX = "document.hasFocus() && document.activeElement.matches('#question textarea')"


@pytest.fixture(scope="module")
def site():
    example = EXAMPLE.read_text(encoding="utf-8").replace("https://assistant.northshire.example", "{at}")
    with intranet({"example": example}) as served:
        yield served


@pytest.fixture
def host(watched, site):
    """Opens a host page by its name, by an origin that the assistant lists."""

    def open_page(name: str):
        watched.page.goto(f"{site.listed}/{name}")
        return watched.page

    return open_page


def launcher(page, name=LAUNCHER):
    return page.get_by_role("button", name=name, exact=True)


def panel(page):
    return page.get_by_role("dialog", name="Assessment assistant", exact=True)


def box(page):
    return page.frame_locator("iframe[title='Assessment assistant']").get_by_label("Your question")


def chat_frame(page):
    return next(frame for frame in page.frames if urlsplit(frame.url).path == "/embed")


def until(frame, expression) -> None:
    """Wait until an expression is true there. The content policy would refuse Playwright's own way of waiting."""
    end = time.monotonic() + 10
    while not frame.evaluate(expression):
        assert time.monotonic() < end, expression
        frame.wait_for_timeout(20)


def opened(page):
    """The chat opened by keyboard, its box having the focus."""
    launcher(page).press("Enter")
    box(page).wait_for()
    until(chat_frame(page), FOCUS_IN_BOX)
    return page


def ask(page, question=INVESTIGATING):
    box(page).fill(question)
    box(page).press("Enter")
    turn = page.frame_locator("iframe[title='Assessment assistant']").locator("#conversation > #turn-1")
    turn.wait_for()
    return turn


def source_link(turn, citation: int):
    """The link to the whole transcript, among what comes before and after a cited sentence."""
    place = turn.locator("details").nth(citation)
    place.locator("summary").click()
    return place.get_by_role("link", name="Open the whole transcript at this sentence")


def has_focus(locator) -> bool:
    return locator.evaluate("node => node.getRootNode().activeElement === node && document.hasFocus()")


def test_the_chat_is_opened_asked_and_closed_by_keyboard_alone(host):
    page = host("launcher")
    page.keyboard.press("Tab")  # the page's own link
    page.keyboard.press("Tab")
    assert has_focus(launcher(page))
    page.keyboard.press("Enter")
    box(page).wait_for()
    until(chat_frame(page), FOCUS_IN_BOX)
    assert launcher(page).get_attribute("aria-expanded") == "true"
    page.keyboard.type(INVESTIGATING)
    page.keyboard.press("Enter")
    turn = page.frame_locator("iframe").locator("#conversation > #turn-1")
    turn.wait_for()
    assert turn.locator("blockquote").all_inner_texts() == [s.text for s in NORTHSHIRE.sentences[5:8]]
    page.keyboard.press("Escape")
    panel(page).wait_for(state="hidden")
    assert has_focus(launcher(page))
    assert launcher(page).get_attribute("aria-expanded") == "false"
    opened(page)
    assert turn.is_visible()  # what was said is still there


def test_nothing_is_loaded_but_the_script_before_the_chat_is_opened(host, site):
    sent = []
    host("empty").on("request", lambda one: sent.append(one.url))
    page = host("launcher")
    page.wait_for_load_state("networkidle")
    assert [url for url in sent if url.startswith(site.at)] == [f"{site.at}/embed.js"]
    assert panel(page).count() == 0


@pytest.mark.parametrize("leave", ["Escape", "Close"])
def test_it_is_closed_from_the_page_and_the_button_has_the_focus_again(host, leave):
    page = opened(host("launcher"))
    shut = panel(page).get_by_role("button", name="Close")
    shut.focus()
    page.keyboard.press("Escape" if leave == "Escape" else "Enter")
    panel(page).wait_for(state="hidden")
    assert has_focus(launcher(page))


def test_a_key_that_the_page_has_used_itself_does_not_close_it(host):
    page = opened(host("launcher"))
    page.evaluate("window.addEventListener('keydown', event => event.preventDefault(), {capture: true})")
    launcher(page).press("Escape")
    assert panel(page).is_visible()


def test_a_page_whose_origin_is_not_listed_gets_a_link_in_place_of_the_frame(watched, site):
    watched.page.goto(f"{site.unlisted}/launcher")
    launcher(watched.page).press("Enter")
    said = watched.page.get_by_role("status")
    said.get_by_text("The chat cannot be shown inside this page.").wait_for()
    assert said.get_by_role("link").get_attribute("href") == f"{site.at}/?theme=light"
    assert not watched.page.locator("iframe").is_visible()
    assert len(watched.errors) == 1
    assert "frame-ancestors 'self' " + site.listed in watched.errors[0]
    watched.errors.clear()


@pytest.mark.parametrize("watched", [NARROW, SHORT], indirect=True, ids=["narrow", "short"])
def test_on_a_small_screen_the_panel_is_the_screen_and_everything_fits(host):
    page = opened(host("launcher"))
    size = page.viewport_size
    around = panel(page).bounding_box()
    assert (around["x"], around["y"], around["width"], around["height"]) == (0, 0, size["width"], size["height"])
    for control in (panel(page).get_by_role("button", name="Close"), panel(page).get_by_role("link")):
        inside = control.bounding_box()
        assert inside["x"] >= 0
        assert inside["x"] + inside["width"] <= size["width"]
        assert min(inside["width"], inside["height"]) >= 44
    wide = "document.documentElement.scrollWidth <= innerWidth"
    assert page.evaluate(wide)
    ask(page)
    assert chat_frame(page).evaluate(wide)
    assert not launcher(page).is_visible()
    page.keyboard.press("Escape")
    panel(page).wait_for(state="hidden")
    assert has_focus(launcher(page))


def test_the_button_is_big_enough_in_sight_and_at_the_lower_right(host):
    page = host("launcher")
    placed, size = launcher(page).bounding_box(), page.viewport_size
    assert min(placed["width"], placed["height"]) >= 44
    right, bottom = size["width"] - placed["x"] - placed["width"], size["height"] - placed["y"] - placed["height"]
    assert (right, bottom) == (16, 16)


def test_the_options_of_the_script_go_into_the_frames_address_and_the_links(host, site):
    page = host("options")
    launcher(page, "Read the assessments").click()
    box(page).wait_for()
    asked = {"force": ["Northshire Constabulary"], "period": ["2018/19"], "theme": ["dark"], "q": ["What about fraud?"]}
    framed, linked = urlsplit(page.locator("iframe").get_attribute("src")), panel(page).get_by_role("link")
    assert (f"{framed.scheme}://{framed.netloc}", framed.path) == (site.at, "/embed")
    assert parse_qs(framed.query) == asked | {"host": [site.listed]}
    assert parse_qs(urlsplit(linked.get_attribute("href")).query) == asked
    assert chat_frame(page).evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_source_opens_at_its_sentence_in_a_new_tab_and_the_page_stays(host, site):
    page = opened(host("launcher"))
    turn = ask(page)
    with page.context.expect_page() as arriving:
        source_link(turn, 2).click()
    source = arriving.value
    source.wait_for_load_state()
    assert source.url.startswith(f"{site.at}/sources/{NORTHSHIRE.transcript.id}")
    assert source.locator(".sentence:target").inner_text() == NORTHSHIRE.sentences[7].text
    assert source.evaluate("[window.opener, document.referrer]") == [None, ""]
    assert turn.is_visible()


def test_a_page_may_show_a_source_in_its_own_way(host, site):
    page = opened(host("launcher"))
    page.evaluate(
        """document.addEventListener("assessment-assistant:open-source", event => {
             event.preventDefault();
             document.querySelector("h1").textContent = event.detail.address;
           })"""
    )
    source_link(ask(page), 0).click()
    shown = page.locator("h1", has_text="/sources/")
    shown.wait_for()
    assert shown.inner_text().startswith(f"{site.at}/sources/{NORTHSHIRE.transcript.id}")
    assert urlsplit(shown.inner_text()).fragment.endswith(NORTHSHIRE.sentences[5].id)
    assert len(page.context.pages) == 1


def test_escape_in_a_source_opened_in_the_frame_goes_back_to_the_answer_first(host):
    page = opened(host("launcher"))
    ask(page).locator("a.number").first.click()
    source = page.frame_locator("iframe").locator("dialog")
    source.locator(".cited").wait_for()
    page.keyboard.press("Escape")
    source.wait_for(state="hidden")
    assert panel(page).is_visible()
    page.keyboard.press("Escape")
    panel(page).wait_for(state="hidden")


def test_the_addresses_that_the_chat_needs_are_those_that_are_documented(host, site):
    rows = DOCUMENT.read_text(encoding="utf-8").split("## Addresses")[1].splitlines()
    documented = [name for row in rows for name in re.findall("`(/[^`]*)`", row)]
    sent = []
    host("empty").on("request", lambda one: sent.append(one.url))
    page = opened(host("launcher"))
    ask(page).locator("a.number").first.click()
    page.frame_locator("iframe").locator("dialog .cited").wait_for()
    asked = {urlsplit(url).path for url in sent if url.startswith(site.at)}
    assert {"/embed.js", "/embed", "/gradio_api/queue/join"} <= asked
    assert [path for path in asked if not any(path == one or _below(path, one) for one in documented)] == []


def _below(path: str, documented: str) -> bool:
    return documented.endswith("/") and documented != "/" and path.startswith(documented)


def test_a_plain_frame_needs_no_script_and_opens_its_sources_itself(host):
    page = host("frame")
    turn = ask(page)
    with page.context.expect_page() as arriving:
        source_link(turn, 0).click()
    assert arriving.value.locator(".sentence:target").inner_text() == NORTHSHIRE.sentences[5].text


def test_the_frame_stands_in_an_element_of_the_page_and_grows_with_what_is_said(host):
    page = host("inline")
    box(page).wait_for()
    assert page.get_by_role("link", name="Ask the assessments").count() == 0  # what stood there for want of a script
    assert page.get_by_role("link", name="Full page (new tab)").is_visible()
    frame = page.locator("iframe")
    before = frame.bounding_box()["height"]
    ask(page)
    inside = "document.querySelector('[data-assessment-assistant] > div').shadowRoot.querySelector('iframe')"
    until(page, f"{inside}.clientHeight > {before}")
    everything = "document.documentElement.scrollHeight <= innerHeight"
    until(chat_frame(page), everything)


def test_without_javascript_the_page_shows_its_own_link(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.listed}/inline")
    assert page.get_by_role("link", name="Ask the assessments").get_attribute("href") == f"{site.at}/"
    context.close()


def test_the_page_obeys_only_its_frame_and_only_this_version(host, site):
    page = opened(host("neighbours"))
    to_host = f"window.parent.postMessage({{assessmentAssistant: %s, type: '%s'}}, '{site.listed}')"
    page.evaluate(COUNT)
    page.evaluate("window.postMessage({assessmentAssistant: 1, type: 'close'}, '*')")
    page.frames[1].evaluate(to_host % (1, "close"))  # a neighbour, of the page's own origin
    page.frames[2].evaluate(to_host % (1, "close"))  # another, of the assistant's
    for version, kind in ((2, "close"), ("'1'", "close"), (1, "vanish"), (1, "constructor")):
        chat_frame(page).evaluate(to_host % (version, kind))
    chat_frame(page).evaluate(f"window.parent.postMessage(null, '{site.listed}')")
    until(page, "arrived === 8")
    assert panel(page).is_visible()
    chat_frame(page).evaluate(to_host % (1, "close"))
    panel(page).wait_for(state="hidden")


def test_the_page_does_not_obey_its_frame_when_another_site_is_in_it(host, site):
    page = host("launcher")
    page.evaluate(COUNT)
    page.evaluate(
        """() => {
          const root = document.body.lastElementChild.shadowRoot;
          root.querySelector("button").click();
          root.querySelector("iframe").src = "/empty";
        }"""
    )
    page.frame_locator("iframe").get_by_role("heading", name="Intranet").wait_for()
    for kind in ("ready", "close"):
        said = f"{{assessmentAssistant: 1, type: '{kind}'}}"
        page.frames[1].evaluate(f"window.parent.postMessage({said}, '{site.listed}')")
    until(page, "arrived === 2")
    assert panel(page).is_visible()
    page.get_by_text("The chat cannot be shown inside this page.").wait_for()


def test_nothing_but_a_source_is_opened(host, site):
    page = opened(host("launcher"))
    page.evaluate(
        """window.asked = [];
           document.addEventListener("assessment-assistant:open-source", event => {
             event.preventDefault();
             asked.push(event.detail.address);
           });"""
    )
    page.evaluate(COUNT)
    for address in ("https://outside.invalid/", "//outside.invalid/sources/", "/config", "/sourcesx", 5, "/sources/a"):
        said = json.dumps({"assessmentAssistant": 1, "type": "open-source", "address": address})
        chat_frame(page).evaluate(f"window.parent.postMessage({said}, '{site.listed}')")
    until(page, "arrived === 6")
    assert page.evaluate("asked") == [f"{site.at}/sources/a"]


def test_the_frame_obeys_only_the_page_and_only_this_version(host):
    page = opened(host("neighbours"))
    chat = chat_frame(page)
    chat.evaluate(
        """() => {
          window.arrived = 0;
          window.typed = [];
          window.addEventListener("message", () => arrived++);
          document.querySelector("#question textarea").addEventListener("input", e => typed.push(e.target.value));
        }"""
    )
    frame = "document.body.lastElementChild.shadowRoot.querySelector('iframe').contentWindow"
    tell = frame + ".postMessage({assessmentAssistant: %s, type: '%s', question: '%s'}, '*')"
    page.frames[1].evaluate("window.parent." + tell % (1, "ask", "from a neighbour"))
    for version, kind, question in ((2, "ask", "another version"), (1, "tell", "another type"), (1, "ask", "right")):
        page.evaluate(tell % (version, kind, question))
    until(chat, "arrived === 4")
    assert chat.evaluate("typed") == ["right"]
    assert box(page).input_value() == "right"
    assert chat.locator("#conversation > *").count() == 0  # filled in, not asked


@pytest.mark.parametrize(("named", "spoken_to"), [("", True), ("https://outside.invalid", True), (None, False)])
def test_the_frame_speaks_to_a_page_that_asks_for_it_by_its_true_origin(host, site, named, spoken_to):
    """Chromium tells a frame the origin of its parent, so it is not taken in by the one that the parent names."""
    page = host("empty")
    page.evaluate(
        """address => {
          window.heard = [];
          window.addEventListener("message", event => heard.push([event.origin, event.data.type]));
          const frame = document.createElement("iframe");
          Object.assign(frame, { src: address, title: "Assessment assistant", width: 600, height: 640 });
          document.body.append(frame);
        }""",
        f"{site.at}/embed" + ("" if named is None else f"?host={named}"),
    )
    ask(page)
    heard = {tuple(one) for one in page.evaluate("heard")}
    assert heard == ({(site.at, "ready"), (site.at, "height")} if spoken_to else set())


def test_a_question_of_the_page_is_put_into_the_box_of_the_example(host, site):
    page = host("example")
    page.get_by_role("button", name="Investigating crime").click()
    box(page).wait_for()
    chat = chat_frame(page)
    until(chat, FOCUS_IN_BOX)
    until(chat, "document.activeElement.value === 'How well does the constabulary investigate crime?'")
    asked_before = len(site.assistant.asked)
    page.keyboard.press("Enter")
    chat.locator("#conversation > #turn-1").wait_for()
    assert len(site.assistant.asked) == asked_before + 1
    assert parse_qs(urlsplit(chat.url).query)["force"] == ["Northshire Constabulary"]


def test_it_works_where_the_browser_keeps_no_cookies_and_no_storage(browser, site, tmp_path):
    preferences = tmp_path / "Default" / "Preferences"
    preferences.parent.mkdir()
    preferences.write_text(json.dumps({"profile": {"default_content_setting_values": {"cookies": 2}}}))
    launched = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=find_browser(), args=ARGUMENTS, reduced_motion="reduce"
    )
    with closing(launched) as context:
        page, errors = context.pages[0], []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(f"{site.listed}/launcher")
        launcher(page).click()
        assert ask(page).locator("blockquote").count() == 3
        stored = "() => { try { return localStorage.length } catch (refused) { return refused.name } }"
        assert chat_frame(page).evaluate(stored) == "SecurityError"  # so the browser did refuse
        assert context.cookies() == []
        assert errors == []
