"""Two replicas behind nginx on one PostgreSQL: people ask while generations are published and processes are killed.

    python -m tests.tools.prove.replicas --seed 1 --scale full

Every quotation is compared with the texts of its source that were current between question and answer, and every turn
of every conversation is shown again by whichever replica nginx chooses. A replica is killed and started again, then the
other; the writer is killed while it writes into its transaction.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
from psycopg import sql

from assistant.web.security.audit_log import KEY_BYTES
from tests.fixtures import postgres
from tests.fixtures.nginx import PREFIX, free_port, nginx_in_front_of
from tests.tools.prove.followers import Follower, Judge, Kill
from tests.tools.prove.people import WAITED
from tests.tools.prove.republished import Sources, Writer, counted
from tests.tools.prove.server import BEHIND_PROXY, ROOT, Server, chosen, say, serving, told

SOURCES = ROOT / "tests" / "golden" / "northshire" / "sources"
NAMES = ("one", "two")  # of the replicas


@dataclass(frozen=True)
class Scale:
    """How many ask by the JSON interface and by a page, for at least so many seconds, a question each every `pause`.

    A generation is published every `every` seconds, and a replica killed every `between`.
    """

    asking: int
    conversing: int
    pause: float
    seconds: float
    every: float
    between: float
    replica_kills: int
    writer_kills: int
    model: str


FULL = Scale(
    asking=8,
    conversing=4,
    pause=2,
    seconds=600,
    every=10,
    between=60,
    replica_kills=9,
    writer_kills=5,
    model="all-MiniLM-L6-v2",
)
SHORT = Scale(
    asking=2,
    conversing=2,
    pause=1.5,
    seconds=4,
    every=12,
    between=0.5,
    replica_kills=1,
    writer_kills=1,
    model="hashed-words",
)


@dataclass(frozen=True)
class Came:
    """What came of it."""

    judge: Judge
    writer: Writer
    conversations: int
    said: list[str]

    @property
    def faults(self) -> list[str]:
        """What must not be, whatever the machine."""
        found = [f"{what} × {count}" for what, count in self.judge.faults.items()]
        return [*found, *self.writer.faults, *(f"a replica said: {line.rstrip()}" for line in self.said[:10])]


class Replica:
    """`assistant serve --no-index` on a port of its own, in a process that can be killed and started again."""

    def __init__(self, folder: Path, sources: Path, settings: dict[str, str]) -> None:
        folder.mkdir()
        self.port = free_port()
        self.said: list[str] = []
        self._open = lambda: serving(folder, sources, settings | {"ASSISTANT_PORT": str(self.port)})
        self._life = ExitStack()
        self._server: Server | None = None

    def start(self) -> None:
        """Start it; it serves when this returns."""
        self._server = self._life.enter_context(self._open())

    def kill(self) -> None:
        """Kill it at once."""
        assert self._server is not None
        os.kill(self._server.pid, signal.SIGKILL)

    def end(self) -> None:
        """Take leave of the process, which is told to stop if it has not ended, and keep what it said."""
        self._life.close()
        self.said += self._server.said if self._server else []


@contextmanager
def database() -> Iterator[tuple[str, str]]:
    """A database of a server of its own, as its writer and as a role that may read only."""
    with postgres.server() as server:
        writer, reader = postgres.new_database(server), f"reader_{secrets.token_hex(4)}"
        name = sql.Identifier(reader)
        with psycopg.connect(writer, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
            connection.execute(sql.SQL("ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO {}").format(name))
            connection.execute(sql.SQL("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {}").format(name))
        parts = urlsplit(writer)
        where = parts.netloc.rpartition("@")[2]
        yield writer, urlunsplit(parts._replace(netloc=f"{reader}@{where}"))
        postgres.drop_database(writer)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP ROLE {}").format(name))


async def live(seed: int, scale: Scale, folder: Path, tell: Callable[[str], None]) -> Came:
    """Publish, serve, ask and kill, until the time is over and every kill was made."""
    shutil.copytree(SOURCES, folder / "sources")
    (folder / "key").write_bytes(secrets.token_bytes(KEY_BYTES))
    sources = Sources(folder / "sources", seed)
    with database() as (writable, readable), ExitStack() as stack:
        indexing = {
            "ASSISTANT_SOURCES": str(sources.folder),
            "ASSISTANT_INDEX": writable,
            "ASSISTANT_INDEX_WORK": str(folder / "work"),
            "ASSISTANT_EMBEDDING_MODEL": scale.model,
        }
        answering = BEHIND_PROXY | {
            "ASSISTANT_INDEXING": "false",
            "ASSISTANT_INDEX": readable,
            "ASSISTANT_EMBEDDING_MODEL": scale.model,
            "ASSISTANT_PREFIX": PREFIX,
            "ASSISTANT_AUDIT_KEY_FILE": str(folder / "key"),
            "ASSISTANT_CONVERSATION_KEY_FILE": str(folder / "key"),
            "ASSISTANT_QUESTIONS_PER_MINUTE": "6000",
            "ASSISTANT_SECONDS_PER_MINUTE": "600",
        }
        writer = Writer(sources, writable, indexing)
        await writer.publish(kill=False)
        replicas = [Replica(folder / name, folder / "none", answering) for name in NAMES]
        for one in replicas:
            stack.callback(one.end)
        await asyncio.gather(*(asyncio.to_thread(one.start) for one in replicas))
        people = [f"person-{number}" for number in range(scale.asking + scale.conversing)]
        fronts = []
        for name, sticky in (("anyone", False), ("same", True)):
            (folder / name).mkdir()
            front = nginx_in_front_of([one.port for one in replicas], folder / name, users=people, sticky=sticky)
            client = httpx.AsyncClient(
                base_url=f"{stack.enter_context(front)}{PREFIX}", timeout=WAITED, trust_env=False
            )
            fronts.append(client)
        judge = Judge(sources)
        until = time.monotonic() + scale.seconds
        replaced = asyncio.create_task(_replace(replicas, judge, scale))
        done = asyncio.gather(_publish(writer, scale, replaced.done), replaced)
        followers = [Follower(name, *fronts, judge, random.Random(f"{seed} {name}"), scale.pause) for name in people]
        each = (
            one.live(lambda: time.monotonic() >= until and done.done(), by_page=number >= scale.asking)
            for number, one in enumerate(followers)
        )
        await asyncio.gather(done, *each)
        for client in fronts:
            await client.aclose()
        stack.close()
        said = [line for one in replicas for line in one.said]
    came = Came(judge, writer, sum(len(one.conversations) for one in followers), said)
    _tell(came, tell)
    return came


async def _publish(writer: Writer, scale: Scale, replaced: Callable[[], bool]) -> None:
    """Publish a generation every so many seconds, and have the writer killed at times spread over all of them."""
    began = time.monotonic()
    while time.monotonic() < began + scale.seconds or writer.killed < scale.writer_kills or not replaced():
        started = time.monotonic()
        due = (started - began) * (scale.writer_kills + 1) / scale.seconds >= writer.killed + 1
        await writer.publish(kill=due and writer.killed < scale.writer_kills)
        if writer.faults:
            return
        await asyncio.sleep(max(0.0, started + scale.every - time.monotonic()))


async def _replace(replicas: list[Replica], judge: Judge, scale: Scale) -> None:
    """Kill the replicas by turns, and start each again."""
    for number in range(scale.replica_kills):
        await asyncio.sleep(max(0.0, scale.between - (time.monotonic() - judge.kills[-1].at if judge.kills else 0.0)))
        replica, kill = replicas[number % len(replicas)], Kill(time.monotonic())
        judge.kills.append(kill)
        replica.kill()
        await asyncio.to_thread(replica.end)
        await asyncio.to_thread(replica.start)
        kill.until = time.monotonic()


def _tell(came: Came, tell: Callable[[str], None]) -> None:
    judge, writer = came.judge, came.writer
    again = [kill.until - kill.at for kill in judge.kills]
    tell(f"answers: {counted(judge.answers)}; {judge.quotations} quotations, of {len(judge.told)} suites among others")
    tell(f"{came.conversations} conversations: {judge.shown} turns shown again")
    tell(f"{writer.published} generations published, the slowest in {writer.longest:.1f} s")
    tell(f"writer killed in its transaction {writer.killed} times; {writer.waited} starts met the lock still held")
    tell(f"replicas killed {len(again)} times, serving again within {max(again, default=0):.1f} s")
    tell(f"refused with a reason: {counted(judge.refused)}")
    tell(f"cut off by the kill of a replica: {counted(judge.interrupted)}")


def run(seed: int, *, full: bool) -> int:
    """Run it and print what came of it; 0 when no fault was found, else 1."""
    with TemporaryDirectory() as folder:
        came = asyncio.run(live(seed, FULL if full else SHORT, Path(folder), say))
    return told(came.faults)


if __name__ == "__main__":
    seed, full = chosen(__doc__)
    sys.exit(run(seed, full=full))
