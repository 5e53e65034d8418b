"""How much a long conversation slows the chat page: `python -m tests.tools.long_conversation`.

A page with sixty turns and one with at most ten are asked the same questions alternately, so that both meet the same
load. The time is from the click to the answer with its controls on the screen. The processor time is that of the page's
main thread, until older turns are folded. The assistant is fictional and answers at once: the page is measured alone.
"""

from __future__ import annotations

import statistics
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, DESKTOP, find_browser, serve_site
from tests.fixtures.fictional import FictionalAssistant

TURNS, FEW = 60, 10
TIMED = 15  # questions to each page
LIMIT = 1.5  # times as slow as the short conversation
FOLDED_MILLISECONDS = 1_500  # after which older turns are folded
QUESTIONS = (
    "Tell me all thirteen.",
    "How well does Northshire investigate crime?",
    "How many horses does Northshire keep?",
)
ASK = """([question, turn]) => new Promise(resolve => {
  const box = document.querySelector("#question textarea");
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, question);
  box.dispatchEvent(new Event("input", {bubbles: true}));
  setTimeout(() => {
    const started = performance.now();
    const look = () => {
      if (document.querySelector(`#turn-${turn} .reply .controls`)) {
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started)));
      } else setTimeout(look, 4);
    };
    document.querySelector("#ask").click();
    look();
  });
})"""
SIZE = "[document.querySelectorAll('*').length, document.documentElement.scrollHeight]"


@dataclass
class Conversation:
    """A page with a conversation, and the milliseconds that its timed questions took: until shown, and of processor."""

    page: Page
    session: CDPSession
    turns: int = 0
    shown: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    @classmethod
    def opened(cls, browser: Browser, address: str) -> Conversation:
        page = browser.new_context(viewport=DESKTOP).new_page()
        page.goto(address)
        page.locator("html.scripted").wait_for()
        page.locator("#filters").wait_for()
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        return cls(page, session)

    def ask(self) -> float:
        """Asks the next question. Returns the milliseconds until its answer is shown."""
        question = QUESTIONS[self.turns % len(QUESTIONS)]
        self.turns += 1
        return float(self.page.evaluate(ASK, [f"{question} {self.turns}", self.turns]))

    def time(self) -> None:
        """Asks the next question, and notes what it took."""
        before = self._busy()
        self.shown.append(self.ask())
        self.page.wait_for_timeout(FOLDED_MILLISECONDS)
        self.busy.append(self._busy() - before)

    def restart(self) -> None:
        """Begins a new conversation."""
        self.page.locator("#new-conversation").click()
        self.turns = 0

    def _busy(self) -> float:
        metrics = {metric["name"]: metric["value"] for metric in self.session.send("Performance.getMetrics")["metrics"]}
        return float(metrics["TaskDuration"]) * 1_000


def measure(address: str, browser: Browser) -> tuple[Conversation, Conversation]:
    """Returns the long and the short conversation, timed."""
    long, short = Conversation.opened(browser, address), Conversation.opened(browser, address)
    for _ in range(TURNS - TIMED):
        long.ask()
    short.ask()
    for _ in range(TIMED):
        if short.turns == FEW:
            short.restart()
        long.time()
        short.time()
    return long, short


def main() -> None:
    """Prints what a question takes in a long and in a short conversation, and the ratio."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        serving = serve_site(Path(folder), FictionalAssistant())
        with closing(playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)) as browser:
            long, short = measure(next(serving).address, browser)
            nodes, height = long.page.evaluate(SIZE)
        next(serving, None)
    sys.stdout.write(f"{long.turns} turns: {nodes:,} nodes, {height:,} px. The short conversation: {FEW} turns\n")
    for name, of_long, of_short in (
        ("milliseconds until shown", long.shown, short.shown),
        ("processor milliseconds", long.busy, short.busy),
    ):
        middle = statistics.median(of_long), statistics.median(of_short)
        ratio = middle[0] / middle[1]
        said = "within" if ratio <= LIMIT else "ABOVE"
        sys.stdout.write(f"{name}: {middle[0]:.0f} against {middle[1]:.0f}, {ratio:.2f} times, {said} {LIMIT}\n")


if __name__ == "__main__":
    main()
