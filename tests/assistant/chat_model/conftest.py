"""A chain over the fictional transcripts, and a chat model's server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.chain import Chain, open_chain
from index.embedding.embedder import HashedWordEmbedder
from index.published.open_index import OpenIndex
from tests.fixtures.model_server import OpenAIServer, echo, running_server

SOURCES = Path(__file__).parents[2] / "golden" / "northshire" / "sources"


@pytest.fixture(scope="session")
def chain(northshire: OpenIndex) -> Chain:
    return open_chain(northshire, HashedWordEmbedder(), length=500)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with running_server(echo) as running:
        yield running
