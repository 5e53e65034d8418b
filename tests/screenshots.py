"""Pictures of the pages for the documentation: `python -m tests.screenshots`. The force in them is fictional."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, find_browser, serve_site
from tests.fictional import NORTHSHIRE

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
DESKTOP = {"width": 1100, "height": 900}
NARROW = {"width": 320, "height": 700}
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
    page.locator("summary").nth(2).click()
    save(page, "answer")
    ask(page, HORSES, 2)
    save(page, "refusal")
    page.goto(f"{address}/sources/northshire-2018#s-{NORTHSHIRE.sentences[6].id}")
    save(page, "source")


def take_dark(page: Page, address: str) -> None:
    open_chat(page, address)
    ask(page, INVESTIGATING, 1)
    ask(page, "And Westmere?", 2)
    save(page, "dark")


def take_narrow(page: Page, address: str) -> None:
    open_chat(page, address)
    ask(page, INVESTIGATING, 1)
    save(page, "narrow")


def open_chat(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("html.scripted").wait_for()
    page.get_by_label("Your question").wait_for()
    page.wait_for_timeout(300)


def save(page: Page, name: str) -> None:
    page.mouse.move(0, 0)
    page.screenshot(path=FOLDER / f"{name}.png")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    serving = serve_site()
    address = next(serving).address
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        for take, viewport, scheme in (
            (take_desktop, DESKTOP, "light"),
            (take_dark, DESKTOP, "dark"),
            (take_narrow, NARROW, "light"),
        ):
            page = browser.new_page(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
            take(page, address)
            page.close()
        browser.close()
    next(serving, None)


if __name__ == "__main__":
    main()
