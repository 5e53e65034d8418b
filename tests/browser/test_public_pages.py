"""What a public body has to publish, answers at a glance, and sharing, in a real browser."""

from __future__ import annotations

import pytest

from tests.browser.test_accessibility import violations
from tests.browser.test_chat import INVESTIGATING, ask

pytestmark = pytest.mark.browser

STORED = """async () => [
  localStorage.length, sessionStorage.length, document.cookie, (await indexedDB.databases()).length,
]"""


def test_the_description_of_the_interface_fails_only_as_the_statement_says(watched, site):
    page = watched.page
    page.goto(f"{site.address}/api/v1/docs")
    page.locator("#operations-questions-ask").wait_for()
    assert violations(page) == []
    page.locator("#operations-questions-ask .opblock-summary-control").click()
    page.locator("#operations-questions-ask .examples-select-element").first.wait_for()
    found = {found[0] for found in violations(page)}
    assert found == {"color-contrast", "heading-order", "scrollable-region-focusable", "select-name"}


def test_the_statement_is_one_link_away_from_the_chat_and_only_the_tab_stores_the_conversation(chat):
    ask(chat, INVESTIGATING, 1)
    assert chat.evaluate(STORED) == [0, 1, "", 0]
    chat.get_by_role("contentinfo").get_by_role("link", name="Accessibility statement").click()
    chat.get_by_role("heading", name="Accessibility statement", level=1).wait_for()
