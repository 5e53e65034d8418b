"""The kill switch: a file closes everything but the health check until it is deleted, without a restart."""

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


def test_the_notice_is_a_page_for_people_and_json_for_programs(client, switch):
    switch.write_text("Back at 14:00\n", encoding="utf-8")
    page = client.get("/")
    main = read_html(page.text).find("main")[0]
    assert [node.text for node in main.find("h1") + main.find("p")] == ["The assistant is closed", "Back at 14:00"]
    assert (page.status_code, page.headers["retry-after"]) == (503, "300")
    for path in ("/api/v1/ask", "/gradio_api/queue/join"):
        reply = client.post(path, json={"question": "How is crime investigated?"})
        assert reply.status_code == 503
        assert {"status": "closed", "error": "Back at 14:00"}.items() <= reply.json().items()


def test_no_question_reaches_the_assistant_while_it_is_closed(client, switch, running):
    before = len(running[1].asked)
    switch.touch()
    client.post("/api/v1/ask", json={"question": "How is crime investigated?"})
    assert len(running[1].asked) == before


@pytest.mark.parametrize("path", ["/health", "/api/v1/health"])
def test_the_health_check_reports_closed(client, switch, path):
    switch.touch()
    reply = client.get(path)
    assert (reply.status_code, reply.json()) == (200, {"status": "closed"})
    assert client.post(path, json={}).status_code == 503


@pytest.mark.parametrize(
    ("data", "notice"),
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
def test_the_text_of_the_file_is_shown_as_plain_text(client, switch, data, notice):
    switch.write_bytes(data)
    reply = client.get("/")
    assert read_html(reply.text).find("main")[0].find("p")[0].text == notice
    assert "<script>alert" not in reply.text


def test_a_file_that_cannot_be_read_closes_the_site_too(client, switch):
    switch.mkdir()
    assert client.get("/").status_code == 503
    switch.rmdir()
    assert client.get("/sources").status_code == 200


def test_the_rejection_has_the_security_headers(client, switch):
    switch.touch()
    headers = client.get("/").headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"
