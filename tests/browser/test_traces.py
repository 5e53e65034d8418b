"""A question leaves no trace in the browser's profile or on the server, unless a tab's storage may have it."""

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
ANSWER_PATHS = re.compile(rb"/gradio_api/(queue|call|stream)|/api/v1/|/ask\?")  # the paths that return answers


@dataclass(frozen=True)
class Traces:
    """The browser's and the server's folders, the server's standard error, and the sizes of the browser's storage.

    `kept` is the setting `conversations`; `later` is what another tab finds once the first is closed.
    """

    kept: str
    browser: Path
    server: Path
    stderr: list[str]
    stored: object
    later: object

    def files_with_canary(self, folder: Path) -> list[str]:
        """Returns the files that contain the canary."""
        files = (path for path in folder.rglob("*") if path.is_file())
        return [str(path) for path in files if any(form in path.read_bytes().lower() for form in FORMS)]


STORED = (
    "async () => [localStorage.length, sessionStorage.length, document.cookie,"
    " (await indexedDB.databases()).length, (await caches.keys()).length]"
)


@pytest.fixture(scope="module", params=["page", "tab"])
def traces(request, browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traces]:
    """Asks a question, opens and closes a source, closes the browser, and returns what is left."""
    profile, served = tmp_path_factory.mktemp("browser"), tmp_path_factory.mktemp("served")
    (served / "tmp").mkdir()
    environment = {"ASSISTANT_EMBEDDING_MODEL": "hashed-words", "TMPDIR": str(served / "tmp")}
    environment["ASSISTANT_CONVERSATIONS"] = request.param
    with serving(served, ROOT / "sources", environment) as server:
        launched = browser.browser_type.launch_persistent_context(
            profile, executable_path=find_browser(), args=ARGUMENTS, reduced_motion="reduce"
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
            stored = page.evaluate(STORED)
            another = context.new_page()
            page.close()
            another.goto(server.address)
            another.locator("html.scripted").wait_for()
            later = another.evaluate(STORED)
        yield Traces(request.param, profile, served, server.said, stored, later)


def test_a_script_can_read_the_conversation_of_its_tab_at_most_and_nothing_once_that_is_closed(traces: Traces) -> None:
    assert traces.stored == [0, int(traces.kept == "tab"), "", 0, 0]
    assert traces.later == [0, 0, "", 0, 0]


def test_no_file_of_the_browser_but_the_storage_of_the_tab_contains_the_question(traces: Traces) -> None:
    assert any(traces.browser.rglob("Cookies")), "the browser wrote no profile, so nothing was checked"
    found = {Path(file).parent.name for file in traces.files_with_canary(traces.browser)}
    assert found <= ({"Session Storage"} if traces.kept == "tab" else set())


def test_the_browser_s_cache_contains_no_answer(traces: Traces) -> None:
    cached = [path for path in traces.browser.rglob("*Cache*/**/*") if path.is_file()]
    assert any(b"/assets/" in path.read_bytes() for path in cached), "nothing was cached, so nothing was checked"
    assert [str(path) for path in cached if ANSWER_PATHS.search(path.read_bytes())] == []


def test_no_file_of_the_server_contains_the_question_and_the_log_records_its_outcome(traces: Traces) -> None:
    log = (traces.server / "log" / "audit.jsonl").read_text(encoding="utf-8")
    assert '"outcome"' in log
    assert traces.files_with_canary(traces.server) == []
    assert [line for line in traces.stderr if CANARY in line.lower()] == []
