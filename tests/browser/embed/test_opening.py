"""The chat embedded in a page of another site, in a real browser. The pages forbid inline styles and scripts.

Every test also fails on a request to another host, a dialog, or an unexpected console error.
"""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import ARGUMENTS, find_browser
from tests.browser.embed.panel import (
    FOCUS_IN_BOX,
    INVESTIGATING,
    ask,
    box,
    chat_frame,
    has_focus,
    launcher,
    opened,
    panel,
    source_link,
    until,
)
from tests.browser.hosts import LAUNCHER, intranet
from tests.browser.test_accessibility import violations
from tests.fixtures.fictional import NORTHSHIRE

pytestmark = pytest.mark.browser

DOCUMENT = Path(__file__).parents[3] / "docs" / "embedding.md"
NARROW, SHORT = {"width": 320, "height": 640}, {"width": 900, "height": 320}


def test_the_chat_can_be_opened_used_and_closed_by_keyboard_alone(host):
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
    assert turn.is_visible()  # the conversation is still there


def test_an_assistant_under_a_path_prefix_and_its_sources_can_be_opened(watched):
    with intranet({"loose": LAUNCHER}, prefix="/assessments") as below:
        page = watched.page
        page.goto(f"{below.listed}/loose")
        opened(page)
        with page.expect_response(f"{below.at}/suggestions?*") as suggested:  # the last request
            turn = ask(page)
        assert suggested.value.ok
        with page.context.expect_page() as other:
            source_link(turn, 0).click()
        assert other.value.url.startswith(f"{below.at}/sources/")
        other.value.locator(".sentence:target").wait_for()


def test_only_the_script_is_loaded_before_the_chat_is_opened(host, site):
    sent = []
    host("empty").on("request", lambda request: sent.append(request.url))
    page = host("launcher")
    page.wait_for_load_state("networkidle")
    assert [url for url in sent if url.startswith(site.at)] == [f"{site.at}/embed.js"]
    assert panel(page).count() == 0


@pytest.mark.parametrize("leave", ["Escape", "Close"])
def test_closing_the_panel_returns_the_focus_to_the_button(host, leave):
    page = opened(host("launcher"))
    close_button = panel(page).get_by_role("button", name="Close")
    close_button.focus()
    page.keyboard.press("Escape" if leave == "Escape" else "Enter")
    panel(page).wait_for(state="hidden")
    assert has_focus(launcher(page))


def test_an_escape_key_that_the_page_has_handled_does_not_close_the_panel(host):
    page = opened(host("launcher"))
    page.evaluate("window.addEventListener('keydown', event => event.preventDefault(), {capture: true})")
    launcher(page).press("Escape")
    assert panel(page).is_visible()


def test_a_page_of_an_unlisted_origin_gets_a_link_instead_of_the_frame(watched, site):
    watched.page.goto(f"{site.unlisted}/launcher")
    launcher(watched.page).press("Enter")
    status = watched.page.get_by_role("status")
    status.get_by_text("The chat cannot be shown inside this page.").wait_for()
    assert status.get_by_role("link").get_attribute("href") == f"{site.at}/?theme=light"
    assert not watched.page.locator("iframe").is_visible()
    assert len(watched.errors) == 1
    assert "frame-ancestors 'self' " + site.listed in watched.errors[0]
    watched.errors.clear()


@pytest.mark.parametrize("watched", [NARROW, SHORT], indirect=True, ids=["narrow", "short"])
def test_on_a_small_screen_the_panel_fills_the_screen_and_everything_fits(host):
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


@pytest.mark.parametrize(("scheme", "watched"), [("light", SHORT), ("dark", NARROW)], indirect=["watched"])
def test_axe_finds_no_violations_around_the_frame(watched, site, scheme):
    page = watched.page
    page.emulate_media(color_scheme=scheme)
    for name, state in (("example", "closed"), ("example", "open"), ("inline", "open")):
        page.goto(f"{site.listed}/{name}")
        if name == "example" and state == "open":
            launcher(page).click()
        if state == "open":
            box(page).wait_for()
        assert violations(page) == [], (name, state)


def test_the_button_is_large_enough_and_at_the_lower_right(host):
    page = host("launcher")
    placed, size = launcher(page).bounding_box(), page.viewport_size
    assert min(placed["width"], placed["height"]) >= 44
    right, bottom = size["width"] - placed["x"] - placed["width"], size["height"] - placed["y"] - placed["height"]
    assert (right, bottom) == (16, 16)


def test_the_options_of_the_script_are_passed_to_the_frame_and_the_links(host, site):
    page = host("options")
    launcher(page, "Read the assessments").click()
    box(page).wait_for()
    asked = {"force": ["Northshire Constabulary"], "period": ["2018/19"], "theme": ["dark"], "q": ["What about fraud?"]}
    framed, linked = urlsplit(page.locator("iframe").get_attribute("src")), panel(page).get_by_role("link")
    assert (f"{framed.scheme}://{framed.netloc}", framed.path) == (site.at, "/embed")
    assert parse_qs(framed.query) == asked | {"host": [site.listed]}
    assert parse_qs(urlsplit(linked.get_attribute("href")).query) == asked
    assert chat_frame(page).evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_chat_requests_only_documented_paths(host, site):
    rows = DOCUMENT.read_text(encoding="utf-8").split("## Addresses")[1].splitlines()
    documented = [name for row in rows for name in re.findall("`(/[^`]*)`", row)]
    sent = []
    host("empty").on("request", lambda request: sent.append(request.url))
    page = opened(host("launcher"))
    ask(page).locator("a.number").first.click()
    page.frame_locator("iframe").locator("dialog .cited").wait_for()
    asked = {urlsplit(url).path for url in sent if url.startswith(site.at)}
    assert {"/embed.js", "/embed", "/gradio_api/queue/join"} <= asked
    assert [path for path in asked if not any(path == known or _is_below(path, known) for known in documented)] == []


def _is_below(path: str, documented: str) -> bool:
    return documented.endswith("/") and documented != "/" and path.startswith(documented)


def test_a_plain_frame_needs_no_script_and_opens_sources_itself(host):
    page = host("frame")
    turn = ask(page)
    with page.context.expect_page() as arriving:
        source_link(turn, 0).click()
    assert arriving.value.locator(".sentence:target").inner_text() == NORTHSHIRE.sentences[5].text


def test_the_inline_frame_replaces_its_element_and_grows_with_the_conversation(host):
    page = host("inline")
    box(page).wait_for()
    assert page.get_by_role("link", name="Ask the assessments").count() == 0  # the fallback content
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


def test_the_chat_works_when_the_browser_blocks_cookies_and_storage(browser, site, tmp_path):
    preferences = tmp_path / "Default" / "Preferences"
    preferences.parent.mkdir()
    preferences.write_text(json.dumps({"profile": {"default_content_setting_values": {"cookies": 2}}}))
    launched = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=find_browser(), args=ARGUMENTS, reduced_motion="reduce"
    )
    with closing(launched) as context:
        page, errors = context.pages[0], []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.goto(f"{site.listed}/launcher")
        launcher(page).click()
        assert ask(page).locator("blockquote").count() == 3
        stored = "() => { try { return localStorage.length } catch (error) { return error.name } }"
        assert chat_frame(page).evaluate(stored) == "SecurityError"  # so the browser did block storage
        assert "gone when the page is reloaded" in chat_frame(page).locator("#not-kept").inner_text()
        assert context.cookies() == []
        assert errors == []
