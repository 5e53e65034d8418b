"""Index in a process of its own, and kill it at a random moment, again and again.

While it is indexing, another process opens the index and reads all of it, and again after the kill: what it finds must
be the sources as they were at the last publication, or as they are now, and nothing else. Every so often a run is let
finish, and what it leaves must be what an index built afresh is. After Qdrant's `crasher`.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections import Counter
from pathlib import Path

from index import build
from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.errors import NotIndexedError
from index.published.chroma import selfcheck
from index.published.generation import MANIFEST
from index.published.open import open_current
from index.published.publish import PARTIAL_SUFFIX
from index.storage import ingest
from index.storage.fingerprint import Fingerprint
from tests.fixtures.index_folders import (
    check_equal,
    check_searchable,
    compose,
    edit,
    expected_texts,
    indexed_digests,
    indexed_texts,
    source_digests,
)
from tests.tools.prove.forking import Trial, ended_well, forked
from tests.tools.prove.proof import Proof, seconds

EMBEDDER = HashedWordEmbedder()
MAKER = Fingerprint.of(EMBEDDER)
FINISHED_EVERY = 10  # rounds


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
        self.opened: list[float] = []  # seconds
        self.finished: list[float] = []
        self.moments: Counter[str] = Counter()

    def work(self) -> None:
        """One whole run of indexing."""
        build.EMBEDDING_BATCH_TEXTS = ingest.TRANSACTION_SENTENCES = 16
        build_index(self.sources, self.index, EMBEDDER, self_check=Trial())

    def look(self, *, deeply: bool = True) -> None:
        """Open the index and read all of it; leave behind which state it was."""
        now = source_digests(self.sources), expected_texts(self.sources)
        started = time.monotonic()
        try:
            opened = open_current(self.index, MAKER, self_check=selfcheck)
        except NotIndexedError:
            assert self.published is None
            return
        took = time.monotonic() - started
        found = indexed_digests(opened), indexed_texts(opened)
        assert found in (self.published, now)
        if deeply:
            check_searchable(opened)
        opened.close()
        self.seen.write_text(f"{'now' if found == now else 'before'} {took}")

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
        partial = next(folder.glob(f"generations/*{PARTIAL_SUFFIX}"), None)
        if partial is None:
            return "reading, embedding or tidying"
        return "proving or moving" if (partial / MANIFEST).exists() else "writing a generation"

    def finish(self) -> None:
        """Let a run finish the job; the time that takes is that in which the next are killed."""
        started = time.monotonic()
        ended_well(forked(self.work), "indexing")
        self.took = time.monotonic() - started
        self.finished.append(self.took)
        assert self.after("reading after a whole run") == "now"
        ended_well(forked(self.compare), "comparing with a fresh index")

    def compare(self) -> None:
        """Build the index afresh, and hold the one that went through it all against it."""
        fresh = self.index.with_name("fresh")
        build_index(self.sources, fresh, EMBEDDER, self_check=selfcheck)
        check_equal(self.index, fresh, MAKER)
        shutil.rmtree(fresh)

    def after(self, what: str) -> str:
        """Which state a process of its own finds: that of "now", or "before"; "" where nothing was published yet."""
        self.seen.unlink(missing_ok=True)
        ended_well(forked(self.look), what)
        if not self.seen.exists():
            return ""
        state, took = self.seen.read_text().split()
        self.opened.append(float(took))
        if state == "now":
            self.published = source_digests(self.sources), expected_texts(self.sources)
        return state


def run(proof: Proof) -> None:
    """One thousand kills, or eight."""
    trials = Rounds(proof.home, proof.seed)
    rounds = proof.size(short=8, full=1000)
    for number in range(rounds):
        trials.round(number)
    trials.finish()
    proof.say(f"{rounds} kills: {dict(sorted(trials.moments.items()))}; 0 unreadable, 0 wrong")
    proof.say(f"opened again after a kill: {seconds(trials.opened)}")
    proof.say(f"the next run, to its end: {seconds(trials.finished)}, {len(trials.finished)} equal to a fresh index")
