"""What an answer costs the server by the chat page, against the same answer by the JSON interface.

    python -m tests.tools.page_cost [--questions 120]

One server, asked in turn by both ways, one question after another. The processor time is that of the server's process
and of those it has started, as Linux counts it, so that other work on the machine hardly changes it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from tests.tools.load import UNLIMITED, ask
from tests.tools.prove.people import QUESTIONS, opened
from tests.tools.prove.server import ROOT, serving

NAME = {"X-Remote-User": "reader"}
AT_ONCE = 20  # questions by one way before the other has its turn
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def processor_seconds(pid: int) -> float:
    """Returns the processor time of a process and of its children that have ended, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / TICKS


async def get(client: httpx.AsyncClient, body: dict[str, Any], way: str, question: str) -> None:
    """Asks by a way, or fetches the suggestions that the page asks for once it has shown the answer."""
    if way == "page":
        ending = await ask(client, body, question, NAME["X-Remote-User"])
        assert ending.how == "answered", ending.how
    elif way == "interface":
        (await client.post("/api/v1/ask", json={"question": question}, headers=NAME)).raise_for_status()
    else:
        (await client.get("/suggestions", params={"q": question}, headers=NAME)).raise_for_status()


async def measured(address: str, pid: int, questions: int) -> dict[str, float]:
    """Returns the processor seconds of each way, for as many questions each."""
    spent = dict.fromkeys(("page", "interface", "suggestions"), 0.0)
    async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as client:
        body = await opened(client)
        for way in spent:  # warm
            for question in QUESTIONS:
                await get(client, body, way, question)
        for start in range(0, questions, AT_ONCE):
            for way in spent:
                before = processor_seconds(pid)
                for number in range(start, min(start + AT_ONCE, questions)):
                    await get(client, body, way, QUESTIONS[number % len(QUESTIONS)])
                spent[way] += processor_seconds(pid) - before
    return spent


def main() -> None:
    """Print the processor time of an answer by each way, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=120, help="asked by each way")
    chosen = parser.parse_args()
    with TemporaryDirectory() as name, serving(Path(name), ROOT / "sources", UNLIMITED) as server:
        spent = asyncio.run(measured(server.address, server.pid, chosen.questions))
    page, interface, suggestions = (seconds / chosen.questions * 1000 for seconds in spent.values())
    sys.stdout.write(
        f"processor time of an answer by the page / by the JSON interface = {page / interface:.2f} "
        f"({page:.0f} ms / {interface:.0f} ms); its suggestions afterwards: {suggestions:.0f} ms\n"
    )


if __name__ == "__main__":
    main()
