"""The HTML of the chat page as it leaves: ours in it, its ties to other sites and to whichever page frames it cut."""

import re

import pytest
from starlette.testclient import TestClient

from assistant.settings import Settings
from assistant.web.chat.page_html import OTHERS_TIES, POLICY, script_digests
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant

HOST = "https://intranet.example.org"


@pytest.fixture(scope="module")
def client():
    app = create_app(FictionalAssistant(), Settings(embed_origins=(HOST,)))
    with TestClient(app, base_url="http://127.0.0.1:7860", raise_server_exceptions=False) as client:
        yield client


def test_a_digest_is_the_one_the_standard_gives():
    # the example of section 6.6.2.1 of Content Security Policy Level 3
    page = b"""<script>alert('Hello, world.');</script><script src="x.js"></script>"""
    assert script_digests(page) == ["'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"]


@pytest.mark.parametrize("path", ["/", "/embed"])
def test_the_page_allows_its_own_scripts_by_digest_and_no_other(client, path):
    reply = client.get(path, headers={"accept-encoding": "br, gzip"})
    digests = script_digests(reply.content)
    assert len(digests) >= 2
    policy = reply.headers["content-security-policy"]
    assert policy == POLICY.format(scripts=" ".join(digests), framers=f"'self' {HOST}")
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert int(reply.headers["content-length"]) == len(reply.content)


def test_our_style_sheets_stand_in_the_page_before_anything_is_drawn_and_after_gradios(client):
    page = client.get("/").text
    sheets = [found.start() for found in re.finditer(r'<link rel="stylesheet"', page)]
    ours = [found.start() for found in re.finditer(r'<link rel="stylesheet" href="/site/', page)]
    assert len(sheets) > len(ours) == 2
    assert max(set(sheets) - set(ours)) < min(ours)
    assert max(ours) < page.index("<gradio-app")
    assert '<script src="/site/chat.js" defer' in page.split("</head>")[0]


def test_the_ties_of_gradios_page_to_others_are_cut(client):
    page = client.get("/").content
    assert not [tie.pattern for tie in OTHERS_TIES if tie.search(page)]
    for word in (b"postMessage", b"iframeResizer.contentWindow", b"og:image", b"githubusercontent", b"manifest.json"):
        assert word not in page


def test_each_tie_is_still_there_to_be_cut():
    from importlib import resources

    page = (resources.files("gradio") / "templates" / "frontend" / "index.html").read_bytes()
    assert all(tie.search(page) for tie in OTHERS_TIES)


@pytest.mark.parametrize(
    ("address", "attributes"),
    [
        ("/", ""),
        ("/?theme=dark", ' data-theme="dark"'),
        ("/embed", ' class="embedded"'),
        ("/embed?force=x&theme=light", ' class="embedded" data-theme="light"'),
        ('/embed?theme="><script>', ' class="embedded"'),
    ],
)
def test_the_root_says_frame_and_theme_and_nothing_that_was_not_offered(client, address, attributes):
    assert f"<html{attributes}\n" in client.get(address).text


def test_a_head_request_for_the_chat_page_is_answered(client):
    assert client.head("/").status_code in (200, 405)
