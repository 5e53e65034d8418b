"""Processes that share an index folder: those with --no-index wait for it, follow it and never write to it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.app import open_assistant
from assistant.settings import Settings
from assistant.web.security.audit_log import KEY_BYTES
from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.errors import GenerationError, NotIndexedError
from index.published.generation import GENERATIONS
from index.published.open import open_current
from index.storage.fingerprint import Fingerprint
from index.storage.ingest import writer_lock

ROOT = Path(__file__).parents[3]
NORTH = "Northshire Constabulary – PEEL 2018/19\n\nThe force records most crime well. Its officers wear green hats.\n"
WEST = "Westmere Police – PEEL 2021/22\n\nThe force has a plan for the investigation of fraud.\n"
QUESTION = {"question": "Does the force have a plan for the investigation of fraud?"}


class Replica:
    """A process that serves the index folder, without a sources folder of its own."""

    def __init__(self, folder: Path, key: Path, stack: ExitStack, index: str = "") -> None:
        self.folder = folder
        folder.mkdir()
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "ASSISTANT_EMBEDDING_MODEL": "hashed-words",
            "ASSISTANT_VECTOR_STORE": "exact",
            "ASSISTANT_AUDIT_OUTPUT": "stdout",
            "ASSISTANT_AUDIT_KEY_FILE": str(key),
            "ASSISTANT_CONVERSATION_KEY_FILE": str(key),
            "ASSISTANT_SOURCES": "/nothing",
            "ASSISTANT_INDEX": index or str(folder.parent / "index"),
        }
        command = [sys.executable, "-m", "assistant", "serve", "--no-index", "--port", "0"]
        self.process = stack.enter_context(
            subprocess.Popen(
                command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        )
        stack.callback(self.process.kill)
        self.url = ""

    def says(self) -> str:
        """The next line on standard error."""
        assert self.process.stderr is not None
        return self.process.stderr.readline()

    def ask(self) -> Any:
        return httpx.post(f"{self.url}api/v1/ask", json=QUESTION, timeout=60, trust_env=False).json()

    def end(self) -> list[dict[str, Any]]:
        """Stops the process; returns the lines of its standard output."""
        self.process.terminate()
        output, _ = self.process.communicate(timeout=120)
        return [json.loads(line) for line in output.splitlines()]


@pytest.fixture
def processes() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def publish(folder: Path) -> None:
    build_index(folder / "sources", folder / "index", HashedWordEmbedder())


@pytest.mark.long
def test_two_replicas_follow_what_a_third_process_publishes(tmp_path: Path, processes: ExitStack) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "north.txt").write_text(NORTH, encoding="utf-8")
    key = tmp_path / "key"
    key.write_bytes(secrets.token_bytes(KEY_BYTES))
    replicas = [Replica(tmp_path / name, key, processes) for name in ("one", "two")]
    assert [one.says() for one in replicas] == [
        f"Waiting until another process has published an index in {tmp_path / 'index'}.\n"
    ] * 2
    publish(tmp_path)
    for one in replicas:
        line = one.says()
        assert line.startswith("Serving on "), line
        one.url = line.split()[2]
        assert one.ask()["status"] != "answered"
    (tmp_path / "sources" / "west.txt").write_text(WEST, encoding="utf-8")
    publish(tmp_path)
    first, second = (one.ask() for one in replicas)
    assert first["citations"][0]["quote"] == "The force has a plan for the investigation of fraud."
    assert first | {"seconds": 0} == second | {"seconds": 0}
    (tmp_path / "sources" / "west.txt").unlink()
    publish(tmp_path)
    assert [one.ask()["status"] == "answered" for one in replicas] == [False, False]
    one, two = (replica.end() for replica in replicas)
    assert [line["outcome"] == "answered" for line in one] == [False, True, False]
    assert [(line["outcome"], line["identity"], line["question"]) for line in one] == [
        (line["outcome"], line["identity"], line["question"]) for line in two
    ]
    assert [list(replica.folder.iterdir()) for replica in replicas] == [[], []]


@pytest.fixture
def indexed(tmp_path: Path) -> Settings:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "north.txt").write_text(NORTH, encoding="utf-8")
    publish(tmp_path)
    return Settings(
        sources=tmp_path / "sources", index=tmp_path / "index", embedding_model="hashed-words", vector_store="exact",
        indexing=False,
    )  # fmt: skip


def generations(settings: Settings) -> Path:
    return Fingerprint.of(HashedWordEmbedder()).folder(settings.index) / GENERATIONS


def damage(settings: Settings) -> None:
    (folder,) = generations(settings).iterdir()
    (folder / "manifest.json").write_text("{}", encoding="utf-8")


def test_a_damaged_generation_is_not_repaired_without_leave(indexed: Settings) -> None:
    damage(indexed)
    before = sorted(path.name for path in generations(indexed).iterdir())
    fingerprint = Fingerprint.of(HashedWordEmbedder())
    with pytest.raises(GenerationError):
        open_current(indexed.index, fingerprint, exact=True, repair=False)
    assert sorted(path.name for path in generations(indexed).iterdir()) == before
    open_current(indexed.index, fingerprint, exact=True).close()


def test_a_replica_answers_from_what_it_has_open_until_the_publisher_repairs(indexed: Settings) -> None:
    assistant = open_assistant(indexed, HashedWordEmbedder())
    assert not assistant.degraded()
    damage(indexed)
    assert assistant.degraded()
    assert assistant.ask("Who wears green hats?").citations[0].quote == "Its officers wear green hats."
    publish(indexed.index.parent)
    assert assistant.ask("Who wears green hats?").status.answered


def test_a_replica_never_takes_the_writer_s_lock(indexed: Settings) -> None:
    with writer_lock(indexed.index):
        assert open_assistant(indexed, HashedWordEmbedder()).ask("Who wears green hats?").status.answered


def test_without_an_index_a_replica_builds_none(indexed: Settings) -> None:
    shutil.rmtree(indexed.index)
    with pytest.raises(NotIndexedError):
        open_assistant(indexed, HashedWordEmbedder())
    assert not indexed.index.exists()
