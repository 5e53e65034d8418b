"""Every file of a record and of its generations damaged: under a service that runs, and before one is started.

The service must not end, must say that it is degraded where it can know, must answer as before or not at all, and must
be whole again by itself.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant import live_index
from assistant.settings import Settings
from index.published.generation import GENERATIONS
from index.published.open import open_current
from index.storage.database import DATABASE_FILE
from tests.fixtures.damages import Damage, flip, lengthen, truncate, zero
from tests.fixtures.index_folders import check_equal, expected_texts, indexed_texts
from tests.tools.prove.forking import well
from tests.tools.prove.proof import Proof, seconds
from tests.tools.prove.service import EMBEDDER, MAKER, Service, copied, settings_below, small_index

DAMAGES: tuple[Damage, ...] = (truncate, zero, flip)


@dataclass
class Variants:
    """Variants of damage over copies of one service, each in a process of its own."""

    proof: Proof
    wanted: list[dict[str, Any]]
    seen: Counter[str] = field(default_factory=Counter)
    healed: list[float] = field(default_factory=list)

    def files(self) -> list[str]:
        """Every file of the record and of the generation that answers, by its path below the index."""
        index = self.proof.home / "original" / "index"
        folder = MAKER.folder(index)
        newest = max((folder / GENERATIONS).iterdir())
        paths = [path for path in folder.glob(f"{DATABASE_FILE}*") if path.is_file()]
        paths += [path for path in newest.rglob("*") if path.is_file()]
        return sorted(str(path.relative_to(index)) for path in paths)

    def variant(self, name: str, damage: Damage, seed: int, *, running: bool) -> None:
        """One file damaged in one way; what came of it is counted."""
        what = f"{damage.__name__} {name}, {'under a service' if running else 'before it starts'}, {seed}"

        def look() -> dict[str, Any]:
            settings = copied(self.proof.home / "original", self.proof.home / "variant")
            at = settings.index / name
            return self._running(settings, at, damage, seed) if running else self._started(settings, at, damage, seed)

        told = well(look, self.proof.log, what)
        self.seen[told["said"]] += 1
        self.healed.append(told["took"])

    def _made_whole(self, service: Service, settings: Settings, started: float) -> float:
        """How many seconds it took, since `started`, until all is well; nothing wrong is answered meanwhile."""
        for given, wanted in zip(service.answers(), self.wanted, strict=True):
            assert given == wanted or given["status"] in ("unavailable", "withheld"), given
        service.whole()
        took = time.monotonic() - started
        assert service.answers() == self.wanted
        self._sound(settings)
        return took

    def _running(self, settings: Settings, at: Path, damage: Damage, seed: int) -> dict[str, Any]:
        with Service(settings) as service:
            assert service.answers() == self.wanted
            assert service.health() == "ok"
            _damaged(at, damage, seed)
            started = time.monotonic()
            said = service.health()
            took = self._made_whole(service, settings, started)
        return {"said": f"running, said {said}", "took": took}

    def _started(self, settings: Settings, at: Path, damage: Damage, seed: int) -> dict[str, Any]:
        _damaged(at, damage, seed)
        started = time.monotonic()
        with Service(settings) as service:
            took = self._made_whole(service, settings, started)
        return {"said": "started over it", "took": took}

    def _sound(self, settings: Settings) -> None:
        """After the next run of indexing, which may find what no question has read."""
        live_index.build_index(settings.sources, settings.index, EMBEDDER)
        opened = open_current(settings.index, MAKER)
        assert indexed_texts(opened) == expected_texts(settings.sources)
        opened.close()
        check_equal(settings.index, self.proof.home / "fresh" / "index", MAKER)


def _damaged(at: Path, damage: Damage, seed: int) -> None:
    was = at.read_bytes()
    if was:
        damage(at, random.Random(seed))
    if at.read_bytes() == was:  # zeros zeroed, or nothing to damage
        lengthen(at, random.Random(seed))


def run(proof: Proof) -> None:
    """Five hundred variants, or a few: every file in turn, every damage in turn, by turns running and not."""
    draw = proof.draw()
    well(lambda: small_index(proof.home, draw), proof.log, "preparing")
    variants = Variants(proof, well(lambda: _answers(proof.home / "fresh"), proof.log, "answering"))
    names = variants.files()
    record = next(name for name in names if name.endswith(DATABASE_FILE))
    beside = [f"{record}-wal", f"{record}-shm"]  # SQLite's own, there while a service runs
    whole = [(name, damage, True) for damage in DAMAGES for name in (*names, *beside)]
    whole.remove((beside[1], truncate, True))  # SQLite maps it: cut short, it ends whoever has it mapped (SIGBUS)
    whole += [(name, damage, False) for damage in DAMAGES for name in names]
    count = proof.size(short=3, full=500)
    chosen = draw.sample(whole, count) if count < len(whole) else [whole[turn % len(whole)] for turn in range(count)]
    for name, damage, running in chosen:
        variants.variant(name, damage, draw.randrange(2**32), running=running)
    seen, files = dict(sorted(variants.seen.items())), len(names) + len(beside)
    proof.say(f"{count} variants over {files} files, 0 ends of the service: {seen}")
    proof.say(f"whole again {seconds(variants.healed)}")


def _answers(home: Path) -> list[dict[str, Any]]:
    with Service(settings_below(home)) as service:
        return service.answers()
