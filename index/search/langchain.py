"""The search as a LangChain retriever."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field, InstanceOf

from index.published.open import OpenIndex
from index.search.search import Query, Searcher


class SentenceRetriever(BaseRetriever):
    """Retrieves sentences. A Document's content is the sentence as the source has it, its metadata the citation.

    Metadata: transcript_id, source, title, force, period, start, end (characters of the decoded text), sha256 of the
    source file, row (of the generation), score. The Document's id is the sentence's id.
    """

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
        """The `k` sentences nearest to a text; with `search`, every candidate for that query."""
        candidates = self.searcher.search(search or Query.plain(query))
        rows = candidates.rows if search else candidates.rows[: k or self.k]
        stored = self.index.sentences([int(key) for key in self.index.generation.keys[rows]])
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
                    "row": int(row),
                    "score": float(score),
                },
            )
            for found, row, score in zip(stored, rows, candidates.score, strict=False)
        ]
