"""Searches for the sentences that may answer a query.

Two rankings find them: Chroma's by cosine and BM25 by words. Their best, and the sentences next to the best of all, are
scored by late interaction. Equal scores are ordered by row, that is by transcript id and position.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from index.search.candidates import Candidates, Concept, LateInteraction, Query, Wording
from index.text.transcript import Role
from index.text.words import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.embedding.embedder import Embedder, EncodedQuestion
    from index.published.generation import Generation

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

_HEADING = list(Role).index(Role.HEADING)
HITS_PER_RANKING = 60  # sentences taken from each of the dense and the lexical ranking
LEADING_SENTENCES = 10  # the best of them, whose neighbours are candidates too
NEIGHBOURS = 2  # sentences on either side
LEADING_TRANSCRIPTS = 3  # of which every sentence is scored
MAX_SCANNED_ROWS = 1_000  # of a transcript; of a longer one, only hits are scored
HITS_PER_TRANSCRIPT = 20  # the best of those, taken from each
TRANSCRIPT_WEIGHT = 0.3  # of the share of the question's words in a transcript, against the score of its best sentence
FULL_READ_SHARE = 1 / 8  # of all rows, from which reading every row in order is quicker than picking out some


@dataclass(frozen=True, slots=True)
class FullScan:
    """n sentences in reading order, as candidates, with the headings above them.

    `headings` has the row of each sentence's heading, -1 if there is none. `heading_coverage` is for the heading what
    `Candidates.coverage` is for the sentence.
    """

    candidates: Candidates
    headings: Rows  # (n,)
    heading_coverage: Floats  # (n, c)

    def __len__(self) -> int:
        return len(self.candidates)


class Searcher:
    """Searches one generation. Safe to use from several threads."""

    def __init__(self, generation: Generation, embedder: Embedder) -> None:
        self._generation = generation
        self._embedder = embedder
        self._late = LateInteraction(generation)
        self._findings = np.equal(generation.roles, list(Role).index(Role.FINDING))

    def search(self, query: Query) -> Candidates:
        """Returns the best of both rankings, and every other sentence of the leading passages."""
        query = self.embedded(query)
        in_scope = self._in_scope(query)
        encoded, bm25 = self._similarities(query, in_scope)
        hits = np.union1d(self._nearest(encoded.vector, query), _highest(bm25, HITS_PER_RANKING)).astype(np.int64)
        scores = self._late.measure(encoded, hits).score
        hits = np.union1d(hits, self._of_leading_transcripts(hits, scores, query, encoded, in_scope))
        scores = self._late.measure(encoded, hits).score
        best = hits[np.lexsort((hits, -scores))][:LEADING_SENTENCES]
        around = best[:, np.newaxis] + np.arange(-NEIGHBOURS, NEIGHBOURS + 1)
        rows = np.union1d(hits, np.clip(around, 0, len(in_scope) - 1)).astype(np.int64)
        return self._score(rows[in_scope[rows]], encoded, bm25, query.concepts)

    def _of_leading_transcripts(
        self, hits: Rows, scores: Floats, query: Query, encoded: EncodedQuestion, in_scope: NDArray[np.bool_]
    ) -> Rows:
        """Returns the best rows of the transcripts that match best, by their best hit and the words that they contain.

        What a talk is about is said once: a sentence in the midst of it shares few words with a question.
        """
        generation = self._generation
        rarity = np.array([self._rarity(concept) for concept in query.concepts], dtype=np.float32)
        places = np.unique(generation.transcript_of[hits])
        covered = self._transcript_coverage(query.concepts, places) @ rarity / max(float(rarity.sum()), 1e-9)
        best = np.array([scores[generation.transcript_of[hits] == place].max() for place in places])
        leading = places[np.lexsort((places, -(best + TRANSCRIPT_WEIGHT * covered)))][:LEADING_TRANSCRIPTS]
        found = [hits[:0]]
        for place in leading.tolist():
            transcript = generation.transcripts[place]
            if transcript.row_count > MAX_SCANNED_ROWS:
                continue
            rows = np.arange(transcript.first_row, transcript.first_row + transcript.row_count, dtype=np.int64)
            rows = rows[in_scope[rows]]
            order = np.lexsort((rows, -self._late.measure(encoded, rows).score))
            found.append(rows[order][:HITS_PER_TRANSCRIPT])
        return np.concatenate(found)

    def _transcript_coverage(self, concepts: Sequence[Concept], places: NDArray[np.integer]) -> Floats:
        """Returns how far the transcripts at p places cover c concepts: shape (p, c)."""
        transcripts = [self._generation.transcripts[place] for place in places.tolist()]
        starts = np.array([transcript.first_row for transcript in transcripts], dtype=np.int64)
        ends = starts + np.array([transcript.row_count for transcript in transcripts], dtype=np.int64)
        return self._coverage(concepts, starts, ends)

    def scan(self, query: Query) -> Candidates:
        """Returns every sentence in scope, however far it is from the query."""
        in_scope = self._in_scope(query)
        encoded, bm25 = self._similarities(query, in_scope)
        return self._score(np.flatnonzero(in_scope).astype(np.int64), encoded, bm25, query.concepts)

    def measure(self, query: Query, rows: Rows) -> Candidates:
        """Returns given rows, whichever search found them, as candidates for a query."""
        encoded, bm25 = self._similarities(query, self._in_scope(query))
        return self._score(rows, encoded, bm25, query.concepts)

    def coverage(self, concepts: Sequence[Concept], rows: Rows) -> Floats:
        """Returns how far n rows, with their titles, cover c concepts: shape (n, c). See `Candidates.coverage`."""
        return self._coverage(concepts, rows, rows + 1)

    def embedded(self, query: Query) -> Query:
        """Returns the query with the embedding of its text, to be used more than once."""
        return replace(query, encoded=self._encoded(query))

    def encode(self, text: str) -> EncodedQuestion:
        """Returns a cleaned question as the embedding model reads it."""
        return self._embedder.encode_question(text)

    def _encoded(self, query: Query) -> EncodedQuestion:
        return query.encoded or self.encode(clean(query.text))

    def _similarities(self, query: Query, in_scope: NDArray[np.bool_]) -> tuple[EncodedQuestion, Floats]:
        """Returns the encoded query, and the BM25 of every row, 0 out of scope: shape (N,)."""
        bm25 = self._bm25(query.concepts)
        bm25[~in_scope] = 0.0
        return self._encoded(query), bm25

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

    def _score(self, rows: Rows, encoded: EncodedQuestion, bm25: Floats, concepts: Sequence[Concept]) -> Candidates:
        generation = self._generation
        passages, of_row = np.unique(generation.passage_of[rows], return_inverse=True)
        starts, ends = generation.passage_rows[passages].reshape(-1, 2).T
        places, of_place = np.unique(generation.transcript_of[rows], return_inverse=True)
        late = self._late.measure(encoded, rows)
        order = np.lexsort((rows, -late.score))
        # in a generation of which nothing is embedded, vectors have another dimension
        cosine = generation.vectors_of(rows) @ encoded.vector if len(rows) else np.zeros(0, dtype=np.float32)
        return Candidates(
            rows=rows[order],
            transcript=generation.transcript_of[rows][order].astype(np.int64),
            passage=generation.passage_of[rows][order].astype(np.int64),
            cosine=cosine[order],
            bm25=bm25[rows][order],
            coverage=self._coverage(concepts, rows, rows + 1)[order],
            passage_coverage=self._coverage(concepts, starts, ends)[of_row][order],
            transcript_coverage=self._transcript_coverage(concepts, places)[of_place][order],
            rarity=np.array([self._rarity(concept) for concept in concepts], dtype=np.float32),
            **{field.name: getattr(late, field.name)[order] for field in fields(late)},
        )

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


def _highest(scores: Floats, count: int) -> Rows:
    """Returns the positions of the highest positive scores, highest first, ties by position."""
    positions = np.flatnonzero(scores > 0.0)
    if len(positions) > count:
        positive = scores[positions]
        lowest = np.partition(positive, len(positions) - count)[len(positions) - count]
        above = positions[positive > lowest]
        positions = np.concatenate([above, positions[positive == lowest][: count - len(above)]])
    return positions[np.lexsort((positions, -scores[positions]))].astype(np.int64)


def scan_all(generation: Generation, searcher: Searcher, query: Query) -> FullScan:
    """Scores every sentence of the transcripts in scope, however far it is from the query."""
    found = searcher.scan(query)
    candidates = found.taken(np.argsort(found.rows, kind="stable"))
    headings = _headings(generation)[candidates.rows]
    distinct, positions = np.unique(headings, return_inverse=True)
    coverage = searcher.coverage(query.concepts, np.maximum(distinct, 0))
    coverage[distinct < 0] = 0.0
    return FullScan(candidates, headings, coverage[positions])


def _headings(generation: Generation) -> Rows:
    """Returns the row of the heading above each row within its transcript, -1 if there is none: shape (N,)."""
    rows = np.arange(len(generation.roles), dtype=np.int64)
    if not len(rows):
        return rows
    above = np.maximum.accumulate(np.where(generation.roles == _HEADING, rows, -1))
    first_rows = np.array([transcript.first_row for transcript in generation.transcripts], dtype=np.int64)
    return np.where(above >= first_rows[generation.transcript_of], above, -1).astype(np.int64)
