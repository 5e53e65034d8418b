"""Ranks retrieved documents by the probability that each is part of the answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from langchain_core.documents import Document
from numpy.typing import NDArray

from assistant.question.intent import is_title_case
from assistant.question.question import Question
from assistant.question.scope import Corpus
from assistant.question.vocabulary import Vocabulary
from assistant.retrieval.evidence import PartEvidence, RankedCandidates
from assistant.retrieval.features import FEATURES, measure
from assistant.retrieval.model_reranker import ModelReranker, by_rank
from assistant.retrieval.reranker import Reranker
from assistant.retrieval.retriever import Retrieved
from assistant.retrieval.selection import MAX_UNKNOWN_SHARE
from index.published.generation import Generation
from index.search.candidates import Candidates, Query
from index.search.search import Searcher
from index.text.words import stem, words_at

MIN_COMPARED_TOPIC_SHARE = 0.5  # share of a comparison's topic that a passage must contain to be on it
MAX_FOREIGN_COSINE = 0.22  # below it no sentence is near the question

# What the distance from the nearest sentence that the last answer quoted adds to the log odds of a follow-up's
# candidates, and the share of their own log odds that counts beside it; see docs/measures.md.
CONTINUED_REACH = (0, 1, 3, 8)  # sentences: the quoted one itself, those next to it, …
CONTINUED_LOG_ODDS = (-2.3, 0.9, 0.5, 0.1, -1.45)  # the last one for every sentence further away
OWN_LOG_ODDS_SHARE = 0.8
MIN_CHANCE = 1e-4  # from which log odds are read


class Ranker:
    """Scores candidates with the reranker. Immutable; safe to use from several threads.

    `model` orders them in its place; see `assistant.retrieval.model_reranker`.
    """

    def __init__(
        self,
        reranker: Reranker,
        searcher: Searcher,
        generation: Generation,
        corpus: Corpus,
        vocabulary: Vocabulary,
        model: ModelReranker | None = None,
    ) -> None:
        self._reranker = reranker
        self._model = model
        self._searcher = searcher
        self._generation = generation
        self._corpus = corpus
        self._vocabulary = vocabulary

    def rank(self, question: Question, retrieved: Retrieved) -> RankedCandidates:
        """The documents as ranked candidates, the most probable first.

        Only their `row` and content are read, so that the documents may come from any retriever over this index.
        """
        texts, speakers, candidates = self._candidates(retrieved.query, retrieved.documents)
        if not texts:
            return _nothing()
        stems = [concept.text for concept in question.concepts]
        probability = self._reranker.probability(measure(question.intent, candidates, texts, stems, speakers))
        scores = np.zeros(len(texts), dtype=np.float32)
        if self._model:
            scores = self._model.scores(question.standalone, texts)
            probability = by_rank(probability, scores)
        if retrieved.query.cited:
            cited = np.array(retrieved.query.cited, dtype=np.int64)
            probability = continued(probability, candidates.rows, cited, self._generation.transcript_of)
        in_topic = np.array([text in question.topic for text in stems], dtype=bool)
        on_topic = np.asarray(np.any(candidates.passage_coverage[:, in_topic] > 0, axis=1), dtype=bool)
        if len(question.scope.parts) > 1:
            on_topic &= _mostly_on_topic(candidates, in_topic)
        opens = np.asarray(self._generation.passage_rows[candidates.passage, 0] == candidates.rows, dtype=bool)
        weights = candidates.rarity * in_topic
        unknown = candidates.rarity >= 1.0
        order = np.lexsort((-scores, -probability))
        return RankedCandidates(
            rows=candidates.rows[order],
            texts=tuple(texts[position] for position in order),
            probability=probability[order],
            on_topic=on_topic[order],
            opens_passage=opens[order],
            places=candidates.transcript[order],
            forces=tuple(self._corpus.transcripts[place].force for place in candidates.transcript[order]),
            days=self._corpus.days[candidates.transcript[order]],
            speakers=tuple(speakers[position] for position in order),
            vectors=self._generation.vectors_of(candidates.rows[order]),
            unknown_share=float(weights[unknown].sum()) / max(float(weights.sum()), 1e-9),
            unknown_names=self._unknown_names(question, {stems[place] for place in np.flatnonzero(unknown & in_topic)}),
            max_cosine=float(candidates.cosine.max()),
        )

    def features(self, question: Question, retrieved: Retrieved) -> tuple[NDArray[np.float32], tuple[str, ...]]:
        """The features (n, f) and texts of the candidates, in retrieval order, for fitting the reranker."""
        texts, speakers, candidates = self._candidates(retrieved.query, retrieved.documents)
        if not texts:
            return np.zeros((0, len(FEATURES)), dtype=np.float32), ()
        stems = [concept.text for concept in question.concepts]
        return measure(question.intent, candidates, texts, stems, speakers), tuple(texts)

    def is_off_topic(self, question: Question, parts: Sequence[PartEvidence]) -> bool:
        """Whether a question has nothing to do with the collection: unknown words, and far from every sentence."""
        known = question.scope.named or self._vocabulary.expand(question.standalone)
        return not known and all(
            part.ranked.unknown_share >= MAX_UNKNOWN_SHARE and part.ranked.max_cosine < MAX_FOREIGN_COSINE
            for part in parts
        )

    def _candidates(self, query: Query, documents: Sequence[Document]) -> tuple[list[str], list[str], Candidates]:
        """The texts and speakers of the documents, and the same as candidates, in the order of their scores."""
        by_row = {int(document.metadata["row"]): document for document in documents}
        candidates = self._searcher.measure(query, np.array(list(by_row), dtype=np.int64))
        ordered = [by_row[int(row)] for row in candidates.rows]
        speakers = [str(document.metadata.get("speaker", "")) for document in ordered]
        return [document.page_content for document in ordered], speakers, candidates

    def _unknown_names(self, question: Question, unknown: set[str]) -> tuple[str, ...]:
        """The names in a question about assessments that occur in no source. In title case, none is recognised."""
        if not self._corpus.by_force or is_title_case(question.standalone):
            return ()
        names = question.intent.names & unknown
        alone = question.standalone
        runs: list[tuple[int, int]] = []
        for word, start, _ in words_at(alone):
            if stem(word) in names and alone[start].isupper():
                follows = bool(runs) and not alone[runs[-1][1] : start].strip()
                runs[-1:] = [(runs[-1][0], start + len(word))] if follows else [*runs[-1:], (start, start + len(word))]
        return tuple(dict.fromkeys(alone[start:end] for start, end in runs))


def continued(
    probability: NDArray[np.float32],
    rows: NDArray[np.int64],
    cited: NDArray[np.int64],
    transcripts: NDArray[np.integer],
) -> NDArray[np.float32]:
    """The probabilities (n,) of the candidates at `rows` for a follow-up of an answer that quoted the rows `cited`.

    What it asks is mostly said next to what was quoted, and seldom in the same sentence again. `transcripts` has the
    transcript of every row.
    """
    same = transcripts[rows][:, np.newaxis] == transcripts[cited]
    distance = np.where(same, np.abs(rows[:, np.newaxis] - cited), np.iinfo(np.int64).max).min(axis=1)
    added = np.array(CONTINUED_LOG_ODDS, dtype=np.float32)[np.searchsorted(CONTINUED_REACH, distance)]
    chance = np.clip(probability, MIN_CHANCE, 1 - MIN_CHANCE)
    odds = OWN_LOG_ODDS_SHARE * np.log(chance / (1 - chance)) + added
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float32)


def _nothing() -> RankedCandidates:
    """No candidates."""
    none, numbers = np.zeros(0, dtype=bool), np.zeros(0, dtype=np.int64)
    scores = np.zeros(0, dtype=np.float32)
    return RankedCandidates(
        numbers, (), scores, none, none, numbers, (), numbers, (), np.zeros((0, 0), dtype=np.float32)
    )


def _mostly_on_topic(candidates: Candidates, in_topic: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each passage contains half of the topic's known words, weighted by rarity: (n,).

    In a comparison "organised crime" does not answer "knife crime", even if nothing of that force is nearer.
    """
    weights = candidates.rarity * (in_topic & (candidates.rarity < 1.0))
    share = (candidates.passage_coverage > 0) @ weights
    return np.asarray(share >= MIN_COMPARED_TOPIC_SHARE * weights.sum(), dtype=bool)
