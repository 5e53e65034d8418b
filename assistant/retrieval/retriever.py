"""Retrieves the candidates for each part of a question, through a LangChain retriever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableConfig
from numpy.typing import NDArray

from assistant.question.list_request import ListRequest
from assistant.question.question import Question
from assistant.question.scope import Corpus, ScopePart
from assistant.retrieval.list_all import Scanned, ScannedTexts, positions_to_read
from assistant.retrieval.sentences import SentenceStore
from index.embedding.embedder import EncodedQuestion
from index.published.arrays import ROLES
from index.published.generation import Generation
from index.search.candidates import Query
from index.search.search import Searcher, scan_all
from index.storage.reader import StoredSentence
from index.text.transcript import Role

MIN_QUOTED_CHARACTERS = 25  # of a sentence that is looked for in the last answer: "Yes." is in many
REACH = 8  # sentences on either side of one that the last answer quoted, which a follow-up may ask about


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The documents retrieved for one part of a question (None for the whole), and the query that found them."""

    part: ScopePart | None
    query: Query
    documents: tuple[Document, ...]


class QuestionRetriever:
    """Turns a question into queries and runs them. Immutable; safe to use from several threads.

    `retriever` may be any LangChain retriever whose documents carry the `row` of a sentence in their metadata.
    """

    def __init__(
        self,
        retriever: BaseRetriever,
        searcher: Searcher,
        generation: Generation,
        sentences: SentenceStore,
        corpus: Corpus,
    ) -> None:
        self._retriever = retriever
        self._searcher = searcher
        self._generation = generation
        self._sentences = sentences
        self._corpus = corpus

    def retrieve(
        self,
        question: Question,
        part: ScopePart | None,
        config: RunnableConfig | None = None,
        *,
        within: Sequence[int] = (),
        cited: Sequence[int] = (),
    ) -> Retrieved:
        """The candidates for one part of a question; all sentences of a small scope, else the nearest.

        `within` are the transcripts to which the search is limited; the whole scope if none is given. `cited` are the
        rows that the last answer quoted, around which a follow-up is looked for too.
        """
        query = self._query(question, part)
        if within:
            places = tuple(place for place in query.places or within if place in within)
            query = replace(query, places=places or query.places)
        query = self._searcher.embedded(self._continued(query, cited) if len(cited) else query)
        documents = self._retriever.invoke(question.standalone, config, search=query)
        return Retrieved(part or question.scope.limit, query, tuple(documents))

    def quoted_in(self, answer: str) -> tuple[int, ...]:
        """The rows of the sentences that an answer quotes; none for an empty one."""
        said = " ".join(answer.split())
        if not said:
            return ()
        near = self.nearest_rows(said, None)
        texts = [" ".join(stored.sentence.text.split()) for stored in self._sentences.by_row(near)]
        return tuple(
            int(row)
            for row, text in zip(near, texts, strict=True)
            if len(text) >= MIN_QUOTED_CHARACTERS and text in said
        )

    def _continued(self, query: Query, cited: Sequence[int]) -> Query:
        """The query of a follow-up, with the sentences in scope around those that the last answer quoted."""
        generation = self._generation
        rows = np.array(cited, dtype=np.int64)
        around = np.unique(rows[:, np.newaxis] + np.arange(-REACH, REACH + 1))
        around = around[(around >= 0) & (around < len(generation.roles))]
        places = generation.transcript_of[around]
        counts = np.isin(places, generation.transcript_of[rows])
        counts &= generation.roles[around] == ROLES.index(Role.FINDING)
        if query.places is not None:
            counts &= np.isin(places, query.places)
        return replace(query, beside=tuple(around[counts].tolist()), cited=tuple(cited))

    def encode(self, text: str) -> EncodedQuestion:
        """A cleaned question, encoded once for reading and for searching."""
        return self._searcher.encode(text)

    def nearest_rows(self, text: str, places: tuple[int, ...] | None) -> NDArray[np.int64]:
        """The rows of the candidates for a plain text, nearest first, within the transcripts at `places`."""
        return self._searcher.search(Query(text, Query.plain(text).concepts, places)).rows

    def _query(self, question: Question, part: ScopePart | None) -> Query:
        scope = question.scope
        part = part or scope.limit
        return Query(question.standalone, question.concepts, part.places if part else None, question.encoded)

    def scan(self, question: Question, request: ListRequest) -> Scanned:
        """Every sentence in scope, and the texts of those that have to be read for a list request."""
        query = Query(question.standalone, question.concepts, question.scope.places or None, question.encoded)
        scan = scan_all(self._generation, self._searcher, query)
        positions = positions_to_read(scan, question, request)
        headings = [int(row) for row in np.unique(scan.headings[positions]) if row >= 0] if request.term else []
        read = self._sentences.by_row(scan.candidates.rows[positions])
        heading_texts = {
            row: stored.sentence.text for row, stored in zip(headings, self._sentences.by_row(headings), strict=True)
        }
        speakers = tuple(_speaker_of(stored) for stored in read)
        texts = ScannedTexts(tuple(stored.sentence.text for stored in read), speakers, heading_texts)
        return Scanned(request, scan, positions, texts)


def _speaker_of(stored: StoredSentence) -> str:
    return next((locator.label for locator in stored.locators if locator.kind == "speaker"), "")
