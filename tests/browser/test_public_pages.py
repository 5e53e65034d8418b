"""What a public body has to publish, answers at a glance, and sharing, in a real browser."""

from __future__ import annotations

import pytest

from tests.browser.conftest import DESKTOP
from tests.browser.test_accessibility import NARROW, violations
from tests.browser.test_chat import INVESTIGATING, ask

pytestmark = pytest.mark.browser

STORED = """async () => [
  localStorage.length, sessionStorage.length, document.cookie, (await indexedDB.databases()).length,
]"""


@pytest.mark.parametrize(("scheme", "size"), [("light", NARROW), ("dark", DESKTOP)], ids=["light", "dark"])
def test_axe_finds_no_violations_in_any_state_of_the_description_of_the_interface(watched, site, scheme, size):
    page = watched.page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size(size)
    page.goto(f"{site.address}/api/v1/docs")
    operations = [page.locator(".opblock-post").first, page.locator(".opblock-get").first]
    for operation in operations:
        operation.wait_for()
    assert violations(page) == [], "closed"
    for operation in operations:
        operation.locator(".opblock-summary-control").click()
        operation.locator(".responses-table").wait_for()
    assert violations(page) == [], "opened"
    for operation in operations:
        operation.get_by_role("button", name="Try it out").click()
        operation.get_by_role("button", name="Execute").wait_for()
    assert violations(page) == [], "filled in"
    operations[0].get_by_role("button", name="Execute").click()
    operations[0].locator(".live-responses-table .response-col_status").first.wait_for()
    operations[0].get_by_role("tab", name="Schema").last.click()
    operations[0].locator(".json-schema-2020-12").first.wait_for()
    assert violations(page) == [], "sent, with a schema"


def test_the_statement_is_one_link_away_from_the_chat_and_only_the_tab_stores_the_conversation(chat):
    ask(chat, INVESTIGATING, 1)
    assert chat.evaluate(STORED) == [0, 1, "", 0]
    chat.get_by_role("contentinfo").get_by_role("link", name="Accessibility statement").click()
    chat.get_by_role("heading", name="Accessibility statement", level=1).wait_for()
