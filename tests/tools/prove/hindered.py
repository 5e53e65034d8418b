"""A run of indexing that something keeps from ending well, and what must be true after it.

There is an index that answers, and sources that have changed since. A process indexes them, and is hindered. Then what
was published before must answer, or what the hindered run published; the next run must end well, in the process that
was hindered if it lives and in another; and what it leaves must be what an index built afresh is, to its answers.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.chain import open_chain
from index import build
from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.errors import IndexingError
from index.published.chroma import selfcheck
from index.published.open import open_current
from index.storage import ingest
from index.storage.fingerprint import Fingerprint
from tests.fixtures.index_folders import check_equal, compose, edit, expected_texts, indexed_texts
from tests.tools.prove.forking import Ended, Trial, run, well
from tests.tools.prove.proof import Proof, seconds

EMBEDDER = HashedWordEmbedder()
MAKER = Fingerprint.of(EMBEDDER)
QUESTIONS = ("How is custody?", "What concerns are there about vetting?", "How many officers are there?",
             "What was said about crime recording?", "Is Westmere Police praised?")  # fmt: skip

Texts = list[tuple[str, str]]


def answers(index: Path) -> list[dict[str, Any]]:
    """What an index answers, but for what is its own: the name of its generation and the time that was taken.

    Chroma stays closed: the process that asks for the first answers is the one that all others are forked from.
    """
    opened = open_current(index, MAKER, exact=True)
    chain = open_chain(opened, EMBEDDER, length=500)
    given = [chain.answer(question).model_dump(mode="json", exclude={"seconds", "index"}) for question in QUESTIONS]
    opened.close()
    return given


def _said(error: BaseException | None) -> str:
    return "" if error is None else f"{type(error).__name__}: {error}"


@dataclass
class Hindered:
    """Runs that are hindered, one after another, each over the same index and the same changed sources."""

    proof: Proof
    patched: bool = False  # so little has changed that Chroma's folder is copied and changed, not built afresh
    recovered: list[float] = field(default_factory=list)  # seconds
    opened: list[float] = field(default_factory=list)
    endings: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        home, draw = Path(tempfile.mkdtemp(prefix="hindered-", dir=self.proof.home)), self.proof.draw()
        self.sources, self.start, self.fresh = home / "sources", home / "start", home / "fresh"
        self.work = home / "work"  # what faults regard: the index, and the folder for what is temporary
        self.index = self.work / "index"
        self.work.mkdir()
        well(lambda: self._prepare(draw), self.proof.log, "preparing")
        self.before = well(lambda: self._texts(self.start), self.proof.log, "reading")
        self.after = [list(one) for one in expected_texts(self.sources)]
        self.answers = answers(self.fresh)

    def _prepare(self, draw: random.Random) -> None:
        self.sources.mkdir()
        for number in range(3):
            (self.sources / f"transcript-{number}.txt").write_text(compose(draw, 5), encoding="utf-8")
        build_index(self.sources, self.start, EMBEDDER, self_check=selfcheck)
        if self.patched:
            with (self.sources / "transcript-1.txt").open("a", encoding="utf-8") as changed:
                changed.write("\nIts new part is good.")
        else:
            edit(draw, self.sources)
            build_index(self.sources, self.start, EMBEDDER, self_check=selfcheck)
            edit(draw, self.sources)
            (self.sources / "new.txt").write_text(compose(draw, 5), encoding="utf-8")
        build_index(self.sources, self.fresh, EMBEDDER, self_check=selfcheck)

    def _texts(self, index: Path) -> list[list[str]]:
        opened = open_current(index, MAKER, self_check=selfcheck)
        texts = [list(one) for one in indexed_texts(opened)]
        opened.close()
        return texts

    def attempt(self, hinder: Callable[[], object], relieve: Callable[[], object]) -> Ended:
        """Index in a process of its own, hindered; it is relieved when the run has ended, and then runs once more.

        Told is {"relieved": what `relieve` returned, "error": how the hindered run ended, "" for well, "plain": whether
        that was an error of ours with advice, "again": the same of the run after it}.
        """
        for left in self.work.iterdir():
            shutil.rmtree(left)
        (self.work / "tmp").mkdir()
        shutil.copytree(self.start, self.index)

        def index() -> dict[str, object]:
            tempfile.tempdir = str(self.work / "tmp")
            build.EMBEDDING_BATCH_TEXTS = ingest.TRANSACTION_SENTENCES = 16
            trial = Trial()

            def once() -> BaseException | None:
                try:
                    build_index(self.sources, self.index, EMBEDDER, self_check=trial)
                except BaseException as error:  # noqa: BLE001  # judged by what is told
                    return error
                return None

            hinder()
            error = once()
            relieved = relieve()
            again = once()
            plain = all(one is None or (isinstance(one, IndexingError) and one.advice) for one in (error, again))
            return {"relieved": relieved, "error": _said(error), "plain": plain, "again": _said(again)}

        return run(index, self.proof.log)

    def recover(self, what: str) -> None:
        """Check what is left of an attempt: that it can be read and mended, how long that takes, and to what end."""

        def mend() -> tuple[float, float]:
            started = time.monotonic()
            assert self._texts(self.index) in (self.before, self.after)
            opened = time.monotonic()
            build_index(self.sources, self.index, EMBEDDER, self_check=selfcheck)
            ended = time.monotonic()
            check_equal(self.index, self.fresh, MAKER)
            assert answers(self.index) == self.answers
            return opened - started, ended - started

        opened, recovered = well(mend, self.proof.log, f"after {what}")
        self.opened.append(opened)
        self.recovered.append(recovered)

    def judge(self, ended: Ended, what: str, *, may_die: bool, may_need_restart: bool = False) -> None:
        """Count an ending. Raises AssertionError for one that no one should see.

        `may_need_restart`: the process that was hindered may be unable to index, and say so, until it is started anew.
        """
        if ended.told is None:
            log = self.proof.log.read_text(errors="replace")[-3000:]
            assert may_die, f"{what}: the process ended with {ended.status}\n{log}"
            assert ended.status < 0, f"{what}: the process ended with {ended.status}\n{log}"
            self.endings[f"ended by signal {-ended.status}"] += 1
        else:
            assert ended.told["plain"], f"{what}: {ended.told}"
            assert may_need_restart or not ended.told["again"], f"{what}, once relieved: {ended.told['again']}"
            self.endings["then had to be started anew"] += bool(ended.told["again"])
            self.endings["a plain error" if ended.told["error"] else "went on to its end"] += 1
        self.recover(what)

    def summary(self) -> str:
        """What was counted and timed."""
        return (
            f"{len(self.opened)} runs: {dict(sorted((+self.endings).items()))}; opened again {seconds(self.opened)}; "
            f"whole again {seconds(self.recovered)}"
        )
