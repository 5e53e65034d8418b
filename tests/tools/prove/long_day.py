"""A long day in little: questions all the time while the index is swapped every few seconds; nothing may pile up.

    python -m tests.tools.prove.long_day --seed 1 --scale full

Memory and open files of the server are compared once it is warm: the last quarter of the rest with its first.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.web.chat.ui import MAX_OPEN_PAGES
from tests.tools.prove.people import Seen, people, visits
from tests.tools.prove.server import BEHIND_PROXY, ROOT, Vitals, chosen, result_of, say, serving, told

GROWTH = 0.05  # share of memory
FILES = 4  # more open files than this are not the ups and downs of connections
SOURCES = ROOT / "tests" / "golden" / "northshire" / "sources"


@dataclass(frozen=True)
class Scale:
    """How many people ask for how many seconds, a question each every `pause`; a swap every `every` seconds."""

    people: int
    pause: float
    seconds: float
    every: float
    visits: int
    model: str


FULL = Scale(people=12, pause=4, seconds=1800, every=5, visits=MAX_OPEN_PAGES, model="all-MiniLM-L6-v2")
SHORT = Scale(people=4, pause=0.3, seconds=4, every=1, visits=10, model="hashed-words")


@dataclass(frozen=True)
class Day:
    """What came of it: the answers, the swaps, and what the server held at the beginning and at the end."""

    seen: Seen
    swaps: int
    longest: float
    growth: float
    more_files: int
    peak: int
    said: list[str]

    @property
    def faults(self) -> list[str]:
        """What must not be, whatever the machine."""
        found = [f"an answer failed: {how} × {count}" for how, count in self.seen.failures.items()]
        return found + [f"the server said: {line.rstrip()}" for line in self.said[:10]]

    @property
    def missed(self) -> list[str]:
        """Which aims were not reached; a short run is over before the server is warm."""
        found = [f"memory grew by {self.growth:.1%}"] if self.growth > GROWTH else []
        return found + ([f"{self.more_files} more files are open"] if self.more_files > FILES else [])


async def live(seed: int, scale: Scale, folder: Path, tell: Callable[[str], None]) -> Day:
    """Serve, ask and swap, until the day is over."""
    sources = folder / "sources"
    shutil.copytree(SOURCES, sources)
    with serving(folder, sources, BEHIND_PROXY | {"ASSISTANT_EMBEDDING_MODEL": scale.model}) as server:
        await visits(server.address, scale.visits)
        vitals = Vitals(server.pid)
        watch = asyncio.create_task(vitals.watch(scale.seconds / 360))
        seen, done = await asyncio.gather(
            people(server.address, scale.people, scale.seconds, seed, pause=scale.pause),
            result_of("indexer", sources, folder / "index", scale.model, scale.every, scale.seconds, seed),
        )
        watch.cancel()
        said = list(server.said)
    held = (vitals.growth(), vitals.more_files(), max(vitals.memory))
    day = Day(seen, int(done["published"]), done["longest"], *held, said)
    tell(f"{seen}")
    tell(f"{day.swaps} generations published, the slowest in {day.longest} s")
    tell(f"memory {day.growth:+.1%}, at most {day.peak / 1e6:.0f} MB; open files {day.more_files:+d}")
    tell("memory by tenths of the day, MB: " + ", ".join(f"{at / 1e6:.0f}" for at in vitals.tenths()))
    return day


def run(seed: int, *, full: bool) -> int:
    """Run it and print what came of it; 0 when every aim was reached, else 1."""
    with TemporaryDirectory() as folder:
        day = asyncio.run(live(seed, FULL if full else SHORT, Path(folder), say))
    return told([*day.faults, *(day.missed if full else ())])


if __name__ == "__main__":
    seed, full = chosen(__doc__)
    sys.exit(run(seed, full=full))
