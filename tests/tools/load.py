"""Many people at once, served as it is in use by a process of its own on this machine. Part of `make bench`.

Fifty asking without a pause beside one alone, and a burst of three hundred: no one is turned away for asking often.
Then fifty who read for ten seconds on average between two questions, over a large collection.
"""

from __future__ import annotations

import asyncio
import secrets
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from tests.fixtures.queue_client import JOIN_PATH, STREAM_PATH, join_body, parse_event
from tests.tools.prove.people import QUESTIONS, opened, people
from tests.tools.prove.server import BEHIND_PROXY, ROOT, serving

USERS, EACH, BURST = 50, 4, 300
SECONDS = 60.0  # for which people ask with pauses
SEED = 5
HUNG = 60.0  # seconds after which an answer is not waited for any longer
UNLIMITED = BEHIND_PROXY | {"ASSISTANT_QUESTIONS_PER_MINUTE": "1000000"}


@dataclass(frozen=True)
class Ending:
    """How a question ended, in a word, and after how many seconds."""

    how: str
    seconds: float


async def ask(client: httpx.AsyncClient, body: dict[str, Any], question: str, name: str) -> Ending:
    """Put one person's question, and wait for its answer or for the reason why there is none."""
    session, named = secrets.token_hex(6), {"X-Remote-User": name}
    started = time.perf_counter()

    def ending(how: str) -> Ending:
        return Ending(how, time.perf_counter() - started)

    try:
        async with asyncio.timeout(HUNG):
            joined = await client.post(JOIN_PATH, json=join_body(body, session, question), headers=named)
            if joined.status_code != httpx.codes.OK:
                return ending(f"refused {joined.status_code}" if joined.text else "no reason")
            at = {"session_hash": session}
            async with client.stream("GET", STREAM_PATH, params=at, headers=named) as events:
                async for line in events.aiter_lines():
                    said = parse_event(line)
                    if said.get("msg") == "process_completed":
                        return ending("answered" if said["success"] else "failed")
    except TimeoutError:
        return ending("hung")
    except httpx.HTTPError as error:
        return ending(type(error).__name__)
    return ending("no answer")


async def _measured(address: str, say: Callable[[str], None]) -> None:
    limits = httpx.Limits(max_connections=2 * BURST, max_keepalive_connections=2 * BURST)
    async with httpx.AsyncClient(base_url=address, timeout=HUNG, limits=limits, trust_env=False) as client:
        body = await opened(client)

        async def person(number: int) -> list[Ending]:
            questions = [QUESTIONS[(number + turn) % len(QUESTIONS)] for turn in range(EACH)]
            return [await ask(client, body, question, f"person-{number}") for question in questions]

        await person(0)
        alone = [one.seconds for turn in range(5) for one in await person(turn)]
        together = [one for said in await asyncio.gather(*map(person, range(USERS))) for one in said]
        asking = (ask(client, body, QUESTIONS[n % len(QUESTIONS)], f"burst-{n}") for n in range(BURST))
        burst = await asyncio.gather(*asking)
    seconds = [one.seconds for one in together]
    p50, p95 = statistics.median(alone), float(np.percentile(alone, 95))
    say(
        f"{USERS} people at once, {EACH} questions each, by the page: p50 / p50 of one alone = "
        f"{statistics.median(seconds) / p50:.1f}, p95 / p95 = {np.percentile(seconds, 95) / p95:.1f} "
        f"(alone {p50 * 1000:.0f} and {p95 * 1000:.0f} ms), {_counted(together)}"
    )
    last = max(one.seconds for one in burst) / p50
    say(f"a burst of {BURST}: {_counted(burst)}, the last after {last:.0f} times p50 alone")


def _counted(endings: list[Ending]) -> str:
    return ", ".join(f"{count} {how}" for how, count in sorted(Counter(one.how for one in endings).items()))


def many_at_once(folder: Path, say: Callable[[str], None]) -> None:
    """Print how fifty without a pause and a burst fare, over the first transcript."""
    with serving(folder, ROOT / "sources", UNLIMITED) as server:
        asyncio.run(_measured(server.address, say))


def with_pauses(folder: Path, sources: Path, index: Path, say: Callable[[str], None]) -> None:
    """Print how fifty with pauses fare beside one alone, over sources that are indexed."""
    more = BEHIND_PROXY | {"ASSISTANT_INDEX": str(index)}
    with serving(folder, sources, more) as server:
        asyncio.run(people(server.address, 1, SECONDS / 6, SEED, pause=0.5))  # until it is warm
        alone = asyncio.run(people(server.address, 1, SECONDS / 3, SEED, pause=0.5))
        together = asyncio.run(people(server.address, USERS, SECONDS, SEED))
    ratios = [together.percentile(share) / alone.percentile(share) for share in (50, 95)]
    say(
        f"{USERS} people who pause between questions: p50 / p50 of one alone = {ratios[0]:.1f}, p95 / p95 = "
        f"{ratios[1]:.1f}; {together}"
    )


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as name:
        many_at_once(Path(name), lambda text: print(text, flush=True))  # noqa: T201
