"""What is left behind of a question when the page is closed: nothing, in the browser's folder and on the server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.conftest import ARGUMENTS, find_browser
from tests.tools.prove.server import ROOT, serving

CANARY = "quetzalcoatlus"
QUESTION = f"How many officers are there, asks {CANARY}?"
FORMS = [CANARY.encode(form) for form in ("utf-8", "utf-16-le", "utf-16-be")]
ASKED = re.compile(rb"/gradio_api/(queue|call|stream)|/api/v1/|/ask\?")  # the addresses that answers come by


@dataclass(frozen=True)
class Left:
    """What was written: the browser's folder, the server's, and its standard error; what scripts could still read."""

    browser: Path
    server: Path
    said: list[str]
    stored: object

    def holding(self, folder: Path) -> list[str]:
        """The files that hold the canary."""
        files = (path for path in folder.rglob("*") if path.is_file())
        return [str(path) for path in files if any(form in path.read_bytes().lower() for form in FORMS)]


@pytest.fixture(scope="module")
def left(browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    """After a question was asked and answered, a source opened and closed, and the browser ended."""
    kept, served = tmp_path_factory.mktemp("browser"), tmp_path_factory.mktemp("served")
    (served / "tmp").mkdir()
    more = {"ASSISTANT_EMBEDDING_MODEL": "hashed-words", "TMPDIR": str(served / "tmp")}
    with serving(served, ROOT / "sources", more) as server:
        launched = browser.browser_type.launch_persistent_context(
            kept, executable_path=find_browser(), args=ARGUMENTS, reduced_motion="reduce"
        )
        with closing(launched) as context:
            page = context.pages[0]
            page.goto(server.address)
            page.locator("html.scripted").wait_for()
            page.get_by_label("Your question").fill(QUESTION)
            page.keyboard.press("Enter")
            page.locator("blockquote").first.wait_for()
            page.locator("summary").first.click()
            page.keyboard.press("Escape")
            stored = page.evaluate(
                "async () => [localStorage.length, sessionStorage.length, document.cookie,"
                " (await indexedDB.databases()).length, (await caches.keys()).length]"
            )
        yield Left(kept, served, server.said, stored)


def test_the_browser_keeps_nothing_that_a_script_could_read(left: Left) -> None:
    assert left.stored == [0, 0, "", 0, 0]


def test_no_file_of_the_browser_holds_it(left: Left) -> None:
    assert any(left.browser.rglob("Cookies")), "the browser wrote no profile to be looked through"
    assert left.holding(left.browser) == []


def test_the_browser_s_cache_has_no_answer(left: Left) -> None:
    cached = [path for path in left.browser.rglob("*Cache*/**/*") if path.is_file()]
    assert any(b"/assets/" in path.read_bytes() for path in cached), "nothing was cached, so nothing was looked through"
    assert [str(path) for path in cached if ASKED.search(path.read_bytes())] == []


def test_no_file_of_the_server_holds_it_and_its_log_says_only_that_one_was_asked(left: Left) -> None:
    log = (left.server / "log" / "audit.jsonl").read_text(encoding="utf-8")
    assert '"outcome"' in log
    assert left.holding(left.server) == []
    assert [line for line in left.said if CANARY in line.lower()] == []
