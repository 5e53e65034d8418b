"""The rewritten HTML of the chat page: our scripts and style sheets are in it, ties to other sites are not."""

import re

import pytest
from starlette.testclient import TestClient

from assistant.settings import Settings
from assistant.web.chat.page_html import CHAT_POLICY, REMOVED_MARKUP, inline_script_sources
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant

HOST = "https://intranet.example.org"


@pytest.fixture(scope="module")
def client():
    app = create_app(FictionalAssistant(), Settings(embed_origins=(HOST,)))
    with TestClient(app, base_url="http://127.0.0.1:7860", raise_server_exceptions=False) as client:
        yield client


def test_the_source_of_a_script_matches_the_example_in_the_standard():
    # the example of section 6.6.2.1 of Content Security Policy Level 3
    page = b"""<script>alert('Hello, world.');</script><script src="x.js"></script>"""
    assert inline_script_sources(page) == ["'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"]


@pytest.mark.parametrize("path", ["/", "/embed"])
def test_the_policy_allows_only_the_page_s_own_scripts_by_hash(client, path):
    reply = client.get(path, headers={"accept-encoding": "br, gzip"})
    sources = inline_script_sources(reply.content)
    assert len(sources) >= 2
    policy = reply.headers["content-security-policy"]
    assert policy == CHAT_POLICY.format(scripts=" ".join(sources), frame_ancestors=f"'self' {HOST}")
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert int(reply.headers["content-length"]) == len(reply.content)


def test_our_style_sheets_come_after_gradio_s_and_before_any_content(client):
    page = client.get("/").text
    sheets = [found.start() for found in re.finditer(r'<link rel="stylesheet"', page)]
    ours = [found.start() for found in re.finditer(r'<link rel="stylesheet" href="/site/', page)]
    assert len(sheets) > len(ours) == 2
    assert max(set(sheets) - set(ours)) < min(ours)
    assert max(ours) < page.index("<gradio-app")
    assert '<script src="/site/chat.js" defer' in page.split("</head>")[0]


def test_markup_that_ties_the_page_to_other_sites_is_removed(client):
    page = client.get("/").content
    assert not [markup.pattern for markup in REMOVED_MARKUP if markup.search(page)]
    for word in (b"postMessage", b"iframeResizer.contentWindow", b"og:image", b"githubusercontent", b"manifest.json"):
        assert word not in page


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
def test_the_root_element_has_the_frame_and_theme_attributes_and_no_others(client, address, attributes):
    assert f"<html{attributes}\n" in client.get(address).text


def test_a_head_request_for_the_chat_page_is_answered(client):
    assert client.head("/").status_code in (200, 405)
