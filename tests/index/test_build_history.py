"""Indexing is a function of the sources: after any history, an index equals one built from scratch."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from index import build
from index.build import Progress, build_index
from index.embedding.embedder import HashedWordEmbedder
from index.errors import NotIndexedError
from index.published.open import open_current
from index.storage import ingest
from index.storage.fingerprint import Fingerprint
from tests.fixtures import texts
from tests.fixtures.index_folders import CountingEmbedder, check_equal, expected_texts, indexed_texts

NAMES = ("northshire.txt", "westmere.txt", "eastvale.md", "Z\u00f6e \u2019s notes.txt", "a/b.txt", "scan.pdf")


class OtherEmbedder(HashedWordEmbedder):
    """Another model, with other vectors."""

    name = "other"
    digest = "f" * 64

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return -super().encode(texts)


class Killed(BaseException):
    """Stands for the end of the process where the test must continue."""


class Histories(RuleBasedStateMachine):
    """A folder that is changed, and indexed with two models by runs some of which are killed."""

    def __init__(self) -> None:
        super().__init__()
        memory = Path("/dev/shm")  # faster than a disk, where it exists
        self.home = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
        self.sources = self.home / "sources"
        self.sources.mkdir()
        self.indexed: dict[str, list[tuple[str, str]]] = {}  # by model: the texts that the last complete run published

    def teardown(self) -> None:
        shutil.rmtree(self.home)

    @initialize(more=texts.prose, indexed=st.booleans())
    def begin(self, more: str, indexed: bool) -> None:
        for name in NAMES[:3]:
            self.write(name, f"{name} is good. It is quick.\n\n{more}")
        if indexed:
            self.index(HashedWordEmbedder())

    @rule(name=st.sampled_from(NAMES), text=texts.texts)
    def write(self, name: str, text: str) -> None:
        path = self.sources / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())

    @rule(name=st.sampled_from(NAMES[:3]), more=texts.prose, indexed=st.booleans())
    def extend(self, name: str, more: str, indexed: bool) -> None:
        path = self.sources / name
        if path.exists():
            path.write_bytes(path.read_bytes() + b"\n\n" + more.encode() + b" It is new.")
        if indexed:
            self.index(HashedWordEmbedder())

    @rule(name=st.sampled_from(NAMES))
    def remove(self, name: str) -> None:
        (self.sources / name).unlink(missing_ok=True)

    @rule(old=st.sampled_from(NAMES), new=st.sampled_from(NAMES))
    def rename(self, old: str, new: str) -> None:
        if (self.sources / old).exists():
            (self.sources / new).parent.mkdir(exist_ok=True)
            (self.sources / old).rename(self.sources / new)

    @rule(embedder=st.sampled_from((HashedWordEmbedder(), OtherEmbedder())), steps=st.integers(0, 8))
    def index_and_be_killed(self, embedder: HashedWordEmbedder, steps: int) -> None:
        left = iter(range(steps))

        def count(_: Progress) -> None:
            if next(left, None) is None:
                raise Killed

        with suppress(Killed):
            self.index_with(embedder, count)
        with suppress(NotIndexedError):
            opened = open_current(self.home / "index", Fingerprint.of(embedder), exact=True)
            answers = indexed_texts(opened)
            opened.close()
            assert answers in (self.indexed.get(embedder.name), readable(self.sources))
            self.indexed[embedder.name] = answers

    @rule(embedder=st.sampled_from((HashedWordEmbedder(), OtherEmbedder())))
    def index(self, embedder: HashedWordEmbedder) -> None:
        first = self.index_with(embedder)
        self.indexed[embedder.name] = readable(self.sources)
        counting = type("Counting", (CountingEmbedder,), {"name": embedder.name, "digest": embedder.digest})()
        second = self.index_with(counting)
        assert (second.published, second.embedded, second.generation) == (False, 0, first.generation)
        assert counting.texts == []
        self.check_against_a_fresh_index(embedder)

    def index_with(self, embedder: HashedWordEmbedder, progress: Callable[[Progress], None] | None = None):
        with (
            mock.patch.object(build, "EMBEDDING_BATCH_TEXTS", 4),
            mock.patch.object(ingest, "TRANSACTION_SENTENCES", 4),
        ):
            return build_index(self.sources, self.home / "index", embedder, progress)

    def check_against_a_fresh_index(self, embedder: HashedWordEmbedder) -> None:
        build_index(self.sources, self.home / "fresh", embedder)
        check_equal(self.home / "index", self.home / "fresh", Fingerprint.of(embedder))
        shutil.rmtree(self.home / "fresh")

    @invariant()
    def the_last_generation_is_searched(self) -> None:
        for embedder in (HashedWordEmbedder(), OtherEmbedder()):
            if embedder.name in self.indexed:
                opened = open_current(self.home / "index", Fingerprint.of(embedder), exact=True)
                assert indexed_texts(opened) == self.indexed[embedder.name]
                opened.close()


def readable(sources: Path) -> list[tuple[str, str]]:
    """Returns the texts expected from a folder of which some files cannot be read."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name, "copy")
        shutil.copytree(sources, copy)
        for path in list(copy.rglob("*")):
            if path.suffix == ".pdf" or (path.is_file() and not re.search(r"\w", path.read_text("utf-8"))):
                path.unlink()
        return expected_texts(copy)


Histories.TestCase.settings = settings(
    max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
TestHistories = pytest.mark.long(Histories.TestCase)
