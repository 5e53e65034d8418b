"""Statements whose truth is known: each of fictional sentences, true or false in a named way."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from assistant.answer import Citation
from assistant.claims.check import Guards
from assistant.composition import Fault
from index.gazetteer import Gazetteer

SEEN = "labelled.jsonl"  # the rules were written with these in view
UNSEEN = "unseen.jsonl"  # and these were written when the rules stood
FORCES = ("Northshire Constabulary", "Westmere Police", "Eastvale Police")


@dataclass(frozen=True)
class Labelled:
    """A statement and the sentences it cites; `false` is the way in which it is false, empty for a true one."""

    text: str
    cited: tuple[Citation, ...]
    false: str = ""


@dataclass
class Score:
    """How many statements there are by their label, and those the guards judged wrongly."""

    counts: Counter[str] = field(default_factory=Counter)
    missed: list[Labelled] = field(default_factory=list)
    removed: list[tuple[Labelled, tuple[Fault, ...]]] = field(default_factory=list)

    @property
    def true(self) -> int:
        return self.counts[""]

    @property
    def wrongly_removed(self) -> float:
        """Share of the true statements that the guards remove."""
        return len(self.removed) / self.true


def citation(quote: str, number: int = 1, force: str = FORCES[0], period: str = "2018/19", **more: object) -> Citation:
    """A citation of a fictional sentence."""
    values: dict[str, object] = {
        "number": number,
        "source": "fictional.txt",
        "transcript_id": "fictional",
        "title": f"{force} – PEEL {period}",
        "force": force,
        "period": period,
        "sentence": hashlib.sha256(quote.encode()).hexdigest()[:15],
        "start": 0,
        "end": len(quote),
        "quote": quote,
        "sha256": "0" * 64,
        "context": False,
    }
    return Citation.model_validate(values | more)


@cache
def guards() -> Guards:
    return Guards(Gazetteer.load().with_forces(FORCES))


@cache
def labelled(name: str = SEEN) -> tuple[Labelled, ...]:
    """One of the two sets."""
    return tuple(_read(Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()))


def score(statements: Sequence[Labelled]) -> Score:
    """Hold every statement against its sentences."""
    found = Score()
    for one in statements:
        faults = guards().faults(one.text, one.cited)
        found.counts[one.false] += 1
        if one.false and not faults:
            found.missed.append(one)
        if not one.false and faults:
            found.removed.append((one, faults))
    return found


def _read(lines: Sequence[str]) -> Iterator[Labelled]:
    for line in lines:
        entry = json.loads(line)
        cited = tuple(citation(one["quote"], n, one["force"], one["period"]) for n, one in enumerate(entry["cited"], 1))
        yield from (Labelled(text, cited) for text in entry["true"])
        yield from (Labelled(text, cited, kind) for kind, texts in entry["false"].items() for text in texts)
