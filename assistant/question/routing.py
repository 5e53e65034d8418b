"""Chooses the one mode in which a question is answered, before anything is searched.

Opinions, predictions and questions that say too little are refused; a question about the documents themselves, for
both sides of a force, or for all of something has a mode of its own; every other question is searched. Where the
chosen mode finds nothing, the route says which mode follows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from assistant.answer import Status
from assistant.judgements.praise_and_concern import JudgementWords
from assistant.judgements.themes import Themes
from assistant.question.intent import AnswerKind, QuestionKind
from assistant.question.list_request import ListRequest, list_request_of, lists_all
from assistant.question.question import Question
from assistant.question.record_request import RecordRequest, record_request_of
from assistant.question.scope import Corpus
from index.records.record import RecordKind
from index.text.words import stem, words


class Mode(StrEnum):
    """The ways in which a question is answered."""

    REFUSE = "refuse"
    ABOUT_DOCUMENTS = "about_documents"
    TWO_SIDED = "two_sided"
    LIST_ALL = "list_all"
    LIST_RECORDS = "list_records"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Route:
    """The mode chosen for a question, and what that mode needs to know.

    `otherwise` is the route to follow where the mode finds nothing; None where it always ends in an outcome.
    """

    mode: Mode
    status: Status | None = None  # of a refusal
    with_nearest: bool = False  # whether a refusal shows the nearest sentences
    request: ListRequest | None = None  # of LIST_ALL; of SEARCH, what every sentence must state
    records: RecordRequest | None = None  # of LIST_RECORDS
    themes: frozenset[str] = frozenset()  # of TWO_SIDED, the keys of the themes asked for
    otherwise: Route | None = None


@dataclass(frozen=True, slots=True)
class Router:
    """Chooses routes for questions about one collection. Immutable; safe to use from several threads.

    A question of more than `max_characters` is refused.
    """

    corpus: Corpus
    judgement_words: JudgementWords
    themes: Themes
    max_characters: int = 10_000

    def route(self, question: Question) -> Route:
        """The route of a question."""
        if question.is_empty or question.is_courtesy:
            return Route(Mode.REFUSE, Status.EMPTY_QUESTION)
        if len(question.text) > self.max_characters:
            return Route(Mode.REFUSE, Status.QUESTION_TOO_LONG)
        if not self.corpus.transcripts:
            return Route(Mode.REFUSE, Status.NOT_IN_ASSESSMENTS)
        status = refusal_of(question, self.corpus)
        if status is not None and status is not Status.AMBIGUOUS:
            found = Route(Mode.REFUSE, status, with_nearest=status is not Status.OPINION_OR_PREDICTION)
        else:
            found = self._route_of_answer(question, status)
        # What somebody should do by a date is no opinion where the sources recommend it.
        is_refused = status not in (None, Status.AMBIGUOUS, Status.OPINION_OR_PREDICTION)
        records = None if is_refused else self._records_asked(question, status)
        return found if records is None else Route(Mode.LIST_RECORDS, records=records, otherwise=found)

    def _records_asked(self, question: Question, status: Status | None) -> RecordRequest | None:
        """The formal records that a question asks for, unless it asks for both sides of a force.

        A question for grades that says too little is refused: "What was the grade?" needs a force.
        """
        scope = question.scope
        unclear = scope.ambiguous or scope.is_partly_unavailable or _PAIRED.search(question.standalone)
        request = None if unclear or not self.corpus.by_force else record_request_of(question)
        is_graded = request is not None and RecordKind.GRADE in request.kinds
        other_grades = question.intent.negated  # "not graded good" asks for every other grade
        return None if is_graded and (status is not None or other_grades) else request

    def _route_of_answer(self, question: Question, status: Status | None) -> Route:
        """The route of a question that does not ask for formal records, or for records that are not there."""
        request = list_request_of(question, self.corpus, self.judgement_words)
        if status is Status.AMBIGUOUS:
            return self._two_sided_or(question, _list_by_term(question, request))
        found = self._two_sided_or(question, _list_or_search(request))
        return Route(Mode.ABOUT_DOCUMENTS, otherwise=found) if question.about_documents else found

    def _two_sided_or(self, question: Question, otherwise: Route) -> Route:
        """Both sides of one force, if the question asks for them; a question that leaves the force open is refused."""
        open_force = leaves_the_force_open(question, self.corpus) and not lists_all(question)
        if open_force and otherwise.mode is not Mode.REFUSE:
            return Route(Mode.REFUSE, Status.AMBIGUOUS)
        themes = themes_asked(question, self.themes) if asks_for_sides(question, self.corpus) else None
        return otherwise if themes is None else Route(Mode.TWO_SIDED, themes=themes, otherwise=otherwise)


def _list_by_term(question: Question, request: ListRequest | None) -> Route:
    """For a question without a scope: a list by term of every force ("all causes of concern"), else a refusal."""
    ambiguous = Route(Mode.REFUSE, Status.AMBIGUOUS, with_nearest=True)
    by_term = request.by_term_only() if request is not None and lists_all(question) else None
    return Route(Mode.LIST_ALL, request=by_term, otherwise=ambiguous) if by_term else ambiguous


def _list_or_search(request: ListRequest | None) -> Route:
    """Lists everything that states the request; searches where there is no request, or nothing states it."""
    search = Route(Mode.SEARCH, request=request)
    return search if request is None else Route(Mode.LIST_ALL, request=request, otherwise=search)


def refusal_of(question: Question, corpus: Corpus) -> Status | None:
    """The status with which a question is refused, or None.

    Opinions, predictions and other topics are recognised only where the sources are assessments of forces: in other
    collections "will" and "should" ask for what a text says, and no topic is another.
    """
    scope = question.scope
    if scope.ambiguous:
        return Status.AMBIGUOUS
    if scope.outside and not scope.parts:
        return Status.OUTSIDE_FILTER
    if not corpus.by_force:
        return None
    if question.kind is QuestionKind.OPINION and not question.about_documents:
        return Status.OPINION_OR_PREDICTION
    if question.kind is QuestionKind.OFF_TOPIC and not (scope.named or question.about_documents):
        return Status.NOT_ABOUT_ASSESSMENTS
    if _asks_about_missing_force(question) and not scope.parts:
        return Status.FORCE_NOT_HELD
    return Status.AMBIGUOUS if _says_too_little(question, corpus) or _needs_a_scope(question, corpus) else None


def _asks_about_missing_force(question: Question) -> bool:
    """Whether it is only about a force without transcripts, which no other force's assessment would mention."""
    scope = question.scope
    only_missing = bool(scope.missing_forces) and not scope.forces
    return only_missing and not question.which_force and not question.may_be_mentioned


def _says_too_little(question: Question, corpus: Corpus) -> bool:
    """Whether a question names no topic, and does not ask for a summary of the only assessment."""
    alone = question.asks_for_overview and len(corpus.transcripts) == 1
    return not (question.concepts or question.about_documents or question.scope.named or alone)


def _needs_a_scope(question: Question, corpus: Corpus) -> bool:
    """Whether each of several assessments would answer a question differently: "What was the grade?"."""
    several = len(corpus.transcripts) > 1
    unlimited = not question.scope.of_one_force and not question.which_force and not question.scope.missing_forces
    generic = question.intent.kind is AnswerKind.GRADE or question.judgement is not None
    of_one = question.documents is not None and question.documents.is_of_one
    nothing_else = of_one or (generic and not question.has_topic)
    return several and unlimited and nothing_else


_GOOD = r"(?:strengths?|strong points?|good(?: points?| things?)?|positives?|prais\w+|pros|well|best|pleased|successes)"
_BAD = (
    r"(?:weakness(?:es)?|weak points?|concerns?|concerned|bad(?:ly)?(?: points?| things?)?|poor(?:ly)?|negatives?"
    r"|criticis\w+|cons|problems?|failings?|shortcomings?|areas? for improvement|causes? of concern|worst"
    r"|not (?:so )?(?:good|well)|(?:need\w* to|must|should)(?: \w+)? (?:improve|(?:do|get) better))"
)
_JOIN = r"\b[^.?!]{0,30}?(?:\band\b|\bor\b|\bbut\b|\bversus\b|\bvs\b|&|/|,)[^.?!]{0,40}?\b"
_PAIRED = re.compile(rf"\b{_GOOD}{_JOIN}{_BAD}\b|\b{_BAD}{_JOIN}{_GOOD}\b", re.IGNORECASE)
_OVERVIEW = re.compile(r"\boverview\b", re.IGNORECASE)
_WORDS_FOR_SIDES = (
    "strengths strong positives praise praised pros cons overview weaknesses weak concerns concerned criticisms"
    " criticised negatives problems failings shortcomings points things good well best bad badly poor poorly worst"
    " improve areas causes main key give need successes pleased what"
)
_NO_TOPIC = frozenset(map(stem, words(_WORDS_FOR_SIDES)))


def asks_for_sides(question: Question, corpus: Corpus) -> bool:
    """Whether a question asks for both sides of one force, or of the only force in the collection."""
    asked = _PAIRED.search(question.standalone) or _OVERVIEW.search(question.standalone)
    return bool(asked) and not _has_other_scope(question, corpus) and len(corpus.forces_of(question.scope.places)) == 1


def leaves_the_force_open(question: Question, corpus: Corpus) -> bool:
    """Whether a question asks for both sides of a force and does not say which of several, nor of which topic."""
    asked = _PAIRED.search(question.standalone) and not question.topic - _NO_TOPIC and not question.which_force
    return bool(asked) and not _has_other_scope(question, corpus) and len(corpus.forces_of(question.scope.places)) > 1


def _has_other_scope(question: Question, corpus: Corpus) -> bool:
    """Whether a question is about something that is not searched, or compares several things."""
    scope = question.scope
    missing = scope.ambiguous or scope.missing_forces or scope.missing_periods or scope.outside
    return bool(missing) or question.about_documents or len(scope.parts) > 1 or not corpus.by_force


def themes_asked(question: Question, themes: Themes) -> frozenset[str] | None:
    """The keys of the themes a question is limited to: all if it has no topic; None if its topic is no theme."""
    if not question.topic - _NO_TOPIC:
        return frozenset(theme.key for theme in themes) | {""}
    return frozenset(themes.named(question.standalone)) or None


MAX_CHOICES = 8  # choices that are quicker to read than to type


def choices_of(question: Question, corpus: Corpus, among: Sequence[str] = ()) -> tuple[str, ...]:
    """The complete questions that an ambiguous one may mean; none where there are too many, or none is known.

    `among` are the forces whose assessments contain an answer, if that is known.
    """
    scope, alone = question.scope, question.standalone
    if scope.ambiguous:
        start, end = scope.spans[0]
        return _few([alone[:start] + name + alone[end:] for name in scope.choices])
    if not question.concepts:  # naming a force would not say what the question is about
        return ()
    return _few([f"{alone} ({name})" for name in among or _scopes_to_choose(question, corpus)])


def _scopes_to_choose(question: Question, corpus: Corpus) -> list[str]:
    """The forces to choose from; if only one is searched, its periods."""
    forces = [force for force in corpus.forces_of(question.scope.places) if force]
    places = question.scope.places or range(len(corpus.transcripts))
    return forces if len(forces) > 1 else [period.label for period in corpus.periods_of(places)]


def _few(questions: list[str]) -> tuple[str, ...]:
    return tuple(questions) if 1 < len(questions) <= MAX_CHOICES else ()
