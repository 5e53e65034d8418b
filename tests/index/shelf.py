"""A folder of fictional sources that tests change and index, and what an index must then hold."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from index.embedding import HashedWordEmbedder
from index.ledger import KEPT, Ledger
from index.maker import Maker
from index.opening import OpenIndex, open_current
from index.proof import prove
from index.readers import read
from index.record import RECORD, Record
from index.sentence import split
from index.source import discover
from index.transcript import Role

FORCES = ("Northshire Constabulary", "Westmere Police", "Eastvale Police", "Lowmarsh Constabulary")
SUBJECTS = ("custody", "call handling", "vetting", "neighbourhood policing", "crime recording", "supervision")
VERDICTS = ("is improving", "has weakened", "is consistent", "needs review", "is praised by partners", "causes concern")


def compose(draw: random.Random, sentences: int = 10) -> str:
    """The text of a fictional transcript: a title and some paragraphs."""
    force = draw.choice(FORCES)
    lines = [f"{force} – PEEL {draw.randint(2014, 2023)} – overall assessment", ""]
    for number in range(sentences):
        lines.append(f"Its {draw.choice(SUBJECTS)} {draw.choice(VERDICTS)}, as part {draw.randint(1, 40)} sets out.")
        if number % 4 == 3:
            lines.append("")
    return "\n".join(lines)


def edit(draw: random.Random, folder: Path) -> None:
    """Add, change, rename or remove one source, so that at least one is left."""
    names = sorted(path.name for path in folder.iterdir())
    action = draw.choice(("add", "change", "change", "rename", "remove"))
    if action == "add" or len(names) < 2:
        (folder / f"added-{draw.randrange(10**6)}.txt").write_text(compose(draw), encoding="utf-8")
        return
    path = folder / draw.choice(names)
    if action == "change":
        path.write_text(path.read_text(encoding="utf-8") + f"\nIts part {draw.random()} is new.", encoding="utf-8")
    elif action == "rename":
        path.rename(folder / f"renamed-{draw.randrange(10**6)}.txt")
    else:
        path.unlink()


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every source by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def held(opened: OpenIndex) -> dict[str, str]:
    """SHA-256 of every source an index answers from, by name."""
    return {facts.source: facts.sha256 for facts in opened.generation.transcripts}


def wanted_texts(folder: Path) -> list[tuple[str, str]]:
    """Every sentence but the markup, with its source's name, in the order of an index's rows."""
    transcripts = sorted((read(source) for source in discover(folder)), key=lambda transcript: transcript.id)
    return [(t.source, s.text) for t in transcripts for s in split(t) if s.role is not Role.MARKUP]


def held_texts(opened: OpenIndex) -> list[tuple[str, str]]:
    """The same as `wanted_texts`, as an index has it. Every sentence is held against its transcript's text."""
    stored = opened.sentences(opened.generation.keys.tolist())
    for facts in opened.generation.transcripts:
        transcript = opened.transcript(facts.id)
        assert transcript is not None
        assert (transcript.source, transcript.sha256) == (facts.source, facts.sha256)
        for one in stored[facts.first : facts.first + facts.rows]:
            assert transcript.text[one.sentence.start : one.sentence.end] == one.sentence.text
            assert (one.source, one.sha256) == (facts.source, facts.sha256)
    return [(one.source, one.sentence.text) for one in stored]


def check_searchable(opened: OpenIndex) -> None:
    """Its vector store holds what its arrays say, and finds it."""
    generation = opened.generation
    rows = np.flatnonzero(generation.searched)
    assert len(generation.store) == len(rows)
    everything = generation.store.search(_any_vector(generation.vectors), 10 * len(rows) + 1)
    assert {key for key, _ in everything} == set(generation.keys[rows].tolist())


def check_equal(index: Path, fresh: Path, maker: Maker) -> None:
    """An index is the same as one built afresh: what it answers from, its arrays, and the contents of its record."""
    ours, other = open_current(index, maker), open_current(fresh, maker)
    assert ours.generation.digest == other.generation.digest
    assert ours.generation.maker == maker
    assert held(ours) == held(other)
    assert same_arrays(ours, other)
    assert held_texts(ours) == held_texts(other)
    assert ours.failures() == other.failures()
    check_searchable(ours)
    check_contents(index, maker)
    ours.close()
    other.close()


def same_arrays(ours: OpenIndex, fresh: OpenIndex) -> bool:
    names = (
        "keys",
        "vectors",
        "searched",
        "transcript_of",
        "passage_of",
        "passage_rows",
        "roles",
        "blocks",
        "title_rows",
    )
    return all(np.array_equal(getattr(ours.generation, name), getattr(fresh.generation, name)) for name in names)


def check_contents(index: Path, maker: Maker) -> None:
    """The record holds what its kept generations are made of, and nothing else."""
    with closing(Record(maker.folder(index) / RECORD, maker)) as record:
        ledger = Ledger(record)
        assert 1 <= len(ledger.kept()) <= KEPT
        held_versions = {version for kept in ledger.kept() for version in ledger.members(kept).values()}
        assert {number for (number,) in record.query("SELECT number FROM version")} == held_versions
        wanted = "SELECT embeds FROM sentence WHERE embeds IS NOT NULL"
        assert set(record.query("SELECT embeds FROM vector")) == set(record.query(wanted))
        assert ledger.count_pending() == 0


def _any_vector(vectors: np.ndarray) -> np.ndarray:
    vector = np.ones(vectors.shape[1], dtype=np.float32)
    return vector / np.linalg.norm(vector)


class CountingEmbedder(HashedWordEmbedder):
    """The stand-in embedder, keeping what it was asked to embed."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += texts
        return super().encode(texts)


def prove_here(folder: Path) -> float:
    """A new generation's trial without the cost of another process, for tests that are about something else."""
    return prove(folder)
