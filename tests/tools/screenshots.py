"""Pictures of the pages for the documentation: `python -m tests.tools.screenshots`. The force in them is fictional."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from assistant.sources import permalink
from tests.assistant.judgements.test_overview_grades import GRADED, graded_assistant
from tests.browser.conftest import ARGUMENTS, find_browser, serve_site
from tests.browser.hosts import intranet
from tests.fixtures.fictional import NORTHSHIRE, FictionalAssistant, cite

DOCS = Path(__file__).resolve().parents[2] / "docs"
FOLDER = DOCS / "screenshots"
EXAMPLE = DOCS / "embed-example.html"
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 320, "height": 700}
PHONE: ViewportSize = {"width": 390, "height": 844}
Take = Callable[[Page, str], None]
Scheme = Literal["light", "dark"]
INVESTIGATING = "How well does Northshire investigate crime?"
HORSES = "How many horses does Northshire keep?"


def ask(page: Page, question: str, turn: int) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    page.locator(f"#conversation #turn-{turn}").wait_for()
    page.wait_for_timeout(300)


def take_desktop(page: Page, address: str) -> None:
    open_chat(page, address)
    save(page, "start")
    ask(page, INVESTIGATING, 1)
    save(page, "answer")
    page.locator("#turn-1 a.number").nth(1).click()
    page.locator("#source-panel .cited").wait_for()
    save(page, "source")
    page.keyboard.press("Escape")
    ask(page, HORSES, 2)
    save(page, "refusal")


def take_page(page: Page, address: str) -> None:
    page.goto(f"{address}{permalink(cite(NORTHSHIRE, 6, 1))}")
    save(page, "source-page")


def take_dark(page: Page, address: str) -> None:
    open_chat(page, address)
    ask(page, INVESTIGATING, 1)
    ask(page, "And Westmere?", 2)
    save(page, "dark")


def take_narrow(page: Page, address: str) -> None:
    open_chat(page, f"{address}/embed")
    ask(page, INVESTIGATING, 1)
    save(page, "narrow")


def take_phone(page: Page, address: str) -> None:
    open_chat(page, address)
    ask(page, INVESTIGATING, 1)
    save(page, "phone")


def take_records(page: Page, address: str) -> None:
    """The overview of all forces and of one, and a register, of a collection whose documents give grades."""
    for name, path in (
        ("overview", "/overview"),
        ("change", "/overview?force=Westmere+Police"),
        ("register", "/register?force=Westmere+Police"),
    ):
        page.goto(address + path)
        save(page, name)


def take_embedded(page: Page) -> None:
    """The worked example, an intranet page of another site, with the chat open in it."""
    example = EXAMPLE.read_text(encoding="utf-8").replace("https://assistant.northshire.example", "{at}")
    with intranet({"example": example}) as served:
        page.goto(f"{served.listed}/example")
        page.get_by_role("button", name="Ask the assessments").click()
        frame = page.frame_locator("iframe")
        frame.get_by_label("Your question").fill(INVESTIGATING)
        frame.get_by_label("Your question").press("Enter")
        frame.locator("#turn-1").wait_for()
        page.wait_for_timeout(300)
        save(page, "embedded")


def open_chat(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("html.scripted").wait_for()
    page.get_by_label("Your question").wait_for()
    page.wait_for_timeout(300)


def save(page: Page, name: str) -> None:
    page.mouse.move(0, 0)
    page.screenshot(path=FOLDER / f"{name}.png")


def take_all(browser: Browser, address: str, takes: Sequence[tuple[Take, ViewportSize, Scheme]]) -> None:
    """Takes pictures of one site, each in a window of its size and with its colours."""
    for take, viewport, scheme in takes:
        page = browser.new_page(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
        take(page, address)
        page.close()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as kept, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        with contextmanager(serve_site)(Path(kept), FictionalAssistant()) as site:
            take_all(
                browser,
                site.address,
                (
                    (take_desktop, DESKTOP, "light"),
                    (take_page, DESKTOP, "light"),
                    (take_dark, DESKTOP, "dark"),
                    (take_narrow, NARROW, "light"),
                    (take_phone, PHONE, "light"),
                ),
            )
        with contextmanager(serve_site)(Path(kept), graded_assistant(GRADED)) as site:
            take_all(browser, site.address, ((take_records, DESKTOP, "light"),))
        take_embedded(browser.new_page(viewport=DESKTOP, reduced_motion="reduce"))
        browser.close()


if __name__ == "__main__":
    main()
