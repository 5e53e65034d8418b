"""Searches for the sentences that may answer a query, by dense and lexical similarity of a sentence and its passage.

The score is a sum of max-normalised scores: the sentence's cosine and BM25, and at half weight its passage's cosine and
word coverage. Equal scores are ordered by row, that is by transcript id and position.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from index.search.passage_vectors import FULL_READ_SHARE, PassageVectors
from index.text.normalise import clean
from index.text.tokens import stem, words
from index.text.transcript import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.embedding.models import Embedder
    from index.published.generation import Generation

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

HITS_PER_RANKING = 30  # sentences taken from each of the dense and the lexical ranking
PASSAGE_WEIGHT = 0.5
LEADING_PASSAGES = 4  # the best passages, of which every sentence is a candidate


@dataclass(frozen=True, slots=True)
class Wording:
    """A wording of a concept: stems that must all occur. `weight` says how nearly it means the same, in (0, 1]."""

    stems: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Concept:
    """Something a question asks about: its stem in the question, its wordings, and its weight in the score."""

    text: str
    wordings: tuple[Wording, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for. `places` are the indices of the transcripts in scope, None for all of them."""

    text: str
    concepts: tuple[Concept, ...]
    places: tuple[int, ...] | None = None
    vector: Floats | None = field(default=None, compare=False, repr=False)  # (d,) the text's embedding, once known

    @classmethod
    def plain(cls, text: str) -> Query:
        """Returns a query in which every word of a text is a concept."""
        stems = dict.fromkeys(map(stem, words(clean(text))))
        return cls(text, tuple(Concept(term, (Wording((term,)),)) for term in stems))


@dataclass(frozen=True, slots=True)
class Candidates:
    """n sentences by falling score, with the parts of their scores, for a query of c concepts.

    `coverage[i, j]` is the weight of the best wording of concept j that occurs in sentence i or its title, 0 if none
    does; `passage_coverage` is the same for its passage. `rarity[j]` is the concept's inverse document frequency as a
    share of the greatest possible, times its weight: from 0 to 1 whatever the size of the collection.
    """

    rows: Rows  # (n,)
    transcript: Rows  # (n,) index in the generation's list
    passage: Rows  # (n,)
    score: Floats  # (n,)
    cosine: Floats  # (n,)
    bm25: Floats  # (n,)
    passage_cosine: Floats  # (n,)
    title_cosine: Floats  # (n,)
    coverage: Floats  # (n, c)
    passage_coverage: Floats  # (n, c)
    rarity: Floats  # (c,)

    def __len__(self) -> int:
        return len(self.rows)

    def rescored(self, positions: Rows) -> Candidates:
        """Returns the candidates at some positions, scored as if there were no others."""
        chosen = self.taken(positions)
        score = blend(chosen.cosine, chosen.bm25, chosen.passage_cosine, chosen.passage_coverage @ chosen.rarity)
        return replace(chosen, score=score).taken(np.lexsort((chosen.rows, -score)))

    def taken(self, positions: Rows) -> Candidates:
        """Returns the candidates at some positions, in that order, with their scores."""
        return replace(self, **{name: getattr(self, name)[positions] for name in _PER_CANDIDATE})


_PER_CANDIDATE = tuple(field.name for field in fields(Candidates) if field.name != "rarity")


class Searcher:
    """Searches one generation. Safe to use from several threads."""

    def __init__(self, generation: Generation, embedder: Embedder) -> None:
        self._generation = generation
        self._embedder = embedder
        self._vectors = PassageVectors(generation)
        self._findings = np.equal(generation.roles, list(Role).index(Role.FINDING))

    def search(self, query: Query) -> Candidates:
        """Returns the best of both rankings, and every other sentence of the leading passages."""
        query = self.embedded(query)
        in_scope = self._in_scope(query)
        vector, bm25 = self._similarities(query, in_scope)
        hits = np.union1d(self._nearest(vector, query), _highest(bm25, HITS_PER_RANKING)).astype(np.int64)
        first = self._score(hits, vector, bm25, query.concepts)
        if not len(hits):
            return first
        generation = self._generation
        leading = list(dict.fromkeys(generation.passage_of[first.rows].tolist()))[:LEADING_PASSAGES]
        spans = [np.arange(*generation.passage_rows[passage], dtype=np.int64) for passage in leading]
        rows = np.union1d(first.rows[:HITS_PER_RANKING], np.concatenate(spans))
        return self._score(rows[in_scope[rows]], vector, bm25, query.concepts)

    def scan(self, query: Query) -> Candidates:
        """Returns every sentence in scope, however far it is from the query."""
        in_scope = self._in_scope(query)
        vector, bm25 = self._similarities(query, in_scope)
        return self._score(np.flatnonzero(in_scope).astype(np.int64), vector, bm25, query.concepts)

    def measure(self, query: Query, rows: Rows) -> Candidates:
        """Returns given rows, whichever search found them, as candidates for a query."""
        vector, bm25 = self._similarities(query, self._in_scope(query))
        return self._score(rows, vector, bm25, query.concepts)

    def coverage(self, concepts: Sequence[Concept], rows: Rows) -> Floats:
        """Returns how far n rows, with their titles, cover c concepts: shape (n, c). See `Candidates.coverage`."""
        return self._coverage(concepts, rows, rows + 1)

    def embedded(self, query: Query) -> Query:
        """Returns the query with the embedding of its text, to be used more than once."""
        return replace(query, vector=self._embedding(query))

    def _embedding(self, query: Query) -> Floats:
        return self._embedder.encode([clean(query.text)])[0] if query.vector is None else query.vector

    def _similarities(self, query: Query, in_scope: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Returns the query's vector, shape (d,), and the BM25 of every row, 0 out of scope: shape (N,)."""
        bm25 = self._bm25(query.concepts)
        bm25[~in_scope] = 0.0
        return self._embedding(query), bm25

    def _in_scope(self, query: Query) -> NDArray[np.bool_]:
        """Whether each row is a finding of a transcript in scope: shape (N,)."""
        if query.places is None:
            return self._findings
        in_scope = np.isin(self._generation.transcript_of, query.places)
        return np.asarray(self._findings & in_scope, dtype=np.bool_)

    def _nearest(self, vector: Floats, query: Query) -> Rows:
        """Returns the rows in scope that the vector store finds nearest to the query's vector."""
        generation = self._generation
        ids = None if query.places is None else [generation.transcripts[place].id for place in query.places]
        hits = generation.store.search(vector, HITS_PER_RANKING, ids)
        return generation.rows_of([key for key, _ in hits])

    def _bm25(self, concepts: Sequence[Concept]) -> Floats:
        """Returns the BM25 of every row, in which a concept counts by its best wording: shape (N,)."""
        index = self._generation.words
        total = np.zeros(index.size, dtype=np.float32)
        for concept in concepts:
            best = np.zeros(index.size, dtype=np.float32)
            for wording in self._occurring(concept):
                rows, scores = self._wording_scores(wording)
                best[rows] = np.maximum(best[rows], scores)
            total += best * np.float32(concept.weight)
        return total

    def _wording_scores(self, wording: Wording) -> tuple[NDArray[np.int32], Floats]:
        """Returns the rows that contain all stems of a wording, and their scores."""
        index = self._generation.words
        rows, impacts = index.postings(wording.stems[0])
        scores = impacts * np.float32(index.rarity(wording.stems[0]) * wording.weight)
        for term in wording.stems[1:]:
            other_rows, other_impacts = index.postings(term)
            rows, kept, of_other = np.intersect1d(rows, other_rows, assume_unique=True, return_indices=True)
            scores = scores[kept] + other_impacts[of_other] * np.float32(index.rarity(term) * wording.weight)
        return rows, scores

    def _score(self, rows: Rows, vector: Floats, bm25: Floats, concepts: Sequence[Concept]) -> Candidates:
        generation = self._generation
        passages, of_row = np.unique(generation.passage_of[rows], return_inverse=True)
        starts, ends = generation.passage_rows[passages].reshape(-1, 2).T
        cosine, cosine_of_passages = self._vectors.cosines(rows, passages, vector)
        passage_cosine = cosine_of_passages[of_row]
        coverage = self._coverage(concepts, rows, rows + 1)
        passage_coverage = self._coverage(concepts, starts, ends)[of_row]
        rarity = np.array([self._rarity(concept) for concept in concepts], dtype=np.float32)
        score = blend(cosine, bm25[rows], passage_cosine, passage_coverage @ rarity)
        order = np.lexsort((rows, -score))
        return Candidates(
            rows=rows[order],
            transcript=generation.transcript_of[rows][order].astype(np.int64),
            passage=generation.passage_of[rows][order].astype(np.int64),
            score=score[order],
            cosine=cosine[order],
            bm25=bm25[rows][order],
            passage_cosine=passage_cosine[order],
            title_cosine=self._title_cosine(rows, vector)[order],
            coverage=coverage[order],
            passage_coverage=passage_coverage[order],
            rarity=rarity,
        )

    def _title_cosine(self, rows: Rows, vector: Floats) -> Floats:
        """Returns the cosine of the title of each row's transcript, 0 if it has none: shape (n,)."""
        transcripts, of_row = np.unique(self._generation.transcript_of[rows], return_inverse=True)
        titles = self._generation.title_rows[transcripts]
        cosines = self._generation.vectors[np.maximum(titles, 0)] @ vector
        return np.where(titles >= 0, cosines, 0.0).astype(np.float32)[of_row]

    def _coverage(self, concepts: Sequence[Concept], starts: NDArray[np.integer], ends: NDArray[np.integer]) -> Floats:
        """Returns how far the rows starts[i] to ends[i] cover each concept: shape (n, c)."""
        coverage = np.zeros((len(starts), len(concepts)), dtype=np.float32)
        for column, concept in enumerate(concepts):
            for wording in self._occurring(concept):
                weights = np.full(len(starts), wording.weight, dtype=np.float32)
                for term in wording.stems:
                    weights[~self._contain(term, starts, ends)] = 0.0
                np.maximum(coverage[:, column], weights, out=coverage[:, column])
        return coverage

    def _occurring(self, concept: Concept) -> list[Wording]:
        """Returns the wordings of a concept whose every stem occurs somewhere; no row can contain another."""
        index = self._generation.words
        return [wording for wording in concept.wordings if all(index.frequency(term) for term in wording.stems)]

    def _contain(self, term: str, starts: NDArray[np.integer], ends: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Whether any of the rows starts[i] to ends[i] contains a stem: shape (n,)."""
        index = self._generation.words
        rows = index.postings(term)[0]
        if len(starts) < FULL_READ_SHARE * index.size:
            return np.asarray(np.searchsorted(rows, starts) < np.searchsorted(rows, ends), dtype=np.bool_)
        count_before = np.zeros(index.size + 1, dtype=np.int32)  # how many rows before each row contain the stem
        count_before[rows + 1] = 1
        np.cumsum(count_before, out=count_before)
        return np.asarray(count_before[starts] < count_before[ends], dtype=np.bool_)

    def _rarity(self, concept: Concept) -> float:
        """Returns a concept's `Candidates.rarity`: of the rarest stem of its commonest wording, 1 if none occurs."""
        index = self._generation.words
        highest = index.rarity("")
        rarities = [max(index.rarity(term) for term in wording.stems) for wording in self._occurring(concept)]
        return float(min(rarities, default=highest) / highest) * concept.weight


def blend(cosine: Floats, bm25: Floats, passage_cosine: Floats, passage_words: Floats) -> Floats:
    """Returns the score of each of n candidates among the n, from arrays of shape (n,)."""
    passage = PASSAGE_WEIGHT * (_max_normalised(passage_cosine) + _max_normalised(passage_words))
    return np.asarray(_max_normalised(cosine) + _max_normalised(bm25) + passage, dtype=np.float32)


def _highest(scores: Floats, count: int) -> Rows:
    """Returns the positions of the highest positive scores, highest first, ties by position."""
    positions = np.flatnonzero(scores > 0.0)
    if len(positions) > count:
        positive = scores[positions]
        lowest = np.partition(positive, len(positions) - count)[len(positions) - count]
        above = positions[positive > lowest]
        positions = np.concatenate([above, positions[positive == lowest][: count - len(above)]])
    return positions[np.lexsort((positions, -scores[positions]))].astype(np.int64)


def _max_normalised(values: Floats) -> Floats:
    """Returns values divided by the greatest; all zero if none is positive."""
    greatest = float(values.max(initial=0.0))
    scaled: Floats = (values / greatest if greatest > 0 else np.zeros_like(values)).astype(np.float32)
    return scaled
