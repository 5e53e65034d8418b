"""Actions of the tests on the chat in a page of another site."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

INVESTIGATING = "How well does Northshire investigate crime?"
LAUNCHER = "Ask the assessments"
FOCUS_IN_BOX = "document.hasFocus() && document.activeElement.matches('#question textarea')"


def launcher(page, name=LAUNCHER):
    return page.get_by_role("button", name=name, exact=True)


def panel(page):
    return page.get_by_role("dialog", name="Assessment assistant", exact=True)


def box(page):
    return page.frame_locator("iframe[title='Assessment assistant']").get_by_label("Your question")


def chat_frame(page):
    return next(frame for frame in page.frames if urlsplit(frame.url).path.endswith("/embed"))


def until(frame, expression) -> None:
    """Waits until an expression is true in the frame. The content policy blocks Playwright's own method for it."""
    deadline = time.monotonic() + 10
    while not frame.evaluate(expression):
        assert time.monotonic() < deadline, expression
        frame.wait_for_timeout(20)


def opened(page):
    """Opens the chat by keyboard and waits until its box has the focus."""
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
    """Returns the link to the whole transcript, in the context of a cited sentence."""
    place = turn.locator("details").nth(citation)
    place.locator("summary").click()
    return place.get_by_role("link", name="Open the whole transcript at this sentence")


def has_focus(locator) -> bool:
    return locator.evaluate("node => node.getRootNode().activeElement === node && document.hasFocus()")
