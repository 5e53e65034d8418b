"""The messages between the page and the frame, and which messages they ignore.

Every test also fails on a request to another host, a dialog, or an unexpected console error.
"""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.embed.panel import FOCUS_IN_BOX, ask, box, chat_frame, opened, panel, source_link, until
from tests.fixtures.fictional import NORTHSHIRE

pytestmark = pytest.mark.browser

# Counts the messages that arrive, except those with a height, whose number is not predictable.
COUNT = """() => {
  window.arrived = 0;
  window.addEventListener("message", event => arrived += event.data && event.data.type === "height" ? 0 : 1);
}"""


def test_a_source_opens_at_its_sentence_in_a_new_tab_and_the_page_stays_open(host, site):
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


def test_a_page_can_show_a_source_in_its_own_way(host, site):
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


def test_escape_closes_a_source_in_the_frame_before_the_panel(host):
    page = opened(host("launcher"))
    ask(page).locator("a.number").first.click()
    source = page.frame_locator("iframe").locator("dialog")
    source.locator(".cited").wait_for()
    page.keyboard.press("Escape")
    source.wait_for(state="hidden")
    assert panel(page).is_visible()
    page.keyboard.press("Escape")
    panel(page).wait_for(state="hidden")


def test_the_page_accepts_only_messages_of_its_frame_and_of_this_version(host, site):
    page = opened(host("neighbours"))
    to_host = f"window.parent.postMessage({{assessmentAssistant: %s, type: '%s'}}, '{site.listed}')"
    page.evaluate(COUNT)
    page.evaluate("window.postMessage({assessmentAssistant: 1, type: 'close'}, '*')")
    page.frames[1].evaluate(to_host % (1, "close"))  # another frame, of the page's own origin
    page.frames[2].evaluate(to_host % (1, "close"))  # another frame, of the assistant's origin
    for version, kind in ((2, "close"), ("'1'", "close"), (1, "vanish"), (1, "constructor")):
        chat_frame(page).evaluate(to_host % (version, kind))
    chat_frame(page).evaluate(f"window.parent.postMessage(null, '{site.listed}')")
    until(page, "arrived === 8")
    assert panel(page).is_visible()
    chat_frame(page).evaluate(to_host % (1, "close"))
    panel(page).wait_for(state="hidden")


def test_the_page_ignores_messages_when_another_site_is_in_its_frame(host, site):
    page = host("launcher")
    page.evaluate(COUNT)
    page.evaluate(
        """() => {
          const root = document.body.lastElementChild.shadowRoot;
          root.querySelector("button").click();
          root.querySelector("iframe").src = "/empty";
        }"""
    )
    page.frame_locator("iframe").locator("h1").wait_for(state="attached")
    for kind in ("ready", "close"):
        message = f"{{assessmentAssistant: 1, type: '{kind}'}}"
        page.frames[1].evaluate(f"window.parent.postMessage({message}, '{site.listed}')")
    until(page, "arrived === 2")
    assert panel(page).is_visible()
    page.get_by_text("The chat cannot be shown inside this page.").wait_for()


def test_the_page_opens_nothing_but_sources(host, site):
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
        message = json.dumps({"assessmentAssistant": 1, "type": "open-source", "address": address})
        chat_frame(page).evaluate(f"window.parent.postMessage({message}, '{site.listed}')")
    until(page, "arrived === 6")
    assert page.evaluate("asked") == [f"{site.at}/sources/a"]


def test_the_frame_accepts_only_messages_of_the_page_and_of_this_version(host):
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
    post = frame + ".postMessage({assessmentAssistant: %s, type: '%s', question: '%s'}, '*')"
    page.frames[1].evaluate("window.parent." + post % (1, "ask", "from another frame"))
    for version, kind, question in ((2, "ask", "another version"), (1, "tell", "another type"), (1, "ask", "right")):
        page.evaluate(post % (version, kind, question))
    until(chat, "arrived === 4")
    assert chat.evaluate("typed") == ["right"]
    assert box(page).input_value() == "right"
    assert chat.locator("#conversation > *").count() == 0  # filled in, not asked


@pytest.mark.parametrize(("named", "spoken_to"), [("", True), ("https://outside.invalid", True), (None, False)])
def test_the_frame_sends_messages_only_to_a_page_that_requests_them_by_its_true_origin(host, site, named, spoken_to):
    """Chromium gives a frame the origin of its parent, so the frame ignores a false origin in its URL."""
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
    heard = {tuple(message) for message in page.evaluate("heard")}
    assert heard == ({(site.at, "ready"), (site.at, "height")} if spoken_to else set())


def test_the_example_page_puts_its_question_into_the_box(host, site):
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
