"""The kill switch: a file closes everything but health, and taking it away opens it, without a restart."""

import pytest
from starlette.testclient import TestClient

from assistant.settings import Settings
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant
from tests.fixtures.visible import read_html

ADDRESS = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def switch(tmp_path_factory):
    return tmp_path_factory.mktemp("closing") / "closed"


@pytest.fixture(scope="module")
def running(switch):
    assistant = FictionalAssistant()
    app = create_app(assistant, Settings(closed_file=switch))
    with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
        yield client, assistant


@pytest.fixture
def client(running, switch):
    switch.unlink(missing_ok=True)
    yield running[0]
    switch.unlink(missing_ok=True)


def test_it_closes_and_opens_without_a_restart(client, switch):
    for _ in range(2):
        assert client.get("/sources").status_code == 200
        switch.write_text("Back at 14:00\n", encoding="utf-8")
        assert client.get("/sources").status_code == 503
        switch.unlink()
    assert client.post("/api/v1/ask", json={"question": "How is crime investigated?"}).status_code == 200


def test_people_are_told_on_a_page_and_programs_in_json(client, switch):
    switch.write_text("Back at 14:00\n", encoding="utf-8")
    page = client.get("/")
    main = read_html(page.text).find("main")[0]
    assert [node.text for node in main.find("h1") + main.find("p")] == ["The assistant is closed", "Back at 14:00"]
    assert (page.status_code, page.headers["retry-after"]) == (503, "300")
    for path in ("/api/v1/ask", "/gradio_api/queue/join"):
        reply = client.post(path, json={"question": "How is crime investigated?"})
        assert reply.status_code == 503
        assert {"status": "closed", "error": "Back at 14:00"}.items() <= reply.json().items()


def test_nothing_is_asked_while_it_is_closed(client, switch, running):
    before = len(running[1].asked)
    switch.touch()
    client.post("/api/v1/ask", json={"question": "How is crime investigated?"})
    assert len(running[1].asked) == before


@pytest.mark.parametrize("path", ["/health", "/api/v1/health"])
def test_health_says_closed(client, switch, path):
    switch.touch()
    reply = client.get(path)
    assert (reply.status_code, reply.json()) == (200, {"status": "closed"})
    assert client.post(path, json={}).status_code == 503


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "No questions are being answered at the moment. Please come back later."),
        (b" \r\n", "No questions are being answered at the moment. Please come back later."),
        (b"<script>alert(1)</script> & {braces}", "<script>alert(1)</script> & {braces}"),
        ("Ar gau tan fory – ŵyn".encode(), "Ar gau tan fory – ŵyn"),
        ("Back at 14:00\r\n".encode("utf-16"), "Back at 14:00"),
        (b"\xef\xbb\xbfBack at 14:00", "Back at 14:00"),
        (b"caf\xe9", "caf\ufffd"),
        (b"x" * 5000, "x" * 2000),
    ],
)
def test_its_text_is_shown_as_text(client, switch, data, said):
    switch.write_bytes(data)
    reply = client.get("/")
    assert read_html(reply.text).find("main")[0].find("p")[0].text == said
    assert "<script>alert" not in reply.text


def test_a_file_that_cannot_be_read_closes_as_well(client, switch):
    switch.mkdir()
    assert client.get("/").status_code == 503
    switch.rmdir()
    assert client.get("/sources").status_code == 200


def test_the_refusal_carries_the_security_headers(client, switch):
    switch.touch()
    headers = client.get("/").headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"
