"""Search: a query to the sentences that may answer it, dense and lexical together, each seen with its passage.

The blend is the sum of max-normalised scores: the sentence's cosine and BM25, and at half weight its passage's cosine
and word coverage. Equal scores are ordered by row, that is by transcript id and place: nothing is left to chance.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from index.search.passage_vectors import SHARE, PassageVectors
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

POOL = 30  # sentences taken from each of the two rankings
PASSAGE_WEIGHT = 0.5
LEADING_PASSAGES = 4  # passages whose every sentence is a candidate


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to say a concept: stems that must all be there, and how nearly it means the same, in (0, 1]."""

    stems: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Concept:
    """Something a question asks about: the word as asked, every wording that counts as it, and how much it counts."""

    text: str
    wordings: tuple[Wording, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for, and where: `places` are indices of the transcripts in scope, None for all."""

    text: str
    concepts: tuple[Concept, ...]
    places: tuple[int, ...] | None = None
    vector: Floats | None = field(default=None, compare=False, repr=False)  # (d,) the text's embedding, once known

    @classmethod
    def plain(cls, text: str) -> Query:
        """Every word of a text its own concept."""
        stems = dict.fromkeys(map(stem, words(clean(text))))
        return cls(text, tuple(Concept(term, (Wording((term,)),)) for term in stems))


@dataclass(frozen=True, slots=True)
class Candidates:
    """n sentences by falling score, with what is known of each; c is the number of the query's concepts.

    Cosines are of unit vectors. `held[i, j]` is the weight at which sentence i (with its title) holds concept j,
    from 0 to 1; `passage_held` the same for its passage. `rarity[j]` is the concept's inverse document frequency as
    a share of the greatest possible, times its weight: from 0 to 1 whatever the size of the collection.
    """

    rows: Rows  # (n,)
    transcript: Rows  # (n,) place in the generation's list
    passage: Rows  # (n,)
    score: Floats  # (n,)
    cosine: Floats  # (n,)
    lexical: Floats  # (n,) BM25
    passage_cosine: Floats  # (n,)
    title_cosine: Floats  # (n,)
    held: Floats  # (n, c)
    passage_held: Floats  # (n, c)
    rarity: Floats  # (c,)

    def __len__(self) -> int:
        return len(self.rows)

    def alone(self, places: Rows) -> Candidates:
        """Some of them (by their places here) as a search of no others would have found them: scored afresh."""
        some = self.taken(places)
        score = blend(some.cosine, some.lexical, some.passage_cosine, some.passage_held @ some.rarity)
        return replace(some, score=score).taken(np.lexsort((some.rows, -score)))

    def taken(self, places: Rows) -> Candidates:
        """Some of them, by their places here, in that order, as they are."""
        return replace(self, **{name: getattr(self, name)[places] for name in _OF_EACH})


_OF_EACH = tuple(field.name for field in fields(Candidates) if field.name != "rarity")


class Searcher:
    """Searches one generation. Holds nothing that a query changes; safe to use from several threads."""

    def __init__(self, generation: Generation, embedder: Embedder) -> None:
        self._generation = generation
        self._embedder = embedder
        self._nearness = PassageVectors(generation)
        self._findings = np.equal(generation.roles, list(Role).index(Role.FINDING))

    def search(self, query: Query) -> Candidates:
        """The candidates for a query: the best of both rankings, and their neighbours in the leading passages."""
        query = self.embedded(query)
        allowed = self._allowed(query)
        vector, lexical = self._seen(query, allowed)
        pool = np.union1d(self._nearest(vector, query), _best(lexical, POOL)).astype(np.int64)
        pool = pool[allowed[pool]]
        first = self._measure(pool, vector, lexical, query.concepts)
        if not len(pool):
            return first
        generation = self._generation
        leading = list(dict.fromkeys(generation.passage_of[first.rows].tolist()))[:LEADING_PASSAGES]
        spans = [np.arange(*generation.passage_rows[passage], dtype=np.int64) for passage in leading]
        both = np.union1d(first.rows[:POOL], np.concatenate(spans))
        return self._measure(both[allowed[both]], vector, lexical, query.concepts)

    def all(self, query: Query) -> Candidates:
        """Every sentence in scope, however large that is and however far the sentence from the query."""
        allowed = self._allowed(query)
        vector, lexical = self._seen(query, allowed)
        return self._measure(np.flatnonzero(allowed).astype(np.int64), vector, lexical, query.concepts)

    def embedded(self, query: Query) -> Query:
        """The query with the embedding of its text, so that it is computed once however often the query is used."""
        return replace(query, vector=self._embedding(query))

    def _embedding(self, query: Query) -> Floats:
        return self._embedder.encode([clean(query.text)])[0] if query.vector is None else query.vector

    def measure(self, query: Query, rows: Rows) -> Candidates:
        """Scores given rows, wherever they come from, as candidates for a query."""
        query = self.embedded(query)
        vector, lexical = self._seen(query, self._allowed(query))
        return self._measure(rows, vector, lexical, query.concepts)

    def holding(self, concepts: Sequence[Concept], rows: Rows) -> Floats:
        """At which weight each of n rows, with its title, holds each of c concepts: shape (n, c), from 0 to 1."""
        return self._held(concepts, rows, rows + 1)

    def _seen(self, query: Query, allowed: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """The query's vector, and every row's BM25, nothing for those that are not allowed."""
        lexical = self._lexical(query.concepts)
        lexical[~allowed] = 0.0
        return self._embedding(query), lexical

    def _allowed(self, query: Query) -> NDArray[np.bool_]:
        if query.places is None:
            return self._findings
        in_scope = np.isin(self._generation.transcript_of, query.places)
        return np.asarray(self._findings & in_scope, dtype=np.bool_)

    def _nearest(self, vector: Floats, query: Query) -> Rows:
        """The rows nearest to the query's vector, by the vector store."""
        generation = self._generation
        ids = None if query.places is None else [generation.transcripts[place].id for place in query.places]
        hits = generation.store.search(vector, POOL, ids)
        return generation.rows_of([key for key, _ in hits])

    def _lexical(self, concepts: Sequence[Concept]) -> Floats:
        """BM25 of every row, a concept counting by its best wording: shape (N,)."""
        index = self._generation.words
        total = np.zeros(index.size, dtype=np.float32)
        for concept in concepts:
            best = np.zeros(index.size, dtype=np.float32)
            for wording in self._written(concept):
                rows, scores = self._wording_scores(wording)
                best[rows] = np.maximum(best[rows], scores)
            total += best * np.float32(concept.weight)
        return total

    def _wording_scores(self, wording: Wording) -> tuple[NDArray[np.int32], Floats]:
        index = self._generation.words
        rows, impacts = index.postings(wording.stems[0])
        scores = impacts * np.float32(index.rarity(wording.stems[0]) * wording.weight)
        for term in wording.stems[1:]:
            other, more = index.postings(term)
            rows, mine, theirs = np.intersect1d(rows, other, assume_unique=True, return_indices=True)
            scores = scores[mine] + more[theirs] * np.float32(index.rarity(term) * wording.weight)
        return rows, scores

    def _measure(self, rows: Rows, vector: Floats, lexical: Floats, concepts: Sequence[Concept]) -> Candidates:
        generation = self._generation
        passages, of_row = np.unique(generation.passage_of[rows], return_inverse=True)
        starts, ends = generation.passage_rows[passages].reshape(-1, 2).T
        cosine, of_passages = self._nearness.cosines(rows, passages, vector)
        passage_cosine = of_passages[of_row]
        held = self._held(concepts, rows, rows + 1)
        passage_held = self._held(concepts, starts, ends)[of_row]
        rarity = np.array([self._rarity(concept) for concept in concepts], dtype=np.float32)
        score = blend(cosine, lexical[rows], passage_cosine, passage_held @ rarity)
        order = np.lexsort((rows, -score))
        return Candidates(
            rows=rows[order],
            transcript=generation.transcript_of[rows][order].astype(np.int64),
            passage=generation.passage_of[rows][order].astype(np.int64),
            score=score[order],
            cosine=cosine[order],
            lexical=lexical[rows][order],
            passage_cosine=passage_cosine[order],
            title_cosine=self._title_cosine(rows, vector)[order],
            held=held[order],
            passage_held=passage_held[order],
            rarity=rarity,
        )

    def _title_cosine(self, rows: Rows, vector: Floats) -> Floats:
        transcripts, of_row = np.unique(self._generation.transcript_of[rows], return_inverse=True)
        titles = self._generation.title_rows[transcripts]
        cosines = self._generation.vectors[np.maximum(titles, 0)] @ vector
        return np.where(titles >= 0, cosines, 0.0).astype(np.float32)[of_row]

    def _held(self, concepts: Sequence[Concept], starts: NDArray[np.integer], ends: NDArray[np.integer]) -> Floats:
        """At which weight the rows starts[i] to ends[i] hold each concept: shape (n, c)."""
        held = np.zeros((len(starts), len(concepts)), dtype=np.float32)
        for column, concept in enumerate(concepts):
            for wording in self._written(concept):
                present = np.full(len(starts), wording.weight, dtype=np.float32)
                for term in wording.stems:
                    present[~self._holds(term, starts, ends)] = 0.0
                np.maximum(held[:, column], present, out=held[:, column])
        return held

    def _written(self, concept: Concept) -> list[Wording]:
        """The wordings of a concept whose every word is written somewhere: no row holds another."""
        index = self._generation.words
        return [wording for wording in concept.wordings if all(index.frequency(term) for term in wording.stems)]

    def _holds(self, term: str, starts: NDArray[np.integer], ends: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Whether any of the rows starts[i] to ends[i] holds a stem: shape (n,)."""
        index = self._generation.words
        rows = index.postings(term)[0]
        if len(starts) * SHARE < index.size:
            return np.asarray(np.searchsorted(rows, starts) < np.searchsorted(rows, ends), dtype=np.bool_)
        before = np.zeros(index.size + 1, dtype=np.int32)  # how many rows before each hold it
        before[rows + 1] = 1
        np.cumsum(before, out=before)
        return np.asarray(before[starts] < before[ends], dtype=np.bool_)

    def _rarity(self, concept: Concept) -> float:
        """How rare a concept is: its commonest wording's rarest word; for one never written, 1."""
        index = self._generation.words
        unseen = index.rarity("")
        rarities = [max(index.rarity(term) for term in wording.stems) for wording in self._written(concept)]
        return float(min(rarities, default=unseen) / unseen) * concept.weight


def blend(cosine: Floats, lexical: Floats, passage_cosine: Floats, passage_words: Floats) -> Floats:
    """The score of each of n sentences among the n, from what is known of it: every array is of shape (n,)."""
    passage = PASSAGE_WEIGHT * (_scaled(passage_cosine) + _scaled(passage_words))
    return np.asarray(_scaled(cosine) + _scaled(lexical) + passage, dtype=np.float32)


def _best(scores: Floats, count: int, *, floor: float = 0.0) -> Rows:
    """Places of the highest scores above a floor, ties by place."""
    places = np.flatnonzero(scores > floor)
    if len(places) > count:
        own = scores[places]
        edge = np.partition(own, len(places) - count)[len(places) - count]
        above = places[own > edge]
        places = np.concatenate([above, places[own == edge][: count - len(above)]])  # as many may tie as there are
    return places[np.lexsort((places, -scores[places]))].astype(np.int64)


def _scaled(values: Floats) -> Floats:
    """Divided by the greatest; all zero when nothing is positive."""
    top = float(values.max(initial=0.0))
    scaled: Floats = (values / top if top > 0 else np.zeros_like(values)).astype(np.float32)
    return scaled
