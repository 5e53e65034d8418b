"""The steps of the chain. Each takes the state, and returns it with its own result added."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from langchain_core.runnables import RunnableConfig

from assistant.answer import EXTRACTIVE, Answer, Citation, IndexInfo, Searched, Status
from assistant.compose import combined
from assistant.document_answers import documents_outcome
from assistant.filter import Filter
from assistant.judgements.by_transcript import Judgements
from assistant.lexicons import Lexicons
from assistant.messages import load_messages
from assistant.modes import (
    is_graded,
    listed_outcome,
    meeting_request,
    not_found_outcome,
    search_outcome,
    two_sided_outcome,
)
from assistant.outcome import Outcome, reason, respelt_notes, scope_in_words
from assistant.question.concepts import ConceptExtractor
from assistant.question.conversation import Turn, plain_question, questions_in
from assistant.question.narrowing import limit_of
from assistant.question.question import Question, QuestionReader
from assistant.question.routing import Mode, Router, choices_of
from assistant.question.scope import Corpus
from assistant.record_answers import records_outcome
from assistant.retrieval.eligibility import Eligibility
from assistant.retrieval.evidence import Evidence, RankedCandidates
from assistant.retrieval.list_all import Scanned, select_all
from assistant.retrieval.ranking import Ranker
from assistant.retrieval.records import select_records
from assistant.retrieval.retriever import QuestionRetriever
from assistant.retrieval.selection import Selector
from assistant.retrieval.sentences import SentenceStore
from assistant.sources import cite
from assistant.state import ChainInput, ChainState
from assistant.verify import verified
from index.published.open_index import OpenIndex
from index.storage.reader import StoredSentence
from index.text.words import clean

MAX_NEAREST = 3  # sentences shown, as the nearest, when a question is not answered


class Steps:
    """The steps over one open index. Immutable; safe to use from several threads."""

    def __init__(
        self,
        index: OpenIndex,
        corpus: Corpus,
        lexicons: Lexicons,
        judgements: Judgements,
        retriever: QuestionRetriever,
        ranker: Ranker,
        max_characters: int,
    ) -> None:
        judging, forms = lexicons.judgement_words, index.generation.words.forms
        extractor = ConceptExtractor.of(lexicons.vocabulary, lexicons.frame_words, forms, corpus.gazetteer.names)
        self._index = index
        self._corpus = corpus
        self._lexicons = lexicons
        self._reader = QuestionReader(corpus, extractor, judging, lexicons.kinds, retriever.encode, max_characters)
        self._router = Router(corpus, judging, lexicons.themes, max_characters)
        self._judgements = judgements
        self._retriever = retriever
        self._ranker = ranker
        self._max_characters = max_characters
        self._sentences = SentenceStore(index)
        self._eligibility = Eligibility(index, corpus)
        self._selector = Selector(corpus, judging, lexicons.statement_rules)

    def read(self, text: str, history: Sequence[Turn], within: Filter, standalone: str = "") -> Question:
        """Reads a question in its conversation; of one that is too long, only as much as the limit allows."""
        limit = limit_of(within, self._index.generation.transcripts)
        return self._reader.understand(text, history, limit=limit, rewritten=standalone)

    def search(self, text: str, count: int, within: Filter) -> tuple[Citation, ...]:
        """The sentences nearest to a text, at most `count`, nearest first. Raises `FilterError`."""
        limit = limit_of(within, self._index.generation.transcripts)
        rows = self._retriever.nearest_rows(text[: self._max_characters], limit.part.places if limit else None)
        found = numbered(self._sentences.by_row(rows[:count]))
        return found if verified(found, self._index.text) else ()

    def understand(self, given: str | Mapping[str, Any] | ChainInput) -> ChainState:
        started = time.perf_counter()
        asked = ChainInput.of(given)
        return ChainState(asked, self.read(asked.question, asked.history, asked.within, asked.standalone), started)

    def route(self, state: ChainState) -> ChainState:
        return replace(state, route=self._router.route(state.question))

    def retrieve(self, state: ChainState, config: RunnableConfig) -> ChainState:
        """Retrieves the candidates of each part; of a refused question, the nearest sentences of all."""
        parts = (state.question.scope.parts if state.mode is Mode.SEARCH else ()) or (None,)
        within = self._eligibility.places_of_speaker(state.question)
        cited = self._retriever.quoted_in(state.question.follows)
        found = (self._retriever.retrieve(state.question, part, config, within=within, cited=cited) for part in parts)
        return replace(state, retrieved=tuple(found))

    def rerank(self, state: ChainState) -> ChainState:
        return replace(state, ranked=tuple(self._ranker.rank(state.question, found) for found in state.retrieved))

    def select(self, state: ChainState) -> ChainState:
        question, kept = state.question, self._eligibility.kept
        parts = tuple(
            self._selector.part_of(question, found.part, kept(question, found.part, ranked))
            for found, ranked in zip(state.retrieved, state.ranked, strict=True)
        )
        request = state.route.request if state.route else None
        if request is not None:
            parts = tuple(meeting_request(part, request, self._lexicons.judgement_words) for part in parts)
        return replace(state, parts=parts)

    def compose(self, state: ChainState) -> ChainState:
        question = state.question
        outcome = search_outcome(question, state.parts, self._sentences, self._corpus)
        if outcome is None:
            off_topic = self._ranker.is_off_topic(question, state.parts)
            speaks = bool(self._eligibility.places_of_speaker(question))
            refusal = not_found_outcome(question, state.parts, self._corpus, off_topic=off_topic, speaks=speaks)
            outcome = replace(refusal, nearest=self._nearest(state.ranked))
        return replace(state, outcome=outcome)

    def refuse(self, state: ChainState) -> ChainState:
        status = state.route.status if state.route else None
        if status is None:
            raise ValueError("a refusal needs a status")
        return replace(state, outcome=Outcome(status, nearest=self._nearest(state.ranked)))

    def about_documents(self, state: ChainState) -> ChainState:
        """Answers from the metadata of the documents in scope."""
        request = state.question.documents
        if request is None:
            raise ValueError("the question asks nothing about the documents")
        transcripts = self._index.generation.transcripts
        outcome = documents_outcome(state.question, request, transcripts, self._sentences, self._corpus)
        return replace(state, outcome=outcome)

    def two_sided(self, state: ChainState) -> ChainState:
        themes = state.route.themes if state.route else frozenset()
        outcome = two_sided_outcome(state.question, themes, self._judgements, self._sentences)
        return replace(state, outcome=outcome)

    def retrieve_all(self, state: ChainState) -> ChainState:
        """Scans everything in scope for what the route's list request asks."""
        if state.route is None or state.route.request is None:
            raise ValueError("a list needs a request")
        return replace(state, scanned=self._retriever.scan(state.question, state.route.request))

    def select_all(self, state: ChainState) -> ChainState:
        """Selects what states the request; where nothing does, what states it in other words than its term."""
        scanned = state.scanned
        if scanned is None:
            raise ValueError("a list is selected from a scan")
        listed = self._listed(state.question, scanned)
        looser = scanned.request.in_other_words()
        if not listed and looser is not None:
            scanned = self._retriever.scan(state.question, looser)
            listed = self._listed(state.question, scanned)
        return replace(state, scanned=scanned, listed=listed)

    def _listed(self, question: Question, scanned: Scanned) -> tuple[Evidence, ...]:
        return select_all(question, scanned, self._lexicons.judgement_words, self._lexicons.reranker)

    def compose_list(self, state: ChainState) -> ChainState:
        request = state.route.request if state.route else None
        if request is None or state.scanned is None:
            raise ValueError("a list needs a request")
        outcome = listed_outcome(
            state.question,
            state.listed,
            self._sentences,
            self._corpus,
            graded=is_graded(state.question, request),
            in_other_words=state.scanned.request is not request,
        )
        return replace(state, outcome=outcome)

    def select_records(self, state: ChainState) -> ChainState:
        """Selects the formal records that the question asks for."""
        if state.route is None or state.route.records is None:
            raise ValueError("a list of records needs a request")
        found = select_records(state.question, state.route.records, self._index, self._sentences)
        return replace(state, records=found)

    def compose_records(self, state: ChainState) -> ChainState:
        request = state.route.records if state.route else None
        if request is None or state.records is None:
            raise ValueError("a list of records needs a request")
        return replace(state, outcome=records_outcome(state.question, request, state.records, self._corpus))

    def verify(self, state: ChainState) -> ChainState:
        """Withholds the answer unless every quotation is a slice of its source."""
        outcome = state.outcome
        if outcome is None:
            raise ValueError("every route ends in an outcome")
        if verified((*outcome.citations, *outcome.nearest, *outcome.note_sources), self._index.text):
            return state
        return replace(state, outcome=Outcome(Status.WITHHELD))

    def answer(self, state: ChainState) -> Answer:
        """States the outcome as an Answer: the reason in words, what was searched, and which index answered."""
        question, outcome = state.question, state.outcome
        if outcome is None:
            raise ValueError("every route ends in an outcome")
        generation = self._index.generation
        in_scope = [generation.transcripts[place] for place in question.scope.places] or list(generation.transcripts)
        ambiguous = outcome.status is Status.AMBIGUOUS
        return Answer(
            id=state.asked.id or self._id(state.asked),
            question=question.text,
            standalone_question=self._standalone(question),
            status=outcome.status,
            reason=reason(outcome, question, self._corpus, self._max_characters),
            statements=outcome.statements,
            citations=outcome.citations,
            nearest=outcome.nearest,
            choices=choices_of(question, self._corpus, outcome.among) if ambiguous else (),
            coverage=outcome.coverage,
            table=outcome.table,
            sides=outcome.sides,
            notes=(*respelt_notes(question), *outcome.notes) if outcome.status.answered else outcome.notes,
            note_sources=outcome.note_sources,
            about_documents=outcome.about_documents,
            searched=Searched(
                transcripts=len(in_scope),
                sentences=sum(transcript.row_count for transcript in in_scope),
                scope=scope_in_words(question.scope, self._corpus),
            ),
            index=IndexInfo(
                version=generation.id, embedding_model=generation.fingerprint.embedding_model, digest=generation.digest
            ),
            mode=EXTRACTIVE,
            seconds=round(time.perf_counter() - state.started, 4),
        )

    def questions_in(self, text: str) -> tuple[str, ...]:
        """The questions of a turn; a turn that is too long is one, which is refused."""
        return questions_in(text) if len(text) <= self._max_characters else (text,)

    def alone(self, question: str, first: str, within: Filter) -> str:
        """A further question of a turn, with the force and period of the first where it has a topic but names none.

        Empty for a question that has no topic of its own, such as "who said so?": it is read as a follow-up.
        """
        read = self.read(question, (), within)
        if not read.has_topic:
            return ""
        scope = self.read(first, (), within).scope
        named = ", ".join((*scope.forces, *scope.missing_forces, *scope.periods, *scope.missing_periods))
        if not named or read.scope.named or read.scope.missing_forces or read.which_force or read.about_documents:
            return question
        return f"{question.rstrip(' ?')} ({named})?"

    def combined(self, asked: ChainInput, answers: Sequence[Answer], started: float) -> Answer:
        """One answer to several questions, from the answer to each."""
        return combined(answers, asked.question, asked.id or self._id(asked), time.perf_counter() - started)

    def _standalone(self, question: Question) -> str:
        """The question as it was understood; as it was asked, where only its spelling or politeness differ."""
        read = plain_question(clean(question.text[: self._max_characters]))
        return question.text if question.standalone == read else question.standalone

    def _id(self, asked: ChainInput) -> str:
        turns = [[turn.role, turn.text] for turn in asked.history]
        within = [asdict(asked.within)] if asked.within else []
        identity = [asked.question, turns, self._index.generation.digest, *within]
        return hashlib.sha256(json.dumps(identity, ensure_ascii=False).encode()).hexdigest()[:16]

    def out_of_time(self, asked: ChainInput) -> Answer:
        """The refusal of a question whose time is over; nothing counts as searched, as it did not end."""
        state = ChainState(asked, Question.unread(asked.question), time.perf_counter())
        refused = self.answer(replace(state, outcome=Outcome(Status.OUT_OF_TIME)))
        scope = load_messages().say("scope.stopped")
        return refused.model_copy(update={"searched": Searched(transcripts=0, sentences=0, scope=scope)})

    def _nearest(self, ranked: Sequence[RankedCandidates]) -> tuple[Citation, ...]:
        """The most probable sentences, whether they were selected or not."""
        best = sorted(
            (-probability, row)
            for candidates in ranked
            for probability, row in zip(candidates.probability.tolist(), candidates.rows.tolist(), strict=True)
        )
        return numbered(self._sentences.by_row(list(dict.fromkeys(row for _, row in best))[:MAX_NEAREST]))


def numbered(stored: Sequence[StoredSentence]) -> tuple[Citation, ...]:
    """Citations of sentences, numbered from 1."""
    return tuple(cite(sentence, number, context=False) for number, sentence in enumerate(stored, 1))
