"""The search as a LangChain retriever."""

from __future__ import annotations

import numpy as np
from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import run_in_executor
from pydantic import Field, InstanceOf

from index.published.open_index import OpenIndex
from index.search.candidates import Query
from index.search.search import Searcher
from index.storage.reader import StoredSentence


class SentenceRetriever(BaseRetriever):
    """Retrieves sentences. A Document's content is the sentence as the source has it, its metadata the citation.

    Metadata: transcript_id, source, title, force, period, start, end (characters of the decoded text), sha256 of the
    source file, row (of the generation), score, and page, time, speaker and section if the source has them. The
    Document's id is the sentence's id.
    """

    name: str | None = "retrieve_sentences"
    index: InstanceOf[OpenIndex]
    searcher: InstanceOf[Searcher]
    k: int = Field(default=10, ge=1, description="Maximum number of sentences returned for a plain text.")

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002  # LangChain's signature
        k: int | None = None,
        search: Query | None = None,
    ) -> list[Document]:
        """Returns the `k` sentences nearest to a text; with `search`, every candidate for that query."""
        candidates = self.searcher.search(search or Query.plain(query))
        if search and search.beside:
            candidates = self.searcher.measure(search, np.union1d(candidates.rows, search.beside).astype(np.int64))
        rows = candidates.rows if search else candidates.rows[: k or self.k]
        sentences = self.index.sentences([int(key) for key in self.index.generation.keys[rows]])
        return [
            _document(sentence, int(row), float(score))
            for sentence, row, score in zip(sentences, rows, candidates.score, strict=False)
        ]

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,
        k: int | None = None,
        search: Query | None = None,
    ) -> list[Document]:
        """Does the same in a thread. LangChain's own version takes no further arguments."""
        return await run_in_executor(
            None, self._get_relevant_documents, query, run_manager=run_manager.get_sync(), k=k, search=search
        )


def _document(found: StoredSentence, row: int, score: float) -> Document:
    return Document(
        id=found.sentence.id,
        page_content=found.sentence.text,
        metadata={
            "transcript_id": found.sentence.transcript_id,
            "source": found.source,
            "title": found.title,
            "force": found.metadata.force,
            "period": found.metadata.period.label if found.metadata.period else "",
            "start": found.sentence.start,
            "end": found.sentence.end,
            "sha256": found.sha256,
            "row": row,
            "score": score,
        }
        | {locator.kind: locator.label for locator in found.locators},
    )
