import re
import socket

import pytest
from starlette.testclient import TestClient

from assistant.errors import SettingsError
from assistant.question.conversation import Turn
from assistant.settings import Settings
from assistant.web.chat.gradio_lockdown import FORBIDDEN_VARIABLES, lock_down_gradio
from assistant.web.security.allowlist import MAX_BODY_BYTES
from assistant.web.server import create_app, listen
from tests.fixtures.fictional import NORTHSHIRE, FictionalAssistant
from tests.fixtures.visible import read_html

ADDRESS = "http://127.0.0.1:7860"
EVIL = "https://evil.invalid"


@pytest.fixture(scope="module")
def assistant():
    return FictionalAssistant()


@pytest.fixture(scope="module")
def app(assistant):
    return create_app(assistant, Settings())


@pytest.fixture(scope="module")
def client(app):
    with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
        yield client


def test_ask_returns_the_answer_as_json(client, assistant):
    history = [{"role": "user", "text": "How well is crime investigated?"}]
    reply = client.post("/api/v1/ask", json={"question": "And Westmere?", "history": history})
    assert reply.status_code == 200
    expected = assistant.ask("And Westmere?", [Turn("user", "How well is crime investigated?")])
    assert reply.json() == expected.model_dump(mode="json")
    assert assistant.asked[-1] == assistant.asked[-2]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"question": 7},
        {"question": "x", "histroy": []},
        {"question": "x", "history": [{"role": "system", "text": "y"}]},
        {"question": "x" * 10_001},
        {"question": "x", "history": [{"role": "user", "text": "y"}] * 51},
    ],
)
def test_a_malformed_request_gets_422_naming_the_problem_without_repeating_the_content(client, body):
    reply = client.post("/api/v1/ask", json=body)
    assert reply.status_code == 422
    assert reply.json()["problems"][0]["at"].startswith("body")
    assert "xxx" not in reply.text


def test_half_a_surrogate_pair_gets_422_not_500(client):
    headers = {"content-type": "application/json"}
    reply = client.post("/api/v1/ask", content=b'{"question": "\\ud800"}', headers=headers)
    assert reply.status_code == 422


def test_an_index_that_cannot_answer_gets_503(client):
    reply = client.post("/api/v1/ask", json={"question": "Will you rebuild?"})
    assert (reply.status_code, reply.json()["error"]) == (503, "The index is being rebuilt. Ask again in a minute.")


def test_health_reports_the_number_of_transcripts(client):
    assert client.get("/health").json() == {"status": "ok", "transcripts": 3}


@pytest.mark.parametrize(
    ("path", "transcript"),
    [("/sources/northshire-2018", "northshire-2018"), ("/sources/westmere%202021%2F%C2%A3", "W")],
)
def test_a_transcript_has_a_page(client, path, transcript):
    reply = client.get(path)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert read_html(reply.text).find("article", class_="transcript")


def test_a_citation_in_the_json_identifies_its_sentence_on_the_transcript_page(client):
    cited = client.post("/api/v1/ask", json={"question": "How is crime investigated?"}).json()["citations"][0]
    page = read_html(client.get(f"/sources/{cited['transcript_id']}").text)
    assert [node.text for node in page.find("span", id=f"s-{cited['sentence']}")] == [cited["quote"]]
    assert cited["quote"] == NORTHSHIRE.sentences[5].text


def test_an_unknown_transcript_gets_404(client):
    reply = client.get("/sources/nothing")
    page = read_html(reply.text)
    assert (reply.status_code, page.find("h1")[0].text) == (404, "Page not found")
    assert [link.attributes["href"] for link in page.find("main")[0].find("a")] == ["/sources"]
    assert "may have been withdrawn or renamed" in page.find("main")[0].text


def test_the_transcripts_are_listed_on_a_page(client):
    assert len(read_html(client.get("/sources").text).find("main")[0].find("li")) == 3


@pytest.mark.parametrize("name", ["page.css", "chat.css", "chat.js", "source.js"])
def test_static_files_are_served_and_name_no_other_host(client, name):
    reply = client.get(f"/site/{name}")
    assert reply.status_code == 200
    assert "//" not in re.sub(r"(^|\s)// .*$", "", reply.text, flags=re.MULTILINE)


# Closed routes ----------------------------------------------------------------------------------------------------

OPEN_GET = {"/", "/config", "/favicon.ico", "/theme.css", "/gradio_api/queue/data", "/gradio_api/heartbeat/{}"}
OPEN_GET |= {"/assets/{}", "/static/{}"}
OPEN_POST = {"/gradio_api/queue/join", "/gradio_api/cancel"}


def routes_of(app) -> set[tuple[str, str]]:
    """Returns every (method, path) of the application and of Gradio inside it, with path parameters as `{}`."""
    found = set()
    for route in app.routes:
        included = getattr(route, "original_router", None) or getattr(route, "app", None)
        if getattr(route, "methods", None) is None and hasattr(included, "routes"):
            found |= {(method, (getattr(route, "path", "") or "") + path) for method, path in routes_of(included)}
        path = re.sub(r"\{[^}]*\}", "{}", getattr(route, "path", "") or "")
        found |= {(method, path) for method in getattr(route, "methods", None) or ()}
    return found


def test_every_gradio_route_that_the_page_does_not_need_is_closed(app, client):
    routes = {(method, path) for method, path in routes_of(app) if path.startswith("/")}
    assert len(routes) > 40  # the enumeration sees Gradio's own routes
    ours = (
        "/api/",
        "/health",
        "/sources",
        "/site/",
        "/ask",
        "/embed",
        "/register",
        "/overview",
        "/accessibility",
        "/suggestions",
        "/conversation/",
    )
    needed = {("GET", path) for path in OPEN_GET} | {("HEAD", path) for path in OPEN_GET}
    needed |= {("POST", path) for path in OPEN_POST}
    closed = sorted((m, p) for m, p in routes if (m, p) not in needed and not p.startswith(ours))
    assert closed
    for method, path in closed:
        reply = client.request(method, path.replace("{}", "x"))
        assert reply.status_code in (404, 405), (method, path)


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/info",
        "/gradio_api/runs",
        "/monitoring",
        "/docs",
        "/redoc",
        "/openapi.json",
        "/static/../config.py",
        "/assets/..%2f..%2fpackage.json",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_routes_that_could_leak_or_accept_files_are_closed(client, method, path):
    assert client.request(method, path).status_code in (404, 405)


def test_an_unsupported_method_gets_405(client):
    assert client.delete("/sources").status_code == 405
    assert client.get("/api/v1/ask").status_code == 405


# Limits on requests -----------------------------------------------------------------------------------------------


def test_a_large_body_is_rejected_before_it_is_read(client):
    assert client.post("/api/v1/ask", content=b"x" * (MAX_BODY_BYTES + 1)).status_code == 413


def test_a_body_of_unknown_length_is_rejected(client):
    assert client.post("/gradio_api/queue/join", content=iter([b"{}"])).status_code == 411


@pytest.mark.parametrize("path", ["/api/v1/ask", "/api/v1/search", "/gradio_api/queue/join", "/gradio_api/cancel"])
@pytest.mark.parametrize("coding", ["chunked", "Chunked", "gzip, chunked"])
def test_a_body_in_chunks_is_rejected_whatever_length_is_given_beside_it(client, path, coding):
    headers = {"transfer-encoding": coding, "content-length": "5", "content-type": "application/json"}
    reply = client.post(path, content=iter([b'{"question": "x"}']), headers=headers)
    assert (reply.status_code, reply.headers["connection"]) == (411, "close")


@pytest.mark.parametrize("prefix", ["/assets/", "/static/"])
@pytest.mark.parametrize("name", ["a" * 5_000, "a/" * 2_500, "%F0%9F%92%A9" * 200])
def test_a_path_too_long_for_any_file_is_not_found(client, prefix, name):
    assert client.get(prefix + name).status_code == 404


@pytest.mark.parametrize("host", ["evil.invalid", "127.0.0.1.evil.invalid", "", "localhost@evil.invalid"])
def test_an_unknown_host_name_is_rejected(client, host):
    assert client.get("/health", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860", "LOCALHOST", "[::1]:7860"])
def test_every_name_of_this_machine_is_served(client, host):
    assert client.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/config", "/health", "/sources", "/gradio_api/queue/data"])
@pytest.mark.parametrize("origin", [EVIL, "null", "http://localhost.evil.invalid", ADDRESS + "1"])
def test_no_other_site_may_read_a_response(client, path, origin):
    for host in ("127.0.0.1:7860", "localhost"):
        reply = client.get(path, params={"session_hash": "none"}, headers={"origin": origin, "host": host})
        assert not [name for name in reply.headers if name.startswith("access-control-")]


def test_no_other_site_may_ask(client):
    headers = {
        "origin": EVIL,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    reply = client.options("/api/v1/ask", headers=headers)
    assert reply.status_code >= 400
    assert "access-control-allow-origin" not in reply.headers


def test_forwarded_headers_from_an_untrusted_client_are_ignored(client):
    headers = {"x-forwarded-host": "evil.invalid", "x-forwarded-proto": "https", "forwarded": "host=evil.invalid"}
    assert "evil.invalid" not in client.get("/config", headers=headers).text


# Responses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/sources", "/sources/nothing", "/site/page.css", "/health", "/nowhere", "/config"]
)
def test_every_response_has_the_security_headers(client, path):
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'self'" in policy
    assert "unsafe-eval" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_the_response_to_an_unknown_host_has_them_too(client):
    reply = client.get("/", headers={"host": "evil.invalid"})
    assert "content-security-policy" in reply.headers


def test_gradio_is_configured_without_analytics_links_or_public_api(client):
    config = client.get("/config").json()
    assert config["enable_queue"] is True
    assert config["analytics_enabled"] is False
    assert config["footer_links"] == []
    assert {event["api_visibility"] for event in config["dependencies"]} == {"private"}


def test_no_cookie_is_set(client):
    assert "set-cookie" not in client.get("/").headers


# Start-up ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORBIDDEN_VARIABLES)
def test_an_environment_variable_that_would_undo_the_lockdown_is_rejected(monkeypatch, name):
    monkeypatch.setenv(name, "True")
    with pytest.raises(SettingsError, match=name):
        lock_down_gradio()


def test_the_error_for_a_port_in_use_names_the_port_and_its_setting():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"Port {port} on 127.0.0.1 .*setting `port`"):
            listen("127.0.0.1", port)
