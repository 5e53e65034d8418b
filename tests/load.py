"""Many people at once: fifty asking together beside one alone, and a burst of three hundred. Part of `make bench`.

The page is served as it is in use, by a process of its own on this machine, and asked as the page asks: a question
joins Gradio's queue, and its answer comes by the session's stream of events.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np

ROOT = Path(__file__).parents[1]
USERS, EACH, BURST = 50, 4, 300
HUNG = 60.0  # seconds after which an answer is not waited for any longer
QUESTIONS = ["What concerns did the inspector have?", "How well does it tackle ASB?", "Does it treat people fairly?",
             "How many officers are there?", "What about serious and organised crime?"]  # fmt: skip


@dataclass(frozen=True)
class Ending:
    """How a question ended, in a word, and after how many seconds."""

    how: str
    seconds: float


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of `assistant serve`, everything it writes in `folder`; no one is turned away for asking often."""
    surroundings = {
        "ASSISTANT_SOURCES": str(ROOT / "sources"),
        "ASSISTANT_INDEX": str(folder / "load-index"),
        "ASSISTANT_AUDIT_LOG": str(folder / "log" / "audit.jsonl"),
        "ASSISTANT_CASES": str(folder / "cases.jsonl"),
        "ASSISTANT_QUESTIONS_PER_MINUTE": "1000000",
        "ASSISTANT_PORT": "0",
    }
    command = [sys.executable, "-m", "assistant.cli", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | surroundings, stderr=subprocess.PIPE, text=True) as one:
        assert one.stderr is not None
        address = None
        for line in one.stderr:
            address = re.match(r"Serving on (\S+)/", line)
            if address:
                break
        assert address is not None, "the server ended before it served"
        yield address[1]
        one.terminate()


async def ask(client: httpx.AsyncClient, body: dict[str, object], question: str) -> Ending:
    """Put one question, and wait for its answer or for the reason why there is none."""
    session = secrets.token_hex(6)
    asked = body | {"session_hash": session, "data": [question, *body["data"][1:]]}  # type: ignore[index]
    started = time.perf_counter()

    def ending(how: str) -> Ending:
        return Ending(how, time.perf_counter() - started)

    try:
        async with asyncio.timeout(HUNG):
            joined = await client.post("/gradio_api/queue/join", json=asked)
            if joined.status_code != httpx.codes.OK:
                return ending(f"refused {joined.status_code}" if joined.text else "no reason")
            stream = client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session})
            async with stream as events:
                async for line in events.aiter_lines():
                    message = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                    if message.get("msg") == "process_completed":
                        return ending("answered" if message["success"] else "failed")
    except TimeoutError:
        return ending("hung")
    except httpx.HTTPError as error:
        return ending(type(error).__name__)
    return ending("no answer")


async def asking_body(client: httpx.AsyncClient) -> dict[str, object]:
    """What the page sends with a question, apart from the question and the session."""
    config = (await client.get("/config")).json()
    props = {one["id"]: one["props"] for one in config["components"]}
    box = next(number for number, found in props.items() if found.get("elem_id") == "question")
    asking = next(one for one in config["dependencies"] if [box, "submit"] in one["targets"])
    data = [props[number].get("value") for number in asking["inputs"]]
    return {"fn_index": asking["id"], "data": data, "trigger_id": box, "event_data": None}


async def _measured(address: str, say: Callable[[str], None]) -> None:
    limits = httpx.Limits(max_connections=2 * BURST, max_keepalive_connections=2 * BURST)
    async with httpx.AsyncClient(base_url=address, timeout=HUNG, limits=limits, trust_env=False) as client:
        body = await asking_body(client)

        async def person(number: int) -> list[Ending]:
            return [await ask(client, body, QUESTIONS[(number + turn) % len(QUESTIONS)]) for turn in range(EACH)]

        await person(0)
        alone = [one.seconds for turn in range(5) for one in await person(turn)]
        together = [one for said in await asyncio.gather(*map(person, range(USERS))) for one in said]
        burst = await asyncio.gather(*(ask(client, body, QUESTIONS[n % len(QUESTIONS)]) for n in range(BURST)))
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
    """Print both figures."""
    with served(folder) as address:
        asyncio.run(_measured(address, say))


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as name:
        many_at_once(Path(name), lambda text: print(text, flush=True))  # noqa: T201
