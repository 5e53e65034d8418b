"""Behind nginx with docs/nginx.conf: buffering, a path prefix, an idle time-out, a sign-in, and forged headers."""

from __future__ import annotations

import json
import os
import re
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn

from assistant.settings import Settings
from assistant.web.server import create_app, listen
from tests.fixtures.fictional import FictionalAssistant
from tests.fixtures.nginx import HOST, OTHER, PASSWORD, PREFIX, USER, find_nginx, free_port, nginx_in_front_of
from tests.fixtures.queue_client import join_body, question_body, read_stream

pytestmark = pytest.mark.browser
IDLE_SECONDS = 10  # nginx's time-out in these tests: no page of a busy machine takes so long
QUESTION = "How well is crime investigated?"
FORGED = {
    "X-Remote-User": OTHER,
    "X-Forwarded-Host": "outside.invalid",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "198.51.100.7",
    "X-Forwarded-Prefix": "/other",
    "X-Forwarded-Port": "1",
    "X-Gradio-Server": "http://outside.invalid",
    "Forwarded": "for=198.51.100.7;host=outside.invalid;proto=https",
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Yields the port of a fictional assistant that serves what a proxy passes to it."""
    if find_nginx() is None:
        message = "NO NGINX: the assistant is not tested behind a proxy. Install it (apt install nginx-light)."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    settings = Settings(
        identity="header", proxies=("127.0.0.1",), hosts=(HOST,), prefix=PREFIX, questions_per_minute=100_000,
        cases=tmp_path_factory.mktemp("assistant") / "cases.jsonl",
    )  # fmt: skip
    listener = listen("127.0.0.1", 0)
    app = create_app(FictionalAssistant(), settings)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False, proxy_headers=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture(scope="module")
def front(assistant: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yields the URL of nginx in front of the assistant, to which it passes the user names."""
    with nginx_in_front_of([assistant], tmp_path_factory.mktemp("nginx"), idle=f"{IDLE_SECONDS}s") as address:
        yield address


@pytest.fixture
def client(front) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=front, auth=(USER, PASSWORD), trust_env=False) as client:
        yield client


def test_without_signing_in_every_path_gets_401(front):
    for path in ("/", "/health", "/sources", "/api/v1/ask"):
        assert httpx.get(f"{front}{PREFIX}{path}", headers=FORGED, trust_env=False).status_code == 401


def test_the_json_interface_and_the_plain_page_answer(client):
    asked = client.post(f"{PREFIX}/api/v1/ask", json={"question": QUESTION})
    assert (asked.status_code, asked.json()["status"]) == (200, "answered")
    page = client.get(f"{PREFIX}/ask", params={"q": QUESTION})
    assert (page.status_code, f'href="{PREFIX}/sources/' in page.text, 'href="/sources' in page.text) == (
        200,
        True,
        False,
    )


def test_a_question_that_a_process_did_not_answer_when_it_died_is_answered_by_another(assistant, tmp_path):
    asked: list[bytes] = []

    def die(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            asked.append(connection.recv(65_536))

    with listen("127.0.0.1", 0) as listener:
        dying = threading.Thread(target=die, args=(listener,), daemon=True)
        dying.start()
        ports = [listener.getsockname()[1], assistant]
        with nginx_in_front_of(ports, tmp_path, sticky=False) as both:
            reply = httpx.post(
                f"{both}{PREFIX}/api/v1/ask", json={"question": QUESTION}, auth=(USER, PASSWORD), trust_env=False
            )
        dying.join(timeout=20)
    assert (reply.status_code, reply.json()["status"]) == (200, "answered")
    assert asked[0].startswith(b"POST /assistant/api/v1/ask")


def test_a_process_is_asked_as_soon_as_it_is_back_also_where_all_were_gone(tmp_path):
    ports = [free_port(), free_port()]

    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nback")

    with (
        nginx_in_front_of(ports, tmp_path, sticky=False) as both,
        httpx.Client(base_url=f"{both}{PREFIX}", auth=(USER, PASSWORD), trust_env=False) as client,
    ):
        assert client.get("/health").status_code == 502
        with listen("127.0.0.1", ports[0]) as listener:
            answering = threading.Thread(target=answer, args=(listener,), daemon=True)
            answering.start()
            assert client.get("/health").text == "back"
            answering.join(timeout=20)


def test_every_link_of_the_plain_pages_works(client):
    page = client.get(f"{PREFIX}/ask", params={"q": QUESTION}).text + client.get(f"{PREFIX}/sources").text
    links = {link.replace("&amp;", "&") for link in re.findall(r'(?:href|src|action)="(/[^"#]*)', page)}
    assert len(links) > 5
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


@pytest.mark.parametrize("headers", [{}, FORGED], ids=["plain", "with forged headers"])
def test_forged_headers_are_ignored(client, front, headers):
    config = client.get(f"{PREFIX}/config", headers=headers)
    assert config.json()["root"] == f"{front}{PREFIX}"
    page = client.get(f"{PREFIX}/ask", params={"q": QUESTION}, headers=headers)
    assert "outside.invalid" not in page.text + str(page.headers)


def test_a_forged_user_name_does_not_open_another_user_s_session(client, front):
    stream = client.stream("GET", f"{PREFIX}/gradio_api/heartbeat/ofada")
    with stream as open_page:
        assert open_page.status_code == 200
        with httpx.Client(base_url=front, auth=(OTHER, PASSWORD), trust_env=False) as other:
            taken = other.get(f"{PREFIX}/gradio_api/heartbeat/ofada", headers={"X-Remote-User": USER})
        assert taken.status_code == 403


def test_an_answer_arrives_complete_through_the_event_stream(client):
    body = question_body(client.get(f"{PREFIX}/config").json())
    asked = join_body(body, "stream1", QUESTION)
    assert client.post(f"{PREFIX}/gradio_api/queue/join", json=asked).status_code == 200
    messages = read_stream(client.get(f"{PREFIX}/gradio_api/queue/data", params={"session_hash": "stream1"}))
    done = next(message for message in messages if message["msg"] == "process_completed")
    assert done["success"]
    assert f'href=\\"{PREFIX}/sources/' in json.dumps(done)


def test_the_chat_under_the_prefix_answers_and_still_works_after_the_idle_time_out(browser, front):
    context = browser.new_context(http_credentials={"username": USER, "password": PASSWORD}, reduced_motion="reduce")
    context.set_default_timeout(30_000)
    outside: list[str] = []
    context.on("request", lambda request: None if request.url.startswith(f"{front}/") else outside.append(request.url))
    failed: list[str] = []
    context.on("response", lambda reply: failed.append(reply.url) if reply.status >= 400 else None)
    page = context.new_page()
    page.goto(f"{front}{PREFIX}/")
    box = page.get_by_label("Your question")
    for turn in (1, 2):
        page.locator("html.scripted").wait_for()
        box.fill(QUESTION)
        with page.expect_response(lambda reply: "/gradio_api/queue/join" in reply.url):
            box.press("Enter")
        page.locator("#conversation .turn").nth(turn - 1).locator("blockquote, .quotation").first.wait_for()
        if turn == 1:
            page.wait_for_timeout(1200 * IDLE_SECONDS)  # meanwhile nginx closes the page's stream
    page.locator("#conversation a.number").first.click()
    page.get_by_role("dialog").locator(".cited").wait_for()
    context.close()
    assert (outside, failed) == ([], [])
