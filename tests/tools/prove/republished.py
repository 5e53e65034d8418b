"""Sources that change in rounds, the process that publishes them into PostgreSQL, and its kills in mid-transaction."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.tools.prove.server import ROOT

BULLETINS = 3
SENTENCES = 4  # of a bulletin, at most
HEAD = "Northshire Constabulary – PEEL 2021/22 – bulletin {0}\n\n"
SUITE = "Its custody suite number {0} is safe and clean."
ASK = "Is custody suite number {0} safe?"
HELD = "is indexing into"  # in what the writer says while the lock of a killed one is not given up
# A session that has begun to write in its transaction; those that only read have no number there.
WRITING = (
    "SELECT FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL"
)


@dataclass
class Version:
    """A text that a source had: when it was written, and when a generation without it had been published."""

    text: str
    written: float
    replaced: bool = False
    gone: float | None = None

    def __post_init__(self) -> None:
        """Works out the digest that a citation has."""
        self.sha256 = hashlib.sha256(self.text.encode()).hexdigest()

    def current(self, asked: float, answered: float, grace: float) -> bool:
        """Whether it could be quoted by an answer to a question asked and answered at these times."""
        return self.written <= answered and (self.gone is None or asked <= self.gone + grace)


class Sources:
    """A folder of sources, and every text that each of them has had."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.random = random.Random(seed)
        self.versions: dict[str, list[Version]] = {
            path.name: [Version(path.read_text(encoding="utf-8"), 0.0)] for path in sorted(folder.iterdir())
        }
        self.suites: dict[int, Version] = {}  # by the number that is told of
        self._next = 100

    def change(self) -> None:
        """Write every bulletin anew with other sentences, or remove it."""
        for number in range(BULLETINS):
            path = self.folder / f"bulletin-{number}.txt"
            versions = self.versions.setdefault(path.name, [])
            for one in versions:
                one.replaced = True
            if versions and self.random.random() < 1 / BULLETINS:
                path.unlink(missing_ok=True)
                continue
            told = range(self._next, self._next + self.random.randint(1, SENTENCES))
            self._next = told.stop
            text = HEAD.format(number) + "\n\n".join(SUITE.format(suite) for suite in told) + "\n"
            version = Version(text, time.monotonic())
            versions.append(version)
            self.suites |= dict.fromkeys(told, version)
            path.write_text(text, encoding="utf-8")

    def published(self) -> None:
        """Note that a generation of the texts as they are now has been published."""
        now = time.monotonic()
        for one in (version for versions in self.versions.values() for version in versions):
            if one.replaced and one.gone is None:
                one.gone = now

    def question(self, draw: random.Random) -> str:
        """A question about a suite of the latest rounds, told of now or no longer."""
        return ASK.format(draw.randint(max(100, self._next - 2 * BULLETINS * SENTENCES), self._next - 1))


@dataclass
class Writer:
    """Publishes the sources with `assistant index`, a process each time."""

    sources: Sources
    database: str  # its address
    settings: Mapping[str, str]
    published: int = 0
    longest: float = 0.0  # seconds
    killed: int = 0
    waited: int = 0  # starts that found the lock of the killed one still held
    faults: list[str] = field(default_factory=list)

    async def publish(self, *, kill: bool) -> None:
        """Change the sources and publish them; where it is to be killed, start it again until it has published."""
        self.sources.change()
        began, due = time.monotonic(), kill
        while True:
            status, said = await self._index(kill=due)
            if status == 0:
                break
            if status == -9:
                self.killed, due = self.killed + 1, False
            elif HELD in said:
                self.waited += 1
                await asyncio.sleep(0.2)
            else:
                self.faults.append(f"the writer ended with {status}: {said.strip()[-400:]}")
                return
        self.sources.published()
        self.published += 1
        self.longest = max(self.longest, time.monotonic() - began)

    async def _index(self, *, kill: bool) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "assistant", "index"),
            env={**os.environ, "PYTHONPATH": str(ROOT), **self.settings},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        hunt = asyncio.create_task(self._kill_while_it_writes(process)) if kill else None
        _, said = await process.communicate()
        if hunt is not None:
            await hunt
        assert process.returncode is not None
        return process.returncode, said.decode()

    async def _kill_while_it_writes(self, process: asyncio.subprocess.Process) -> None:
        async with await psycopg.AsyncConnection.connect(self.database, autocommit=True) as connection:
            while process.returncode is None:
                if (await connection.execute(WRITING)).rowcount:
                    process.kill()
                    return
                await asyncio.sleep(0.003)


def counted(counts: Counter[str]) -> str:
    """The counts in words, the most frequent first."""
    return ", ".join(f"{what} × {count}" for what, count in counts.most_common()) or "none"
