"""The client of a request, and that an unidentified client gets nothing but the health check."""

import re

import pytest
from starlette.testclient import TestClient

from assistant.settings import Settings
from assistant.web.security.allowlist import GET_PATHS, MAX_BODY_BYTES, POST_PATHS
from assistant.web.security.identity import REQUEST_IDENTITY
from assistant.web.security.responses import HEALTH_PATHS
from assistant.web.server import create_app
from tests.assistant.web.test_server import routes_of
from tests.fixtures.fictional import FictionalAssistant

PROXY, STRANGER = "10.0.0.1", "10.9.9.9"
ADDRESS = "http://127.0.0.1:7860"
USER = "X-Remote-User"


class RecordingAssistant(FictionalAssistant):
    """Records the identity of each question."""

    def __init__(self):
        super().__init__()
        self.identities = []

    def ask(self, question, history=(), **more):
        self.identities.append(REQUEST_IDENTITY.get())
        return super().ask(question, history, **more)


@pytest.fixture(scope="module")
def assistant():
    return RecordingAssistant()


@pytest.fixture(scope="module")
def app(assistant):
    return create_app(assistant, Settings(identity="header", proxies="10.0.0.0/30"))


def client_at(app, peer):
    return TestClient(app, base_url=ADDRESS, client=(peer, 5000), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def proxy(app):
    with client_at(app, PROXY) as client:
        yield client


def test_only_the_health_check_answers_without_a_user_name(app, proxy):
    routes = {(method, path.replace("{}", "x")) for method, path in routes_of(app) if path.startswith("/")}
    routes |= {("GET", path) for path in GET_PATHS} | {("POST", path) for path in POST_PATHS}
    routes |= {(method, "/nowhere") for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE")}
    assert len(routes) > 60
    answered = set()
    for client, headers in ((proxy, {}), (client_at(app, STRANGER), {USER: "ada"})):
        for method, path in sorted(routes):
            reply = client.request(method, path, headers=headers, json={} if method == "POST" else None)
            if reply.status_code == 401:
                assert reply.headers["www-authenticate"].startswith("Proxy-Named ")
                assert reply.headers["content-security-policy"].startswith("default-src 'none'")
            else:
                answered.add((method, path))
    assert answered <= {(method, path) for path in HEALTH_PATHS for method in ("GET", "HEAD")}
    assert ("GET", "/health") in answered


def test_an_unidentified_client_gets_the_same_response_for_every_path(app):
    stranger = client_at(app, STRANGER)
    replies = [stranger.get(path) for path in ("/", "/sources", "/nowhere", "/docs", "/sources/northshire-2018")]
    replies += [stranger.get("/x?" + "a" * 20_000), stranger.request("BREW", "/")]
    assert len({(reply.status_code, re.sub(r"\s", "", reply.text)) for reply in replies}) == 1


def test_an_unidentified_client_with_a_large_body_gets_401(app):
    reply = client_at(app, STRANGER).post("/api/v1/ask", content=b"x" * (MAX_BODY_BYTES + 1))
    assert (reply.status_code, reply.json()["status"]) == (401, "unauthenticated")


def test_the_user_named_by_the_proxy_is_served_and_known_to_the_assistant(proxy, assistant):
    asked = {"question": "How is crime investigated?"}
    for user in ("ada", "grace"):
        assert proxy.post("/api/v1/ask", json=asked, headers={USER: user}).status_code == 200
    assert [(identity.client, identity.route) for identity in assistant.identities[-2:]] == [
        ("ada", "/api/v1/ask"),
        ("grace", "/api/v1/ask"),
    ]
    assert REQUEST_IDENTITY.get() is None


@pytest.mark.parametrize(
    "value", [b"", b"  ", b"\t", b"a\x00b", b"a\x1bb", b"a\x7f", b"x" * 257, b"ada\x0bgrace"], ids=repr
)
def test_an_invalid_user_name_gets_401(proxy, value):
    assert proxy.get("/sources", headers=[(USER.encode(), value)]).status_code == 401


@pytest.mark.parametrize("value", [b"ada", b"NORTHSHIRE\\ada", b"Lovelace, Ada", "Siân".encode(), b"x" * 256], ids=repr)
def test_user_names_may_contain_spaces_slashes_and_accents(proxy, value):
    assert proxy.get("/sources", headers=[(USER.encode(), value)]).status_code == 200


def test_two_user_names_get_401(proxy):
    assert proxy.get("/sources", headers=[(USER, "ada"), (USER.lower(), "ada")]).status_code == 401


def test_a_user_name_in_another_header_is_ignored(proxy):
    for name in ("X_Remote_User", "Remote-User", "X-Forwarded-User", "Authorization"):
        assert proxy.get("/sources", headers={name: "ada"}).status_code == 401


def test_the_setting_names_the_header():
    settings = Settings(identity="header", proxies=PROXY, user_header="X-Auth-Name")
    client = client_at(create_app(FictionalAssistant(), settings), PROXY)
    assert client.get("/sources", headers={"x-auth-NAME": "ada"}).status_code == 200
    assert client.get("/sources", headers={USER: "ada"}).status_code == 401


# Without a header -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "chain", "expected"),
    [
        (STRANGER, "", STRANGER),
        (STRANGER, "198.51.100.7", STRANGER),
        (PROXY, "198.51.100.7", "198.51.100.7"),
        (PROXY, "203.0.113.1, 198.51.100.7", "198.51.100.7"),
        (PROXY, "", PROXY),
    ],
)
def test_with_identity_none_the_client_is_its_address(peer, chain, expected):
    assistant = RecordingAssistant()
    app = create_app(assistant, Settings(host="0.0.0.0", identity="none", proxies=PROXY))
    headers = {"X-Forwarded-For": chain, USER: "ada"} if chain else {USER: "ada"}
    client_at(app, peer).post("/api/v1/ask", json={"question": "x"}, headers=headers)
    assert assistant.identities[0].client == expected
