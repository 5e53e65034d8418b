"""The chain: a question to a cited answer, as one short list of steps."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from assistant.answer import EXTRACTIVE, Answer, Citation, IndexInfo, Searched, Status
from assistant.compose import cite, compose
from assistant.filter import EVERYTHING, Filter
from assistant.judgements.by_transcript import Judgements
from assistant.modes import all_stated, chosen, meeting, two_sided
from assistant.outcome import Outcome, reason, scope_in_words
from assistant.question.concepts import Lexicon
from assistant.question.conversation import Turn, plainly
from assistant.question.narrowing import CorpusEntry, limit_of
from assistant.question.question import Question, understand
from assistant.question.routing import choices_of, refused
from assistant.question.scope import Corpus
from assistant.question.vocabulary import Vocabulary
from assistant.retrieval.list_all import list_request_of, lists_all
from assistant.retrieval.retriever import RetrievedPart, Retriever
from assistant.sources import Library
from assistant.verify import verified
from index.embedding.models import Embedder
from index.published.bm25 import words
from index.published.open import OpenIndex
from index.search.search import Searcher
from index.sources.gazetteer import Gazetteer
from index.text.normalise import clean

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

NEAREST = 3  # sentences shown, as nearest, when a question is not answered


class Chain:
    """Answers questions over one opened index. Immutable; safe to use from several threads."""

    def __init__(
        self,
        index: OpenIndex,
        finder: Retriever,
        lexicon: Lexicon,
        holdings: Corpus,
        judgements: Judgements,
        length: int,
    ) -> None:
        self._index = index
        self._judgements = judgements
        self._finder = finder
        self._lexicon = lexicon
        self._holdings = holdings
        self._length = length
        self._sentences = sum(one.rows for one in index.generation.transcripts)
        self._held = [CorpusEntry(one.id, one.title, one.metadata) for one in index.generation.transcripts]

    def answer(
        self,
        text: str,
        history: Sequence[Turn] = (),
        *,
        within: Filter = EVERYTHING,
        id: str | None = None,  # noqa: A002
        alone: str = "",
    ) -> Answer:
        """Answer a question: always an Answer, never an exception for a question that cannot be answered.

        `alone` is a follow-up as it was made to stand alone elsewhere; without it, the rules do that.
        Raises `FilterError` when the filter names what is not held.
        """
        started = time.perf_counter()
        question = self.understand(text, history, within, alone)
        outcome = self._unsearched(question)
        demand = list_request_of(question, self._holdings)
        if outcome is None and demand is not None:
            outcome = all_stated(question, demand, self._finder, self._holdings)
        elif outcome is not None and demand is not None and outcome.status is Status.AMBIGUOUS and lists_all(question):
            term = demand.by_its_term()  # "all causes of concern" says what it means: those of every force
            outcome = (term and all_stated(question, term, self._finder, self._holdings)) or outcome
        if outcome is None:
            found = [self._finder.find(question, part) for part in question.scope.parts or [None]]
            found = [meeting(one, demand) for one in found] if demand else found
            outcome = chosen(question, found, self._finder, self._holdings) or self._not_found(question, found)
        if not verified((*outcome.citations, *outcome.nearest, *outcome.note_sources), self._index.text):
            outcome = Outcome(Status.WITHHELD)
        return self._stated(question, outcome, id or self._id(text, history, within), started)

    def understand(
        self, text: str, history: Sequence[Turn] = (), within: Filter = EVERYTHING, alone: str = ""
    ) -> Question:
        """Read a question in its conversation; of one that is too long, only as much as the limit allows."""
        limit = limit_of(within, self._held)
        return understand(text, history, self._holdings, self._lexicon, self._length, limit, alone)

    def takes(self, text: str) -> bool:
        """Whether a text has the length of a question, and words."""
        return len(text) <= self._length and any(character.isalnum() for character in text)

    def search(self, text: str, count: int, within: Filter = EVERYTHING) -> tuple[Citation, ...]:
        """The sentences nearest to a text, at most `count`, the best first. Raises `FilterError`."""
        limit = limit_of(within, self._held)
        stored = self._finder.search(text[: self._length], count, limit.part.places if limit else None)
        found = tuple(cite(one, number, context=False) for number, one in enumerate(stored, 1))
        return found if verified(found, self._index.text) else ()

    @property
    def gazetteer(self) -> Gazetteer:
        """The forces known, those of the sources held included."""
        return self._holdings.gazetteer

    @property
    def finder(self) -> Retriever:
        """What finds the sentences; for fitting the relevance model."""
        return self._finder

    def as_runnable(self) -> Runnable[Mapping[str, Any], Answer]:
        """The chain as a LangChain Runnable: {"question", "history"?, "within"?, "id"?} to an Answer."""
        return runnable(self.answer)

    def _refused(self, question: Question) -> Outcome | None:
        if question.is_empty:
            return Outcome(Status.EMPTY_QUESTION)
        if len(question.text) > self._length:
            return Outcome(Status.QUESTION_TOO_LONG)
        status = refused(question, self._holdings)
        if status is None or status is Status.OPINION_OR_PREDICTION:
            return Outcome(status) if status else None
        return Outcome(status, nearest=self._nearest([self._finder.find(question, None)]))

    def _about_itself(self, question: Question) -> Outcome | None:
        """Who wrote the assessment, or which force it is about: its title says so, if it does."""
        titles = self._finder.titles(question) if question.about_itself else []
        if not titles:
            return None
        statements, citations = compose(titles, {})
        return Outcome(Status.ANSWERED, statements=statements, citations=citations)

    def _unsearched(self, question: Question) -> Outcome | None:
        """What needs no search: a refusal, what a title says, or both sides of a force over all its periods."""
        outcome = self._refused(question) or self._about_itself(question)
        if outcome is not None and outcome.status is not Status.AMBIGUOUS:
            return outcome
        sided = two_sided(question, self._judgements, self._finder, self._holdings)
        return sided if outcome is None or (sided is not None and sided.status.answered) else outcome

    def _not_found(self, question: Question, found: Sequence[RetrievedPart]) -> Outcome:
        nearest = self._nearest(found)
        lacks = next((one.choice.lacks for one in found if one.choice.lacks is not None), None)
        if question.scope.missing_forces and not question.scope.forces:
            return Outcome(Status.FORCE_NOT_HELD, nearest=nearest)
        if question.scope.missing_periods:
            return Outcome(Status.PERIOD_NOT_HELD, nearest=nearest)
        if lacks is not None:
            return Outcome(Status.DETAIL_NOT_GIVEN, nearest=nearest, lacks=lacks)
        if self._holdings.by_force and self._finder.is_foreign(question, found):
            return Outcome(Status.NOT_ABOUT_ASSESSMENTS, nearest=nearest)
        return Outcome(Status.NOT_IN_ASSESSMENTS, nearest=nearest)

    def _nearest(self, found: Sequence[RetrievedPart]) -> tuple[Citation, ...]:
        stored = self._finder.nearest(found, NEAREST)
        return tuple(cite(one, number, context=False) for number, one in enumerate(stored, 1))

    def _stated(self, question: Question, outcome: Outcome, answer_id: str, started: float) -> Answer:
        generation = self._index.generation
        places = question.scope.places
        looked_at = [generation.transcripts[place].rows for place in places]
        as_asked = plainly(clean(question.text))
        return Answer(
            id=answer_id,
            question=question.text,
            standalone_question=question.text if question.standalone == as_asked else question.standalone,
            status=outcome.status,
            reason=reason(outcome, question, self._holdings, self._length),
            statements=outcome.statements,
            citations=outcome.citations,
            nearest=outcome.nearest,
            choices=choices_of(question, self._holdings, outcome.among) if outcome.status is Status.AMBIGUOUS else (),
            coverage=outcome.coverage,
            table=outcome.table,
            sides=outcome.sides,
            notes=outcome.notes,
            note_sources=outcome.note_sources,
            searched=Searched(
                transcripts=len(looked_at) or len(generation.transcripts),
                sentences=sum(looked_at) if looked_at else self._sentences,
                scope=scope_in_words(question.scope, self._holdings),
            ),
            index=IndexInfo(
                version=generation.id, embedding_model=generation.maker.embedding_model, digest=generation.digest
            ),
            mode=EXTRACTIVE,
            seconds=round(time.perf_counter() - started, 4),
        )

    def _id(self, text: str, history: Sequence[Turn], within: Filter) -> str:
        said = [[turn.role, turn.text] for turn in history]
        asked = [text, said, self._index.generation.digest, *([asdict(within)] if within else [])]
        return hashlib.sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()[:16]


def runnable(answer: Callable[..., Answer]) -> Runnable[Mapping[str, Any], Answer]:
    """What answers as `Chain.answer` does, as a LangChain Runnable."""
    from langchain_core.runnables import RunnableLambda  # half a second of imports

    def run(given: Mapping[str, Any]) -> Answer:
        history = [turn if isinstance(turn, Turn) else Turn(**turn) for turn in given.get("history") or ()]
        within = Filter(**given.get("within") or {})
        return answer(given["question"], history, within=within, id=given.get("id"))

    return RunnableLambda(run, name="assessment_assistant")


def open_chain(index: OpenIndex, embedder: Embedder, *, length: int, judgements: Judgements | None = None) -> Chain:
    """The chain over an opened index: what is held, and the words it is written in, are read once.

    `judgements` are those of the same index, where others use them too.
    """
    holdings = Corpus.of([transcript.metadata for transcript in index.generation.transcripts])
    names = [word for force in holdings.gazetteer.forces for name in force.names for word in words(name.text)]
    lexicon = Lexicon.of(Vocabulary.load(), index.generation.words.forms, names)
    finder = Retriever(index, Searcher(index.generation, embedder), lexicon, holdings)
    return Chain(index, finder, lexicon, holdings, judgements or Judgements(Library(index)), length)
