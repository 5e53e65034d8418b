"""LangChain's own test suites for embeddings, over every embedder."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from langchain_core.embeddings import Embeddings
from langchain_tests.integration_tests import EmbeddingsIntegrationTests
from langchain_tests.unit_tests import EmbeddingsUnitTests

from index.embedding.embedder import HashedWordEmbedder
from index.embedding.models import SentenceTransformerEmbedder


@cache
def loaded_once() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder()


class TestHashedWordEmbedderUnit(EmbeddingsUnitTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return HashedWordEmbedder


class TestHashedWordEmbedderIntegration(EmbeddingsIntegrationTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return HashedWordEmbedder


class TestSentenceTransformerEmbedderUnit(EmbeddingsUnitTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return SentenceTransformerEmbedder

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"model": "all-MiniLM-L6-v2"}


@pytest.mark.model
class TestSentenceTransformerEmbedderIntegration(EmbeddingsIntegrationTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return SentenceTransformerEmbedder

    @pytest.fixture
    def model(self) -> Embeddings:
        return loaded_once()
