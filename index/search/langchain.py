"""The search as a LangChain retriever, for chains of other people's making."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field, InstanceOf

from index.published.open import OpenIndex
from index.search.search import Query, Searcher


class SentenceRetriever(BaseRetriever):
    """Finds sentences. A Document's text is the sentence as the source has it, its metadata the citation.

    Metadata: id, transcript_id, source, title, force, period, start, end (characters of the decoded text), sha256 of
    the source file, score.
    """

    index: InstanceOf[OpenIndex]
    searcher: InstanceOf[Searcher]
    k: int = Field(default=10, ge=1, description="Sentences returned at most.")

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002  # LangChain's signature
    ) -> list[Document]:
        candidates = self.searcher.search(Query.plain(query))
        keys = [int(key) for key in self.index.generation.keys[candidates.rows[: self.k]]]
        stored = self.index.sentences(keys)
        return [
            Document(
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
                    "score": float(score),
                },
            )
            for found, score in zip(stored, candidates.score, strict=False)
        ]
