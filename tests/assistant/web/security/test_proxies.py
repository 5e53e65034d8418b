"""What a proxy says is believed from a proxy that is named, and from nobody else."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from assistant.web.security.proxies import Forwarded, Proxies
from assistant.web.security.responses import Refuse

PROXY, STRANGER = "10.0.0.1", "10.9.9.9"
HOSTS = ("127.0.0.1", "localhost", "assistant.northshire.example", "[2001:db8::1]")


async def seen(request: Request) -> JSONResponse:
    return JSONResponse(
        {"client": request.client.host, "url": str(request.url), "headers": sorted(request.headers.keys())}
    )


def ask(peer, headers):
    inner = Starlette(routes=[Route("/health", seen)])
    app = Forwarded(inner, Proxies(["10.0.0.0/30", "2001:db8:ffff::/48"]), HOSTS, Refuse())
    return TestClient(app, base_url="http://127.0.0.1:7860", client=(peer, 5000)).get("/health", headers=headers)


SAID = {
    "x-forwarded-for": "198.51.100.7",
    "x-forwarded-host": "assistant.northshire.example",
    "x-forwarded-proto": "https",
    "x-forwarded-prefix": "/other",
    "forwarded": "for=198.51.100.7;host=assistant.northshire.example;proto=https",
    "x-gradio-server": "http://outside.invalid",
}


def test_a_proxy_that_is_believed_gives_client_host_and_scheme():
    reply = ask(PROXY, SAID).json()
    assert (reply["client"], reply["url"]) == ("198.51.100.7", "https://assistant.northshire.example/health")


def test_nobody_else_does():
    reply = ask(STRANGER, SAID | {"x-forwarded-host": "outside.invalid"}).json()
    assert (reply["client"], reply["url"]) == (STRANGER, "http://127.0.0.1:7860/health")


@pytest.mark.parametrize("peer", [PROXY, STRANGER])
def test_what_was_said_goes_no_further(peer):
    assert not set(ask(peer, SAID).json()["headers"]) & set(SAID)


@pytest.mark.parametrize(
    "host",
    [
        "outside.invalid",
        "assistant.northshire.example.outside.invalid",
        "assistant.northshire.example, outside.invalid",
        "assistant.northshire.example@outside.invalid",
        "",
        "outside.invalid#assistant.northshire.example",
        "2001:db8::1",
    ],
)
def test_a_host_that_is_not_ours_is_refused_even_from_a_proxy(host):
    reply = ask(PROXY, {"x-forwarded-host": host})
    assert reply.status_code == 400
    assert "outside" not in reply.text


@pytest.mark.parametrize("host", ["ASSISTANT.northshire.example", "localhost:8443", "[2001:db8::1]:443"])
def test_our_own_host_may_have_a_port_and_capitals(host):
    assert ask(PROXY, {"x-forwarded-host": host}).status_code == 200


def test_two_hosts_are_refused():
    twice = [("x-forwarded-host", "localhost"), ("x-forwarded-host", "assistant.northshire.example")]
    assert ask(PROXY, twice).status_code == 400


@pytest.mark.parametrize("scheme", ["javascript", "https, http", "", "HTTPS"])
def test_another_scheme_is_not_taken_over(scheme):
    assert ask(PROXY, {"x-forwarded-proto": scheme}).json()["url"].startswith("http://")


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        (["203.0.113.5"], "203.0.113.5"),
        (["198.51.100.1, 203.0.113.5"], "203.0.113.5"),  # the left one may be made up
        (["203.0.113.5, 10.0.0.2"], "203.0.113.5"),  # a second proxy of ours
        (["203.0.113.5", "10.0.0.2"], "203.0.113.5"),
        (["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (["203.0.113.5:61000"], "203.0.113.5"),
        (["[2001:db8::5]:61000"], "2001:db8::5"),
        (["2001:DB8:0::5"], "2001:db8::5"),
        (["::ffff:203.0.113.5"], "203.0.113.5"),
        (["203.0.113.5, unknown"], PROXY),
        (["203.0.113.5, unknown, 10.0.0.2"], "10.0.0.2"),
        (["", " , "], PROXY),
        ([], PROXY),
    ],
)
def test_the_client_is_the_right_most_address_that_is_no_proxy_of_ours(chain, client):
    assert ask(PROXY, [("x-forwarded-for", line) for line in chain]).json()["client"] == client


def test_a_proxy_seen_through_ipv6_is_the_same_proxy():
    assert ask("::ffff:10.0.0.1", {"x-forwarded-for": "203.0.113.5"}).json()["client"] == "203.0.113.5"
    assert ask("::ffff:10.9.9.9", {"x-forwarded-for": "203.0.113.5"}).json()["client"] == STRANGER


def test_a_peer_without_an_address_is_nobody_s_proxy():
    assert ask("testclient", {"x-forwarded-for": "203.0.113.5"}).json()["client"] == "testclient"
