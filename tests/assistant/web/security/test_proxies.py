"""Forwarded headers are applied from trusted proxies and dropped from everyone else."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from assistant.web.security.proxies import ForwardedHeadersMiddleware, TrustedProxies
from assistant.web.security.responses import RequestRejecter

PROXY, STRANGER = "10.0.0.1", "10.9.9.9"
HOSTS = ("127.0.0.1", "localhost", "assistant.northshire.example", "[2001:db8::1]")


async def describe(request: Request) -> JSONResponse:
    return JSONResponse(
        {"client": request.client.host, "url": str(request.url), "headers": sorted(request.headers.keys())}
    )


def ask(peer, headers):
    inner = Starlette(routes=[Route("/health", describe)])
    app = ForwardedHeadersMiddleware(
        inner, TrustedProxies(["10.0.0.0/30", "2001:db8:ffff::/48"]), HOSTS, RequestRejecter()
    )
    return TestClient(app, base_url="http://127.0.0.1:7860", client=(peer, 5000)).get("/health", headers=headers)


FORWARDED = {
    "x-forwarded-for": "198.51.100.7",
    "x-forwarded-host": "assistant.northshire.example",
    "x-forwarded-proto": "https",
    "x-forwarded-prefix": "/other",
    "forwarded": "for=198.51.100.7;host=assistant.northshire.example;proto=https",
    "x-gradio-server": "http://outside.invalid",
}


def test_client_host_and_scheme_are_taken_from_a_trusted_proxy():
    reply = ask(PROXY, FORWARDED).json()
    assert (reply["client"], reply["url"]) == ("198.51.100.7", "https://assistant.northshire.example/health")


def test_forwarded_headers_of_other_clients_are_ignored():
    reply = ask(STRANGER, FORWARDED | {"x-forwarded-host": "outside.invalid"}).json()
    assert (reply["client"], reply["url"]) == (STRANGER, "http://127.0.0.1:7860/health")


@pytest.mark.parametrize("peer", [PROXY, STRANGER])
def test_forwarded_headers_are_not_passed_on(peer):
    assert not set(ask(peer, FORWARDED).json()["headers"]) & set(FORWARDED)


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
def test_an_unknown_host_is_rejected_even_from_a_trusted_proxy(host):
    reply = ask(PROXY, {"x-forwarded-host": host})
    assert reply.status_code == 400
    assert "outside" not in reply.text


@pytest.mark.parametrize("host", ["ASSISTANT.northshire.example", "localhost:8443", "[2001:db8::1]:443"])
def test_a_known_host_may_have_a_port_and_capitals(host):
    assert ask(PROXY, {"x-forwarded-host": host}).status_code == 200


def test_two_forwarded_hosts_are_rejected():
    twice = [("x-forwarded-host", "localhost"), ("x-forwarded-host", "assistant.northshire.example")]
    assert ask(PROXY, twice).status_code == 400


@pytest.mark.parametrize("scheme", ["javascript", "https, http", "", "HTTPS"])
def test_an_unknown_scheme_is_ignored(scheme):
    assert ask(PROXY, {"x-forwarded-proto": scheme}).json()["url"].startswith("http://")


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        (["203.0.113.5"], "203.0.113.5"),
        (["198.51.100.1, 203.0.113.5"], "203.0.113.5"),  # the client may have made up the left one
        (["203.0.113.5, 10.0.0.2"], "203.0.113.5"),  # a second trusted proxy
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
def test_the_client_is_the_right_most_address_that_is_not_a_trusted_proxy(chain, client):
    assert ask(PROXY, [("x-forwarded-for", line) for line in chain]).json()["client"] == client


def test_an_ipv4_proxy_is_recognised_by_its_ipv6_mapped_address():
    assert ask("::ffff:10.0.0.1", {"x-forwarded-for": "203.0.113.5"}).json()["client"] == "203.0.113.5"
    assert ask("::ffff:10.9.9.9", {"x-forwarded-for": "203.0.113.5"}).json()["client"] == STRANGER


def test_a_peer_without_an_ip_address_is_not_trusted():
    assert ask("testclient", {"x-forwarded-for": "203.0.113.5"}).json()["client"] == "testclient"
