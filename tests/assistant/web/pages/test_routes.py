"""The accessibility statement says what is tested, and every page leads to it."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from assistant.messages import load_messages
from assistant.settings import Settings
from assistant.web.pages.routes import CHECKED_PAGES
from assistant.web.security.allowlist import GET_PATHS, allowed_route
from assistant.web.server import create_app
from tests.browser.test_accessibility import PLAIN_PAGES
from tests.fixtures.fictional import FictionalAssistant
from tests.fixtures.visible import read_html

SITE = "http://127.0.0.1:7860"
CONTACT = "data.team@northshire.example, <01234> 567890"
STATEFUL_PAGES = {"/", "/embed", "/api/v1/docs"}  # axe checks these in every state
CELL_QUERY = "?force=Northshire+Constabulary&period=2018%2F19&theme=investigating"


@pytest.fixture(scope="module")
def client():
    with TestClient(create_app(FictionalAssistant(), Settings(contact=CONTACT)), base_url=SITE) as client:
        yield client


def test_the_statement_lists_exactly_the_pages_that_axe_checks(client):
    checked = {allowed_route(path.partition("?")[0]) for path in PLAIN_PAGES} | STATEFUL_PAGES
    assert checked == set(CHECKED_PAGES)
    items = [item.text.strip() for item in read_html(client.get("/accessibility").text).find("main")[0].find("li")]
    assert set(map(load_messages().say, CHECKED_PAGES.values())) <= set(items)


def test_no_page_is_left_out_of_the_statement(client):
    replies = {path: client.get(path + (CELL_QUERY if path.endswith("/cell") else "")) for path in GET_PATHS}
    pages = {path for path, reply in replies.items() if "text/html" in reply.headers.get("content-type", "")}
    assert pages == set(CHECKED_PAGES) - {"/sources/"}


@pytest.mark.parametrize(
    "path", [*CHECKED_PAGES, "/sources/northshire-2018", "/sources/none", "/nowhere", "/overview/cell"]
)
def test_every_page_ends_with_a_link_to_the_statement(client, path):
    page = client.get(path, headers={"Accept": "text/html"}).text
    footers = [part.partition("</footer>")[0] for part in page.split('<footer class="page-end">')[1:]]
    links = [link for footer in footers for link in read_html(footer).find("a")]
    assert [link.attributes["href"] for link in links] == ["/accessibility"]


def test_the_contact_is_shown_as_text_and_its_absence_is_said(client):
    shown = read_html(client.get("/accessibility").text).find("main")[0]
    assert CONTACT in shown.text
    with TestClient(create_app(FictionalAssistant(), Settings()), base_url=SITE) as other:
        without = read_html(other.get("/accessibility").text).find("main")[0].text
    assert load_messages().say("accessibility.contact_unknown") in without
    assert load_messages().say("accessibility.contact_use") not in without
