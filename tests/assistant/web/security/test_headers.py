"""Only the origins in the settings, compared character by character, may frame pages, read responses or POST."""

from urllib.parse import SplitResult, urlsplit

import pytest
from starlette.testclient import TestClient

from assistant.settings import Settings
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant

ADDRESS = "http://127.0.0.1:7860"
LISTED = ("https://intranet.northshire.example", "https://portal.westmere.example:8443")
# As the URL of a page these belong to a listed origin; but no browser writes an Origin header in this way.
EQUIVALENT = (
    "https://INTRANET.northshire.example",
    "HTTPS://intranet.northshire.example",
    "https://intranet.northshire.example:443",
    "https://intranet.northshire.example:0443",
    "https://intranet.northshire.example/",
    "https://intranet.northshire.example/page",
    "https://user@intranet.northshire.example",
    "https://user:secret@intranet.northshire.example",
    "https://portal.westmere.example:8443/",
)
OTHERS = (
    "null",
    "",
    "*",
    "https://",
    "https://*.northshire.example",
    "http://intranet.northshire.example",
    "http://intranet.northshire.example:443",
    "https://intranet.northshire.example:8443",
    "https://intranet.northshire.example:80",
    "https://intranet.northshire.example.",
    "https://.intranet.northshire.example",
    "https://northshire.example",
    "https://www.intranet.northshire.example",
    "https://a.b.intranet.northshire.example",
    "https://intranet.northshire.example.outside.invalid",
    "https://intranet.northshire.example-outside.invalid",
    "https://outside.invalid",
    "https://outside.invalid/https://intranet.northshire.example",
    "https://outside.invalid?https://intranet.northshire.example",
    "https://outside.invalid#https://intranet.northshire.example",
    "https://intranet.northshire.example@outside.invalid",
    "https://intranet-northshire.example",
    "https://intranetXnorthshire.example",
    "https://intranet.northshire.examples",
    "https://intranet.northshire.exampl",
    "https://xintranet.northshire.example",
    "https://lntranet.northshire.example",
    "https://xn--ntranet-9ib.northshire.example",
    "https://\u0456ntranet.northshire.example",
    "https://intranet\u3002northshire\u3002example",
    "https://intranet.northshire.example\u200b",
    "https://intranet.northshire.example https://outside.invalid",
    "https://intranet.northshire.example, https://outside.invalid",
    "https:intranet.northshire.example",
    "https:///intranet.northshire.example",
    "//intranet.northshire.example",
    "intranet.northshire.example",
    "file://intranet.northshire.example",
    "data:text/html,intranet.northshire.example",
    "ws://intranet.northshire.example",
    "wss://intranet.northshire.example",
    "chrome-extension://intranet.northshire.example",
    "https://portal.westmere.example",
    "https://portal.westmere.example:443",
    "https://portal.westmere.example:84430",
    "https://portal.westmere.example:844",
    "http://portal.westmere.example:8443",
    "https://203.0.113.5",
    "http://127.0.0.1:78601",
    "http://127.0.0.1",
    "http://localhost:7861",
    "ws://127.0.0.1:7860",
)
# The same host and port: CSP allows the scheme to be upgraded, and a proxy may end TLS without reporting it.
OURS_OVER_TLS = "https://127.0.0.1:7860"
ALL = (*LISTED, *EQUIVALENT, *OTHERS, OURS_OVER_TLS)
PORTS = {"http": 80, "https": 443}


def in_header(origin):
    return origin.encode("utf-8")


@pytest.fixture(scope="module", params=[LISTED, ()], ids=["two origins listed", "none listed"])
def listed(request):
    return request.param


@pytest.fixture(scope="module")
def assistant():
    return FictionalAssistant()


@pytest.fixture(scope="module")
def client(listed, assistant):
    app = create_app(assistant, Settings(embed_origins=listed, questions_per_minute=100_000))
    with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
        yield client


def test_at_least_fifty_other_origins_are_tried():
    assert len({*EQUIVALENT, *OTHERS}) >= 50


def may_frame(policy: str, page: str) -> bool:
    """Whether a policy lets a page frame its response: CSP Level 3, 6.7.2.7 and 6.7.2.8, for sources without *."""
    directives = [directive.split() for directive in policy.split(";")]
    (ancestors,) = [sources for name, *sources in directives if name == "frame-ancestors"]
    return any(matches(urlsplit(ADDRESS if source == "'self'" else source), page) for source in ancestors)


def matches(source: SplitResult, page: str) -> bool:
    try:
        address = urlsplit(page)
        port = address.port
    except ValueError:
        return False
    if address.scheme not in PORTS or not page.lower().startswith(f"{address.scheme}://"):
        return False
    upgraded = source.scheme == "http" and address.scheme == "https"
    ports = {source.port or PORTS[source.scheme], *({443} if upgraded and source.port in (None, 80) else ())}
    same_scheme = address.scheme == source.scheme or upgraded
    return same_scheme and address.hostname == source.hostname and (port or PORTS[address.scheme]) in ports


@pytest.mark.parametrize("path", ["/", "/embed", "/sources", "/sources/northshire-2018", "/nowhere", "/health"])
def test_only_a_listed_origin_may_frame(client, listed, path):
    policy = client.get(path).headers["content-security-policy"]
    assert policy.count("frame-ancestors") == 1
    allowed = [page for page in ALL if may_frame(policy, page)]
    assert allowed == [*((*LISTED, *EQUIVALENT) if listed else ()), OURS_OVER_TLS]


@pytest.mark.parametrize("path", ["/", "/embed", "/api/v1/health", "/sources", "/config", "/nowhere"])
def test_only_a_listed_origin_may_read(client, listed, path):
    allowed = []
    for origin in ALL:
        reply = client.get(path, headers={b"origin": in_header(origin)})
        allowed += [origin] if "access-control-allow-origin" in reply.headers else []
        assert "access-control-allow-credentials" not in reply.headers
        assert reply.headers.get("access-control-allow-origin", origin) == origin
    assert allowed == [origin for origin in listed if path != "/nowhere"]


@pytest.mark.parametrize("path", ["/api/v1/ask", "/gradio_api/queue/join", "/nowhere"])
def test_only_a_listed_origin_passes_the_preflight(client, listed, path):
    allowed = []
    for origin in ALL:
        asked = {b"access-control-request-method": b"POST", b"access-control-request-headers": b"content-type"}
        reply = client.options(path, headers={b"origin": in_header(origin)} | asked)
        allowed += [origin] if "access-control-allow-origin" in reply.headers else []
        assert (reply.status_code == 200) == ("access-control-allow-origin" in reply.headers)
        assert "access-control-allow-credentials" not in reply.headers
    assert allowed == [origin for origin in listed if path != "/nowhere"]


def test_a_listed_origin_may_send_no_other_methods_or_headers(client, listed):
    for more in ({"method": "DELETE"}, {"method": "POST", "headers": "x-remote-user"}):
        asked = {f"access-control-request-{name}": value for name, value in more.items()}
        assert client.options("/api/v1/ask", headers={"origin": LISTED[0]} | asked).status_code == 400


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_only_a_listed_origin_or_the_site_itself_gets_an_answer(client, listed, assistant, kind):
    answered = []
    before = len(assistant.asked)
    for origin in (ADDRESS, *ALL):
        headers = {b"origin": in_header(origin), b"content-type": kind.encode()}
        reply = client.post("/api/v1/ask", content=b'{"question": "x"}', headers=headers)
        answered += [origin] if reply.status_code != 403 else []
    assert answered == [ADDRESS, *listed, OURS_OVER_TLS]
    assert len(assistant.asked) - before == (len(answered) if kind == "application/json" else 0)


def test_two_origin_headers_are_rejected(client):
    twice = [("origin", ADDRESS), ("origin", ADDRESS), ("content-type", "application/json")]
    assert client.post("/api/v1/ask", content=b'{"question": "x"}', headers=twice).status_code == 403


def test_a_page_under_another_of_our_host_names_may_ask():
    settings = Settings(hosts="assistant.northshire.example")
    client = TestClient(create_app(FictionalAssistant(), settings), base_url=ADDRESS)
    for origin, code in {
        "https://assistant.northshire.example": 200,
        "https://assistant.northshire.example.outside.invalid": 403,
        "https://outside.invalid": 403,
        "null": 403,
    }.items():
        reply = client.post("/api/v1/ask", json={"question": "x"}, headers={"origin": origin})
        assert reply.status_code == code, origin


def test_a_listed_origin_may_read_the_response_when_rate_limited(listed):
    settings = Settings(embed_origins=listed or LISTED, questions_per_minute=1)
    client = TestClient(create_app(FictionalAssistant(), settings), base_url=ADDRESS)
    replies = [client.post("/api/v1/ask", json={"question": "x"}, headers={"origin": LISTED[0]}) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [200, 429]
    assert replies[1].headers["access-control-allow-origin"] == LISTED[0]
