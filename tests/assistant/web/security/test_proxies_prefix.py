"""Serving under a path prefix: the links of every page, and which prefixes are rejected."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from assistant.errors import SettingsError
from assistant.settings import Settings
from assistant.web.server import create_app
from tests.fixtures.fictional import NORTHSHIRE, FictionalAssistant, cite
from tests.fixtures.queue_client import fetch_join_body, read_stream

ADDRESS = "http://127.0.0.1:7860"
QUESTION = "How well is crime investigated?"
LINK = re.compile(r'(?:href|src|action|cite)=\\?"(/[^"\\#]*)')
CITED = cite(NORTHSHIRE, 6, 1)
CELL = "force=Northshire+Constabulary&period=2018%2F19&theme=investigating"


@pytest.fixture(scope="module")
def client():
    app = create_app(FictionalAssistant(), Settings(prefix="/assessments/ask", questions_per_minute=100_000))
    with TestClient(app, base_url=ADDRESS) as client:
        yield client


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/ask?q=x", f"/ask?q={QUESTION}", "/ask?q=Compare+the+two", "/ask?q=How+is+the+force?", "/embed"),
        *("/sources", "/sources/northshire-2018", f"/sources/northshire-2018?sentence={CITED.sentence}"),
        *("/overview", f"/overview/cell?{CELL}", "/register", "/register?force=Northshire+Constabulary"),
        *("/embed/check", "/api/v1/docs", "/sources/gone?text=x", "/register?force=Nobody", "/nowhere"),
    ],
)
def test_every_link_of_every_page_works(client, path):
    links = set(LINK.findall(client.get(f"/assessments/ask{path}").text))
    assert links
    for link in links:
        assert link.startswith("/assessments/ask/")
        assert client.get(link.replace("&amp;", "&")).status_code == 200, link


def test_the_links_of_an_answer_in_the_chat_have_the_prefix(client):
    body = fetch_join_body(client, "s1", QUESTION, {})
    assert client.post("/assessments/ask/gradio_api/queue/join", json=body).status_code == 200
    stream = client.get("/assessments/ask/gradio_api/queue/data", params={"session_hash": "s1"})
    done = next(message for message in read_stream(stream) if message["msg"] == "process_completed")
    links = LINK.findall(str(done["output"]["data"]))
    shared = [link for link in links if link.startswith("/assessments/ask/ask?")]  # the answer's own address
    of_sources = [link for link in links if link.startswith("/assessments/ask/sources/")]
    assert len(shared) == 1
    assert of_sources
    assert len(shared) + len(of_sources) == len(links)
    assert f"{ADDRESS}/assessments/ask/sources/" in str(done)  # in the text for the clipboard


def test_the_openapi_document_names_the_prefix(client):
    described = client.get("/assessments/ask/api/v1/openapi.json").json()
    assert described["servers"] == [{"url": "/assessments/ask"}]
    assert "servers" not in client.get("/api/v1/openapi.json").json()


def test_the_code_for_embedding_has_the_prefix(client):
    page = client.get("/assessments/ask/embed/check", params={"page": "https://intranet.northshire.example"}).text
    assert page.count(f"{ADDRESS}/assessments/ask/embed.js") == 1
    assert f"{ADDRESS}/embed.js" not in page


def test_gradio_s_root_has_the_prefix(client):
    assert client.get("/assessments/ask/config").json()["root"] == f"{ADDRESS}/assessments/ask"
    assert client.get("/config").json()["root"] == ADDRESS


def test_the_prefix_without_a_slash_redirects_to_the_page(client):
    reply = client.get("/assessments/ask?theme=dark", follow_redirects=False)
    assert (reply.status_code, reply.headers["location"]) == (307, "/assessments/ask/")


def test_a_path_that_only_resembles_the_prefix_gets_404(client):
    for path in ("/assessments/asking", "/assessments", "/assessments/askx/", "/assessments/ask//etc"):
        assert client.get(path).status_code == 404, path


def test_the_limits_apply_under_the_prefix_too(client):
    assert client.get("/assessments/ask/gradio_api/upload").status_code == 404
    assert client.post("/assessments/ask/sources").status_code == 405
    assert client.get("/assessments/ask/health", headers={"host": "outside.invalid"}).status_code == 400


@pytest.mark.parametrize(
    "prefix", ["assistant", "/assistant/", "/", "//outside.invalid", "/A", "/a b", "/a?b", "/../x", "/a\n"]
)
def test_a_prefix_that_is_not_a_plain_path_is_rejected(prefix):
    with pytest.raises(ValidationError):
        Settings(prefix=prefix)


@pytest.mark.parametrize("prefix", ["/ask", "/sources", "/api", "/api/v1", "/embed", "/health"])
def test_a_prefix_that_one_of_our_paths_begins_with_is_rejected(prefix):
    with pytest.raises(SettingsError, match="begin with it"):
        create_app(FictionalAssistant(), Settings(prefix=prefix))
