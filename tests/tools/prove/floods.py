"""Floods: one abuser at full speed and many slow clients beside ordinary people, who must hardly notice.

    python -m tests.tools.prove.floods --seed 1 --scale full

serves the assistant as behind a proxy that names who is asking, lets ordinary people ask by themselves, then beside
the flood, and by themselves again: what else the machine does meanwhile counts on both sides. All of it on this
machine.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.web.chat.ui import MAX_OPEN_PAGES
from tests.tools.prove.people import Seen, people, visits
from tests.tools.prove.server import (
    BEHIND_PROXY,
    ROOT,
    Vitals,
    chosen,
    result_of,
    say,
    serving,
    told,
    write_long_source,
)

SLOWER = 2.0  # times the p95 without the flood
GROWTH = 0.05  # share of memory


@dataclass(frozen=True)
class Scale:
    """How many people, slow clients and connections of the abuser; the seconds beside the flood, twice, and in it.

    Before it begins, `visits` pages are opened: as many as the server keeps in mind, so that it is not still learning.
    """

    people: int
    slow: int
    abusing: int
    warm: float
    beside: float
    flood: float
    pause: float
    visits: int
    model: str
    sentences: int = 3_000  # of the longest source


FULL = Scale(
    people=50,
    slow=500,
    abusing=128,
    warm=60,
    beside=180,
    flood=600,
    pause=10,
    visits=MAX_OPEN_PAGES,
    model="all-MiniLM-L6-v2",
)
SHORT = Scale(
    people=6,
    slow=40,
    abusing=16,
    warm=0,
    beside=0.7,
    flood=3,
    pause=0.3,
    visits=10,
    model="hashed-words",
    sentences=300,
)


@dataclass(frozen=True)
class Outcome:
    """What came of it: ordinary people without and in the flood, what the abuser and the slow got, and memory."""

    without: Seen
    during: Seen
    abuser: Counter[str]
    slow: Counter[str]
    growth: float
    more_files: int
    peak: int
    said: list[str]

    @property
    def faults(self) -> list[str]:
        """What must not be, whatever the machine."""
        found = [f"an ordinary person got {how} × {count}" for how, count in self.during.failures.items()]
        found += [f"the abuser got {how} × {count}" for how, count in self.abuser.items() if how.startswith("5")]
        return found + [f"the server said: {line.rstrip()}" for line in self.said[:10]]

    @property
    def missed(self) -> list[str]:
        """Which aims were not reached; these depend on the machine, and on a run long enough."""
        slower = self.during.percentile(95) / self.without.percentile(95)
        found = [f"p95 is {slower:.2f} times that without the flood"] if slower > SLOWER else []
        return found + ([f"memory grew by {self.growth:.1%}"] if self.growth > GROWTH else [])


async def flood(seed: int, scale: Scale, folder: Path, tell: Callable[[str], None]) -> Outcome:
    """Serve, let people ask, then let the flood in beside them."""
    more = BEHIND_PROXY | {"ASSISTANT_EMBEDDING_MODEL": scale.model}
    shutil.copytree(ROOT / "sources", folder / "sources")
    write_long_source(folder / "sources", scale.sentences)
    with serving(folder, folder / "sources", more) as server:
        await visits(server.address, scale.visits)
        if scale.warm:
            await people(server.address, scale.people, scale.warm, seed + 1, pause=scale.pause)
        without = await people(server.address, scale.people, scale.beside, seed + 2, pause=scale.pause)
        tell(f"before: {without}")
        vitals = Vitals(server.pid)
        watch = asyncio.create_task(vitals.watch(min(1.0, scale.flood / 60)))
        started = time.monotonic()
        during, slow, abuser = await asyncio.gather(
            people(server.address, scale.people, scale.flood, seed + 3, pause=scale.pause),
            result_of("slow", server.port, scale.slow, scale.flood),
            result_of("abuser", server.port, "abuser", scale.abusing, scale.flood, seed),
        )
        watch.cancel()
        lasted = time.monotonic() - started
        after = await people(server.address, scale.people, scale.beside, seed + 4, pause=scale.pause)
        tell(f"after: {after}")
        without = without.and_(after)
        rate = sum(abuser.values()) / lasted
        said = list(server.said)
    outcome = Outcome(
        without, during, Counter(abuser), Counter(slow), vitals.growth(), vitals.more_files(), max(vitals.memory), said
    )
    tell(f"in the flood: {during}")
    ratios = ", ".join(f"p{one} {during.percentile(one) / without.percentile(one):.2f}" for one in (50, 95))
    tell(f"times as long as without the flood: {ratios}")
    tell(f"the abuser: {rate:.0f} requests a second: {dict(sorted(abuser.items()))}")
    tell(f"slow clients: {dict(sorted(slow.items()))}")
    tell("memory by tenths of the flood, MB: " + ", ".join(f"{at / 1e6:.0f}" for at in vitals.tenths()))
    tell(f"memory {outcome.growth:+.1%}, at most {outcome.peak / 1e6:.0f} MB; open files {outcome.more_files:+d}")
    return outcome


def run(seed: int, *, full: bool) -> int:
    """Run it and print what came of it; 0 when every aim was reached, else 1."""
    with TemporaryDirectory() as folder:
        outcome = asyncio.run(flood(seed, FULL if full else SHORT, Path(folder), say))
    return told([*outcome.faults, *(outcome.missed if full else ())])


if __name__ == "__main__":
    seed, full = chosen(__doc__)
    sys.exit(run(seed, full=full))
