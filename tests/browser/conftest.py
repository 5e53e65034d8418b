"""A real browser over the fictional assistant, served as it is in use. Nothing is downloaded: the browser is found."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Page, ViewportSize, sync_playwright

from assistant.settings import Settings
from assistant.web.server import create_app, listen
from tests.fixtures.fictional import FictionalAssistant

ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


DESKTOP: ViewportSize = {"width": 1280, "height": 900}


@dataclass
class Site:
    """The pages, served on a free port of this machine."""

    address: str
    assistant: FictionalAssistant
    cases: Path


def find_browser() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome", "chromium-headless-shell")
    return next((found for name in names if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser():
    executable = find_browser()
    if executable is None:
        message = "NO BROWSER: the chat page is not tested. Install chromium so that it is on the PATH."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from serve_site(tmp_path_factory.mktemp("site"), FictionalAssistant())


def serve_site(folder: Path, assistant: FictionalAssistant) -> Iterator[Site]:
    """The application under uvicorn in a thread, until the caller is done with it. What it keeps is in `folder`."""
    cases = folder / "cases.jsonl"
    settings = Settings(port=0, questions_per_minute=100_000, cases=cases)  # every test asks from one address
    listener = listen(settings.host, settings.port)
    app = create_app(assistant, settings)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False, proxy_headers=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", assistant, cases)
    server.should_exit = True
    thread.join(timeout=20)


@dataclass
class Watched:
    """A page, and everything a page should never do."""

    page: Page
    pages: list[Page] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def context(browser):
    """One browser session, so that Gradio's own files are fetched once."""
    context = browser.new_context(reduced_motion="reduce", viewport=DESKTOP)
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def watched(context, request) -> Iterator[Watched]:
    """A fresh page, of another size where a test asks. Fails if a request left the machine, or a script failed."""
    seen = Watched(context.new_page())
    seen.page.set_viewport_size(getattr(request, "param", DESKTOP))

    def watch(page: Page) -> None:
        page.on("request", lambda sent: seen.outside.append(sent.url) if not _local(sent.url) else None)
        page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("console", lambda said: seen.errors.append(said.text) if said.type == "error" else None)
        seen.pages.append(page)

    watch(seen.page)
    context.on("page", watch)
    yield seen
    context.remove_listener("page", watch)
    for page in seen.pages:
        page.close()
    assert (seen.outside, seen.dialogs, seen.errors) == ([], [], [])


def _local(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("data", "blob", "about") or parts.hostname in ("127.0.0.1", "localhost", "::1")


@pytest.fixture
def chat(watched, site):
    """The chat page, open and ready for a question."""
    watched.page.goto(site.address)
    watched.page.get_by_label("Your question").wait_for()
    watched.page.locator("html.scripted").wait_for()
    watched.page.locator("#filters").wait_for()  # filled by an event of its own, which nothing must cut off
    return watched.page
