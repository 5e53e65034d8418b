"""A rejection costs the address that has too many of them, not the service."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Message

from assistant.web.security.rate_limit import TokenBuckets
from assistant.web.security.responses import MAX_HELD, Rejection, RequestRejecter, limited_address

REJECTION = Rejection(401, "Not signed in.", headers={"WWW-Authenticate": "Proxy-Named"})


async def rejected(reject: RequestRejecter, address: str = "192.0.2.1") -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError

    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/ask", "headers": [], "client": (address, 1)}
    await reject(scope, receive, send, REJECTION)
    return sent


def headers_of(sent: list[Message]) -> dict[bytes, bytes]:
    return dict(sent[0]["headers"])


async def test_an_address_with_too_many_gets_no_page_and_loses_its_connection() -> None:
    recorded: list[int] = []
    buckets = TokenBuckets(2, lambda: 0.0)
    reject = RequestRejecter(lambda _scope, code: recorded.append(code), buckets.take, delay=0)
    first, second, third = [await rejected(reject) for _ in range(3)]
    assert b"Not signed in." in first[1]["body"]
    assert b"connection" not in headers_of(second)
    assert (third[0]["status"], third[1]["body"]) == (401, b"")
    assert headers_of(third)[b"connection"] == b"close"
    assert headers_of(third)[b"www-authenticate"] == b"Proxy-Named"
    assert b"Not signed in." in (await rejected(reject, "192.0.2.2"))[1]["body"]
    assert recorded == [401] * 4


async def test_only_some_replies_to_an_address_are_held_back() -> None:
    reject = RequestRejecter(take=lambda _address: 1.0, delay=3600)
    held = [asyncio.create_task(rejected(reject)) for _ in range(MAX_HELD)]
    await asyncio.sleep(0)
    assert (await rejected(reject))[0]["status"] == 401  # it is answered at once
    assert not any(task.done() for task in held)
    for task in held:
        task.cancel()
    await asyncio.gather(*held, return_exceptions=True)


async def test_all_addresses_of_an_ipv6_network_have_their_rejections_together() -> None:
    buckets = TokenBuckets(2, lambda: 0.0)
    reject = RequestRejecter(take=buckets.take, delay=0)
    replies = [await rejected(reject, f"2001:db8:0:7::{number:x}") for number in range(3)]
    assert [bool(reply[1]["body"]) for reply in replies] == [True, True, False]
    assert (await rejected(reject, "2001:db8:0:8::1"))[1]["body"]


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_ipv6_network_counts_as_one_client(address: str, client: str) -> None:
    assert limited_address(address) == client
