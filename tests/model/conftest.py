"""An assistant over the fictional transcripts, and a model's server beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.chain import Chain, open_chain
from index.embedding import HashedWordEmbedder
from index.opening import OpenIndex
from tests.model.server import OpenAIServer, echoing, running

SOURCES = Path(__file__).parents[1] / "golden" / "northshire" / "sources"


@pytest.fixture(scope="session")
def chain(northshire: OpenIndex) -> Chain:
    return open_chain(northshire, HashedWordEmbedder(), length=500)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with running(echoing) as started:
        yield started
