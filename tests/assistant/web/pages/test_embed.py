from __future__ import annotations

import json
import re
import tomllib

import pytest
from starlette.testclient import TestClient

from assistant.messages import load_messages
from assistant.settings import Settings
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant
from tests.fixtures.visible import Node, read_html

LISTED, OTHER = "https://intranet.northshire.example", "https://performance.westmere.example"
ASSISTANT = "https://assistant.northshire.example"


@pytest.fixture(scope="module")
def client() -> TestClient:
    settings = Settings(embed_origins=(LISTED, OTHER), hosts=("assistant.northshire.example",))
    return TestClient(create_app(FictionalAssistant(), settings), base_url="http://127.0.0.1:7860")


def test_other_sites_may_load_the_script_which_gets_the_messages_it_shows(client: TestClient) -> None:
    reply = client.get("/embed.js")
    assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
    assert reply.headers["cross-origin-resource-policy"] == "cross-origin"
    words = json.loads(reply.text[reply.text.rindex("({") + 1 : reply.text.rindex(");")])
    assert words["open"] == load_messages().say("embed.open")
    assert set(re.findall(r"\bwords\.(\w+)", reply.text)) == set(words)


def test_the_scripts_store_nothing_and_write_no_markup(client: TestClient) -> None:
    for address in ("/embed.js", "/site/frame.js"):
        script = re.sub(r"//.*", "", client.get(address).text)
        assert "postMessage" in script
        for forbidden in ("cookie", "localStorage", "sessionStorage", "indexedDB", "innerHTML", "eval", '"*"', "fetch"):
            assert forbidden not in script, (address, forbidden)


def test_only_the_embedded_page_lists_the_origins_it_may_exchange_messages_with(client: TestClient) -> None:
    [listed] = re.findall(r'src="/site/frame.js"[^>]*data-origins="([^"]*)"', client.get("/embed").text)
    assert listed.split() == [LISTED, OTHER]
    assert "/site/frame.js" not in client.get("/").text


def check(client: TestClient, page: str, assistant: str = ASSISTANT) -> Node:
    reply = client.get("/embed/check", params={"page": page, "assistant": assistant})
    assert reply.status_code == 200
    return read_html(reply.text)


def findings(page: Node, kind: str = "") -> list[str]:
    items = [item for item in page.find("li") if kind in ("", item.attributes.get("class"))]
    return [" ".join(part.text for part in item.find("p")) for item in items]


def test_the_check_starts_with_its_own_address_and_no_findings(client: TestClient) -> None:
    page = read_html(client.get("/embed/check").text)
    assert [box.attributes["value"] for box in page.find("input")] == ["", "http://127.0.0.1:7860"]
    assert [box.attributes["id"] for box in page.find("input")] == [
        label.attributes["for"] for label in page.find("label")
    ]
    assert findings(page) == []
    assert page.find("script") == []


def test_the_check_shows_the_code_and_the_setting_for_the_page(client: TestClient) -> None:
    page = check(client, "https://intranet.eastmoor.example/inspection")
    assert [block.text for block in page.find("pre")] == [
        f'<script src="{ASSISTANT}/embed.js" defer referrerpolicy="no-referrer"></script>\n'
        f'<noscript><a href="{ASSISTANT}/">Ask the assessments</a></noscript>',
        f'<iframe src="{ASSISTANT}/embed" title="Assessment assistant" width="100%" height="640"></iframe>',
        'embed_origins = ["https://intranet.eastmoor.example"]',
        "ASSISTANT_EMBED_ORIGINS=https://intranet.eastmoor.example",
    ]
    [wrong] = findings(page, "wrong")
    assert wrong.startswith("To change The setting embed_origins does not list this origin")


def test_the_line_for_the_setting_is_valid(client: TestClient) -> None:
    page = check(client, "https://bücher.example:8443/page")
    line = page.find("pre")[2].text
    assert Settings.model_validate(tomllib.loads(line)).embed_origins == ("https://xn--bcher-kva.example:8443",)


def test_the_check_does_not_reveal_other_listed_origins(client: TestClient) -> None:
    page = check(client, LISTED)
    assert "Correct The setting embed_origins lists this origin." in findings(page)
    assert OTHER not in page.text
    assert LISTED not in check(client, "https://intranet.eastmoor.example").text


@pytest.mark.parametrize("address", ["intranet.northshire.example", "<script>alert(1)</script>", '"><b>', "file:///a"])
def test_an_invalid_address_is_shown_as_text_with_advice(client: TestClient, address: str) -> None:
    page = check(client, address)
    [finding] = findings(page)
    assert finding.startswith(f"To change {address} is not the address of a web page. Enter the whole address")
    assert page.find("input")[0].attributes["value"] == address
    assert page.find("script") == page.find("b") == page.find("pre") == []


def test_an_invalid_address_of_the_assistant_is_reported(client: TestClient) -> None:
    [finding] = findings(check(client, LISTED, "assistant"))
    assert finding.startswith("To change assistant is not the address of a web page.")


def test_the_check_has_no_memory_and_sets_no_cookie(client: TestClient) -> None:
    asked = {"page": LISTED, "assistant": ASSISTANT}
    first = client.get("/embed/check", params=asked)
    check(client, "https://another.example")
    assert client.get("/embed/check", params=asked).text == first.text
    assert "set-cookie" not in first.headers
