"""The LangChain retriever, by LangChain's own test suite for retrievers and by its citations."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.retrievers import BaseRetriever
from langchain_tests.integration_tests import RetrieversIntegrationTests

from index.embedding.embedder import HashedWordEmbedder
from index.published.open_index import OpenIndex
from index.search.candidates import Query
from index.search.langchain import SentenceRetriever
from index.search.search import Searcher


@pytest.fixture(scope="module")
def parameters(northshire: OpenIndex) -> dict[str, Any]:
    return {"index": northshire, "searcher": Searcher(northshire.generation, HashedWordEmbedder())}


class TestSentenceRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def _parameters(self, parameters: dict[str, Any]) -> None:
        self.parameters = parameters

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return SentenceRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return self.parameters

    @property
    def retriever_query_example(self) -> str:
        return "counter-corruption unit"


def test_documents_are_quotations_with_their_citations(northshire: OpenIndex, parameters: dict[str, Any]):
    documents = SentenceRetriever(**parameters, k=3).invoke("counter-corruption unit")
    assert len(documents) == 3
    for document in documents:
        transcript = northshire.transcript(document.metadata["transcript_id"])
        assert transcript is not None
        assert transcript.text[document.metadata["start"] : document.metadata["end"]] == document.page_content
        assert document.metadata["sha256"] == transcript.sha256
        assert document.metadata["title"] == transcript.title


async def test_a_query_finds_the_same_documents_with_and_without_async(parameters: dict[str, Any]):
    retriever = SentenceRetriever(**parameters)
    query = Query("custody", Query.plain("custody").concepts, (0, 2))
    documents = await retriever.ainvoke("custody", search=query)
    assert documents == retriever.invoke("custody", search=query)
    assert len(documents) == len(parameters["searcher"].search(query))


def test_a_callback_handler_sees_the_run_by_its_name(parameters: dict[str, Any]):
    class Recorder(BaseCallbackHandler):
        def __init__(self) -> None:
            self.seen: list[tuple[str, str]] = []

        def on_retriever_start(self, serialized: Any, query: str, *, name: str = "", **_: Any) -> None:
            self.seen.append((name, query))

    recorder = Recorder()
    SentenceRetriever(**parameters).invoke("custody", {"callbacks": [recorder]})
    assert recorder.seen == [("retrieve_sentences", "custody")]
