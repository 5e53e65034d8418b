"""Finding: one part of a question to the candidate sentences, each with its chance, and those chosen among them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.compose import leans_on_the_one_before
from assistant.coverage import FIVE_GRADES_FROM, in_order
from assistant.judgements.grades import CHANGES, GRADES, says_scales_changed
from assistant.question.concepts import Lexicon
from assistant.question.intent import AnswerKind, is_titled
from assistant.question.question import Question
from assistant.question.scope import Corpus, ScopePart
from assistant.retrieval.features import FEATURES, measure
from assistant.retrieval.list_all import ListedSentences, ListRequest, Texts, looked_at, sweep
from assistant.retrieval.reranker import Reranker
from assistant.retrieval.selection import FLOOR, FLOOR_IN_PART, MOST, UNHEARD, UNNAMED, Choice, Pool, choose
from index.published.bm25 import stem
from index.published.generation import ROLES
from index.published.open import OpenIndex
from index.search.full_scan import scan_all
from index.search.search import Candidates, Query, Searcher
from index.storage.reader import StoredSentence
from index.text.sentences import Sentence
from index.text.transcript import Role

HALF = 0.5  # share of a comparison's topic that a passage must hold to be on it
FAR = 0.22  # cosine under which nothing held is near a question
_NAMES_INSPECTOR = re.compile(
    r"[A-Z][\w'’-]+, (HM|Her Majesty['’]s|His Majesty['’]s) Inspector|\b(HMI|HM Inspector( of Constabulary)?) [A-Z]"
    r"|\binspector( responsible)? (was|is) [A-Z]|\bpresented by inspector [A-Z]"
)


@dataclass(frozen=True, slots=True)
class RetrievedPart:
    """What one part of a question led to."""

    part: ScopePart | None
    pool: Pool
    choice: Choice


class Retriever:
    """Finds sentences in one opened index. Immutable; safe to use from several threads."""

    def __init__(self, index: OpenIndex, searcher: Searcher, lexicon: Lexicon, holdings: Corpus) -> None:
        self._index = index
        self._searcher = searcher
        self._lexicon = lexicon
        self._holdings = holdings
        self._relevance = Reranker.load()
        numbers = {force: number for number, force in enumerate(holdings.by_force)}
        forces = [numbers.get(one.force, UNNAMED) for one in holdings.transcripts]
        self._forces = np.array(forces, dtype=np.int64)

    def find(self, question: Question, part: ScopePart | None) -> RetrievedPart:
        """Search one part of the question, and choose what answers it."""
        scope = question.scope
        part = part or scope.limit
        few = part is not None and (part is not scope.limit or scope.of_one_force)
        every = few or len(self._holdings.transcripts) == 1
        query = Query(question.standalone, question.concepts, part.places if part else None, every=every)
        candidates = self._searcher.search(query)
        pool = self._pool(question, candidates)
        floor = FLOOR_IN_PART if len(question.scope.parts) > 1 else FLOOR
        found = RetrievedPart(part, pool, choose(question, pool, floor=floor))
        if question.scope.missing_forces and not question.scope.forces and not question.which_force:
            found = self._mentions(question, found)
        return _within_years(question, found)

    def every(self, question: Question, demand: ListRequest) -> ListedSentences:
        """Every sentence in scope that states what a question asks for all of."""
        query = Query(question.standalone, question.concepts, question.scope.places or None)
        surveyed = scan_all(self._index.generation, self._searcher, query)
        places = looked_at(surveyed, question, demand)
        headings = [int(row) for row in np.unique(surveyed.headings[places]) if row >= 0] if demand.term else []
        read = self.sentences(surveyed.candidates.rows[places])
        named = {row: one.sentence.text for row, one in zip(headings, self.sentences(headings), strict=True)}
        texts = Texts(tuple(one.sentence.text for one in read), named)
        return sweep(surveyed, places, texts, question, demand)

    def _pool(self, question: Question, candidates: Candidates) -> Pool:
        stored = self.sentences(candidates.rows)
        texts = tuple(found.sentence.text for found in stored)
        if not len(candidates):
            empty = np.zeros(0, dtype=np.float32)
            nothing = empty.astype(bool)
            return Pool(candidates.rows, texts, empty, nothing, nothing, nothing, candidates.transcript)
        stems = [concept.text for concept in question.concepts]
        chance = self._relevance.probability(measure(question.wanted, candidates, texts, stems))
        of_topic = np.array([text in question.topic for text in stems], dtype=bool)
        on_topic = np.asarray(np.any(candidates.passage_held[:, of_topic] > 0, axis=1), dtype=bool)
        if len(question.scope.parts) > 1:
            on_topic &= _much_of_the_topic(candidates, of_topic)
        holds_all = np.asarray(np.all(candidates.held[:, of_topic] > 0, axis=1), dtype=bool)
        order = np.argsort(-chance, kind="stable")
        ranked = tuple(texts[place] for place in order)
        opens = np.asarray(self._index.generation.passage_rows[candidates.passage, 0] == candidates.rows, dtype=bool)
        weights = candidates.rarity * of_topic
        unwritten = candidates.rarity >= 1.0
        unheard = float(weights[unwritten].sum()) / max(float(weights.sum()), 1e-9)
        strange = self._names_a_stranger(question, {stems[place] for place in np.flatnonzero(unwritten & of_topic)})
        forces = self._forces[candidates.transcript]
        of_each = (on_topic[order], holds_all[order], opens[order], forces[order])
        nearness = float(candidates.cosine.max())
        return Pool(candidates.rows[order], ranked, chance[order], *of_each, unheard, strange, nearness)

    def _names_a_stranger(self, question: Question, unwritten: set[str]) -> bool:
        """Whether a name in a question about assessments is among the words that are written nowhere."""
        names = frozenset() if is_titled(question.standalone) else question.wanted.names
        return bool(self._holdings.by_force) and not names.isdisjoint(unwritten)

    def titles(self, question: Question) -> list[StoredSentence]:
        """The titles of the assessments a question is about, or of who wrote them the sentences that say so."""
        generation = self._index.generation
        places = question.scope.places or tuple(range(len(generation.transcripts)))
        rows = [int(generation.title_rows[place]) for place in places if generation.title_rows[place] >= 0]
        stored = self.sentences(rows[:MOST])
        return self._naming_the_inspector(question, stored) if question.wanted.kind is AnswerKind.PERSON else stored

    def search(self, text: str, count: int, places: tuple[int, ...] | None) -> list[StoredSentence]:
        """The sentences nearest to a text, the best first, within the transcripts of `places`."""
        rows = self._searcher.search(Query(text, Query.plain(text).concepts, places)).rows
        return self.sentences(rows[:count])

    def nearest(self, found: Sequence[RetrievedPart], count: int) -> list[StoredSentence]:
        """The sentences with the best chances, whether they were chosen or not."""
        ranked = sorted(
            (-chance, row)
            for one in found
            for chance, row in zip(one.pool.chance.tolist(), one.pool.rows.tolist(), strict=True)
        )
        return self.sentences(list(dict.fromkeys(row for _, row in ranked))[:count])

    def is_foreign(self, question: Question, found: Sequence[RetrievedPart]) -> bool:
        """Whether a question has nothing of this field: its words are unknown here, and its meaning far from all."""
        known = question.scope.named or self._lexicon.vocabulary.expand(question.standalone)
        return not known and all(one.pool.unheard >= UNHEARD and one.pool.nearness < FAR for one in found)

    def sentences(self, rows: Sequence[int] | NDArray[np.int64]) -> list[StoredSentence]:
        """The sentences of some rows, re-read from the record."""
        keys = self._index.generation.keys
        return self._index.sentences([int(keys[row]) for row in rows])

    def transcripts_in(self, places: tuple[int, ...]) -> list[str]:
        """The ids of the transcripts at some places, or of all, by force, then by time."""
        held = self._index.generation.transcripts
        chosen = [held[place] for place in places] if places else list(held)
        return [one.id for one in sorted(chosen, key=lambda one: (in_order(one.metadata), one.id))]

    def saying_that_scales_changed(self, places: tuple[int, ...]) -> list[StoredSentence]:
        """The first sentence that says grades do not compare, of the transcripts at some places or of all; or none.

        Only assessments of the periods since the change are asked: earlier ones speak of other changes.
        """
        generation = self._index.generation
        since = [
            place
            for place, one in enumerate(generation.transcripts)
            if one.metadata.period and one.metadata.period.first >= FIVE_GRADES_FROM and (not places or place in places)
        ]
        graded, changed = (
            np.concatenate([generation.words.postings(stem(word))[0] for word in named]) for named in (GRADES, CHANGES)
        )
        both = np.intersect1d(graded, changed).astype(np.int64)
        finding = generation.roles[both] == ROLES.index(Role.FINDING)
        read = self.sentences(both[finding & np.isin(generation.transcript_of[both], since)])
        return [one for one in read if says_scales_changed(one.sentence.text)][:1]

    def held_as(self, sentences: Sequence[Sentence]) -> list[StoredSentence]:
        """The same sentences re-read from the record, in their order."""
        return self._index.sentences([sentence.key for sentence in sentences])

    def before(self, chosen: Sequence[StoredSentence]) -> dict[str, StoredSentence]:
        """The sentence before each chosen one that leans on it, where both stand in one passage."""
        generation = self._index.generation
        leaning = [one for one in chosen if leans_on_the_one_before(one.sentence.text)]
        rows = generation.rows_of([one.sentence.key for one in leaning]).tolist()
        pairs = [
            (one.sentence.id, row - 1)
            for one, row in zip(leaning, rows, strict=True)
            if row and generation.passage_of[row - 1] == generation.passage_of[row]
        ]
        stored = self.sentences([row for _, row in pairs])
        return {sentence_id: one for (sentence_id, _), one in zip(pairs, stored, strict=True)}

    def signals(
        self, question: Question, places: tuple[int, ...] | None = None
    ) -> tuple[NDArray[np.float32], tuple[str, ...]]:
        """The candidates' signals (n, s) and texts for a question, in search order; for fitting the relevance model.

        `places` limits the search as a scope would.
        """
        within = places if places is not None else question.scope.places or None
        candidates = self._searcher.search(Query(question.standalone, question.concepts, within, every=bool(within)))
        texts = tuple(found.sentence.text for found in self.sentences(candidates.rows))
        if not texts:
            return np.zeros((0, len(FEATURES)), dtype=np.float32), ()
        stems = [concept.text for concept in question.concepts]
        return measure(question.wanted, candidates, texts, stems), texts

    def _mentions(self, question: Question, found: RetrievedPart) -> RetrievedPart:
        """What other forces' assessments say of a force that is not held: only sentences that name it."""
        asked = set(question.scope.missing_forces)
        naming = [
            place
            for place, text in enumerate(found.pool.texts)
            if asked & {force for mention in self._holdings.gazetteer.find(text) for force in mention.forces}
        ]
        places = [place for place in naming if place in found.choice.places or not question.has_topic]
        ordered = sorted(places, key=lambda place: int(found.pool.rows[place]))
        return RetrievedPart(found.part, found.pool, Choice(tuple(ordered), found.choice.lacks))

    def _naming_the_inspector(self, question: Question, titles: Sequence[StoredSentence]) -> list[StoredSentence]:
        """The titles that name the inspector; for a transcript whose title does not, a sentence that does."""
        named = [one for one in titles if one.metadata.inspector and one.metadata.inspector in one.title]
        if named or not question.scope.parts:
            return named
        pools = [self.find(question, part).pool for part in question.scope.parts]
        rows = [
            next((int(pool.rows[place]) for place, text in enumerate(pool.texts) if _NAMES_INSPECTOR.search(text)), -1)
            for pool in pools
        ]
        return self.sentences([row for row in dict.fromkeys(rows) if row >= 0])


def _much_of_the_topic(candidates: Candidates, of_topic: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each passage holds half of what is known of the topic, by rarity: in a comparison "organised crime" is
    no answer to "knife crime", though nothing of the force is nearer.
    """
    weights = candidates.rarity * (of_topic & (candidates.rarity < 1.0))
    share = (candidates.passage_held > 0) @ weights
    return np.asarray(share >= HALF * weights.sum(), dtype=bool)


def _within_years(question: Question, found: RetrievedPart) -> RetrievedPart:
    """Where a year asked for is not held as a period, only a sentence that names the year can answer."""
    years = [label[:4] for label in question.scope.missing_periods]
    if not years or (found.part is not None and found.part.period):
        return found
    named = [place for place in found.choice.places if any(year in found.pool.texts[place] for year in years)]
    return RetrievedPart(found.part, found.pool, Choice(tuple(named), found.choice.lacks))
