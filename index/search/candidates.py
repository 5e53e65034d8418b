"""What is searched for, what is found, and how well it matches: a query, its candidates and their scores.

Sentences are scored by late interaction, each token of a question against the nearest token of a sentence. The score
is the weighted mean, over the question's tokens, of the greatest cosine to a token of the sentence or of its context:
its title, headings, lead-in, question, or the heads of its table cell. After Khattab and Zaharia (2020), "ColBERT:
efficient and effective passage search via contextualized late interaction over BERT"; weights and context are added.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from index.embedding.embedder import TOKEN_SCALE
from index.published.arrays import ContextColumn
from index.text.words import clean, stem, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.embedding.embedder import EncodedQuestion
    from index.published.generation import Generation

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

ROWS_AT_A_TIME = 4096
_NOTHING = -1.0  # the similarity to a text without tokens


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
    encoded: EncodedQuestion | None = field(default=None, compare=False, repr=False)  # the text, once encoded
    beside: tuple[int, ...] = ()  # rows that are candidates, whatever is found
    cited: tuple[int, ...] = ()  # rows that were cited in the answer before

    @classmethod
    def plain(cls, text: str) -> Query:
        """Returns a query in which every word of a text is a concept."""
        stems = dict.fromkeys(map(stem, words(clean(text))))
        return cls(text, tuple(Concept(term, (Wording((term,)),)) for term in stems))


@dataclass(frozen=True, slots=True)
class Candidates:
    """n sentences by falling score of late interaction, and what else is known of them, for a query of c concepts.

    `coverage[i, j]` is the weight of the best wording of concept j that occurs in sentence i or its title, 0 if none
    does; `passage_coverage` and `transcript_coverage` are the same for its passage and its transcript. `rarity[j]` is
    the concept's inverse document frequency as a share of the greatest possible, times its weight: from 0 to 1 whatever
    the size of the collection.
    """

    rows: Rows  # (n,)
    transcript: Rows  # (n,) index in the generation's list
    passage: Rows  # (n,)
    score: Floats  # (n,) see `Similarities`, also for the next six
    own: Floats  # (n,)
    asked: Floats  # (n,)
    heading: Floats  # (n,)
    weakest: Floats  # (n,)
    before: Floats  # (n,)
    after: Floats  # (n,)
    cosine: Floats  # (n,)
    bm25: Floats  # (n,)
    coverage: Floats  # (n, c)
    passage_coverage: Floats  # (n, c)
    transcript_coverage: Floats  # (n, c)
    rarity: Floats  # (c,)

    def __len__(self) -> int:
        return len(self.rows)

    def taken(self, positions: Rows) -> Candidates:
        """Returns the candidates at some positions, in that order, with their scores."""
        return replace(self, **{name: getattr(self, name)[positions] for name in _PER_CANDIDATE})


_PER_CANDIDATE = tuple(field.name for field in fields(Candidates) if field.name != "rarity")


@dataclass(frozen=True, slots=True)
class Similarities:
    """How well n rows match a question of t tokens, from -1 to 1."""

    score: Floats  # (n,) with context
    own: Floats  # (n,) of the sentence alone
    asked: Floats  # (n,) of the question that the sentence answers, in an interview
    heading: Floats  # (n,) of its nearest heading
    weakest: Floats  # (n,) of the question's token that matches worst, among those that count more than most
    before: Floats  # (n,) `own` of the sentence before, in the same transcript
    after: Floats  # (n,) of the one after


class LateInteraction:
    """Scores the rows of a generation. Safe to use from several threads."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation

    def measure(self, question: EncodedQuestion, rows: Rows) -> Similarities:
        """Returns how well n rows match a question."""
        parts = [
            self._measure(question, rows[start : start + ROWS_AT_A_TIME])
            for start in range(0, max(len(rows), 1), ROWS_AT_A_TIME)
        ]
        names = Similarities.__slots__
        return Similarities(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})

    def _measure(self, question: EncodedQuestion, rows: Rows) -> Similarities:
        before, after = self._neighbours(rows)
        contexts = np.column_stack(
            [self._generation.context_rows[rows], self._generation.title_rows[self._generation.transcript_of[rows]]]
        ).astype(np.int64)
        contexts[contexts == rows[:, np.newaxis]] = -1
        distinct = np.unique(np.concatenate([rows, before, after, contexts.ravel()]))
        matched = self._matched(question.tokens, distinct)  # (distinct, t)
        weighted = matched @ question.weights

        def of(places: Rows) -> Rows:
            return np.searchsorted(distinct, places)

        context = matched[of(contexts)].max(axis=1) - np.float32(question.context_discount)
        together = np.maximum(matched[of(rows)], context)
        counting = question.weights >= np.median(question.weights) if len(question.weights) else question.weights > 0
        return Similarities(
            score=together @ question.weights,
            own=weighted[of(rows)],
            asked=weighted[of(contexts[:, ContextColumn.QUESTION])],
            heading=weighted[of(contexts[:, ContextColumn.HEADING])],
            weakest=together[:, counting].min(axis=1, initial=1.0),
            before=weighted[of(before)],
            after=weighted[of(after)],
        )

    def _neighbours(self, rows: Rows) -> tuple[Rows, Rows]:
        """Returns the rows before and after n rows, -1 at the ends of a transcript: (n,) each."""
        transcripts = self._generation.transcript_of
        last = len(transcripts) - 1
        before, after = np.maximum(rows - 1, 0), np.minimum(rows + 1, last)
        has_before = (rows > 0) & (transcripts[before] == transcripts[rows])
        has_after = (rows < last) & (transcripts[after] == transcripts[rows])
        return np.where(has_before, before, -1), np.where(has_after, after, -1)

    def _matched(self, tokens: Floats, rows: Rows) -> Floats:
        """Returns the greatest cosine of t tokens to a token of each row: shape (n, t). A row of -1 has no tokens."""
        matched = np.full((len(rows), len(tokens)), _NOTHING, dtype=np.float32)
        self._generation.load(rows[rows >= 0])
        starts = self._generation.token_starts[np.maximum(rows, 0)]
        lengths = np.where(rows >= 0, self._generation.token_starts[np.maximum(rows, 0) + 1] - starts, 0)
        present = np.flatnonzero(lengths)
        if not len(present) or not len(tokens):
            return matched
        sizes = lengths[present]
        offsets = np.cumsum(sizes) - sizes  # where each row begins among the tokens read
        read = np.arange(int(sizes.sum())) + np.repeat(starts[present] - offsets, sizes)
        vectors = self._generation.token_vectors[read].astype(np.float32) / np.float32(TOKEN_SCALE)
        matched[present] = np.maximum.reduceat(vectors @ tokens.T, offsets, axis=0)
        return matched
