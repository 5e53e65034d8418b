"""`python -m tests.index.kills SEED ROUNDS`: index in a process of its own, and kill it at a random moment, again and
again.

While it is indexing, another process opens the index and reads all of it, and again after the kill: what it finds must
be the sources as they were at the last publication, or as they are now, and nothing else. Ends with 1 and the seed at
the first that is not.

Processes are forked from this one, which has imported Chroma but never opened it: an import of its own for each would
take most of the time.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import chromadb  # noqa: F401  # once, here

from index import build, intake
from index.build import build_index
from index.embedding import HashedWordEmbedder
from index.errors import NotIndexedError
from index.generation import MANIFEST
from index.maker import Maker
from index.opening import open_current
from index.proof import prove
from index.publish import PARTIAL
from tests.index.shelf import check_searchable, compose, digests, edit, held, held_texts, wanted_texts

EMBEDDER = HashedWordEmbedder()
MAKER = Maker.of(EMBEDDER)
FINISHED_EVERY = 10  # rounds


def forked(work: Callable[[], object]) -> int:
    """Run in a forked process; its process id. It ends with 0, or 1 and a traceback."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    except BaseException:  # noqa: BLE001  # the end of a process, whatever ended it
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def ended_well(pid: int, what: str) -> None:
    """Wait for a process. Raises AssertionError unless it ended with 0."""
    _, status = os.waitpid(pid, 0)
    assert status == 0, f"{what}: status {os.waitstatus_to_exitcode(status)}"


class Trial:
    """Proves generations in a process forked before this one opens Chroma."""

    def __init__(self) -> None:
        asks, self._ask = os.pipe()
        self._told, tells = os.pipe()

        def serve() -> None:
            os.close(self._ask)
            while path := os.read(asks, 4096):
                prove(Path(os.fsdecode(path)))
                os.write(tells, b"good")

        forked(serve)
        os.close(asks)
        os.close(tells)

    def __call__(self, folder: Path) -> float:
        os.write(self._ask, os.fsencode(folder))
        assert os.read(self._told, 4) == b"good"
        return 1.0


class Rounds:
    """Sources that change from round to round, and what may be found in their index."""

    def __init__(self, home: Path, seed: int) -> None:
        self.draw = random.Random(seed)
        self.sources, self.index, self.seen = home / "sources", home / "index", home / "seen"
        self.sources.mkdir()
        for number in range(12):
            (self.sources / f"transcript-{number:02}.txt").write_text(compose(self.draw, 16), encoding="utf-8")
        self.published: tuple[dict[str, str], list[tuple[str, str]]] | None = None
        self.took = 1.0
        self.moments: Counter[str] = Counter()

    def work(self) -> None:
        """One whole run of indexing."""
        build.BATCH = intake.STAGED = 16
        build_index(self.sources, self.index, EMBEDDER, prove=Trial())

    def look(self, *, deeply: bool = True) -> None:
        """Open the index and read all of it; leave behind which state it was."""
        now = digests(self.sources), wanted_texts(self.sources)
        try:
            opened = open_current(self.index, MAKER, prove=prove)
        except NotIndexedError:
            assert self.published is None
            return
        found = held(opened), held_texts(opened)
        assert found in (self.published, now)
        if deeply:
            check_searchable(opened)
        opened.close()
        self.seen.write_text("now" if found == now else "before")

    def round(self, number: int) -> None:
        """Change something, index, look on, kill, look again; every so often let the next run finish."""
        for _ in range(self.draw.randint(1, 3)):
            edit(self.draw, self.sources)
        writer = forked(self.work)
        moment = time.monotonic() + self.draw.uniform(0.0, 1.1 * self.took)
        reader = forked(lambda: self.look(deeply=False)) if number % 3 == 0 else 0
        time.sleep(max(0.0, moment - time.monotonic()))
        os.kill(writer, signal.SIGKILL)
        _, status = os.waitpid(writer, 0)
        self.moments[self.moment() if os.WIFSIGNALED(status) else "it had ended"] += 1
        if reader:
            ended_well(reader, "reading while it was indexed")
        self.after("reading after the kill")
        if number % FINISHED_EVERY == FINISHED_EVERY - 1:
            self.finish()

    def moment(self) -> str:
        """How far the writer that was killed had come."""
        folder = MAKER.folder(self.index)
        partial = next(folder.glob(f"generations/*{PARTIAL}"), None)
        if partial is None:
            return "reading, embedding or tidying"
        return "proving or moving" if (partial / MANIFEST).exists() else "writing a generation"

    def finish(self) -> None:
        """Let a run finish the job; the time that takes is that in which the next are killed."""
        started = time.monotonic()
        ended_well(forked(self.work), "indexing")
        self.took = time.monotonic() - started
        self.after("reading after a whole run")
        assert self.seen.read_text() == "now"

    def after(self, what: str) -> None:
        self.seen.unlink(missing_ok=True)
        ended_well(forked(self.look), what)
        if self.seen.exists() and self.seen.read_text() == "now":
            self.published = digests(self.sources), wanted_texts(self.sources)


def main(seed: int, rounds: int) -> None:
    # A kill leaves what was written to the system, on the disk or not: so it may as well be memory, which is quicker.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="kills-", dir=memory if memory.is_dir() else None) as home:
        trials = Rounds(Path(home), seed)
        for number in range(rounds):
            try:
                trials.round(number)
            except AssertionError:
                sys.stderr.write(f"seed {seed}, round {number}\n")
                raise
        trials.finish()
        sys.stdout.write(f"{rounds} kills: {dict(sorted(trials.moments.items()))}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
