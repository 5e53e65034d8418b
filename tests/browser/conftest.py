"""Fixtures for a real browser and a served fictional assistant. The browser must be installed; none is downloaded."""

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
    """The application, served on a free port of this machine."""

    address: str
    assistant: FictionalAssistant
    cases: Path


def find_browser() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome", "chromium-headless-shell")
    return next(filter(None, map(shutil.which, names)), None)


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
    """Serves the application with uvicorn in a thread until the caller is done. It stores its files in `folder`."""
    cases = folder / "cases.jsonl"
    settings = Settings(port=0, questions_per_minute=100_000, cases=cases)  # all tests ask from the same address
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
class WatchedPage:
    """A page, and what happened on it that never should: requests to other hosts, dialogs and errors."""

    page: Page
    pages: list[Page] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def context(browser):
    """One browser session for all tests, so that Gradio's files are fetched once."""
    context = browser.new_context(reduced_motion="reduce", viewport=DESKTOP)
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def watched(context, request) -> Iterator[WatchedPage]:
    """Opens a new page, with the size in the parameter if any. Fails on requests to other hosts, dialogs and errors."""
    opened = WatchedPage(context.new_page())
    opened.page.set_viewport_size(getattr(request, "param", DESKTOP))

    def watch(page: Page) -> None:
        page.on("request", lambda request: None if _is_local(request.url) else opened.outside.append(request.url))
        page.on("dialog", lambda dialog: (opened.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: opened.errors.append(str(error)))
        page.on("console", lambda line: opened.errors.append(line.text) if line.type == "error" else None)
        opened.pages.append(page)

    watch(opened.page)
    # the page asks for them by itself after an answer; their own test lets it
    opened.page.route("**/suggestions?*", lambda route: route.fulfill(json=[]))
    context.on("page", watch)
    yield opened
    context.remove_listener("page", watch)
    for page in opened.pages:
        page.close()
    assert (opened.outside, opened.dialogs, opened.errors) == ([], [], [])


def _is_local(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("data", "blob", "about") or parts.hostname in ("127.0.0.1", "localhost", "::1")


@pytest.fixture
def chat(watched, site):
    """Opens the chat page and waits until it is ready for a question."""
    watched.page.goto(site.address)
    watched.page.get_by_label("Your question").wait_for()
    watched.page.locator("html.scripted").wait_for()
    watched.page.locator("#filters").wait_for()  # filled in by an event that must not be interrupted
    return watched.page
