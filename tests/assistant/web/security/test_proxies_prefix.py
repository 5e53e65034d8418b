"""Below a path of a host name that serves other things too: every link, by every page, and what cannot be a prefix."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from assistant.errors import SettingsError
from assistant.settings import Settings
from assistant.web.server import create_app
from tests.fixtures.fictional import NORTHSHIRE, FictionalAssistant, cite
from tests.fixtures.queue_client import asking_body, read_stream

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
def test_every_link_of_every_page_leads_somewhere(client, path):
    links = set(LINK.findall(client.get(f"/assessments/ask{path}").text))
    assert links
    for link in links:
        assert link.startswith("/assessments/ask/")
        assert client.get(link.replace("&amp;", "&")).status_code == 200, link


def test_the_links_of_an_answer_on_the_page_do_too(client):
    body = asking_body(client, "s1", QUESTION, {})
    assert client.post("/assessments/ask/gradio_api/queue/join", json=body).status_code == 200
    stream = client.get("/assessments/ask/gradio_api/queue/data", params={"session_hash": "s1"})
    done = next(message for message in read_stream(stream) if message["msg"] == "process_completed")
    links = LINK.findall(str(done["output"]["data"]))
    assert links
    assert all(link.startswith("/assessments/ask/sources/") for link in links)
    assert f"{ADDRESS}/assessments/ask/sources/" in str(done)  # in what is copied


def test_programs_are_told_where_the_interface_is(client):
    described = client.get("/assessments/ask/api/v1/openapi.json").json()
    assert described["servers"] == [{"url": "/assessments/ask"}]
    assert "servers" not in client.get("/api/v1/openapi.json").json()


def test_the_lines_for_another_site_s_page_name_the_prefix(client):
    page = client.get("/assessments/ask/embed/check", params={"page": "https://intranet.northshire.example"}).text
    assert page.count(f"{ADDRESS}/assessments/ask/embed.js") == 1
    assert f"{ADDRESS}/embed.js" not in page


def test_gradio_is_told_where_it_is(client):
    assert client.get("/assessments/ask/config").json()["root"] == f"{ADDRESS}/assessments/ask"
    assert client.get("/config").json()["root"] == ADDRESS


def test_without_its_slash_the_prefix_leads_to_the_page(client):
    reply = client.get("/assessments/ask?theme=dark", follow_redirects=False)
    assert (reply.status_code, reply.headers["location"]) == (307, "/assessments/ask/")


def test_what_only_looks_like_the_prefix_is_not_below_it(client):
    for path in ("/assessments/asking", "/assessments", "/assessments/askx/", "/assessments/ask//etc"):
        assert client.get(path).status_code == 404, path


def test_the_limits_hold_below_it_as_above(client):
    assert client.get("/assessments/ask/gradio_api/upload").status_code == 404
    assert client.post("/assessments/ask/sources").status_code == 405
    assert client.get("/assessments/ask/health", headers={"host": "outside.invalid"}).status_code == 400


@pytest.mark.parametrize(
    "prefix", ["assistant", "/assistant/", "/", "//outside.invalid", "/A", "/a b", "/a?b", "/../x", "/a\n"]
)
def test_what_is_no_path_is_no_prefix(prefix):
    with pytest.raises(ValidationError):
        Settings(prefix=prefix)


@pytest.mark.parametrize("prefix", ["/ask", "/sources", "/api", "/api/v1", "/embed", "/health"])
def test_one_that_our_own_addresses_begin_with_is_refused(prefix):
    with pytest.raises(SettingsError, match="begin with it"):
        create_app(FictionalAssistant(), Settings(prefix=prefix))
