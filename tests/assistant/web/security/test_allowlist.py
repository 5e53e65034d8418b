"""The allow-list: the limits on the URL and the body of a request, and that no body causes a 500."""

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from assistant.settings import Settings
from assistant.web.security.allowlist import MAX_BODY_BYTES, MAX_QUERY_PARAMETERS, MAX_URL_CHARACTERS, allowed_route
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant
from tests.fixtures.visible import read_html

ADDRESS = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def client():
    app = create_app(FictionalAssistant(), Settings(questions_per_minute=100_000))
    with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
        yield client


def test_a_url_of_the_maximum_length_is_served_and_a_longer_one_gets_414(client):
    room = MAX_URL_CHARACTERS - len("/sources") - len("q=")
    assert client.get("/sources?q=" + "x" * room).status_code == 200
    reply = client.get("/sources?q=" + "x" * (room + 1))
    assert reply.status_code == 414
    assert "8,192 characters" in read_html(reply.text).find("main")[0].text


def test_a_long_path_gets_414_too(client):
    assert client.get("/sources/" + "%41" * MAX_URL_CHARACTERS).status_code == 414


def test_a_url_with_too_many_parameters_gets_414(client):
    assert client.get("/sources?" + "&".join(["q=x"] * MAX_QUERY_PARAMETERS)).status_code == 200
    assert client.get("/sources?" + "&" * MAX_QUERY_PARAMETERS).status_code == 414


def test_a_question_of_the_maximum_default_length_fits_in_a_url(client):
    longest = Settings().max_question_characters
    assert client.get("/sources", params={"q": "ŵ" * longest}).status_code == 200


@pytest.mark.parametrize(
    ("length", "code"),
    [
        (str(MAX_BODY_BYTES + 1), 413),
        ("9" * 5000, 413),
        ("1" + "0" * 300, 413),
        ("-1", 411),
        ("+5", 411),
        ("1_0", 411),
        ("0x10", 411),
        ("5, 5", 411),
        ("", 411),
    ],
)
def test_the_content_length_is_checked_before_the_body_is_read(client, length, code):
    reply = client.post("/api/v1/ask", content=b"{}", headers={"content-length": length})
    assert reply.status_code == code
    assert reply.json()["error"]


def nested(opening, closing, depth):
    return opening * depth + closing * depth


HARD_BODIES = {
    "deep list": nested("[", "]", 100_000),
    "deep list as history": '{"question": "x", "history": ' + nested("[", "]", 100_000) + "}",
    "deep object": nested('{"a":', "}", 40_000),
    "open list": "[" * 200_000,
    "null": "null",
    "nothing": "",
    "number": "1e400",
    "not a number": '{"question": NaN}',
    "long number": '{"question": ' + "9" * 100_000 + "}",
    "null question": '{"question": null}',
    "null history": '{"question": "x", "history": null}',
    "long text": '{"question": "' + "x" * 200_000 + '"}',
    "many members": "{" + ",".join(f'"m{n}": 1' for n in range(15_000)) + "}",
    "half a surrogate": '{"question": "\\ud800"}',
    "null character": '{"question": "\\u0000", "history": [{}]}',
    "not UTF-8": b'{"question": "\xff"}',
}


@pytest.mark.parametrize("path", ["/api/v1/ask", "/gradio_api/queue/join", "/gradio_api/cancel"])
@pytest.mark.parametrize("body", HARD_BODIES.values(), ids=HARD_BODIES.keys())
def test_no_body_causes_a_server_error(client, path, body):
    reply = client.post(path, content=body, headers={"content-type": "application/json"})
    assert 400 <= reply.status_code < 500
    assert "xxx" not in reply.text


@pytest.mark.parametrize("path", ["/nowhere", "/api/v2/ask", "/gradio_api/upload"])
def test_404_is_a_page_for_people_and_json_for_programs(client, path):
    reply = client.get(path)
    assert reply.status_code == 404
    if path == "/nowhere":
        assert read_html(reply.text).find("h1")[0].text == "Page not found"
    else:
        assert reply.json()["status"] == "not_found"


def test_405_names_the_allowed_methods(client):
    assert client.delete("/sources").headers["allow"] == "GET, HEAD"
    assert client.get("/gradio_api/queue/join").headers["allow"] == "POST"


def test_options_is_not_allowed(client):
    assert client.options("/sources").status_code == 405
    assert client.options("/sources", headers={"origin": "https://outside.invalid"}).status_code == 405


def test_a_web_socket_is_closed(client):
    for path in ("/", "/gradio_api/queue/join"):
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(path, headers={"host": "localhost"}):
            pytest.fail("a web socket was opened")


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/api/v1/ask", "/api/v1/ask"),
        ("/sources/a-secret", "/sources/"),
        ("/gradio_api/heartbeat/0token0", "/gradio_api/heartbeat/"),
        ("/a-secret", ""),
        ("/sources/../a-secret", ""),
    ],
)
def test_the_route_recorded_for_a_path_contains_nothing_the_client_made_up(path, route):
    assert allowed_route(path) == route
