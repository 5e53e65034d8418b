"""No page of another site may send a costly GET in its reader's name: by Fetch Metadata, or by Origin and Referer."""

import pytest
from starlette.testclient import TestClient

from assistant.settings import Settings
from assistant.web.security.allowlist import GET_PATHS, GET_PREFIXES, OPEN_ROUTES
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant

ADDRESS = "http://127.0.0.1:7860"
LISTED = "https://intranet.northshire.example"
OTHER = "https://cats.invalid"
COSTLY = (
    "/ask?q=How+is+crime+investigated%3F",
    "/ask?q=x&format=json",
    "/api/v1/search?q=crime",
    "/api/v1/transcripts",
    "/api/v1/transcripts/northshire-2018",
    "/sources",
    "/sources/northshire-2018",
    "/register?force=Northshire+Constabulary",
    "/overview?force=Northshire+Constabulary",
    "/config",
)
OPEN = ("/", "/embed", "/embed?q=crime", "/embed.js", "/health", "/api/v1/health", "/site/page.css")
LINK = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
FRAME = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
PICTURE = {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
SCRIPT = {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}
OBJECT = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "object"}
SENT_BY_A_PAGE = (FRAME, PICTURE, SCRIPT, OBJECT, {}, {"sec-fetch-dest": "document"}, {"sec-fetch-mode": "navigate"})


@pytest.fixture(scope="module")
def assistant():
    return FictionalAssistant()


@pytest.fixture(scope="module")
def client(assistant):
    settings = Settings(embed_origins=LISTED, hosts="assistant.northshire.example", questions_per_minute=100_000)
    app = create_app(assistant, settings)
    with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("path", COSTLY)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_a_page_of_another_site_sends_is_refused_and_nothing_is_asked(client, assistant, path, method):
    before = len(assistant.asked)
    for site in ("cross-site", "same-site", "", "same-origin, cross-site", "SAME-ORIGIN"):
        for kind in SENT_BY_A_PAGE:
            for sender in ({}, {"referer": f"{OTHER}/page"}, {"origin": "null"}, {"origin": OTHER}):
                reply = client.request(method, path, headers={"sec-fetch-site": site, **kind, **sender})
                assert reply.status_code == 403, (site, kind, sender)
    assert len(assistant.asked) == before


def test_the_refusal_says_how_to_open_the_address_nevertheless(client):
    page = client.get(COSTLY[0], headers={"sec-fetch-site": "cross-site", **FRAME})
    assert "press Enter" in page.text
    assert client.get(COSTLY[2], headers={"sec-fetch-site": "cross-site", **PICTURE}).json()["status"] == "forbidden"


@pytest.mark.parametrize("path", COSTLY)
def test_a_link_an_address_typed_in_and_our_own_pages_are_served(client, path):
    for headers in (
        {"sec-fetch-site": "cross-site", **LINK},
        {"sec-fetch-site": "cross-site", **LINK, "referer": f"{OTHER}/page"},
        {"sec-fetch-site": "none", **LINK},
        {"sec-fetch-site": "same-origin", **SCRIPT},
        {"sec-fetch-site": "same-origin", **FRAME, "referer": f"{ADDRESS}/"},
        {},  # a program, or an old browser to which the address was typed in
    ):
        assert client.get(path, headers=headers).status_code == 200, headers


@pytest.mark.parametrize("purpose", ["sec-purpose", "purpose"])
def test_a_link_that_a_page_has_opened_in_advance_is_not_served(client, purpose):
    for value in ("prefetch", "prefetch;prerender"):
        headers = {"sec-fetch-site": "cross-site", **LINK, purpose: value}
        assert client.get(COSTLY[0], headers=headers).status_code == 403


@pytest.mark.parametrize("path", COSTLY)
def test_frames_and_scripts_of_a_listed_site_are_served(client, path):
    for headers in (
        {"sec-fetch-site": "cross-site", **FRAME, "referer": f"{LISTED}/"},
        {"sec-fetch-site": "same-site", **FRAME, "referer": f"{LISTED}/news?id=1"},
        {"sec-fetch-site": "cross-site", **SCRIPT, "origin": LISTED, "referer": f"{LISTED}/"},
        {"sec-fetch-site": "same-site", **FRAME, "referer": "https://assistant.northshire.example/sources"},
        {"referer": f"{LISTED}/", "accept": "*/*"},
        {"origin": LISTED, "accept": "*/*"},
    ):
        assert client.get(path, headers=headers).status_code == 200, headers


@pytest.mark.parametrize("path", OPEN)
def test_what_searches_nothing_is_served_to_any_site(client, path):
    for kind in SENT_BY_A_PAGE:
        headers = {"sec-fetch-site": "cross-site", **kind, "referer": OTHER}
        assert client.get(path, headers=headers).status_code == 200


def test_an_open_route_asks_nothing(client, assistant):
    before = len(assistant.asked)
    for path in ("/?q=crime", "/embed?q=crime"):
        client.get(path, headers={"sec-fetch-site": "cross-site", **FRAME})
    assert len(assistant.asked) == before
    assert set(GET_PATHS) | set(GET_PREFIXES) >= OPEN_ROUTES


@pytest.mark.parametrize("sender", [{"origin": OTHER}, {"referer": f"{OTHER}/x"}, {"referer": "https://["}])
def test_without_fetch_metadata_origin_and_referer_decide(client, sender):
    picture, page = {"accept": "image/avif,image/*,*/*;q=0.8"}, {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for path in COSTLY:
        assert client.get(path, headers={**sender, **picture}).status_code == 403
    # over plain http a followed link looks like a frame: what asks is refused, what only shows is served
    for path in ("/ask?q=x", "/api/v1/search?q=x"):
        assert client.get(path, headers={**sender, **page}).status_code == 403
    for path in ("/ask", "/sources", "/sources/northshire-2018", "/register", "/overview"):
        assert client.get(path, headers={**sender, **page}).status_code == 200


def test_an_origin_that_only_resembles_a_listed_one_is_another_site(client):
    for origin in (f"{LISTED}.outside.invalid", "http://intranet.northshire.example", f"{LISTED}:8443", "null"):
        for headers in ({"origin": origin}, {"referer": f"{origin}/page"}):
            frame = {"sec-fetch-site": "cross-site", **FRAME, **headers}
            assert client.get(COSTLY[0], headers=frame).status_code == 403
