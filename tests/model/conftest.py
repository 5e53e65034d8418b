"""An assistant over the fictional transcripts, and a model's server beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.chain import Chain, open_chain
from index.build import ensure_index
from index.embedding import HashedWordEmbedder
from index.opening import OpenIndex
from tests.model.server import OpenAIServer, echoing, running

SOURCES = Path(__file__).parents[1] / "golden" / "northshire" / "sources"


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIndex]:
    opened = ensure_index(SOURCES, tmp_path_factory.mktemp("index"), HashedWordEmbedder())
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def chain(index: OpenIndex) -> Chain:
    return open_chain(index, HashedWordEmbedder(), length=500)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with running(echoing) as started:
        yield started
