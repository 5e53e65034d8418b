"""A look around the pages, by the JSON interface and in a real browser, where there is no network."""

from __future__ import annotations

import httpx
from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, find_browser

# Services of Chromium's own, which it calls with an empty page too, or tells of any page's form: each named here does
# not come to be looked up. Whatever else is called is counted.
OF_THE_BROWSER = ("update.googleapis.com", "content-autofill.googleapis.com", "accounts.google.com", "www.google.com")
SILENT = ", ".join(f"MAP {name} ~NOTFOUND" for name in OF_THE_BROWSER)


def by_interface(address: str, question: str) -> str:
    """Ask by the JSON interface and by the plain page."""
    asked = httpx.post(f"{address}/api/v1/ask", json={"question": question}, trust_env=False, timeout=60)
    page = httpx.get(f"{address}/ask", params={"q": question}, trust_env=False, timeout=60)
    well = asked.json().get("status") == "answered" and page.status_code == httpx.codes.OK
    return "well" if well else f"{asked.status_code} {page.status_code}"


def look_around(address: str | None, question: str) -> str:
    """Open every kind of page, ask, and open a source; without an address, an empty page for as long."""
    outside: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=[*ARGUMENTS, f"--host-resolver-rules={SILENT}"]
        )
        page = browser.new_page()
        page.on("request", lambda sent: outside.append(sent.url) if not sent.url.startswith(str(address)) else None)
        if address is None:
            page.goto("about:blank")
            page.wait_for_timeout(3000)
        else:
            for path in ("/sources", "/ask", "/api/v1/docs", "/embed/check", "/embed", "/"):
                page.goto(address + path)
            page.locator("html.scripted").wait_for()
            page.get_by_label("Your question").fill(question)
            page.get_by_label("Your question").press("Enter")
            page.locator("#conversation a.number").first.click()
            page.get_by_role("dialog").locator(".cited").wait_for()
        browser.close()
    return f"asked for {outside[0]}" if outside else "well"
