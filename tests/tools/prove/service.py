"""A service in this process, over a small index of its own: asked by its JSON interface, as programs ask it.

The chat page is left out: it asks the same assistant, and takes most of the time to be made.
"""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant import live_index
from assistant.app import Assistant
from assistant.settings import Settings
from assistant.web.api.routes import api_routes
from assistant.web.security.responses import add_error_handlers
from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.published.chroma import selfcheck
from index.storage.fingerprint import Fingerprint
from tests.fixtures.index_folders import compose, edit
from tests.tools.prove.hindered import QUESTIONS

EMBEDDER = HashedWordEmbedder()
MAKER = Fingerprint.of(EMBEDDER)
PATIENCE = 60.0  # seconds in which it must be whole again


def built(*args: Any, **named: Any) -> Any:
    """`build_index` without a process for each generation's trial, which is about something else."""
    return build_index(*args, **{"self_check": selfcheck} | named)


def settings_below(home: Path) -> Settings:
    """The settings of a service that has all its files below a folder."""
    return Settings(
        sources=home / "sources", index=home / "index", embedding_model=EMBEDDER.name, closed_file=home / "closed",
        cases=home / "cases.jsonl", audit_log=home / "audit.jsonl", questions_per_minute=100_000,
    )  # fmt: skip


def small_index(home: Path, draw: random.Random) -> None:
    """A few sources, indexed twice so that there are two generations; and once more, where nothing of that is left.

    To be called in a forked process: it opens Chroma.
    """
    sources = home / "original" / "sources"
    sources.mkdir(parents=True)
    for number in range(3):
        (sources / f"transcript-{number}.txt").write_text(compose(draw, 6), encoding="utf-8")
    for _ in range(2):
        edit(draw, sources)
        built(sources, home / "original" / "index", EMBEDDER)
    shutil.copytree(sources, home / "fresh" / "sources")
    built(home / "fresh" / "sources", home / "fresh" / "index", EMBEDDER)


class Service:
    """Started over what is there; closed at the end of its block."""

    def __init__(self, settings: Settings) -> None:
        live_index.build_index = built
        self.settings = settings
        self.assistant = Assistant.over(settings)
        app = FastAPI()
        app.include_router(api_routes(self.assistant))
        add_error_handlers(app)
        self.client = TestClient(app, base_url="http://127.0.0.1:7860", raise_server_exceptions=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.assistant.index.close()

    def health(self) -> str:
        """What it says of itself."""
        reply = self.client.get("/health")
        assert reply.status_code == 200
        return str(reply.json()["status"])

    def answers(self) -> list[dict[str, Any]]:
        """Its answers, but for what is its own. A refusal to serve is given as its status and its words."""
        return [self.answer(question) for question in QUESTIONS]

    def answer(self, question: str) -> dict[str, Any]:
        reply = self.client.post("/api/v1/ask", json={"question": question})
        assert reply.status_code in (200, 503), reply.text
        body = reply.json()
        return {name: value for name, value in body.items() if name not in ("index", "seconds")}

    def whole(self) -> float:
        """Wait until it says that it is well, asking it nothing else; the seconds that took."""
        started = time.monotonic()
        while self.health() != "ok":
            assert time.monotonic() - started < PATIENCE, "it did not become whole by itself"
            time.sleep(0.01)
        return time.monotonic() - started


def copied(original: Path, to: Path) -> Settings:
    """The settings of a service over a copy of all its files."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(original, to)
    return settings_below(to)
