"""The chain: a question to a cited answer, as one short list of steps."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from langchain_core.runnables import Runnable, RunnableLambda

from assistant.answer import Answer, Citation, IndexInfo, Searched, Status
from assistant.concepts import Lexicon
from assistant.conversation import Turn
from assistant.evidence import FLOOR, FLOOR_IN_PART, MOST, UNHEARD, Choice, Pool, choose
from assistant.extract import MODE, cite, compose, leans_on_the_one_before
from assistant.kind import Kind
from assistant.question import Question, understand
from assistant.reasons import Outcome, reason, scope_in_words
from assistant.relevance import Relevance
from assistant.routing import refused
from assistant.scope import Holdings, Part
from assistant.signals import SIGNALS, measure
from assistant.verify import verified
from assistant.vocabulary import Vocabulary
from index.catalogue import StoredSentence
from index.embedding import Embedder
from index.opening import OpenIndex
from index.search import Candidates, Query, Searcher
from index.words import words

FAR = 0.22  # cosine under which nothing held is near a question
_NAMES_INSPECTOR = re.compile(
    r"[A-Z][\w'’-]+, (HM|Her Majesty['’]s|His Majesty['’]s) Inspector|\b(HMI|HM Inspector( of Constabulary)?) [A-Z]"
    r"|\binspector( responsible)? (was|is) [A-Z]|\bpresented by inspector [A-Z]"
)
NEAREST = 3  # sentences shown, as nearest, when a question is not answered


@dataclass(frozen=True, slots=True)
class Found:
    """What one part of a question led to."""

    part: Part | None
    pool: Pool
    choice: Choice


class Chain:
    """Answers questions over one opened index. Immutable; safe to use from several threads."""

    def __init__(self, index: OpenIndex, searcher: Searcher, lexicon: Lexicon, holdings: Holdings, limit: int) -> None:
        self._index = index
        self._searcher = searcher
        self._lexicon = lexicon
        self._holdings = holdings
        self._limit = limit
        self._relevance = Relevance.load()

    def answer(self, text: str, history: Sequence[Turn] = (), *, id: str | None = None) -> Answer:  # noqa: A002
        """Answer a question: always an Answer, never an exception for a question that cannot be answered."""
        started = time.perf_counter()
        question = understand(text, history, self._holdings, self._lexicon)
        outcome = self._refused(question) or self._about_itself(question)
        if outcome is None:
            found = [self._find(question, part) for part in question.scope.parts or [None]]
            outcome = self._composed(question, found)
        if not verified((*outcome.citations, *outcome.nearest), self._index.transcript):
            outcome = Outcome(Status.WITHHELD)
        return self._stated(question, outcome, id or self._id(text, history), started)

    def as_runnable(self) -> Runnable[dict[str, object], Answer]:
        """The chain as a LangChain Runnable: {"question", "history"?, "id"?} to an Answer."""

        def run(given: dict[str, object]) -> Answer:
            turns = [Turn(**turn) if isinstance(turn, dict) else turn for turn in given.get("history") or ()]  # type: ignore[attr-defined]
            return self.answer(str(given["question"]), turns, id=given.get("id"))  # type: ignore[arg-type]

        return RunnableLambda(run, name="assessment_assistant")

    def signals(
        self, text: str, history: Sequence[Turn] = (), places: tuple[int, ...] | None = None
    ) -> tuple[np.ndarray, tuple[str, ...]]:
        """The candidates' signals (n, s) and texts for a question, in search order; for fitting the relevance model.

        `places` limits the search as a scope would.
        """
        question = understand(text, history, self._holdings, self._lexicon)
        within = places if places is not None else question.scope.places or None
        candidates = self._searcher.search(Query(question.standalone, question.concepts, within, every=bool(within)))
        texts = tuple(found.sentence.text for found in self._sentences(candidates.rows))
        if not texts:
            return np.zeros((0, len(SIGNALS)), dtype=np.float32), ()
        stems = [concept.text for concept in question.concepts]
        return measure(question.wanted, candidates, texts, stems), texts

    def _refused(self, question: Question) -> Outcome | None:
        if question.is_empty:
            return Outcome(Status.EMPTY_QUESTION)
        if len(question.text) > self._limit:
            return Outcome(Status.QUESTION_TOO_LONG)
        status = refused(question, self._holdings)
        if status is None:
            return None
        nearest = () if status is Status.OPINION_OR_PREDICTION else self._nearest([self._find(question, None)])
        return Outcome(status, nearest=nearest)

    def _about_itself(self, question: Question) -> Outcome | None:
        """Who wrote the assessment, or which force it is about: its title says so, if it does."""
        if not question.about_itself:
            return None
        generation = self._index.generation
        places = question.scope.places or tuple(range(len(generation.transcripts)))
        titles = [int(generation.title_rows[place]) for place in places if generation.title_rows[place] >= 0]
        stored = self._sentences(np.array(titles[:MOST], dtype=np.int64))
        asks_who = question.wanted.kind is Kind.PERSON
        named = self._naming_the_inspector(question, stored) if asks_who else stored
        if not named:
            return None
        statements, citations = compose(named, {})
        return Outcome(Status.ANSWERED, statements=statements, citations=citations)

    def _naming_the_inspector(self, question: Question, titles: Sequence[StoredSentence]) -> list[StoredSentence]:
        """The titles that name the inspector; for a transcript whose title does not, a sentence that does."""
        named = [one for one in titles if one.metadata.inspector and one.metadata.inspector in one.title]
        if named or not question.scope.parts:
            return named
        pools = [self._find(question, part).pool for part in question.scope.parts]
        rows = [
            next(
                (int(row) for row, text in zip(pool.rows, pool.texts, strict=True) if _NAMES_INSPECTOR.search(text)), -1
            )
            for pool in pools
        ]
        return self._sentences(np.array([row for row in dict.fromkeys(rows) if row >= 0], dtype=np.int64))

    def _find(self, question: Question, part: Part | None) -> Found:
        """Search one part of the question, and choose what answers it."""
        every = part is not None or len(self._holdings.transcripts) == 1
        query = Query(question.standalone, question.concepts, part.places if part else None, every=every)
        candidates = self._searcher.search(query)
        pool = self._pool(question, candidates)
        floor = FLOOR_IN_PART if len(question.scope.parts) > 1 else FLOOR
        return Found(part, pool, choose(question, pool, floor=floor))

    def _pool(self, question: Question, candidates: Candidates) -> Pool:
        stored = self._sentences(candidates.rows)
        texts = tuple(found.sentence.text for found in stored)
        if not len(candidates):
            empty = np.zeros(0, dtype=np.float32)
            nothing = empty.astype(bool)
            return Pool(candidates.rows, texts, empty, nothing, nothing, nothing)
        stems = [concept.text for concept in question.concepts]
        chance = self._relevance.probability(measure(question.wanted, candidates, texts, stems))
        of_topic = np.array([text in question.topic for text in stems], dtype=bool)
        on_topic = (candidates.passage_held[:, of_topic] > 0).any(axis=1)
        holds_all = (candidates.held[:, of_topic] > 0).all(axis=1)
        order = np.argsort(-chance, kind="stable")
        ranked = tuple(texts[place] for place in order)
        opens = np.equal(self._index.generation.passage_rows[candidates.passage, 0], candidates.rows)
        weights = candidates.rarity * of_topic
        unheard = float(weights[candidates.rarity >= 1.0].sum()) / max(float(weights.sum()), 1e-9)
        of_each = (on_topic[order], holds_all[order], opens[order])
        return Pool(candidates.rows[order], ranked, chance[order], *of_each, unheard, float(candidates.cosine.max()))

    def _composed(self, question: Question, found: Sequence[Found]) -> Outcome:
        found = [_within_years(question, one) for one in found]
        if question.scope.missing_forces and not question.scope.forces and not question.which_force:
            found = [self._mentions(question, one) for one in found]
        rows = [int(one.pool.rows[place]) for one in found for place in one.choice.places]
        if not rows:
            return self._not_found(question, found)
        chosen = self._sentences(np.array(list(dict.fromkeys(rows)), dtype=np.int64))
        statements, citations = compose(chosen, self._before(chosen))
        missing = tuple(one.part.label for one in found if one.part is not None and not one.choice.places)
        absent = tuple(dict.fromkeys((*question.scope.missing_forces, *question.scope.missing_periods, *missing)))
        status = Status.PARTLY_ANSWERED if absent else Status.ANSWERED
        return Outcome(status, statements=statements, citations=citations, missing=absent)

    def _not_found(self, question: Question, found: Sequence[Found]) -> Outcome:
        nearest = self._nearest(found)
        lacks = next((one.choice.lacks for one in found if one.choice.lacks is not None), None)
        if question.scope.missing_forces and not question.scope.forces:
            return Outcome(Status.FORCE_NOT_HELD, nearest=nearest)
        if question.scope.missing_periods:
            return Outcome(Status.PERIOD_NOT_HELD, nearest=nearest)
        if lacks is not None:
            return Outcome(Status.DETAIL_NOT_GIVEN, nearest=nearest, lacks=lacks)
        if self._holdings.by_force and self._foreign(question, found):
            return Outcome(Status.NOT_ABOUT_ASSESSMENTS, nearest=nearest)
        return Outcome(Status.NOT_IN_ASSESSMENTS, nearest=nearest)

    def _foreign(self, question: Question, found: Sequence[Found]) -> bool:
        """Whether a question has nothing of this field: its words are unknown here, and its meaning far from all."""
        known = question.scope.parts or self._lexicon.vocabulary.expand(question.standalone)
        return not known and all(one.pool.unheard >= UNHEARD and one.pool.nearness < FAR for one in found)

    def _mentions(self, question: Question, found: Found) -> Found:
        """What other forces' assessments say of a force that is not held: only sentences that name it."""
        asked = set(question.scope.missing_forces)
        naming = [
            place
            for place, text in enumerate(found.pool.texts)
            if asked & {force for mention in self._holdings.gazetteer.find(text) for force in mention.forces}
        ]
        places = [place for place in naming if place in found.choice.places or not question.has_topic]
        ordered = sorted(places, key=lambda place: int(found.pool.rows[place]))
        return Found(found.part, found.pool, Choice(tuple(ordered), found.choice.lacks))

    def _nearest(self, found: Sequence[Found]) -> tuple[Citation, ...]:
        ranked = sorted(
            (-chance, row)
            for one in found
            for chance, row in zip(one.pool.chance.tolist(), one.pool.rows.tolist(), strict=True)
        )
        rows = list(dict.fromkeys(row for _, row in ranked))[:NEAREST]
        stored = self._sentences(np.array(rows, dtype=np.int64))
        return tuple(cite(one, number, context=False) for number, one in enumerate(stored, 1))

    def _sentences(self, rows: np.ndarray) -> list[StoredSentence]:
        return self._index.sentences([int(key) for key in self._index.generation.keys[rows]])

    def _before(self, chosen: Sequence[StoredSentence]) -> dict[str, StoredSentence]:
        """The sentence before each chosen one that leans on it, where both stand in one passage."""
        generation = self._index.generation
        leaning = [one for one in chosen if leans_on_the_one_before(one.sentence.text)]
        rows = [generation.row_of(one.sentence.key) for one in leaning]
        pairs = [
            (one.sentence.id, row - 1)
            for one, row in zip(leaning, rows, strict=True)
            if row and generation.passage_of[row - 1] == generation.passage_of[row]
        ]
        stored = self._sentences(np.array([row for _, row in pairs], dtype=np.int64))
        return {sentence_id: one for (sentence_id, _), one in zip(pairs, stored, strict=True)}

    def _stated(self, question: Question, outcome: Outcome, answer_id: str, started: float) -> Answer:
        generation = self._index.generation
        places = question.scope.places or tuple(range(len(generation.transcripts)))
        return Answer(
            id=answer_id,
            question=question.text,
            standalone_question=question.standalone,
            status=outcome.status,
            reason=reason(outcome, question, self._holdings, self._limit),
            statements=outcome.statements,
            citations=outcome.citations,
            nearest=outcome.nearest,
            searched=Searched(
                transcripts=len(places),
                sentences=int(sum(generation.transcripts[place].rows for place in places)),
                scope=scope_in_words(question.scope, self._holdings),
            ),
            index=IndexInfo(
                version=generation.id, embedding_model=generation.maker.embedding_model, digest=generation.digest
            ),
            mode=MODE,
            seconds=round(time.perf_counter() - started, 4),
        )

    def _id(self, text: str, history: Sequence[Turn]) -> str:
        asked = [text, [[turn.role, turn.text] for turn in history], self._index.generation.digest]
        return hashlib.sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()[:16]


def _within_years(question: Question, found: Found) -> Found:
    """Where a year asked for is not held as a period, only a sentence that names the year can answer."""
    years = [label[:4] for label in question.scope.missing_periods]
    if not years or (found.part is not None and found.part.period):
        return found
    named = [place for place in found.choice.places if any(year in found.pool.texts[place] for year in years)]
    return Found(found.part, found.pool, Choice(tuple(named), found.choice.lacks))


def open_chain(index: OpenIndex, embedder: Embedder, *, limit: int) -> Chain:
    """The chain over an opened index: what is held, and the words it is written in, are read once."""
    holdings = Holdings.of([transcript.metadata for transcript in index.generation.transcripts])
    names = [word for force in holdings.gazetteer.forces for name in force.names for word in words(name.text)]
    lexicon = Lexicon.of(Vocabulary.load(), index.generation.words.forms, names)
    return Chain(index, Searcher(index.generation, embedder), lexicon, holdings, limit)
